"""Canaries tell an honest kernel from a lying one, and are other ones every time."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.teach.grade.canaries import answers_of, canaries, value

TEST = {"nbgrader": {"grade_id": "f_test", "grade": True, "solution": False, "points": 4}}
ANSWER = {"nbgrader": {"grade_id": "f", "grade": False, "solution": True}}
LAB = new_notebook(
    cells=[
        new_code_cell("def f(x):\n    return helper(x)", metadata=ANSWER),
        new_code_cell("4 * f(1)", metadata=TEST),
        new_code_cell("other(1)", metadata=TEST),
    ]
)
ERROR = new_output("error", ename="AssertionError", evalue="", traceback=[])


def _shown(text):
    return new_output("execute_result", {"text/plain": text})


def test_each_test_that_asks_an_answer_has_a_canary():
    made = canaries(LAB, answers_of(LAB))
    assert answers_of(LAB) == {"f"}
    assert [canary.about for canary in made] == ["", "", "", "f_test"]
    assert made[-1].source.endswith("f = " + made[-1].source.split("(")[0][4:] + "\n4 * f(1)")


def test_no_two_runs_have_a_text_in_common_that_could_be_known():
    first, second = ({canary.source for canary in canaries(LAB, frozenset("f"))} for _ in "12")
    assert not {s for s in first & second if not s[0].isdigit()}


def test_the_wrong_answer_is_wrong_in_every_way_it_is_asked():
    scope = {}
    exec(canaries(LAB, frozenset("f"))[-1].source.rpartition("\n")[0], scope)
    for arguments in ((), (1, 2)):
        with pytest.raises(ArithmeticError):
            scope["f"](*arguments, key=1)


@pytest.mark.parametrize(
    ("kind", "outputs", "lies"),
    [
        ("fails", [ERROR], False),
        ("fails", [], True),
        ("number", [_shown("{:.1f}")], False),
        ("number", [_shown("{:.4e}")], False),
        ("number", [_shown("{:.0f}")], False),
        ("number", [_shown("8.0")], True),
        ("number", [], True),
        ("number", [ERROR, _shown("{:.1f}")], True),
        ("wrong answer", [ERROR], False),
        ("wrong answer", [_shown("0.0")], False),
        ("wrong answer", [_shown("4.0")], True),
        ("wrong answer", [], True),
    ],
)
def test_a_lie_is_told_from_a_format_of_ones_own(kind, outputs, lies):
    fails, number, _, wrong = canaries(LAB, frozenset("f"))
    canary = {"fails": fails, "number": number, "wrong answer": wrong}[kind]
    for output in outputs:
        if "data" in output and canary.shows is not None:
            text = output.data["text/plain"].format(canary.shows)
            outputs = [*outputs[:-1], _shown(text)]
    assert canary.lie(outputs).startswith("tampered: ") == lies


@pytest.mark.parametrize(
    ("shown", "number"),
    [([], None), (["1.5"], 1.5), (["8.0", "0.0"], 0.0), (["full marks"], None)],
)
def test_the_value_of_a_cell_is_the_last_number_that_it_shows(shown, number):
    assert value(list(map(_shown, shown))) == number
