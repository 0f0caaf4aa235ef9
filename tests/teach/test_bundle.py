"""`bundle`: the students' zip works on its own and gives nothing away."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import course_lib
from course_lib.teach.__main__ import main
from course_lib.teach.build import bundle

NAME = "lab01_rl_nas"

ROOT = Path(__file__).parents[2]
FOLDER = f"automl-course-{course_lib.__version__}"
ANSWER = """
def area(radius):
    ### BEGIN SOLUTION
    return 3.14159 * radius**2
    ### END SOLUTION
"""


TEST = """
cases = [("doubling", 1)]
### BEGIN HIDDEN TESTS
cases += [("never told to students", 4242)]
### END HIDDEN TESTS
check.area(area, cases)
"""


HIDDEN = 'cases += [("never told to students",4242)]'


def _cell(text: str, name: str, **marks: object) -> str:
    marks |= {"grade_id": name, "schema_version": 3}
    return f"# %% nbgrader={json.dumps(marks)}{text}\n"


SOLUTION = _cell(ANSWER, "area", solution=True, grade=False) + _cell(
    TEST, "area_test", solution=False, grade=True, points=1
)


def notebook(*sources: str) -> str:
    return nbformat.writes(
        new_notebook(cells=[new_code_cell(s, id=f"c{n}") for n, s in enumerate(sources)])
    )


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with this repository's library and Makefile, and one small lab."""
    folder = tmp_path / "course"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "course_lib", folder / "course_lib", ignore=ignore)
    for name in ("Makefile", "constraints.txt", "environment.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    stub = "def area(radius):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    texts = {
        "README.md": "# Course\n![Lab](docs/lab.png) [site](https://example.org/x.png)",
        "LICENSE": "MIT",
        "CHANGELOG.md": "# Changes",
        "nbgrader_config.py": "c = get_config()",
        "docs/lab.png": "PNG",
        "data/README.md": "measured",
        "data/claims/01.json": "{}",
        "data/digits201.partial/half.jsonl": "{}",
        f"solutions/{NAME}/{NAME}.py": SOLUTION,
        f"labs/{NAME}/{NAME}.ipynb": notebook(stub, "check.area(area, cases)"),
        f"labs/{NAME}/target.png": "PNG",
        f"labs/{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb": "{}",
        "lectures/01_rl_nas.py": "# %%\n1",
        "lectures/01_rl_nas.ipynb": notebook("1"),
        "lectures/01_rl_nas_runsheet.md": "minute by minute",
        "lectures/glossary.md": "# Glossary",
        f"tests/misconceptions/{NAME}.py": "def circumference(r):\n    return 2 * 3.1 * r\n",
        f"work/{NAME}/{NAME}.ipynb": notebook("my own work"),
        "grading/gradebook.db": "names of students",
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as zipped:
        return {name.removeprefix(f"{FOLDER}/") for name in zipped.namelist()}


def test_the_bundle_holds_what_students_need_and_nothing_of_the_instructors(course: Path) -> None:
    found = names(bundle.bundle(course))
    library = {name for name in found if name.startswith("course_lib/")}
    assert found - library == {
        *bundle.ROOT_FILES,
        "docs/lab.png",
        "data/README.md",
        "data/claims/01.json",
        f"labs/{NAME}/{NAME}.ipynb",
        f"labs/{NAME}/target.png",
        "lectures/01_rl_nas.ipynb",
        "lectures/glossary.md",
    }
    sources = {
        path.relative_to(course).as_posix()
        for path in (course / "course_lib").rglob("*")
        if path.is_file()
    }
    left_out = sources - library
    assert all(name.startswith("course_lib/teach/") for name in left_out)
    assert not any(name.startswith("course_lib/teach/student/") for name in left_out)
    assert {"course_lib/teach/build/build.py", "course_lib/teach/build/bundle.py"} <= left_out


def test_the_same_course_gives_the_same_bytes(course: Path, tmp_path: Path) -> None:
    first = bundle.bundle(course).read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(course, copy, ignore=shutil.ignore_patterns("dist"))
    for path in copy.rglob("*"):
        if path.is_file():
            os.utime(path, (10**9, 10**9))
            path.chmod(0o600)
    assert bundle.bundle(copy).read_bytes() == first


Plant = Callable[[Path], object]


def _into(name: str, text: str) -> Plant:
    return lambda course: (course / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_into("data/note.md", "### BEGIN SOLUTION\n"), "marker 'BEGIN SOLUTION'"),
        (_into(f"labs/{NAME}/help.md", "try `return 3.14159*radius ** 2`"), "3.14159"),
        (_into("lectures/glossary.md", f"A hint: {HIDDEN}"), "never told"),
        (_into("lectures/01_rl_nas.ipynb", notebook(HIDDEN)), "never told"),
        (
            lambda course: shutil.copy(
                course / "tests" / "misconceptions" / f"{NAME}.py", course / "data" / "harmless.csv"
            ),
            f"copy of tests/misconceptions/{NAME}.py",
        ),
    ],
    ids=["marker", "solution", "hidden test", "hidden test in a notebook", "misconceptions"],
)
def test_whatever_gives_answers_away_stops_the_bundle(
    course: Path, plant: Plant, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(course)
    assert main(["bundle"]) == 1
    assert words in capsys.readouterr().err
    assert not (course / "dist").exists()


@pytest.mark.parametrize("name", ["README.md", "constraints.txt", "docs/lab.png"])
def test_a_missing_file_is_named(course: Path, name: str) -> None:
    (course / name).unlink()
    with pytest.raises(ValueError, match=f"without {name}"):
        bundle.bundle(course)


def test_unbuilt_notebooks_are_named(course: Path) -> None:
    shutil.rmtree(course / "labs")
    (course / "lectures" / "01_rl_nas.ipynb").unlink()
    with pytest.raises(ValueError, match="without labs/, lectures/"):
        bundle.bundle(course)


@pytest.fixture
def unpacked(course: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(bundle.bundle(course)) as archive:
        archive.extractall(tmp_path / "student")
    return tmp_path / "student" / FOLDER


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)


def test_the_unpacked_bundle_copies_its_labs_with_its_own_library(unpacked: Path) -> None:
    where = python(unpacked, "-c", "import course_lib.core as c; print(c.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(unpacked), where.stderr
    done = python(unpacked, "-m", "course_lib.teach", "lab", "--no-open")
    assert done.returncode == 0, done.stderr
    released = unpacked / "labs" / NAME / f"{NAME}.ipynb"
    assert (unpacked / "work" / NAME / f"{NAME}.ipynb").read_bytes() == released.read_bytes()
    shown = python(unpacked, "-m", "course_lib.teach", "progress")
    assert NAME in shown.stdout, shown.stderr


def test_the_unpacked_bundle_offers_students_commands_only(unpacked: Path) -> None:
    shown = python(unpacked, "-m", "course_lib.teach", "--help").stdout
    assert set(re.findall(r"^ {4}(\w+)", shown, flags=re.MULTILINE)) == {
        "lab",
        "doctor",
        "submit",
        "reset",
        "progress",
    }
    refused = python(unpacked, "-m", "course_lib.teach", "grade", NAME)
    assert refused.returncode == 2


def test_make_in_the_unpacked_bundle_knows_students_targets_only(
    unpacked: Path, require: Callable[..., str]
) -> None:
    make = [require("make", how="apt-get install make"), "-n"]

    def planned(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*make, *words], cwd=unpacked, capture_output=True, text=True)

    assert "course_lib.teach lab" in planned("lab").stdout
    for command in (("submit", f"LAB={NAME}"), ("doctor",), ("progress",)):
        assert planned(*command).returncode == 0
    for target in bundle.INSTRUCTORS_TARGETS:
        assert planned(target).returncode == 2, target


@pytest.mark.slow
def test_every_module_of_the_unpacked_bundle_imports(unpacked: Path) -> None:
    script = (
        "import importlib, pkgutil, course_lib\n"
        "for found in pkgutil.walk_packages(course_lib.__path__, 'course_lib.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)"
    )
    done = python(unpacked, "-c", script)
    assert done.returncode == 0, done.stderr
