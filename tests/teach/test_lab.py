"""`lab`: no release ever costs a student a line, and JupyterLab opens as the course wants it."""

import json
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from course_lib.teach import places
from course_lib.teach.student import lab
from tests.teach.small_course import NAME, release, small_course

NOVEMBER = date(2026, 11, 24)
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return small_course(tmp_path)


def work(course: Path) -> Path:
    return course / "work" / NAME / f"{NAME}.ipynb"


def beside(course: Path) -> list[Path]:
    return sorted((course / "work" / NAME).glob("*.release-*"))


def test_new_labs_are_copied_whole_and_a_second_call_does_nothing(course: Path) -> None:
    picture = course / "labs" / NAME / "pictures" / "target.png"
    picture.parent.mkdir()
    picture.write_bytes(b"\x89PNG")
    hidden = course / "labs" / NAME / ".ipynb_checkpoints" / "old.ipynb"
    hidden.parent.mkdir()
    hidden.write_text("{}", encoding="utf-8")

    messages = lab.copy_labs(course, NOVEMBER)

    assert work(course).read_bytes() == release(course, "first = 1").read_bytes()
    assert (course / "work" / NAME / "pictures" / "target.png").read_bytes() == b"\x89PNG"
    assert not (course / "work" / NAME / ".ipynb_checkpoints").exists()
    assert len(messages) == 2
    assert lab.copy_labs(course, DECEMBER) == []


def test_an_untouched_copy_is_updated(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    newer = release(course, "second = 2")
    (message,) = lab.copy_labs(course, DECEMBER)
    assert "updated" in message
    assert work(course).read_bytes() == newer.read_bytes()
    assert beside(course) == []


def test_a_copy_that_was_only_opened_counts_as_untouched(course: Path) -> None:
    """JupyterLab writes the kernel's name and version into a notebook that it opens."""
    lab.copy_labs(course, NOVEMBER)
    opened = json.loads(work(course).read_text(encoding="utf-8"))
    opened["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    work(course).write_text(json.dumps(opened), encoding="utf-8")
    newer = release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    assert work(course).read_bytes() == newer.read_bytes()


@pytest.mark.parametrize("part", ["source", "outputs", "metadata", "cells"])
def test_every_change_of_a_cell_counts_as_touched(course: Path, part: str) -> None:
    lab.copy_labs(course, NOVEMBER)
    notebook = nbformat.read(work(course), as_version=4)
    match part:
        case "source":
            notebook.cells[0].source += " "
        case "outputs":
            notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
        case "metadata":
            notebook.cells[0].metadata["tags"] = ["mine"]
        case "cells":
            notebook.cells.append(new_code_cell(""))
    nbformat.write(notebook, work(course))
    mine = work(course).read_bytes()
    release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    assert work(course).read_bytes() == mine
    assert len(beside(course)) == 1


def test_a_touched_copy_stays_and_each_newer_release_lies_beside_it_once(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    assert lab.copy_labs(course, NOVEMBER) == []  # no newer release: nothing to offer

    for number, day in ((2, DECEMBER), (3, date(2026, 12, 8))):
        newer = release(course, f"release = {number}")
        (message,) = lab.copy_labs(course, day)
        copy = next(path for path in beside(course) if day.isoformat() in path.name)
        assert copy.name in message
        assert copy.suffix == ".ipynb"
        assert copy.read_bytes() == newer.read_bytes()
        assert lab.copy_labs(course, date(2027, 1, 1)) == []
    assert len(beside(course)) == 2
    assert work(course).read_text(encoding="utf-8") == "my work"


def test_work_in_the_copy_beside_is_kept_and_a_deleted_one_does_not_return(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    (copy,) = beside(course)
    copy.write_text("my work in the newer release", encoding="utf-8")
    assert lab.copy_labs(course, DECEMBER) == []
    assert copy.read_text(encoding="utf-8") == "my work in the newer release"
    copy.unlink()
    assert lab.copy_labs(course, DECEMBER) == []
    assert beside(course) == []


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"lab01_rl_nas/lab01_rl_nas.ipynb": 3}', "\x00\xff", None]
)
def test_a_damaged_or_lost_record_loses_nothing(course: Path, damage: str | None) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    newer = release(course, "second = 2")
    record = course / "work" / lab.RECORD
    if damage is None:
        record.unlink()
    else:
        record.write_bytes(damage.encode("latin-1"))

    lab.copy_labs(course, DECEMBER)

    assert work(course).read_text(encoding="utf-8") == "my work"
    assert [path.read_bytes() for path in beside(course)] == [newer.read_bytes()]
    assert json.loads(record.read_text(encoding="utf-8"))
    assert lab.copy_labs(course, DECEMBER) == []


def test_a_damaged_release_is_said_and_does_not_replace_a_copy(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    before = work(course).read_bytes()
    path = release(course, "second = 2")
    path.write_bytes(path.read_bytes()[:40])
    (message,) = lab.copy_labs(course, DECEMBER)
    assert "damaged" in message
    assert work(course).read_bytes() == before


def test_the_course_folder_is_found_from_inside_and_refused_outside(
    course: Path, tmp_path: Path
) -> None:
    inside = course / "work" / NAME
    inside.mkdir(parents=True)
    assert places.course_folder(inside) == course
    with pytest.raises(ValueError, match=r"pyproject\.toml and course_lib/"):
        places.course_folder(tmp_path)


def test_the_first_lecture_is_number_one_else_the_first_there_is(course: Path) -> None:
    assert lab.first_lecture(course) is None
    for name in ("02_weight_sharing", "00_automl", "01_rl_nas"):
        path = course / "lectures" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    assert lab.first_lecture(course) == course / "lectures" / "01_rl_nas.ipynb"
    (course / "lectures" / "01_rl_nas.ipynb").unlink()
    assert lab.first_lecture(course) == course / "lectures" / "00_automl.ipynb"
