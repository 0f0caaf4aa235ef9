"""A marker is spelt exactly, in the right cell, with its partner; anything like it is an error."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.teach.build.markers import MarkerError, replace_in, split


def _notebook(source: str, *, markdown: bool = False, **nbgrader) -> nbformat.NotebookNode:
    make = new_markdown_cell if markdown else new_code_cell
    return new_notebook(cells=[make(source, metadata={"nbgrader": nbgrader} if nbgrader else {})])


def test_regions_are_secret_and_the_rest_is_public():
    source = "a = 1\n### BEGIN SOLUTION\nb = 2\n### END SOLUTION\nc = 3"
    parts = split(_notebook(source, solution=True))
    assert [block.lines for block in parts.secret] == [("b = 2",)]
    assert {"a = 1", "c = 3", "raise NotImplementedError()"} <= set(parts.public)


@pytest.mark.parametrize("markdown", [True, False])
def test_an_answer_without_markers_is_secret_as_a_whole(markdown):
    parts = split(_notebook("the\nanswer", markdown=markdown, solution=True, grade=True))
    assert [block.lines for block in parts.secret] == [("the", "answer")]
    assert not {"the", "answer"} & set(parts.public)


@pytest.mark.parametrize(
    "line",
    [
        "### BEGIN SOLUTIONS",
        "# BEGIN SOLUTION",
        "### Begin Solution",
        "###BEGIN SOLUTION",
        "#BEGIN HIDDEN TEST",
        "### BEGN HIDDEN TESTS",
        "### END HIDDEN TEST",
        "### BEGIN HIDEN TESTS",
        "### BEGIN ANSWER",
        "### END SOLUTION ###",
        "x = 1  ### BEGIN SOLUTION",
    ],
)
def test_a_misspelt_marker_is_an_error_that_says_what_was_expected(line):
    with pytest.raises(MarkerError, match=r"cell 1: unknown marker .* expected one of"):
        split(_notebook(f"{line}\nx = 1", solution=True, grade=True))


@pytest.mark.parametrize(
    "line",
    [
        "# begin with the first token",
        "# the end of the string",
        "# Hidden layers are tested below",
        "# END",
        "solution = begin + end",
        "# This solution ends here",
    ],
)
def test_ordinary_lines_are_no_markers(line):
    assert split(_notebook(f"{line}\nx = 1")).secret == ()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("### BEGIN SOLUTION\nx", "SOLUTION begins but does not end"),
        ("x\n### END SOLUTION", "SOLUTION ends but nothing has begun"),
        (
            "### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS",
            "HIDDEN TESTS begins before SOLUTION has ended",
        ),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS", "HIDDEN TESTS ends but SOLUTION has begun"),
    ],
)
def test_markers_come_in_pairs(source, message):
    with pytest.raises(MarkerError, match=message):
        split(_notebook(source, solution=True))


def test_a_solution_outside_an_answer_cell_is_refused():
    with pytest.raises(MarkerError, match="not marked"):
        split(_notebook("### BEGIN SOLUTION\nx\n### END SOLUTION"))


def test_replacing_stays_inside_the_region():
    source = "a = 4242\n### BEGIN HIDDEN TESTS\nb = 4242 + 42420\n### END HIDDEN TESTS\nc = 4242"
    new, count = replace_in(source, "HIDDEN TESTS", r"\b4242\b", "7")
    assert count == 1
    assert new == source.replace("b = 4242 ", "b = 7 ")
