"""Days late, by the calendar of the place where a course is given."""

import math
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_DAY = timedelta(days=1)


def days_begun(due: datetime, time: datetime, zone: tzinfo) -> int:
    """How many days have begun since `due`, by the clock on the wall; 0 in time.

    A day over a change of the clock lasts 23 or 25 hours and is one day. An offset such as +02:00
    does not say when the clock changes: of the places that had it at `due`, the one with the fewest
    days counts. UTC never changes.
    """
    if time <= due:
        return 0
    return min(_days(due, time, place) for place in (zone, *_places(due, zone)))


def _days(due: datetime, time: datetime, zone: tzinfo) -> int:
    apart = _wall(time, zone) - _wall(due, zone)
    return max(1, math.ceil(apart / _DAY))


def _wall(time: datetime, zone: tzinfo) -> datetime:
    return time.astimezone(zone).replace(tzinfo=None)


@lru_cache
def _places(due: datetime, zone: tzinfo) -> tuple[ZoneInfo, ...]:
    """The named zones that a bare offset may mean; none for a named zone and for UTC."""
    if not isinstance(zone, timezone) or zone == UTC:
        return ()
    zones = (ZoneInfo(name) for name in sorted(available_timezones()))
    return tuple(
        place for place in zones if place.utcoffset(due.astimezone(place)) == zone.utcoffset(None)
    )
