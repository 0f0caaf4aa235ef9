"""Due dates, penalties and extensions: the arithmetic, and errors that name the entry."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from course_lib.teach.grade.settings import (
    PUBLIC_VARIANT,
    LabSettings,
    read_settings,
    unknown_extensions,
)

DAY = 24 * 3600
DUE = datetime(2026, 12, 1, 22, 59, tzinfo=UTC)


def _read(tmp_path, text: str) -> LabSettings:
    path = tmp_path / "labs.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, {"lab01", "lab02_b"})["lab01"]


def test_everything_is_read_and_dates_become_utc(tmp_path):
    settings = _read(
        tmp_path,
        "[lab01]\ndue = 2026-12-01T23:59:00+01:00\ngrace_minutes = 15\npenalty_per_day = 0.1\n"
        "hidden_variant = 7\n[lab01.extensions]\nada = 2026-12-05T23:59:00+01:00\n",
    )
    offset = timezone(timedelta(hours=1))
    assert settings == LabSettings(DUE, 15.0, 0.1, 7, {"ada": DUE + timedelta(days=4)}, offset)
    assert settings.due_for("ada") == DUE + timedelta(days=4)
    assert settings.due_for("bob") == DUE


def test_without_a_file_or_an_entry_nothing_is_late(tmp_path):
    assert read_settings(tmp_path / "labs.toml", set()) == {}
    assert _read(tmp_path, "[lab01]\n") == LabSettings()
    assert LabSettings().due_for("ada") is None
    assert LabSettings().penalty("ada", 10, 9 * DAY) == 0
    assert LabSettings().hidden_variant == PUBLIC_VARIANT


def test_an_extension_never_shortens_the_time():
    settings = LabSettings(DUE, extensions={"ada": DUE - timedelta(days=1)})
    assert settings.due_for("ada") == DUE


@pytest.mark.parametrize(
    ("seconds", "share"),
    [(0, 0), (1, 0), (900, 0), (901, 0.1), (DAY, 0.1), (DAY + 1, 0.2), (30 * DAY, 1)],
)
def test_the_penalty_counts_days_begun_once_the_grace_is_over_and_stops_at_all(seconds, share):
    settings = LabSettings(DUE, grace_minutes=15, penalty_per_day=0.1)
    assert settings.penalty("ada", 50, seconds) == pytest.approx(50 * share)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lab01", "is not TOML"),
        ("lab01 = 3", r"\[lab01\] must be a table"),
        ("[lab01]\ndue = 2026-12-01", "must be a date with time and offset"),
        ("[lab01]\ndue = 2026-12-01T00:00:00", "must be a date with time and offset"),
        ("[lab01]\ndeadline = 1", "an unknown entry deadline"),
        ("[lab01]\nextension = 1", r"unknown entry extension \(did you mean extensions\?\)"),
        ("[lab02-b]", r"there is no lab \[lab02-b\] \(did you mean lab02_b\?\)"),
        ("[homework]", r"there is no lab \[homework\]; expected some of lab01, lab02_b"),
        ("timezone = 'Europe/Berlin'", r"\[timezone\] must be a table .* mean time_zone"),
        ("time_zone = 'Europe/Berln'\n[lab01]", r"time zone .* \(did you mean Europe/Berlin\?\)"),
        ("time_zone = 3\n[lab01]", "must be the name of a time zone"),
        ("[lab01]\npenalty_per_day = 10", "penalty_per_day must be a number from 0 to 1"),
        ("[lab01]\ngrace_minutes = -1", "grace_minutes must be a number from 0"),
        ("[lab01]\nhidden_variant = 'x'", "hidden_variant must be an integer"),
        ("[lab01]\nextensions = {ada = 2026-12-01T00:00:00Z}", "no due date"),
        ("[lab01]\nexam = 1\nhidden_variant = 7", "exam must be true or false, got 1"),
        ("[lab01]\nexma = true", r"unknown entry exma \(did you mean exam\?\)"),
        ("[lab01]\nexam = true", "exam needs a line hidden_variant with a number of your own"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        _read(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "time_zone = 'Europe/Berlin'\n[lab01]\ndue = 2026-12-01T23:59:00",
        "[lab01]\ntime_zone = 'Europe/Berlin'\ndue = 2026-12-01T23:59:00",
        "time_zone = 'UTC'\n[lab01]\ntime_zone = 'Europe/Berlin'\ndue = 2026-12-01T23:59:00",
    ],
)
def test_a_named_time_zone_says_how_dates_are_meant_and_days_counted(tmp_path, text):
    assert _read(tmp_path, text) == LabSettings(DUE, zone=ZoneInfo("Europe/Berlin"))


def test_an_extension_for_nobody_is_named_with_the_name_that_was_meant():
    settings = LabSettings(DUE, extensions={"ada_l": DUE, "bob": DUE})
    (said,) = unknown_extensions(settings, {"ada-l", "bob"})
    assert "an extension for ada_l" in said
    assert "did you mean ada-l?" in said
