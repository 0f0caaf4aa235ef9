"""Automatic slips in lab 01's solution: all are caught but the equivalent ones, as published."""

import ast

import pytest

from tests.misconceptions import kill_matrix
from tests.misconceptions.equivalent import EQUIVALENT
from tests.misconceptions.kill_matrix import Row
from tests.misconceptions.mutants import mutants

LAB = "lab01_rl_nas"


@pytest.fixture(scope="module")
def matrix() -> dict[str, list[Row]]:
    return kill_matrix.matrix_of(LAB)


@pytest.mark.slow
def test_survivors_are_exactly_the_equivalent_ones(matrix: dict[str, list[Row]]) -> None:
    for name, rows in matrix.items():
        survivors = {row.change for row in rows if not row.broken}
        assert survivors == set(EQUIVALENT[LAB].get(name, {})), name


@pytest.mark.slow
def test_the_published_matrix_is_this_one(matrix: dict[str, list[Row]]) -> None:
    published = kill_matrix.file_of(LAB).read_text(encoding="utf-8")
    assert published == kill_matrix.as_markdown(LAB, matrix), (
        "run `python -m tests.misconceptions.kill_matrix lab01_rl_nas` and read what changed"
    )


@pytest.mark.slow
def test_every_law_catches_something(matrix: dict[str, list[Row]]) -> None:
    for exercise in kill_matrix.exercises_of(LAB):
        caught = frozenset[str]().union(*(row.broken for row in matrix[exercise.name]))
        assert caught == set(exercise.laws)


def test_mutants_differ_from_the_original_in_one_place() -> None:
    source = 'def f(a, b):\n    "Doc 1."\n    c = a - b\n    return max(c, 0) if a == 1 else -c\n'
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    texts = {ast.unparse(mutant.definition) for mutant in mutants(definition)}
    assert ast.unparse(definition) == ast.unparse(ast.parse(source).body[0])
    assert ast.unparse(definition) not in texts
    changed = {text.split("\n", 2)[2].strip() for text in texts}
    body = "c = a - b\n    return max(c, 0) if a == 1 else -c"
    expected = (("a - b", "a + b"), ("a - b", "b - a"), ("max", "min"), ("==", "!="), ("-c", "c"))
    assert {body.replace(old, new) for old, new in expected} <= changed
    assert {body.replace("c = a - b", "pass"), "c = a - b\n    pass"} <= changed
