"""Estimates say what their intervals say, in every direction."""

import itertools

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from course_lib.show.estimates import EstimatesInfo, plot_estimates
from course_lib.show.measured import Curve, Curves, Intervals, Measured, Row

ABOVE, EVEN, BELOW = (2.0, 1.0, 3.0), (0.0, -1.0, 1.0), (-2.0, -3.0, -1.0)
LINE = Curve([1, 2], [3.0, 4.0], [2.0, 3.0], [4.0, 5.0])


def info(*rows: tuple[float, float, float], curves: Curves | None = None) -> EstimatesInfo:
    estimates = Intervals(
        kind="mean",
        level=1 - 0.05 / len(rows),
        rows=[Row(f"row {i}", *row, [3, 2]) for i, row in enumerate(rows)],
        samples={
            f"row {i}": [[low + 1, mean + 1, high + 1], [0.5, 1.5]]
            for i, (mean, low, high) in enumerate(rows)
        },
    )
    return EstimatesInfo("points", Measured("", estimates, curves=curves))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([ABOVE], "Ahead: row 0."),
        ([BELOW, BELOW], "Behind: row 0 · row 1."),
        ([BELOW] * 4, "Behind: all 4 rows."),
        ([EVEN], "Open: row 0."),
        ([(1.0, 0.0, 2.0)], "Open: row 0."),
        ([ABOVE, EVEN, BELOW], "Ahead: row 0. Behind: row 2. Open: row 1."),
    ],
)
def test_the_verdict_follows_the_intervals(
    rows: list[tuple[float, float, float]], words: str
) -> None:
    assert info(*rows).verdict("Ahead", "Behind", "Open") == words


def test_the_picture_has_a_mark_and_an_interval_per_row_and_the_reference() -> None:
    ax = plot_estimates(info(ABOVE, BELOW))
    reference, *single, marks = ax.lines
    assert set(np.ravel(reference.get_xdata())) == {0}
    assert list(marks.get_xdata()) == [2, -2]
    # the first sample less the mean of the second
    assert [list(dots.get_xdata()) for dots in single] == [[1, 2, 3], [-3, -2, -1]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["row 0", "row 1"]
    assert [mean.get_text() for mean in ax.texts] == ["2", "\N{MINUS SIGN}2"]
    assert "97.5 % intervals over 3 seeds" in ax.get_xlabel()


def test_no_mean_hides_a_mark_or_another_mean() -> None:
    ax = plot_estimates(info(*[(0.5, 0.4, 0.6)] * 18))
    ax.figure.set_size_inches(10, 8.7)  # of a card with as many rows
    ax.figure.draw_without_rendering()
    boxes = [mean.get_window_extent() for mean in ax.texts]
    assert min(box.x0 for box in boxes) > ax.get_window_extent().x1
    assert all(one.y0 > below.y1 for one, below in itertools.pairwise(boxes))


def test_curves_are_drawn_with_their_bands_where_there_are_any() -> None:
    own = info(ABOVE, curves=Curves("epoch", "edges", {"skip": LINE}))
    ax = plot_estimates(own)
    assert list(ax.lines[0].get_ydata()) == [3, 4]
    assert len(ax.collections) == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "edges")
    assert "skip: 3 at 1, 4 at 2" in own.describe()


def test_a_single_answer_is_a_dot_with_its_interval() -> None:
    dot = Curve([5], [3.0], [2.0], [4.5])
    own = info(ABOVE, curves=Curves("trainings", "wins", {"whole": LINE, "once": dot}))
    ax = plot_estimates(own)
    assert [line.get_xydata().tolist() for line in ax.lines[1:]] == [[[5, 3.0]]]
    _, bar = ax.collections
    assert isinstance(bar, LineCollection)
    (ends,) = bar.get_segments()
    assert ends.tolist() == [[5, 2.0], [5, 4.5]]
    assert "once: 3 at 5." in own.describe()


def test_the_description_names_every_number_and_how_sure_it_is() -> None:
    words = info(ABOVE, EVEN).describe()
    assert "points: row 0: 2 (1 to 3, n = 3 and 2, single values from 1 to 3); row 1: 0" in words
    assert "97.5 % intervals over 3 seeds: all rows hold together with 95 %" in words
