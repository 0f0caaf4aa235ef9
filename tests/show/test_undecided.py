"""Entropies over a search: what is drawn is what was given, with a name for every edge."""

import math

import numpy as np
import pytest

from course_lib.show.nas.undecided import plot_undecided, undecided_info

ENTROPIES = np.linspace(1.0, 0.1, 8).reshape(4, 2)


def test_every_edge_is_a_line_with_a_name() -> None:
    info = undecided_info([1, 2, 3, 4], ENTROPIES, ("0 to 1", "0 to 2"), 3)
    ax = plot_undecided(info)
    lines = {str(line.get_label()): line for line in ax.get_lines()}
    for name, column in zip(info.edges, ENTROPIES.T, strict=True):
        assert np.array_equal(lines[name].get_ydata(), column)
    assert info.even == pytest.approx(math.log(3))


def test_the_words_give_first_and_last_entropy() -> None:
    said = undecided_info([1, 2, 3, 4], ENTROPIES, ("0 to 1", "0 to 2"), 3).describe()
    assert "0 to 1: 1.00 to 0.23" in said
    assert "even mixture has 1.10" in said


@pytest.mark.parametrize("shape", [(4, 3), (3, 2), (8,)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one column per edge"):
        undecided_info([1, 2, 3, 4], np.zeros(shape), ("a", "b"), 3)
