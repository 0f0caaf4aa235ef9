"""`submit`: what a hand-in lacks is named, and the file that is written loses nothing."""

import json
import os
import shlex
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.teach import cells, places
from course_lib.teach.__main__ import main
from course_lib.teach.files import write_atomically
from course_lib.teach.student import submit

NAME = "lab01_rl_nas"
NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
STUB = "def decode(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
ANSWER = "%matplotlib inline\ndef decode(x):\n    return 2 * x"


def graded(name: str, **roles: object) -> dict[str, object]:
    return {"nbgrader": {"grade_id": name, "schema_version": 3, **roles}}


def release() -> NotebookNode:
    return new_notebook(
        cells=[
            new_markdown_cell("# Lab", id="intro"),
            new_code_cell(STUB, id="a", metadata=graded("decode", solution=True, grade=False)),
            new_code_cell(
                "check.decode(decode, cases, points=16)",
                id="b",
                metadata=graded("test_decode", solution=False, grade=True, points=16),
            ),
            new_markdown_cell(
                "YOUR ANSWER HERE",
                id="c",
                metadata=graded("written", solution=True, grade=True, points=10),
            ),
            new_markdown_cell("Save it.", id="d", metadata={"artefacts": ["challenge.json"]}),
        ]
    )


def answered() -> NotebookNode:
    notebook = release()
    notebook.cells[1].source = ANSWER
    notebook.cells[3].source = "Because the baseline does not depend on the sample."
    return notebook


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for folder, notebook in (("labs", release()), ("work", answered())):
        path = tmp_path / folder / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    (path.parent / "challenge.json").write_text('{"arch": [1, 2]}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lacks(course: Path, change: Callable[[NotebookNode], object]) -> list[str]:
    """What `missing` says of the complete notebook after a change."""
    path = course / "work" / NAME / f"{NAME}.ipynb"
    notebook = answered()
    change(notebook)
    nbformat.write(notebook, path)
    released = cells.read_notebook(course / "labs" / NAME / f"{NAME}.ipynb")
    return submit.missing(cells.read_notebook(path), released, path.parent)


def test_a_complete_lab_lacks_nothing(course: Path) -> None:
    assert lacks(course, lambda notebook: None) == []


def test_the_untouched_release_lacks_every_answer(course: Path) -> None:
    def untouched(notebook: NotebookNode) -> None:
        notebook.cells = release().cells

    assert lacks(course, untouched) == ["decode: not answered yet", "written: not answered yet"]


@pytest.mark.parametrize(
    ("cell", "source", "words"),
    [
        (1, "", "empty"),
        (1, "# nothing but words\n", "empty"),
        (1, STUB.replace("    # YOUR CODE HERE\n", "    y = x\n"), "NotImplementedError"),
        (1, "x = 1\ndef decode(x:\n    return x", "line 2 is not valid Python"),
        (2, "16.0", "test cell differs"),
        (3, " \n", "empty"),
    ],
)
def test_a_changed_cell_is_named_with_its_reason(
    course: Path, cell: int, source: str, words: str
) -> None:
    name = release().cells[cell].metadata.nbgrader.grade_id
    (said,) = lacks(course, lambda notebook: notebook.cells[cell].update(source=source))
    assert said.startswith(f"{name}: ")
    assert words in said


@pytest.mark.parametrize(("cell", "words"), [(1, "deleted"), (2, "deleted"), (3, "deleted")])
def test_a_deleted_cell_is_missed(course: Path, cell: int, words: str) -> None:
    (said,) = lacks(course, lambda notebook: notebook.cells.pop(cell))
    assert words in said


def test_a_copied_cell_is_named(course: Path) -> None:
    def copied(notebook: NotebookNode) -> None:
        notebook.cells.append(new_code_cell("1", metadata=notebook.cells[1].metadata))

    assert any("decode: the cell stands 2 times" in said for said in lacks(course, copied))


def test_a_missing_and_an_empty_artefact_are_named(course: Path) -> None:
    file = course / "work" / NAME / "challenge.json"
    file.write_text("", encoding="utf-8")
    (said,) = lacks(course, lambda notebook: None)
    assert "challenge.json" in said
    assert "empty" in said
    file.unlink()
    (said,) = lacks(course, lambda notebook: None)
    assert "challenge.json" in said


def test_a_newer_checkpoint_with_other_content_means_unsaved(course: Path) -> None:
    path = course / "work" / NAME / f"{NAME}.ipynb"
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb"
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(path.read_bytes())
    later = path.stat().st_mtime + 60
    os.utime(checkpoint, (later, later))
    assert submit.unsaved(path) == []
    checkpoint.write_text("{}", encoding="utf-8")
    os.utime(checkpoint, (later, later))
    assert len(submit.unsaved(path)) == 1
    os.utime(checkpoint, (later - 120, later - 120))
    assert submit.unsaved(path) == []


def test_the_hand_in_file_holds_notebook_artefact_and_time_in_utc(course: Path) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=-6)))
    target = submit.hand_in(course, NAME, "ada-1", local)
    assert target == course / "work" / "handins" / f"{NAME}-ada-1-20261124T120005Z.zip"
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == ["challenge.json", f"{NAME}.ipynb", "timestamp.txt"]
        handed = archive.read(f"{NAME}.ipynb")
        stamp = archive.read("timestamp.txt").decode().strip()
    assert handed == (course / "work" / NAME / f"{NAME}.ipynb").read_bytes()
    assert stamp == "2026-11-24 12:00:05 UTC"


def test_nbgrader_reads_the_time_stamp(course: Path) -> None:
    from nbgrader.utils import parse_utc

    with zipfile.ZipFile(submit.hand_in(course, NAME, "ada", NOON)) as archive:
        stamp = archive.read("timestamp.txt").decode().strip()
    assert parse_utc(stamp).replace(tzinfo=UTC) == NOON


def test_a_hand_in_is_never_replaced(course: Path) -> None:
    target = submit.hand_in(course, NAME, "ada", NOON)
    before = target.read_bytes()
    with pytest.raises(ValueError, match="exists already"):
        submit.hand_in(course, NAME, "ada", NOON)
    assert target.read_bytes() == before
    submit.hand_in(course, NAME, "ada", NOON + timedelta(seconds=1))
    assert len(list(target.parent.iterdir())) == 2


def test_an_incomplete_lab_is_handed_in_only_anyway(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "work" / NAME / "challenge.json").unlink()
    monkeypatch.setattr("sys.executable", "/home/ada l/python")
    assert main(["submit", NAME, "--student", "ada"]) == 1
    said = capsys.readouterr().out
    assert "challenge.json" in said
    command = said.partition("To hand in as it is: ")[2]
    assert shlex.split(command)[0] == "/home/ada l/python"
    assert shlex.split(command)[-3:] == ["submit", NAME, "--anyway"]
    assert not (course / "work" / "handins").exists()
    assert main(["submit", NAME, "--student", "ada", "--anyway", "--no-run"]) == 0
    (target,) = (course / "work" / "handins").iterdir()
    assert str(target) in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"{", b'{"cells": [1]}', b'{"cells": [{}]}', b"[]"])
def test_a_damaged_notebook_is_refused_and_stays(
    course: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course / "work" / NAME / f"{NAME}.ipynb"
    path.write_bytes(content)
    assert main(["submit", NAME, "--student", "ada", "--anyway"]) == 1
    assert "not a whole notebook" in capsys.readouterr().err
    assert path.read_bytes() == content
    assert not (course / "work" / "handins").exists()


@pytest.mark.parametrize("name", ["lab99", "../labs/lab01_rl_nas", ""])
def test_an_unknown_lab_is_answered_with_the_known_ones(course: Path, name: str) -> None:
    write_atomically(course / "work" / NAME / f"{NAME}.release-2026-11-24-aa.ipynb", b"{}")
    with pytest.raises(ValueError, match=rf"labs in work/: {NAME}\."):
        places.lab_notebook(course, name)


def test_sources_stored_as_lines_are_one_string(course: Path) -> None:
    path = course / "work" / NAME / f"{NAME}.ipynb"
    stored = json.loads(path.read_text(encoding="utf-8"))["cells"][1]["source"]
    assert isinstance(stored, list)
    assert cells.read_notebook(path)["cells"][1]["source"] == ANSWER


def test_how_the_checks_stood_is_said(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = dict.fromkeys(("first", "last"), "2026-11-24T10:00:00+00:00")
    entry = {"outcome": "failed", "points": 8.0, "max_points": 16.0, "attempts": 2, **times}
    diary = course / "work" / NAME / ".progress.json"
    diary.write_text(json.dumps({NAME: {"decode": entry}}), encoding="utf-8")
    assert main(["submit", NAME, "--student", "ada", "--no-run"]) == 0
    said = capsys.readouterr().out
    assert "decode failed" in said
    assert "written graded by hand" in said
