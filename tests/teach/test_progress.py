"""`progress`: what the checks noted is shown, all of it and nothing else, and can be read aloud."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.checks.result import Outcome
from course_lib.teach.__main__ import main
from course_lib.teach.student import progress, standing

NAME = "lab01_rl_nas"


def _graded(name: str, **roles: object) -> dict[str, object]:
    return {"nbgrader": {"grade_id": name, **roles}}


def release() -> dict[str, object]:
    """decode (16 points), written (10, by hand), acceptance (14), and no exercise."""
    cells = [
        new_code_cell("import torch", metadata=_graded("setup", solution=False, grade=False)),
        new_code_cell("", metadata=_graded("decode", solution=True, grade=False)),
        new_code_cell("", metadata=_graded("decode_test", solution=False, grade=True, points=16)),
        new_markdown_cell("", metadata=_graded("written", solution=True, grade=True, points=10)),
        new_code_cell("", metadata=_graded("acceptance", solution=True, grade=False)),
        new_code_cell("", metadata=_graded("x", solution=False, grade=True, points=14)),
    ]
    return new_notebook(cells=cells)


def entry(**changes: object) -> dict[str, object]:
    noted = {
        "outcome": "passed",
        "points": 16.0,
        "max_points": 16.0,
        "attempts": 3,
        "minutes": 12.0,
        "first": "2026-11-24T10:00:00+00:00",
        "last": "2026-11-24T10:12:00+00:00",
    }
    return noted | changes


def test_every_exercise_has_a_row_in_the_labs_order_checked_or_not() -> None:
    rows = standing.lab_rows(release(), {})
    assert [(row.exercise, row.state, row.points, row.max_points) for row in rows] == [
        ("decode", "not attempted yet", 0, 16),
        ("written", "graded by hand", 0, 10),
        ("acceptance", "not attempted yet", 0, 14),
    ]


def test_what_was_noted_is_what_is_shown() -> None:
    row = standing.lab_rows(release(), {"decode": entry(outcome="failed", points=12.0)})[0]
    assert row == standing.Row("decode", "failed", 12.0, 16.0, attempts=3, minutes=12.0)


def test_an_entry_without_an_attempt_has_no_minutes() -> None:
    noted = entry(outcome="not attempted yet", points=0.0, attempts=0, minutes=None)
    row = standing.lab_rows(release(), {"decode": noted})[0]
    assert row.minutes is None
    assert row.texts()[-1] == ""


@pytest.mark.parametrize("damage", [None, 3, [], {}, entry(points="many"), entry(minutes="many")])
def test_a_damaged_entry_counts_as_not_there(damage: object) -> None:
    rows = standing.lab_rows(release(), {"decode": damage, "acceptance": entry()})
    assert rows[0].state == "not attempted yet"
    assert rows[2].state == "passed"


def test_every_outcome_of_a_check_has_a_symbol_of_its_own() -> None:
    symbols = [progress._SYMBOLS[outcome.value] for outcome in Outcome]
    assert len(set(symbols)) == len(Outcome)


def test_the_sums_are_those_of_the_rows() -> None:
    rows = standing.lab_rows(
        release(), {"decode": entry(), "acceptance": entry(outcome="failed", points=3.5)}
    )
    assert "2 of 3 attempted, 1 passed, 19.5 of 42 points" in progress.as_text({NAME: rows})


class _Tables(HTMLParser):
    """The cells of a page's tables, the balance of its tags, and what could call the network."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.scopes: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


def test_the_page_says_what_the_table_says() -> None:
    rows = standing.lab_rows(release(), {"decode": entry()})
    page = progress.as_html({NAME: rows})
    parser = _Tables()
    parser.feed(page)
    assert parser.open == []
    assert parser.rows[0] == list(standing.HEADINGS)
    for row, cells in zip(rows, parser.rows[1:], strict=True):
        expected = row.texts()
        assert cells[0] == expected[0]
        assert cells[1].endswith(expected[1])
        assert cells[2:] == list(expected[2:])


def test_the_page_is_accessible_and_needs_no_network() -> None:
    page = progress.as_html({NAME: standing.lab_rows(release(), {"decode": entry()})})
    parser = _Tables()
    parser.feed(page)
    assert '<html lang="en">' in page
    assert "<title>" in page
    assert page.count("<caption>") == 1
    assert set(parser.scopes) == {"col", "row"}
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"https?:|<script|<link|<img|@import|url\(", page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_stand_out_in_both_schemes(scheme: str) -> None:
    """Contrast by WCAG 2.2: 4.5 for text, 3 for lines."""
    found = re.findall(r"--(ink|paper|line): #([0-9a-f]+)", progress._PAGE)
    colours = dict(found[:3] if scheme == "light" else found[3:])
    paper = _luminance(colours["paper"])
    for name, least in (("ink", 4.5), ("line", 3.0)):
        low, high = sorted((_luminance(colours[name]), paper))
        assert (high + 0.05) / (low + 0.05) >= least


def _luminance(colour: str) -> float:
    pairs = [2 * digit for digit in colour] if len(colour) == 3 else re.findall("..", colour)
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(pair, 16) / 255 for pair in pairs)
    ]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def test_names_from_files_cannot_write_html() -> None:
    page = progress.as_html({"<b>": [standing.Row("<script>", "<i>", 0, 1)]})
    assert "<script>" not in page
    assert "<i>" not in page
    assert "<caption>&lt;b&gt;" in page


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for name in (NAME, "lab02_weight_sharing"):
        path = tmp_path / "labs" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(release(), path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_shows_one_lab_and_writes_the_page_of_all(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diary = course / "work" / NAME / ".progress.json"
    diary.parent.mkdir(parents=True)
    diary.write_text(json.dumps({NAME: {"decode": entry()}}), encoding="utf-8")
    assert main(["progress", NAME]) == 0
    said = capsys.readouterr().out
    page = course / "work" / "progress.html"
    assert page.as_uri() in said
    assert "lab02" not in said
    assert "16 of 16" in said
    assert "lab02" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"lab01_rl_nas": 3}', "\x00"])
def test_a_damaged_diary_is_no_progress_and_stays(
    course: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    diary = course / "work" / NAME / ".progress.json"
    diary.parent.mkdir(parents=True)
    diary.write_text(content, encoding="utf-8")
    assert main(["progress"]) == 0
    assert f"{NAME}: 0 of 3 attempted" in capsys.readouterr().out
    assert diary.read_text(encoding="utf-8") == content


def test_an_unknown_lab_is_refused_before_anything_is_written(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["progress", "lab99"]) == 1
    assert NAME in capsys.readouterr().err
    assert not (course / "work").exists()
