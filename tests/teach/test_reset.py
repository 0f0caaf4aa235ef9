"""`reset`: one exercise returns to its release, the answer is kept, all other cells stay."""

import json
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.teach.__main__ import main
from course_lib.teach.files import write_atomically
from course_lib.teach.student.reset import reset

NAME = "lab01_rl_nas"
NOW = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
EXERCISES = ("decode", "sample_strings", "q_backup")


def release() -> NotebookNode:
    cells = [new_markdown_cell("# Lab", id="intro")]
    for name in EXERCISES:
        stub = f"def {name}():\n    raise NotImplementedError()"
        cells.append(new_code_cell(stub, id=name, metadata=_graded(name, solution=True)))
        test = _graded(f"test_{name}", grade=True)
        cells.append(new_code_cell(f"check.{name}({name})", id=f"test_{name}", metadata=test))
    words = _graded("written", solution=True, grade=True)
    cells.append(new_markdown_cell("YOUR ANSWER HERE", id="written", metadata=words))
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def _graded(name: str, *, solution: bool = False, grade: bool = False) -> dict[str, object]:
    return {"nbgrader": {"grade_id": name, "solution": solution, "grade": grade}}


def answered() -> NotebookNode:
    notebook = release()
    for cell in notebook.cells:
        if cell.id in EXERCISES:
            cell.source = f"def {cell.id}():\n    return 'Σ of {cell.id}'"
            cell.execution_count = 3
            cell.outputs = [new_output("stream", text="printed\n")]
    notebook.cells[-1].source = "my own words"
    notebook.cells.insert(2, new_code_cell("my = 'scratch cell'", id="scratch"))
    return notebook


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's notebook in a course folder."""
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for folder, notebook in (("labs", release()), ("work", answered())):
        file = tmp_path / folder / NAME / f"{NAME}.ipynb"
        file.parent.mkdir(parents=True)
        nbformat.write(notebook, file)
    monkeypatch.chdir(tmp_path)
    return file


def by_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.id: cell for cell in notebook.cells}


@pytest.mark.parametrize("exercise", [*EXERCISES, "written"])
def test_one_exercise_is_as_released_and_everything_else_as_it_was(
    path: Path, tmp_path: Path, exercise: str
) -> None:
    before = by_id(nbformat.read(path, as_version=4))
    kept = reset(tmp_path, NAME, exercise, NOW)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    after = by_id(notebook)
    assert list(after) == list(before)
    assert after.pop(exercise) == by_id(release())[exercise]
    answer = before.pop(exercise)
    assert after == before
    assert kept is not None
    assert kept.read_text(encoding="utf-8") == answer.source


def test_only_the_lines_of_the_cell_change_in_the_file(path: Path, tmp_path: Path) -> None:
    reset(tmp_path, NAME, "decode", NOW)
    expected = answered()
    expected.cells[1] = release().cells[1]
    assert path.read_text(encoding="utf-8") == nbformat.writes(expected) + "\n"


def test_answers_of_the_same_second_are_all_kept(path: Path, tmp_path: Path) -> None:
    kept = {reset(tmp_path, NAME, "decode", NOW) for _ in range(3)}
    assert len(kept) == 3
    assert len(list((path.parent / "answers").iterdir())) == 3


@pytest.mark.parametrize("exercise", [*EXERCISES, "written"])
def test_a_deleted_exercise_comes_back_in_its_place(
    path: Path, tmp_path: Path, exercise: str
) -> None:
    notebook = answered()
    notebook.cells = [cell for cell in notebook.cells if cell.id not in (exercise, "scratch")]
    nbformat.write(notebook, path)
    assert reset(tmp_path, NAME, exercise, NOW) is None
    after = nbformat.read(path, as_version=4)
    assert list(by_id(after)) == list(by_id(release()))


def test_a_copied_exercise_is_refused_and_nothing_is_written(path: Path, tmp_path: Path) -> None:
    notebook = answered()
    notebook.cells.append(new_code_cell("copy", metadata=notebook.cells[1].metadata))
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="stands in cells 2 and 10"):
        reset(tmp_path, NAME, "decode", NOW)
    assert path.read_bytes() == before
    assert not (path.parent / "answers").exists()


@pytest.mark.parametrize("exercise", ["decod", "test_decode", "", "../decode"])
def test_an_unknown_exercise_is_answered_with_the_known_ones(
    path: Path, exercise: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path.read_bytes()
    assert main(["reset", NAME, exercise]) == 1
    assert "decode, sample_strings, q_backup, written" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_the_answer_is_kept_even_if_the_notebook_cannot_be_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full_disk(target: Path, data: bytes) -> None:
        if target == path:
            raise OSError(28, "No space left on device")
        write_atomically(target, data)

    monkeypatch.setattr("course_lib.teach.student.reset.write_atomically", full_disk)
    with pytest.raises(OSError, match="No space left"):
        reset(tmp_path, NAME, "decode", NOW)
    assert path.read_bytes() == before
    (kept,) = (path.parent / "answers").iterdir()
    assert "decode" in kept.read_text(encoding="utf-8")


def test_the_command_says_where_the_answer_is(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reset", NAME, "decode"]) == 0
    (kept,) = (path.parent / "answers").iterdir()
    said = capsys.readouterr().out
    assert str(kept) in said
    assert "Reload Notebook from Disk" in said


def test_what_its_check_said_is_cleared_and_the_best_points_stay(
    path: Path, tmp_path: Path
) -> None:
    exercise, other = EXERCISES[:2]
    entry = {"outcome": "passed", "points": 16.0, "max_points": 16.0, "attempts": 2}
    diary = path.parent / ".progress.json"
    diary.write_text(json.dumps({NAME: {exercise: entry, other: entry}}), encoding="utf-8")
    notebook = answered()
    for name in (exercise, other):
        metadata = {"nbgrader": {"grade_id": f"{name}_test", "grade": True, "solution": False}}
        outputs = [new_output("stream", text="passed\n")]
        cell = new_code_cell("check", metadata=metadata, execution_count=4, outputs=outputs)
        notebook.cells.append(cell)
    nbformat.write(notebook, path)
    reset(tmp_path, NAME, exercise, NOW)
    *_, cleared, kept = nbformat.read(path, as_version=4).cells
    assert (cleared.outputs, cleared.execution_count) == ([], None)
    assert kept.outputs
    entries = json.loads(diary.read_text(encoding="utf-8"))[NAME]
    assert entries == {exercise: {**entry, "outcome": "not attempted yet"}, other: entry}
