"""Building: the same bytes twice, a drift check that sees every change, and no answer in labs/."""

import argparse
import json
from pathlib import Path

import nbformat
import pytest

from course_lib.teach.build.build import add_arguments, run

pytestmark = pytest.mark.notebooks

SOLUTION = "solutions/lab90_tiny/lab90_tiny.ipynb"
RELEASE = "labs/lab90_tiny/lab90_tiny.ipynb"
LECTURE = "lectures/90_tiny.ipynb"
SOURCE = "solutions/lab90_tiny/lab90_tiny.py"


def _build(course: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([*words, "--root", str(course)]))


def _built(course: Path) -> dict[str, bytes]:
    return {name: (course / name).read_bytes() for name in (SOLUTION, RELEASE, LECTURE)}


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_building_twice_gives_the_same_bytes_and_the_check_is_content(course, capsys):
    assert _build(course) == 0
    first = _built(course)
    assert _build(course, "--force") == 0
    assert _built(course) == first
    assert _build(course, "--check") == 0
    assert capsys.readouterr().err.count("differs") == 0


def test_release_holds_stubs_and_visible_cases_only(course):
    assert _build(course, "lab90_tiny") == 0
    text = (course / RELEASE).read_text(encoding="utf-8")
    assert "raise NotImplementedError()" in text
    assert "(5, 10)" in text
    for hidden in ("twice", "4242", "linear", "SOLUTION", "HIDDEN"):
        assert hidden not in text.replace("Twice x", "").replace("twice.json", "")
    assert [path.name for path in (course / "labs/lab90_tiny").iterdir()] == ["lab90_tiny.ipynb"]


def test_other_files_in_the_release_stay_and_instructors_files_do_not_get_there(course, capsys):
    (course / "solutions/lab90_tiny/rubric.md").write_text(
        "2 points for the word linear", encoding="utf-8"
    )
    (course / "solutions/lab90_tiny/points.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    (course / "solutions/lab90_tiny/twice.json").write_text(
        "2", encoding="utf-8"
    )  # the solution's artefact
    (course / "solutions/lab90_tiny/.progress.json").write_text("{}", encoding="utf-8")
    stranger = course / "labs/lab90_tiny/notes.txt"
    stranger.parent.mkdir()
    stranger.write_text("mine", encoding="utf-8")
    assert _build(course, "lab90_tiny") == 0
    assert stranger.read_text(encoding="utf-8") == "mine"
    names = {path.name for path in stranger.parent.iterdir()}
    assert names == {"lab90_tiny.ipynb", "points.csv", "notes.txt"}
    assert _build(course, "--check", "lab90_tiny") == 1
    assert "notes.txt comes from no source" in capsys.readouterr().err


@pytest.mark.parametrize("name", [SOLUTION, RELEASE, LECTURE])
def test_the_check_sees_a_missing_and_an_edited_file(course, capsys, name):
    _build(course)
    _edit(course / name, '"# ', '"# My ')
    assert _build(course, "--check") == 1
    assert f"{Path(name).name} differs from" in capsys.readouterr().err
    (course / name).unlink()
    assert _build(course, "--check") == 1
    assert Path(name).name in capsys.readouterr().err
    assert not (course / name).exists()


def test_the_check_sees_an_edited_source(course, capsys):
    _build(course)
    _edit(course / SOURCE, "import math", "import cmath")
    assert _build(course, "--check") == 1
    err = capsys.readouterr().err
    assert all(Path(name).parent.parts[0] in err for name in (SOLUTION, RELEASE))


def test_an_answer_in_the_release_is_a_leak_even_in_metadata(course, capsys):
    _build(course, "lab90_tiny")
    path = course / RELEASE
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["metadata"]["note"] = "cases += [ (-4242, -2*4242) ]"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert _build(course, "--check", "lab90_tiny") == 1
    assert "gives away: cases += [(-4242, -2 * 4242)]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST", "unknown marker"),
        ("### END SOLUTION", "", "SOLUTION begins but does not end"),
        ('"grade_id": "double_test", ', "", "nbgrader makes no release"),
    ],
)
def test_a_refused_source_leaves_everything_as_it_was(course, capsys, old, new, message):
    _build(course)
    before = _built(course)
    _edit(course / SOURCE, old, new)
    assert _build(course, "lab90_tiny") == 1
    assert message in capsys.readouterr().err
    assert _built(course) == before


def test_a_lecture_is_executed_when_its_source_changes_and_only_then(course):
    for words in ([], [], ["90_tiny"]):
        assert _build(course, *words) == 0
    runs = course / "lectures/runs.txt"
    assert runs.read_text(encoding="utf-8").split() == ["run"]
    output = nbformat.read(course / LECTURE, as_version=4).cells[2].outputs[0]
    assert output.data["text/plain"] == "42"
    _edit(course / "lectures/90_tiny.py", "6 * 7", "6 * 8")
    assert _build(course, "90_tiny") == 0
    assert runs.read_text(encoding="utf-8").split() == ["run", "run"]


def test_a_lecture_is_out_of_date_when_code_that_it_imports_changes(course, capsys):
    module = course / "course_lib/answer.py"
    module.write_text("ANSWER = 42", encoding="utf-8")
    _edit(course / "lectures/90_tiny.py", "6 * 7", "if False:\n    import course_lib.answer")
    assert _build(course, "90_tiny") == 0
    assert _build(course, "--check", "90_tiny") == 0
    module.write_text("ANSWER = 43", encoding="utf-8")
    assert _build(course, "--check", "90_tiny") == 1
    assert "rest on have changed" in capsys.readouterr().err
    assert _build(course, "90_tiny") == 0
    assert (course / "lectures/runs.txt").read_text(encoding="utf-8").split() == ["run", "run"]
    assert _build(course, "--check", "90_tiny") == 0


def test_a_failing_lecture_keeps_the_notebook_that_was_there(course, capsys):
    _build(course, "90_tiny")
    before = (course / LECTURE).read_bytes()
    _edit(course / "lectures/90_tiny.py", "6 * 7", "6 / 0")
    assert _build(course, "90_tiny") == 1
    assert "cell 3 fails" in capsys.readouterr().err
    assert (course / LECTURE).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cell: cell.update(execution_count=None), "has not been executed"),
        (
            lambda cell: cell.outputs.append(
                nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
            ),
            "shows an error",
        ),
        (
            lambda cell: cell.outputs.append(
                nbformat.v4.new_output("stream", name="stderr", text="careful")
            ),
            "writes to stderr",
        ),
    ],
)
def test_the_check_sees_lectures_that_did_not_run_well(course, capsys, change, message):
    _build(course, "90_tiny")
    notebook = nbformat.read(course / LECTURE, as_version=4)
    change(notebook.cells[2])
    nbformat.write(notebook, course / LECTURE)
    assert _build(course, "--check", "90_tiny") == 1
    assert f"cell 3 {message}" in capsys.readouterr().err


def test_an_unknown_name_is_answered_with_the_known_ones(course, capsys):
    assert _build(course, "lab99") == 2
    assert "there is: lab90_tiny, 90_tiny" in capsys.readouterr().err


def test_a_release_without_a_source_is_named(course, capsys):
    (course / "labs/lab77_gone").mkdir()
    assert _build(course, "--check") == 1
    assert "lab77_gone comes from no source: remove it" in capsys.readouterr().err
