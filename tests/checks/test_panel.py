"""Panels and hints: an icon and a word for each outcome, HTML in a notebook, text elsewhere."""

from html.parser import HTMLParser

import pytest

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.panel import Panel
from course_lib.checks.result import Finding, Outcome
from course_lib.checks.wrong import Misconception

MISTAKE = Misconception("signs & <minus>", "Think of x < y.")
VOID = {"br", "img", "hr"}


class Balanced(HTMLParser):
    """Collects text and complains about tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def result(*outcomes: Outcome) -> Panel:
    findings = tuple(
        Finding(f"law {i}", outcome, "a <b> & c", MISTAKE if i % 2 else None, ("line 3: x < y",))
        for i, outcome in enumerate(outcomes)
    )
    return Panel("lab99_test", "exercise", "A section", 10, findings)


@pytest.mark.parametrize(
    ("outcome", "icon"),
    [
        (Outcome.PASSED, "✔"),
        (Outcome.FAILED, "✘"),
        (Outcome.ERROR, "⚠"),
        (Outcome.NOT_ATTEMPTED, "○"),
    ],
)
def test_an_icon_and_a_word_say_the_outcome(outcome: Outcome, icon: str) -> None:
    shown = result(outcome, outcome)
    for text in (str(shown), Balanced(shown._repr_html_()).text):
        assert f"{icon} exercise: {outcome.value} (" in text
        assert f"{icon} law 0" in text


def test_html_and_text_say_the_same() -> None:
    shown = result(Outcome.FAILED, Outcome.ERROR, Outcome.PASSED)
    text = Balanced(shown._repr_html_()).text
    for line in str(shown).splitlines():
        assert line.strip() in text


def test_students_text_cannot_become_html() -> None:
    html = result(Outcome.FAILED, Outcome.ERROR)._repr_html_()
    assert "<b>" not in html
    assert "<minus>" not in html


def test_the_panel_keeps_the_notebooks_text_colour() -> None:
    html = result(Outcome.FAILED)._repr_html_()
    assert "var(--jp-ui-font-color1, inherit)" in html
    assert "background" not in html


def test_a_law_on_several_variants_is_one_row_without_their_numbers() -> None:
    findings = [Finding("law", Outcome.PASSED), Finding("law", Outcome.FAILED, "no")]
    shown = Panel("lab99_test", "exercise", "A section", 10, tuple(findings))
    assert "✘ law (1 of 2)" in str(shown)


def test_at_most_two_problems_at_a_time() -> None:
    laws = [Finding(f"law {i}", Outcome.FAILED, f"reason {i}") for i in range(6)]
    shown = str(Panel("lab99_test", "exercise", "A section", 10, tuple(laws)))
    assert [f"reason {i}" in shown for i in range(6)] == [True, True, *[False] * 4]


def test_a_recognised_mistake_is_said_once_and_alone() -> None:
    shown = str(result(*[Outcome.FAILED] * 6))
    assert shown.count(MISTAKE.name) == 1
    assert shown.count("a <b> & c") == 1


def test_where_python_stopped_is_said_beside_a_mistake() -> None:
    failed, named = Finding("a", Outcome.FAILED, "no"), Finding("b", Outcome.FAILED, "", MISTAKE)
    stopped = Finding("c", Outcome.ERROR, "IndexError: too large", lines=("line 3: x[9]",))
    for findings in ((named, stopped), (failed, failed, stopped), (failed, named, named, stopped)):
        shown = str(Panel("lab99_test", "exercise", "A section", 10, findings))
        assert "IndexError: too large" in shown
        assert (MISTAKE.name in shown) == (named in findings)


def test_the_same_error_in_every_law_is_said_once() -> None:
    laws = [Finding(f"law {i}", Outcome.ERROR, "NameError", lines=("line 3: x",)) for i in range(4)]
    shown = str(Panel("lab99_test", "exercise", "A section", 10, tuple(laws)))
    assert shown.count("NameError") == shown.count("line 3: x") == 1


def test_hints_climb_a_ladder_and_stay_on_top() -> None:
    hints = check.decode.hints
    shown = [check.hint("decode") for _ in range(len(hints) + 2)]
    assert [hint.text for hint in shown] == [*hints, hints[-1], hints[-1]]
    assert f"Hint 1 of {len(hints)}: decode" in repr(shown[0])
    assert "last hint" in repr(shown[-1])
    assert shown[0].text in Balanced(shown[0]._repr_html_()).text.replace("\n", " ")


def test_every_exercise_has_a_ladder_of_its_own() -> None:
    assert check.hint("acceptance").text == check.acceptance.hints[0]
    exercises = (check.decode, check.sample_strings, check.reinforce_loss, check.q_backup)
    assert all(len(exercise.hints) >= 3 for exercise in exercises)


def test_a_time_limit_that_ends_every_law_is_said_once() -> None:
    laws = [Finding(f"law {i}", Outcome.ERROR, "no answer") for i in range(4)]
    assert str(Panel("lab99_test", "a", "b", 10, tuple(laws))).count("no answer") == 1


def test_the_challenge_has_hints() -> None:
    assert "Random search forgets" in repr(check.hint("challenge"))
    assert "of 3: challenge" in repr(check.hint("my_search"))


@pytest.mark.parametrize(
    ("arguments", "title"), [((), "Which"), (("decod",), "no exercise 'decod'")]
)
def test_an_unknown_hint_lists_the_exercises(arguments: tuple[str, ...], title: str) -> None:
    hint = check.hint(*arguments)
    for text in (repr(hint), Balanced(hint._repr_html_()).text):
        assert title in text
        assert (
            "hints for decode, sample_strings, reinforce_loss, q_backup, acceptance, challenge"
            in (text.replace("\n", " "))
        )


def test_a_case_that_waits_says_for_what() -> None:
    findings = (
        Finding("basic", Outcome.FAILED, "no"),
        Finding("other", Outcome.PASSED, waits_for="basic"),
    )
    shown = Panel("lab99_test", "exercise", "A section", 10, findings)
    assert "✔ other (counts once “basic” holds)" in str(shown)
    assert shown.points == 0


def test_points_have_one_decimal_and_are_left_out_where_there_are_none() -> None:
    findings = [Finding("law", Outcome.PASSED)] * 2 + [Finding("law", Outcome.FAILED, "no")]
    assert "(10.7 of 16 points)" in str(Panel("lab99", "a", "b", 16, tuple(findings)))
    assert "points" not in str(Panel("lab99", "a", "b", None, tuple(findings)))
