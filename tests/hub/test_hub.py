"""Lab 01 goes round through JupyterHub: fetched, validated, handed in, collected, graded, returned.

Everybody acts through the own server. ada answers the exercises right; bob mixes up a sign in one.
"""

import csv
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from course_lib.teach.places import Lab
from tests.hub.conftest import Hub
from tests.hub.person import Person
from tests.teach.hand_ins import uncaged
from tests.teach.whole_class import ROOT, new_course, solution

LAB = "lab01_rl_nas"
WANTED = {"course_id": "automl", "assignment_id": LAB}
DOCUMENTED = sorted((ROOT / "deploy/hub").rglob("*.py"))
HERE = sorted(Path(__file__).parent.glob("*.py"))
pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.proven("JupyterHub", Lab(ROOT, LAB).source, *DOCUMENTED, *HERE),
]
EXERCISES = ("decode", "sample_strings", "reinforce_loss", "q_backup", "acceptance")
RIGHT = {name: answer for name, answer in solution(LAB).items() if name in EXERCISES}
WRONG = RIGHT | {"reinforce_loss": RIGHT["reinforce_loss"].replace("return -(", "return (")}


@dataclass(frozen=True)
class Round:
    """What there was to see on the way."""

    validated: dict[str, dict[str, Any]]
    grades: dict[str, dict[str, str]]
    pages: dict[str, dict[str, str]]
    again: str


@pytest.fixture(scope="module")
def round_trip(hub: Hub) -> Round:
    """The whole way of one lab, step by step."""
    course = new_course(hub.home(hub.prof) / "automl", LAB)
    (course / "grading").mkdir()
    grade = " ".join(["python -m course_lib.teach grade", LAB, *uncaged()])
    _teaches(hub, f"nbgrader release_assignment {LAB}")
    validated = {
        "ada": _works(hub.ada, RIGHT),
        "bob": _works(hub.bob, WRONG),
    }
    _teaches(hub, f"nbgrader collect {LAB} --update", grade, f"nbgrader release_feedback {LAB}")
    pages = {person.name: _feedback(person) for person in (hub.ada, hub.bob)}
    again = _teaches(hub, f"nbgrader collect {LAB} --update", grade)
    with (course / f"grading/{LAB}.csv").open(encoding="utf-8") as file:
        grades = {row["student"]: row for row in csv.DictReader(file)}
    return Round(validated, grades, pages, again)


def _teaches(hub: Hub, *commands: str) -> str:
    """What the instructor's terminal shows; every command succeeds."""
    programs, shown = shlex.quote(str(Path(sys.executable).parent)), ""
    for command in commands:
        code, said = hub.prof.types(f"PATH={programs}:$PATH; cd ~/automl && {command}")
        assert code == 0, said
        shown += said
    return shown


def _works(student: Person, answers: dict[str, str]) -> dict[str, Any]:
    """Fetch the lab, answer, save, validate and hand in; what validating said."""
    (fetched,) = student.server("assignments/fetch", WANTED)["value"]
    assert fetched["status"] == "fetched"
    path = f"{LAB}/{LAB}.ipynb"
    notebook = student.read(path)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    student.save(path, notebook)
    said: dict[str, Any] = student.server("assignments/validate", {"path": path})
    assert said["success"], said
    assert student.server("assignments/submit", WANTED)["success"]
    return said["value"]


def _feedback(student: Person) -> dict[str, str]:
    """Fetch the feedback: all pages that are now in the student's home, by their paths."""
    assert student.server("assignments/fetch_feedback", WANTED)["success"]
    folder = f"{LAB}/feedback"
    return {
        page["path"]: student.read(page["path"])
        for stamp in student.read(folder)
        for page in student.read(stamp["path"])
    }


def test_validating_shows_a_student_which_tests_fail(round_trip: Round) -> None:
    failed = {name: str(said.get("failed", "")) for name, said in round_trip.validated.items()}
    assert "reinforce_loss" in failed["bob"]
    assert "reinforce_loss" not in failed["ada"]


def test_each_exercise_earns_its_points_and_the_wrong_sign_costs_some(round_trip: Round) -> None:
    points = {
        name: {exercise: float(row[f"{exercise}_test"]) for exercise in EXERCISES}
        for name, row in round_trip.grades.items()
    }
    assert points.keys() == {"ada", "bob"}
    assert points["ada"] == dict.fromkeys(EXERCISES, 16.0)
    assert points["bob"].pop("reinforce_loss") < 16
    assert set(points["bob"].values()) == {16.0}
    assert {row["handed_in"][:2] for row in round_trip.grades.values()} == {"20"}


def test_each_student_gets_the_own_page_and_no_other(round_trip: Round) -> None:
    for pages in round_trip.pages.values():
        ((path, page),) = pages.items()
        assert path.endswith(f"/{LAB}.html")
        assert "reinforce_loss" in page
        assert "BEGIN HIDDEN TESTS" not in page
    ada, bob = ("".join(pages.values()) for pages in round_trip.pages.values())
    assert WRONG["reinforce_loss"].splitlines()[-1].strip() in _text(bob)
    assert ada != bob


def _text(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


def test_collected_and_graded_again_nothing_changes(round_trip: Round) -> None:
    assert round_trip.again.count("No newer submission to collect") == 2
    assert " to run, " not in round_trip.again


def test_a_page_in_the_exchange_has_a_name_that_only_its_student_can_know(
    hub: Hub, round_trip: Round
) -> None:
    folder = hub.exchange / "automl/feedback"
    assert len(list(folder.iterdir())) == 2
    assert folder.stat().st_mode & 0o044 == 0, "others may look up a name, and list none"


def test_grading_menus_are_the_instructors(hub: Hub) -> None:
    for student in (hub.ada, hub.bob):
        assert student.refused("formgrader") == 404
    assert hub.prof.refused("formgrader") == 0


def test_nobody_gets_in_with_another_password_or_to_another_server(hub: Hub) -> None:
    with pytest.raises(HTTPError, match="403"):
        Person.logged_in(hub.url, "ada", "guessed")
    stranger = Person(hub.url, "ada", hub.bob.token)
    assert stranger.refused("api/contents") in (403, 404)
