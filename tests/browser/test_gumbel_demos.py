"""The demos of lecture 04 in a real JupyterLab: dragged, turned, moved by key."""

import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    """\
from course_lib.show.estimators_demo import EstimatorsDemo
from course_lib.show.simplex_demo import SimplexDemo""",
    "simplex = SimplexDemo(('skip', '1×1', '3×3'))\nsimplex",
    "estimators = EstimatorsDemo()\nestimators",
    "print(simplex.probabilities)",
]

WATCH = """
svg => {
  window.waits = [];
  let moved = null;
  addEventListener('pointermove', () => (moved ??= performance.now()), true);
  addEventListener('input', () => (moved ??= performance.now()), true);
  new MutationObserver(() => {
    if (moved !== null) window.waits.push(performance.now() - moved);
    moved = null;
  }).observe(svg.querySelector('g'), { childList: true });
}
"""
"""Milliseconds from the first movement that is not drawn yet to the next picture."""


class Demo:
    """One demo on the page: its parts, found by what they are called."""

    def __init__(self, notebook: Any, css_class: str) -> None:
        self.notebook = notebook
        self.root = notebook.page.locator(f".{css_class}").first
        self.svg = self.root.locator("svg[role=img]")

    @property
    def label(self) -> str:
        return str(self.svg.get_attribute("aria-label"))

    def knob(self, name: str) -> Any:
        return self.root.locator(f"[data-knob={name}]")

    def until(self, condition: Any, what: str, seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            self.notebook.page.wait_for_timeout(10)
        pytest.fail(f"waited {seconds:g} s for: {what}; the label is {self.label!r}")

    def reset(self) -> None:
        self.root.get_by_role("button", name="Reset", exact=True).click()

    def waits(self) -> list[float]:
        return list(self.notebook.page.evaluate("() => window.waits"))


def median(demo: Demo, what: str) -> None:
    waits = demo.waits()
    print(f"\n{what}: {len(waits)} pictures, median {statistics.median(waits):.0f} ms")


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("gumbel.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def simplex(notebook: Any) -> Demo:
    return Demo(notebook, "demo-gumbel")


@pytest.fixture
def estimators(notebook: Any) -> Demo:
    return Demo(notebook, "demo-estimators")


def test_both_demos_are_drawn_and_named(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    for css_class in ("demo-gumbel", "demo-estimators"):
        demo = Demo(notebook, css_class)
        demo.svg.wait_for()
        assert len(demo.label) > 40
        assert demo.root.locator("[data-preset]").count() == 3
        for control in demo.root.locator("input, [role=slider]").all():
            assert control.get_attribute("aria-label")


def test_dragging_the_probabilities_redraws_and_counts_anew(simplex: Demo) -> None:
    simplex.reset()
    mouse, page = simplex.notebook.page.mouse, simplex.notebook.page
    simplex.svg.scroll_into_view_if_needed()
    simplex.svg.evaluate(WATCH)
    box = simplex.knob("probabilities").locator("circle.grip").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = simplex.knob("probabilities").get_attribute("aria-valuetext")
    mouse.move(x, y)
    mouse.down()
    labels = set()
    for step in range(1, 61):
        mouse.move(x + 2 * step, y - step / 3)
        page.wait_for_timeout(25)
        labels.add(simplex.label)
    mouse.up()
    assert len(labels) >= 10
    assert simplex.knob("probabilities").get_attribute("aria-valuetext") != before
    told = simplex.notebook.run_cell(3)
    shares = [round(100 * float(p), 1) for p in re.findall(r"\d\.\d+", told)]
    simplex.until(lambda: all(f"{p:.1f}%" in simplex.label for p in shares), "what the kernel has")
    median(simplex, "dragging the probabilities")


def test_the_point_cannot_be_dragged_out_of_the_triangle(simplex: Demo) -> None:
    simplex.reset()
    knob = simplex.knob("probabilities")
    simplex.svg.scroll_into_view_if_needed()
    box = knob.locator("circle.grip").bounding_box()
    mouse = simplex.notebook.page.mouse
    mouse.move(box["x"] + 5, box["y"] + 5)
    mouse.down()
    mouse.move(box["x"] + 30, box["y"] - 20)
    mouse.move(box["x"] + 400, box["y"] - 320)
    mouse.up()
    simplex.until(lambda: "probability of 0.5%" in simplex.label, "the edge of the triangle")


def test_the_point_by_arrow_keys_keeps_focus_and_cell(simplex: Demo) -> None:
    simplex.reset()
    knob = simplex.knob("probabilities")
    simplex.until(lambda: "probability of 40.0%" in simplex.label, "the start")
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    cell = simplex.notebook.page.evaluate(active)
    knob.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowRight"):
        before = simplex.label
        simplex.notebook.page.keyboard.press(key)
        simplex.until(lambda before=before: simplex.label != before, f"a new picture after {key}")
    assert simplex.notebook.page.evaluate(active) == cell
    assert simplex.notebook.page.evaluate("() => document.activeElement.dataset.knob") == (
        "probabilities"
    )


def test_temperature_straight_through_and_many_samples(simplex: Demo) -> None:
    simplex.reset()
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


def test_sliding_the_temperature_moves_one_histogram_and_not_the_other(estimators: Demo) -> None:
    estimators.reset()
    slider = estimators.knob("tau")
    slider.scroll_into_view_if_needed()
    estimators.svg.evaluate(WATCH)
    score = re.search(r"score function[^;]*;", estimators.label)[0]
    box = slider.bounding_box()
    mouse, page, labels = estimators.notebook.page.mouse, estimators.notebook.page, set()
    for lap in range(3):
        for step in range(21):
            share = step / 20 if lap % 2 == 0 else 1 - step / 20
            mouse.move(box["x"] + 4 + share * (box["width"] - 8), box["y"] + box["height"] / 2)
            if lap == step == 0:
                mouse.down()
            page.wait_for_timeout(30)
            labels.add(estimators.label)
    mouse.up()
    assert len(labels) >= 5
    assert all(score in label for label in labels)
    estimators.until(lambda: "temperature 5." in estimators.label, "the hottest")
    median(estimators, "sliding the temperature")


def test_baseline_and_straight_through_change_their_own_histogram(estimators: Demo) -> None:
    estimators.reset()
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
