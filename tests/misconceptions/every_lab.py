"""What holds of every lab; a lab's own test file names the lab and adds what is its own.

`class TestAnswers(Answers)` tries the solution, the right answers and the wrong ones of
tests/misconceptions/LAB.py; `class TestMutants(Mutants)` tries automatic slips.
"""

from importlib import import_module
from typing import Any, ClassVar

import pytest

from course_lib.checks.result import Outcome, Result
from tests.misconceptions import kill_matrix
from tests.misconceptions.equivalent import EQUIVALENT
from tests.misconceptions.kill_matrix import LABS, Row
from tests.misconceptions.reference import Solution

POINTS = 16
VARIANTS = (1, 2)


def judged(lab: str, exercise: str, answer: Any, variants: tuple[int, ...]) -> Result:
    """The check of an exercise, every law on every variant."""
    ask = getattr(import_module(f"course_lib.checks.{lab}"), exercise)
    cases = [(law, variant) for law in ask.laws for variant in variants]
    return ask(answer, cases, points=POINTS)


class Answers:
    """Every wrong answer fails with the words that help, every right one gets all points.

    pointless: (exercise, answer) that suit an easy law and must earn nothing.
    particular: (exercise, words, laws): the wrong answer with these words breaks these laws,
        separated by "; ", and no other.
    """

    lab: ClassVar[str]
    pointless: ClassVar[tuple[tuple[str, Any], ...]]
    particular: ClassVar[tuple[tuple[str, str, str], ...]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        answers = import_module(f"tests.misconceptions.{self.lab}")
        exercises = LABS[self.lab]
        given = {
            "exercise": [(name,) for name in exercises],
            "right": [(name, answer) for name in exercises for answer in answers.RIGHT[name]],
            "wrong": [(name, *pair) for name in exercises for pair in answers.WRONG[name]],
            "pointless": self.pointless,
            "particular": self.particular,
        }
        for name, values in given.items():
            if name in metafunc.fixturenames:
                ids = [f"{value[0]}-{number}" for number, value in enumerate(values)]
                metafunc.parametrize(name, values, ids=ids)

    def test_the_solution_gets_all_points_on_every_variant(self, exercise: tuple[str]) -> None:
        (name,) = exercise
        answer = Solution(self.lab).function(name)
        result = judged(self.lab, name, answer, (*range(6), 4242, 4243))
        assert result.points == POINTS, str(result)

    def test_a_right_answer_written_differently_passes(self, right: tuple[str, Any]) -> None:
        name, answer = right
        result = judged(self.lab, name, answer, VARIANTS)
        assert result.outcome is Outcome.PASSED, str(result)

    def test_a_wrong_answer_is_named(self, wrong: tuple[str, Any, str]) -> None:
        name, answer, words = wrong
        for variant in VARIANTS:
            result = judged(self.lab, name, answer, (variant,))
            assert result.outcome in (Outcome.FAILED, Outcome.ERROR), str(result)
            assert result.points < POINTS
            assert words in str(result), str(result)

    def test_what_only_suits_an_easy_law_earns_nothing(self, pointless: tuple[str, Any]) -> None:
        result = judged(self.lab, *pointless, VARIANTS)
        assert result.points == 0, str(result)

    def test_a_mistake_breaks_the_laws_that_it_is_about_and_no_other(
        self, particular: tuple[str, str, str]
    ) -> None:
        name, words, laws = particular
        wrong = import_module(f"tests.misconceptions.{self.lab}").WRONG[name]
        answer = next(answer for answer, said in wrong if words in said)
        findings = judged(self.lab, name, answer, VARIANTS).findings
        broken = {finding.law for finding in findings if finding.outcome is not Outcome.PASSED}
        assert broken == set(laws.split("; "))

    def test_there_are_enough_of_both(self) -> None:
        answers = import_module(f"tests.misconceptions.{self.lab}")
        for name in LABS[self.lab]:
            assert len(answers.WRONG[name]) >= 5
            assert len(answers.RIGHT[name]) >= 2


@pytest.mark.slow
class Mutants:
    """Automatic slips in the solution: all are caught but the equivalent ones, as published."""

    lab: ClassVar[str]

    def __init_subclass__(cls) -> None:
        sources = kill_matrix.sources(cls.lab)
        cls.pytestmark = [pytest.mark.proven(f"slips in {cls.lab}", *sources)]

    @pytest.fixture(scope="class")
    def matrix(self) -> dict[str, list[Row]]:
        return kill_matrix.matrix_of(self.lab)

    def test_survivors_are_exactly_the_equivalent_ones(self, matrix: dict[str, list[Row]]) -> None:
        for name, rows in matrix.items():
            survivors = {row.change for row in rows if not row.broken}
            assert survivors == set(EQUIVALENT[self.lab].get(name, {})), name

    def test_the_published_matrix_is_this_one(self, matrix: dict[str, list[Row]]) -> None:
        published = kill_matrix.file_of(self.lab).read_text(encoding="utf-8")
        assert published.startswith(kill_matrix.as_markdown(self.lab, matrix)), (
            f"run `python -m tests.misconceptions.kill_matrix {self.lab}` and read what changed"
        )

    def test_every_law_catches_something(self, matrix: dict[str, list[Row]]) -> None:
        for exercise in kill_matrix.exercises_of(self.lab):
            caught = frozenset[str]().union(*(row.broken for row in matrix[exercise.name]))
            assert caught == set(exercise.laws)
