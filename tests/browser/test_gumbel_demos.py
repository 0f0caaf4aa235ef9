"""The demos of lecture 04 in a real JupyterLab: dragged, turned, moved by key."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    """\
from course_lib.show.nas.estimators_demo import EstimatorsDemo
from course_lib.show.nas.simplex_demo import SimplexDemo""",
    "simplex = SimplexDemo(('skip', '1×1', '3×3'))\nsimplex",
    "estimators = EstimatorsDemo()\nestimators",
    "print(simplex.probabilities)",
]


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("gumbel.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def simplex(notebook: Any) -> DemoOnPage:
    return DemoOnPage(notebook, "demo-gumbel")


@pytest.fixture
def estimators(notebook: Any) -> DemoOnPage:
    return DemoOnPage(notebook, "demo-estimators")


def test_both_demos_are_drawn_and_named(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    for css_class in ("demo-gumbel", "demo-estimators"):
        demo = DemoOnPage(notebook, css_class)
        demo.svg.wait_for()
        assert len(demo.label) > 40
        assert demo.root.locator("[data-preset]").count() == 3
        for control in demo.root.locator("input, [role=slider]").all():
            assert control.get_attribute("aria-label")


def test_dragging_the_probabilities_redraws_and_counts_anew(simplex: DemoOnPage) -> None:
    simplex.button("Reset").click()
    simplex.svg.scroll_into_view_if_needed()
    simplex.watch("pointermove")
    box = simplex.knob("probabilities").locator("circle.grip").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = simplex.knob("probabilities").get_attribute("aria-valuetext")
    simplex.mouse.move(x, y)
    simplex.mouse.down()
    labels = set()
    for step in range(1, 61):
        simplex.mouse.move(x + 2 * step, y - step / 3)
        simplex.notebook.page.wait_for_timeout(25)
        labels.add(simplex.label)
    simplex.mouse.up()
    assert len(labels) >= 10
    assert simplex.knob("probabilities").get_attribute("aria-valuetext") != before
    told = simplex.notebook.run_cell(3)
    shares = [round(100 * float(p), 1) for p in re.findall(r"\d\.\d+", told)]
    simplex.until(lambda: all(f"{p:.1f}%" in simplex.label for p in shares), "what the kernel has")
    simplex.tell_speed("dragging the probabilities")


def test_the_point_cannot_be_dragged_out_of_the_triangle(simplex: DemoOnPage) -> None:
    simplex.button("Reset").click()
    knob = simplex.knob("probabilities")
    simplex.svg.scroll_into_view_if_needed()
    box = knob.locator("circle.grip").bounding_box()
    simplex.mouse.move(box["x"] + 5, box["y"] + 5)
    simplex.mouse.down()
    simplex.mouse.move(box["x"] + 30, box["y"] - 20)
    simplex.mouse.move(box["x"] + 400, box["y"] - 320)
    simplex.mouse.up()
    simplex.until(lambda: "probability of 0.5%" in simplex.label, "the edge of the triangle")


def test_the_point_by_arrow_keys_keeps_focus_and_cell(simplex: DemoOnPage) -> None:
    simplex.button("Reset").click()
    knob = simplex.knob("probabilities")
    simplex.until(lambda: "probability of 40.0%" in simplex.label, "the start")
    cell = simplex.notebook.page.evaluate(ACTIVE_CELL)
    knob.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowRight"):
        before = simplex.label
        simplex.notebook.page.keyboard.press(key)
        simplex.until(lambda before=before: simplex.label != before, f"a new picture after {key}")
    assert simplex.notebook.page.evaluate(ACTIVE_CELL) == cell
    assert simplex.notebook.page.evaluate("() => document.activeElement.dataset.knob") == (
        "probabilities"
    )


def test_temperature_straight_through_and_many_samples(simplex: DemoOnPage) -> None:
    simplex.button("Reset").click()
    knob = simplex.knob("tau")
    knob.focus()
    knob.press("Home")
    simplex.until(lambda: "temperature 0.05" in simplex.label, "the coldest")
    simplex.knob("straight_through").press("Space")
    simplex.until(lambda: "with straight-through" in simplex.label, "the switch")
    simplex.knob("samples").press("End")
    simplex.until(lambda: "20000 Gumbel-softmax" in simplex.label, "many samples")
    assert simplex.svg.locator("path.dots").count() == 3
    simplex.root.press("r")
    simplex.until(lambda: "temperature 1," in simplex.label, "a reset by key r")


def test_sliding_the_temperature_moves_one_histogram_and_not_the_other(
    estimators: DemoOnPage,
) -> None:
    estimators.button("Reset").click()
    score = re.search(r"score function[^;]*;", estimators.label)[0]
    labels = estimators.slide("tau")
    assert all(score in label for label in labels)
    assert "temperature 5." in labels[-1]


def test_baseline_and_straight_through_change_their_own_histogram(estimators: DemoOnPage) -> None:
    estimators.button("Reset").click()
    estimators.until(lambda: "no baseline" in estimators.label, "the start")
    estimators.knob("baseline").press("Space")
    estimators.until(lambda: "score function, baseline" in estimators.label, "the baseline")
    estimators.knob("straight_through").press("Space")
    estimators.until(lambda: "straight-through: mean" in estimators.label, "straight-through")
    assert estimators.svg.locator("path.ghost").count() == 2
    before = estimators.label
    estimators.root.press("s")
    estimators.until(lambda: estimators.label != before, "other samples by key s")


def test_nothing_leaves_the_machine_and_the_console_is_clean(notebook: Any) -> None:
    assert notebook.outside == []
    assert notebook.console == []
