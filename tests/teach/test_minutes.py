"""Minutes that students tell: only if they want, never believed, and no grade's business."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from course_lib.checks import progress
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.handins import find_handins
from course_lib.teach.grade.minutes import LARGEST, LEAST, quartiles, read_minutes
from course_lib.teach.grade.record import handin_digest
from course_lib.teach.grade.report import Row
from course_lib.teach.grade.status import Status
from course_lib.teach.places import MINUTES
from course_lib.teach.student.minutes import said, spent
from tests.teach.tiny_release import LAB, WANTED
from tests.teach.zips import zipped

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def noted(folder: Path, monkeypatch: pytest.MonkeyPatch, *checks: tuple[str, float]) -> dict:
    """The diary's entries after checks of (exercise, minute)."""
    (folder / "lab01.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    for exercise, minute in checks:

        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None, minute: float = minute) -> datetime:  # type: ignore[override]
                return NOON + timedelta(minutes=minute)

        monkeypatch.setattr(progress, "datetime", Clock)
        progress.record(Result("lab01", exercise, "", 16, (Finding("law", Outcome.PASSED),)))
    return progress.read(folder / progress.FILE)["lab01"]


def test_minutes_go_to_the_exercise_that_was_worked_on_without_breaks(tmp_path, monkeypatch):
    folder = tmp_path / "work" / "lab01"
    folder.mkdir(parents=True)
    night = 10 + 600
    entries = noted(
        folder, monkeypatch, ("a", 0), ("a", 10), ("b", night), ("b", night + 5), ("a", night + 7)
    )
    assert {name: entry["minutes"] for name, entry in entries.items()} == {"a": 12, "b": 5}
    told = spent({**entries, "odd": 3, "untried": {"minutes": 2, "attempts": 0}})
    assert told == {"a": {"minutes": 12, "attempts": 3}, "b": {"minutes": 5, "attempts": 2}}
    assert "a 12 (3 checks), b 5 (2 checks)" in said(told)
    assert read_minutes(json.dumps(told).encode(), ["a", "b", "c"]) == {"a": 12, "b": 5}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"3", b'"double"', b"\xff", b"[" * 5000, b'{"double": 3}'),
        *(
            b'{"double": {"minutes": %s}}' % odd
            for odd in (b"-1", b"NaN", b"1e9", b"true", b'"3"', b"null", b"9" * 5000)
        ),
    ],
)
def test_what_submit_does_not_write_is_not_understood(content):
    assert read_minutes(content, ["double"]) is None


def test_nothing_is_shown_of_a_few():
    told = [{"f": float(n), "g": 1.0} for n in range(LEAST)]
    del told[0]["g"]
    (bar,) = quartiles(told, ["f", "g"])
    assert (bar.label, bar.said) == ("f", "2 (1 to 3), n = 5")
    assert quartiles(told[1:], ["f", "g"]) == []
    rows = [Row("ada", Status.GRADED, scores={"f_test": 1.0}, raw=1.0)]
    assert "2 (1 to 3), n = 5" in class_page("lab", rows, {"f_test": 1.0}, {}, told)
    assert "Minutes per exercise" not in class_page("lab", rows, {"f_test": 1.0}, {}, told[1:])


def test_all_zero_minutes_are_a_picture_too():
    assert quartiles([{"f": 0.0}] * LEAST, ["f"])[0].share == 0


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b'{"double": {"minutes": 3, "attempts": 1}}', True),
        (b"x" * (LARGEST + 1), False),
        (b"[1]", False),
    ],
)
def test_a_hand_in_counts_whatever_its_minutes_are(tmp_path, content, kept):
    path = tmp_path / f"{LAB}-ada-20261120T100000Z.zip"
    path.write_bytes(zipped({f"{LAB}.ipynb": "{}", MINUTES: content}))
    (found,) = find_handins(tmp_path, WANTED)
    assert found.unreadable == ""
    assert (found.artefacts == {MINUTES: content}) == kept
    assert any("not understood" in note for note in found.notes) != kept


def test_no_score_rests_on_them(tmp_path):
    (tmp_path / "lab.ipynb").write_text("{}", encoding="utf-8")
    before = handin_digest("lab", tmp_path)
    (tmp_path / MINUTES).write_text("{}", encoding="utf-8")
    assert handin_digest("lab", tmp_path) == before
