"""Days late: what the calendar on the wall says, also over a change of the clock."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from course_lib.teach.grade.days import days_begun

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER, WINTER = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
BEFORE_AUTUMN = datetime(2026, 10, 24, 23, 59, tzinfo=BERLIN)
BEFORE_SPRING = datetime(2026, 3, 28, 23, 59, tzinfo=BERLIN)


@pytest.mark.parametrize("due", [BEFORE_AUTUMN, BEFORE_SPRING])
@pytest.mark.parametrize(
    ("days", "minutes", "begun"),
    [(0, 0, 0), (0, 1, 1), (1, -1, 1), (1, 0, 1), (1, 1, 2), (2, 0, 2), (7, 0, 7), (7, 1, 8)],
)
def test_the_same_clock_time_n_days_later_is_n_days_late(due, days, minutes, begun):
    """Arithmetic on aware times of one zone is that of the clock on the wall."""
    time = due + timedelta(days=days, minutes=minutes)
    assert days_begun(due.astimezone(UTC), time.astimezone(UTC), BERLIN) == begun


def test_an_offset_alone_takes_no_day_for_a_change_of_the_clock():
    time = datetime(2026, 10, 25, 23, 30, tzinfo=BERLIN)
    assert time - BEFORE_AUTUMN.astimezone(UTC) > timedelta(days=1)
    assert days_begun(BEFORE_AUTUMN, time, SUMMER) == 1
    assert days_begun(BEFORE_SPRING, datetime(2026, 3, 29, 23, 59, tzinfo=BERLIN), WINTER) == 1


@pytest.mark.parametrize("zone", [WINTER, BERLIN, UTC])
def test_where_no_clock_changes_a_day_has_24_hours(zone):
    due = datetime(2026, 12, 1, 23, 59, tzinfo=zone)
    for hours, begun in ((0, 0), (24, 1), (24.01, 2), (48, 2), (48.01, 3)):
        assert days_begun(due, due + timedelta(hours=hours), zone) == begun


def test_utc_never_changes():
    time = BEFORE_AUTUMN.astimezone(UTC) + timedelta(hours=24, minutes=1)
    assert days_begun(BEFORE_AUTUMN.astimezone(UTC), time, UTC) == 2
