"""What is dragged, slid or clicked in a picture, by mouse and by keyboard, in a real JupyterLab."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    """\
import torch
from course_lib.core import make_rng
from course_lib.core.log import Log
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.show.nas.dag_demo import AlphaDemo
from course_lib.show.nas.path_demo import PathDemo

def search(space):
    log, goal = Log(), torch.randn(space.edges, len(space.operations), generator=make_rng(0))
    for epoch in range(40):
        log.append(epoch=epoch / 2, alpha=goal * epoch / 10)
    return log
""",
    "from course_lib.show.nas.bilevel_demo import BilevelDemo\ntoy = BilevelDemo()\ntoy",
    "from course_lib.show.nas.simplex_demo import SimplexDemo\n"
    "simplex = SimplexDemo(('skip', '1×1', '3×3'))\nsimplex",
    "from course_lib.show.nas.estimators_demo import EstimatorsDemo\nEstimatorsDemo()",
    "space = CellSpace()\npath = PathDemo(space)\npath",
    "AlphaDemo(space, search(space))",
    "darts = DartsSpace()\n"
    "scrubbed = AlphaDemo(darts, search(darts))\nscrubbed.add_class('two-cells')\nscrubbed",
    "print(toy.alpha, toy.w)",
    "print(simplex.probabilities)",
    "print(path.path)",
]
TOY, SIMPLEX, PATH = 7, 8, 9
"""The cells that say what the kernel has."""

MIDDLE = """e => { const p = e.getPointAtLength(e.getTotalLength() / 2);
  const q = p.matrixTransform(e.getScreenCTM()); return [q.x, q.y]; }"""


class Toy(DemoOnPage):
    """The demo on the page."""

    @property
    def point(self) -> tuple[float, float]:
        found = re.search(r"alpha (-?[\d.]+), w (-?[\d.]+)", self.label)
        assert found
        return float(found[1]), float(found[2])

    def place(self, alpha: float, w: float) -> tuple[float, float]:
        """Where on the page a point of the left picture lies (view box 960 wide)."""
        box = self.svg.bounding_box()
        unit = box["width"] / 960
        x = 60 + (alpha + 1) / 4 * 440
        y = 420 - (w + 2.5) / 6 * 380
        return box["x"] + x * unit, box["y"] + y * unit


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("dragged.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def toy(notebook: Any) -> Toy:
    demo = Toy(notebook, "demo-bilevel")
    demo.svg.scroll_into_view_if_needed()
    demo.button("Reset").click()
    demo.until(lambda: demo.point == (1.5, 1.0), "the first point")
    return demo


@pytest.fixture
def simplex(notebook: Any) -> DemoOnPage:
    return DemoOnPage(notebook, "demo-gumbel")


@pytest.fixture
def estimators(notebook: Any) -> DemoOnPage:
    return DemoOnPage(notebook, "demo-estimators")


def test_dragging_moves_the_point_and_every_arrow(toy: Toy) -> None:
    toy.mouse.move(*toy.place(1.5, 1.0))
    toy.mouse.down()
    toy.watch("pointermove")
    for share in range(1, 31):
        before = toy.drawn
        toy.mouse.move(*toy.place(1.5 - share / 20, 1.0 + share / 30))
        toy.until(lambda seen=before: toy.drawn != seen, "a new picture")
    toy.mouse.up()
    toy.until(lambda: toy.point == pytest.approx((0, 2), abs=0.02), "the end of the drag")
    assert "exact -2.00" in toy.label
    alpha, w = map(float, toy.notebook.run_cell(TOY).split())
    assert (alpha, w) == pytest.approx(toy.point, abs=0.006)
    toy.tell_speed("dragging the point")


def test_after_the_mouse_is_up_nothing_follows_it(toy: Toy) -> None:
    toy.mouse.move(*toy.place(0.5, 0.5))
    toy.notebook.page.wait_for_timeout(200)
    assert toy.point == (1.5, 1.0)


def test_keys_follow_the_gradients_and_reset(toy: Toy) -> None:
    toy.root.get_by_role("button", name="the wrong way").click()
    status = toy.root.locator("[role=status]")
    toy.until(lambda: "w will follow" in status.inner_text(), "the preset and its comment")
    assert "with the wrong sign" in toy.label
    toy.root.press("f")
    toy.until(lambda: "After 40 steps alpha is at: exact 1.00" in toy.label, "forty steps")
    assert toy.svg.locator("path.trail").count() == 3
    toy.root.press("s")
    toy.until(lambda: "After 41 steps" in toy.label, "one more")
    toy.root.press("r")
    toy.until(lambda: toy.svg.locator("path.trail").count() == 0, "the trails to go")


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
    told = simplex.notebook.run_cell(SIMPLEX)
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
    assert estimators.svg.locator(".marks path.ghost").count() == 2
    before = estimators.label
    estimators.root.press("s")
    estimators.until(lambda: estimators.label != before, "other samples by key s")


def test_a_click_leads_the_path_over_an_operation(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-path")
    demo.root.get_by_role("button", name="Reset").click()
    hit = demo.svg.locator(".hit[data-edge='2'][data-operation='4']")
    hit.scroll_into_view_if_needed()
    notebook.page.mouse.click(*hit.evaluate(MIDDLE))
    demo.until(lambda: "1→2 pool 3×3" in demo.label, "the pool on edge 1→2")
    assert demo.svg.locator("path.casing").count() == 6
    assert int(re.findall(r"\d+", notebook.run_cell(PATH))[2]) == 4


def test_lists_do_the_same_by_keyboard(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-path")
    demo.root.locator("[data-pick=edge]").select_option(label="0→3")
    operation = demo.root.locator("[data-pick=operation]")
    operation.focus()
    notebook.page.keyboard.press("Home")
    demo.until(lambda: "0→3 zero" in demo.label, "zero on edge 0→3")
    notebook.page.keyboard.press("ArrowDown")
    demo.until(lambda: "0→3 skip" in demo.label, "skip on edge 0→3")
    status = demo.root.locator("[role=status]")
    demo.until(lambda: status.inner_text() == "0→3 is skip now.", "the words about it")


@pytest.mark.parametrize("css_class", ["demo-alpha", "two-cells"])
def test_epochs_by_mouse(notebook: Any, css_class: str) -> None:
    demo = DemoOnPage(notebook, css_class)
    assert "epoch 19.5 of 19.5" in demo.slide("epoch")[-1]
