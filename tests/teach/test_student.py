"""Who hands in is asked once, remembered, and checked."""

import io
from pathlib import Path

import pytest

from course_lib.teach.student import submit


def test_the_student_is_asked_once_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    memory = tmp_path / "work" / ".student"
    monkeypatch.setattr("sys.stdin", Terminal("  ada \n"))
    assert submit.student_id(None, memory) == "ada"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert submit.student_id(None, memory) == "ada"
    assert submit.student_id("emmy", memory) == "emmy"
    assert submit.student_id(None, memory) == "emmy"


def test_without_a_terminal_the_student_must_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(ValueError, match="--student ID"):
        submit.student_id(None, tmp_path / ".student")


@pytest.mark.parametrize("student", ["../eve", "a b", "", ".hidden", "a/b", "x" * 65, "a\n"])
def test_an_id_that_is_no_file_name_is_refused_and_not_remembered(
    tmp_path: Path, student: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(ValueError, match="student id"):
        submit.student_id(student, tmp_path / ".student")
    assert not (tmp_path / ".student").exists()
