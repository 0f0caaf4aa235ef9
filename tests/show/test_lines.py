import numpy as np
import pytest

from course_lib.show.lines import lines_info, plot_lines, plot_sorted, sorted_info
from course_lib.show.published import plot_published_cost, published_info


def test_lines_stand_at_their_places_and_are_named() -> None:
    info = lines_info([0.0, 0.5, 2.0], {"one": [1, 2, 3], "other": [3, 2, 1]}, x="share", y="value")
    ax = plot_lines(info)
    for line, name in zip(ax.lines, info.lines, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [0.0, 0.5, 2.0])
        np.testing.assert_array_equal(line.get_ydata(), info.lines[name])
    assert {text.get_text() for text in ax.texts} == {"one", "other"}
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines}) == 2
    assert "one 1 at 0 and 3 at 2" in info.describe()


def test_rows_keep_their_pairs_when_sorted() -> None:
    rows = {"own": [0.3, 0.1, 0.2], "shared": [0.9, 0.7, 0.8]}
    info = sorted_info(rows, by="own")
    np.testing.assert_array_equal(info.rows["own"], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(info.rows["shared"], [0.7, 0.8, 0.9])
    assert "shared 0.800" in info.describe()
    assert len(plot_sorted(info).lines) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lines_info([], {}, x="x", y="y"), "at least one place"),
        (lambda: lines_info([1, 2], {"a": [1]}, x="x", y="y"), "a value per place"),
        (lambda: sorted_info({"a": [1.0]}, by="b"), "by must be one of a"),
        (lambda: sorted_info({"a": [1.0], "b": [1.0, 2.0]}, by="a"), "equal length"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_cost_is_drawn_for_the_rows_that_have_one() -> None:
    info = published_info("cifar10_weight_sharing", searched=("",))
    ax = plot_published_cost(info)
    costs = {row.model: row.gpu_days for row in info.rows if row.gpu_days == row.gpu_days}
    assert {text.get_text() for text in ax.texts} == set(costs)
    assert sorted(line.get_xdata()[0] for line in ax.lines) == sorted(costs.values())
