"""The bilevel toy in a real JupyterLab: dragged by mouse, turned by keyboard."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.show.nas.bilevel_demo import BilevelDemo\ntoy = BilevelDemo()\ntoy",
    "print(toy.alpha, toy.w)",
]


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
    with open_notebook("bilevel.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def toy(notebook: Any) -> Toy:
    demo = Toy(notebook, "demo-bilevel")
    demo.svg.scroll_into_view_if_needed()
    demo.button("Reset").click()
    demo.until(lambda: demo.point == (1.5, 1.0), "the first point")
    return demo


def test_drawn_named_and_complete(toy: Toy) -> None:
    assert toy.notebook.errors() == []
    assert toy.notebook.without_words() == []
    assert "exact +1.00" in toy.label
    assert toy.root.locator("[data-preset]").count() == 3
    assert toy.root.locator("[data-knob]").count() == 3
    for control in toy.root.locator("input").all():
        assert control.get_attribute("aria-label")


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
    alpha, w = map(float, toy.notebook.run_cell(1).split())
    assert (alpha, w) == pytest.approx(toy.point, abs=0.006)
    toy.tell_speed("dragging the point")


def test_after_the_mouse_is_up_nothing_follows_it(toy: Toy) -> None:
    toy.mouse.move(*toy.place(0.5, 0.5))
    toy.notebook.page.wait_for_timeout(200)
    assert toy.point == (1.5, 1.0)


def test_sliders_by_keyboard(toy: Toy) -> None:
    cell = toy.notebook.page.evaluate(ACTIVE_CELL)
    toy.knob("alpha").press("ArrowRight")
    toy.until(lambda: toy.point == (1.55, 1.0), "alpha a step further")
    toy.knob("w").press("ArrowLeft")
    toy.until(lambda: toy.point == (1.55, 0.95), "w a step back")
    toy.knob("xi").press("End")
    toy.until(lambda: "inner step 1.00" in toy.label, "the longest inner step")
    assert toy.notebook.page.evaluate(ACTIVE_CELL) == cell


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


def test_nothing_leaves_the_machine_and_the_console_is_clean(notebook: Any) -> None:
    assert notebook.outside == []
    assert notebook.console == []
