"""Points of a sinusoid, and a theta on its landscape, dragged in a real JupyterLab."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.show.meta.landscape_demo import LandscapeDemo\n"
    "from course_lib.show.meta.sinusoid_demo import SinusoidDemo",
    "waves = SinusoidDemo()\nwaves",
    "land = LandscapeDemo()\nland",
    "print(waves.points)",
    "print(land.theta)",
]
WAVES, LAND = 3, 4
"""The cells that say what the kernel has."""


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("sinusoid.ipynb", CELLS) as opened:
        opened.run_all(timeout=240)
        yield opened
        assert opened.errors() == []
        assert opened.outside == []
        assert opened.console == []


@pytest.fixture
def waves(notebook: Any) -> DemoOnPage:
    return at_the_start(DemoOnPage(notebook, "demo-sinusoid"))


@pytest.fixture
def land(notebook: Any) -> DemoOnPage:
    return at_the_start(DemoOnPage(notebook, "demo-landscape"))


def at_the_start(demo: DemoOnPage) -> DemoOnPage:
    demo.svg.scroll_into_view_if_needed()
    demo.button("Reset").click()
    demo.notebook.page.wait_for_timeout(300)
    return demo


def middle(handle: Any) -> tuple[float, float]:
    box = handle.locator("circle.grip").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def numbers(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.\d+", words)]


def points(demo: DemoOnPage) -> int:
    return int(re.search(r"Points: (\d+)", demo.label)[1])


def drag(demo: DemoOnPage, handle: Any, x: float, y: float, moves: int = 20) -> None:
    """Every move gives a new picture."""
    start_x, start_y = middle(handle)
    demo.mouse.move(start_x, start_y)
    demo.mouse.down()
    demo.watch("pointermove")
    for move in range(1, moves + 1):
        before = demo.label
        demo.mouse.move(start_x + x * move / moves, start_y + y * move / moves)
        demo.until(lambda before=before: demo.label != before, "a new picture")
    demo.mouse.up()
    demo.tell_speed("dragging")


def test_dragging_a_point_adapts_all_curves(waves: DemoOnPage) -> None:
    handle = waves.knob("point9")
    before = waves.svg.locator(".marks path").evaluate_all("es => es.map(e => e.getAttribute('d'))")
    drag(waves, handle, 60, -80)
    told = handle.get_attribute("aria-valuetext")
    after = waves.svg.locator(".marks path").evaluate_all("es => es.map(e => e.getAttribute('d'))")
    assert all(one != other for one, other in zip(before, after, strict=True))
    found = numbers(waves.notebook.run_cell(WAVES))[-2:]
    assert found == pytest.approx(numbers(told), abs=0.006)
    waves.mouse.move(*middle(waves.knob("point0")))
    waves.notebook.page.wait_for_timeout(200)
    assert handle.get_attribute("aria-valuetext") == told


def test_points_by_keyboard(waves: DemoOnPage) -> None:
    handle = waves.knob("point9")
    handle.focus()
    cell = waves.notebook.page.evaluate(ACTIVE_CELL)
    x, y = numbers(handle.get_attribute("aria-valuetext"))
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        before = waves.label
        handle.press(key)
        waves.until(lambda before=before: waves.label != before, f"a new picture after {key}")
    found = numbers(handle.get_attribute("aria-valuetext"))
    assert found == pytest.approx([x + 0.2, y + 0.9], abs=0.011)
    handle.press("Delete")
    waves.until(lambda: points(waves) == 9, "a point less")
    assert waves.root.locator("[role=slider]").count() == 9
    focused = waves.notebook.page.evaluate("() => document.activeElement.dataset.knob")
    assert focused == "point8"
    assert waves.notebook.page.evaluate(ACTIVE_CELL) == cell


def test_keys_add_remove_and_draw_another_task(waves: DemoOnPage) -> None:
    waves.root.press("a")
    waves.until(lambda: waves.root.locator("[role=slider]").count() == 11, "an eleventh handle")
    waves.root.press("x")
    waves.root.press("x")
    waves.until(lambda: points(waves) == 9, "two points less")
    before = waves.label
    waves.root.press("n")
    waves.until(lambda: waves.label != before, "another task")
    assert points(waves) == 9
    labels = waves.slide("inner")
    assert len(labels) >= 12
    assert "after 10 inner steps" in labels[-1]


def test_the_curves_before_are_thin(waves: DemoOnPage) -> None:
    waves.knob("before").press("Space")
    waves.until(lambda: waves.svg.locator(".marks path.thin").count() == 3, "three thin curves")


def test_dragging_theta_turns_every_arrow_and_moves_the_other_handle(land: DemoOnPage) -> None:
    ways = "es => es.map(e => e.getAttribute('d'))"
    before = land.svg.locator("path.way").evaluate_all(ways)
    drag(land, land.knob("theta"), 120, 90)
    after = land.svg.locator("path.way").evaluate_all(ways)
    assert len(after) == 3
    assert all(one != other for one, other in zip(before, after, strict=True))
    told = land.knob("theta-after").get_attribute("aria-valuetext")
    found = numbers(land.notebook.run_cell(LAND))
    assert found == pytest.approx(numbers(told), abs=0.006)


def test_meta_training_leaves_a_trail_until_theta_is_moved(land: DemoOnPage) -> None:
    land.root.press("f")
    land.until(lambda: "After 40 steps" in land.label, "forty steps")
    assert land.svg.locator("path.trail").count() == 1
    handle = land.knob("theta")
    handle.focus()
    handle.press("ArrowRight")
    land.until(lambda: "amplitude 0.85" in land.label, "theta to move")
    land.until(lambda: land.svg.locator("path.trail").count() == 0, "the trail to go")


def test_inner_steps_change_the_landscape_at_the_right_alone(land: DemoOnPage) -> None:
    lines = "es => es.map(e => e.getAttribute('d'))"
    seen = land.svg.locator("path.contour").evaluate_all(lines)
    land.knob("inner").press("End")
    land.until(lambda: "10 inner steps" in land.label, "ten steps")
    now = land.svg.locator("path.contour").evaluate_all(lines)
    left = [line for line in seen if line in now]
    assert 3 < len(left) < len(seen)
