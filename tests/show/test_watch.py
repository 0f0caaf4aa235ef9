import pytest

from course_lib.show.watch import Bar, watched


def test_the_steps_pass_through_in_order_and_are_taken_only_when_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken = []

    def steps():
        for number in range(3):
            taken.append(number)
            yield number

    loop = watched(steps(), 3, lambda step: f"step {step}")
    assert taken == []
    assert next(loop) == 0
    assert taken == [0]
    assert list(loop) == [1, 2]


def test_the_bar_says_in_words_what_it_shows() -> None:
    bar = Bar(3, 12, "loss < 1")
    assert repr(bar) == "3 of 12: loss < 1"
    assert 'value="3" max="12"' in bar._repr_html_()
    assert "loss &lt; 1" in bar._repr_html_()
    assert bar._repr_html_().count("3 of 12") == 2
