"""The lines picture: what is drawn is what was given, and every name can be read."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.show.figure import picture
from course_lib.show.lines import LinesInfo, curves_info, lines_info, plot_lines
from course_lib.show.style import lecture_style

PLACES = [0.5, 1.0, 2.0]
PLAIN = lines_info(PLACES, {"one": [1, 2, 3], "other": [3, 2, 1]}, x="share", y="value")


def random_lines(seed: int, points: int = 9) -> LinesInfo:
    draw = np.random.default_rng(seed)
    lines = {name: draw.random(points).cumsum() for name in ("left", "middle", "right")}
    return lines_info(
        np.geomspace(0.1, 10, points),
        lines,
        x="temperature",
        y="error",
        marks={"one height": float(draw.random()), "another height": float(draw.random()) + 1},
        logarithmic=("", "x", "y", "xy")[seed % 4],
    )


def test_lines_bands_and_marks_stand_where_they_were_given() -> None:
    band = (np.array([0.5, 1.5, 2.5]), np.array([1.5, 2.5, 3.5]))
    info = lines_info(PLACES, PLAIN.lines, x="", y="", bands={"one": band}, marks={"height": 2.5})
    ax = plot_lines(info)
    for line, values in zip(ax.lines, info.lines.values(), strict=False):
        np.testing.assert_array_equal(line.get_xdata(), PLACES)
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert set(ax.lines[-1].get_ydata()) == {2.5}
    corners = ax.collections[0].get_paths()[0].vertices
    edges = {(x, y) for edge in band for x, y in zip(PLACES, edge, strict=True)}
    assert edges <= {(x, y) for x, y in corners}
    assert {text.get_text() for text in ax.texts} == {"one", "other", "height"}


def test_words_say_the_ends_the_bands_the_marks_and_what_the_lecture_says() -> None:
    band = ([0, 0, 2.5], [1.5, 2.5, 3.5])
    info = lines_info(PLACES, PLAIN.lines, x="share\nof all", y="value", said="It rises.",
                      bands={"one": band}, marks={"height": 2.5})  # fmt: skip
    words = "Value against share of all. one: 1 (0 to 1.5) at 0.5, 3 (2.5 to 3.5) at 2; "
    assert info.describe() == words + "other: 3 at 0.5, 1 at 2; height: 2.5. It rises."
    assert picture(plot_lines, info).alt == info.describe()


def test_a_single_short_line_has_its_numbers_instead_of_a_name() -> None:
    info = curves_info({"reward": [0.25, 0.5, 0.75]})
    assert [text.get_text() for text in plot_lines(info).texts] == ["0.25", "0.50", "0.75"]
    assert "reward: 0.25 at 1, 0.5 at 2, 0.75 at 3" in info.describe()


def test_curves_start_at_one_and_are_named_at_the_height_of_their_ends() -> None:
    info = curves_info({"low": [5.0, 1.0, 2.0], "high": [0.0, 4.0, 8.0]})
    assert info.places.tolist() == [1, 2, 3]
    ax = plot_lines(info)
    low, high = ax.get_ylim()
    places = {text.get_text(): low + text.xyann[1] * (high - low) for text in ax.texts}
    assert places == pytest.approx({"low": 2.0, "high": 8.0})


@pytest.mark.parametrize("points", [9, 100])
def test_markers_where_places_are_few_and_looks_that_differ(points: int) -> None:
    lines = plot_lines(random_lines(0, points)).lines[:3]
    assert all((line.get_marker() not in {"", "None"}) == (points == 9) for line in lines)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 3


@pytest.mark.parametrize("seed", range(8))
def test_no_name_covers_another_and_ticks_are_plain_numbers(seed: int) -> None:
    with lecture_style():
        figure = Figure(figsize=(10, 4.8), layout="constrained")
        ax = plot_lines(random_lines(seed), ax=figure.subplots())
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 5
    for one, other in combinations(boxes, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert width <= 0 or height <= 4  # a hair's breadth of line spacing
    for tick in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        float(tick.get_text().replace("−", "-"))


@pytest.mark.parametrize("logarithmic", ["", "xy"])
def test_what_cannot_be_drawn_does_not_take_the_rest_with_it(logarithmic: str) -> None:
    lines = {"whole": [1, 2, 3], "broken": [1, 2, np.nan], "nothing": [np.nan] * 3}
    info = lines_info(PLACES, lines, x="", y="", logarithmic=logarithmic)
    ax = plot_lines(info)
    assert {text.get_text() for text in ax.texts} == {"whole", "broken"}
    assert "nothing: nan at 0.5" in info.describe()
    assert picture(plot_lines, curves_info({"nothing": [np.nan, np.nan]})).alt


@pytest.mark.parametrize(
    ("places", "lines", "bands", "words"),
    [
        ([], {}, {}, "at least one line"),
        ([2, 1], {"a": [1, 2]}, {}, "increasing places"),
        ([1, 2], {"a": [1]}, {}, "a has shape"),
        ([1, 2], {"a": [1, 2]}, {"a": ([1], [2, 3])}, "a band of a has shape"),
    ],
)
def test_what_is_no_line_is_refused(places, lines, bands, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lines_info(places, lines, x="x", y="y", bands=bands)


@pytest.mark.parametrize("logarithmic", ["", "x"])
@pytest.mark.parametrize("seed", range(5))
def test_numbers_under_a_few_uneven_places_do_not_touch(logarithmic: str, seed: int) -> None:
    places = np.sort(np.random.default_rng(seed).lognormal(size=9)).round(2) + 0.01
    info = lines_info(places, {"one": places}, x="", y="", logarithmic=logarithmic)
    with lecture_style():
        ax = plot_lines(info, ax=Figure(figsize=(7, 4)).subplots())
        ax.figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert len(boxes) > 2
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert set(ax.get_xticks()) <= set(places)


def test_a_line_that_has_not_begun_has_no_numbers() -> None:
    rows = dict.fromkeys(("one", "other"), np.array([]))
    nothing = LinesInfo(np.array([]), rows, "epoch", "loss", "", {}, {}, "")
    assert not plot_lines(nothing).get_xticklabels()
