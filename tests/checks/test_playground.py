"""A cell to play in says what is missing and never stops the notebook."""

import pytest

from course_lib.checks.playground import playground


def test_a_playground_never_stops_the_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    with playground("decode"):
        raise NotImplementedError
    with playground("decode"):
        raise ValueError("shape (8,)")
    with playground("decode"):
        print("drawn")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "Write decode first, then run this cell again."
    assert "ValueError: shape (8,)" in second
    assert third == "drawn"


def missing_name() -> None:
    not_there  # type: ignore[name-defined]  # noqa: B018, F821


def test_a_playground_tells_a_skipped_cell_from_a_misspelt_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with playground("decode"):
        missing_name()
    with playground("missing_name"):
        missing_name()
    outside, inside = capsys.readouterr().out.splitlines()
    assert outside == "`not_there` is not there yet: run the cells above first (Run All Above)."
    assert inside.startswith("missing_name does not work here yet. NameError")


def test_a_playground_lets_the_stop_button_through() -> None:
    with pytest.raises(KeyboardInterrupt), playground("decode"):
        raise KeyboardInterrupt
