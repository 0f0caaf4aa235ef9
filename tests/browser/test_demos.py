"""The demos in a real JupyterLab, driven by mouse and keyboard as a lecturer would."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import ACTIVE_CELL, DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    """\
import torch
from course_lib.core import Trial
from course_lib.nas.cells import CellSpace
from course_lib.nas.strings import StringSpace
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.nas.string_demo import StringDemo

def measure(arch, fidelity=None):
    return Trial(arch, 0.5 + sum((c + 1) * (i + 2) for i, c in enumerate(arch)) / 400)

space = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))""",
    "controller = ControllerDemo(space, measure, budget=4000, limits=(0.5, 0.75))\ncontroller",
    "chain = MetropolisDemo(space, measure)\nchain",
    "editor = StringDemo(StringSpace(layers=3))\neditor",
    "print(controller.running, len(controller.steps))",
]


class Controller(DemoOnPage):
    """The controller's demo on the page."""

    @property
    def updates(self) -> int:
        found = re.search(r"after (\d+) updates", self.label)
        return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("demos.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def controller(notebook: Any) -> Iterator[Controller]:
    demo = Controller(notebook, "demo-controller")
    yield demo
    if demo.button("Stop").is_enabled():
        demo.button("Stop").click()
        demo.until(lambda: demo.button("Start").is_enabled(), "the run to stop")


def test_all_demos_are_drawn_and_named(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    for css_class in ("demo-controller", "demo-metropolis", "demo-string"):
        demo = DemoOnPage(notebook, css_class)
        demo.svg.wait_for()
        assert len(demo.label) > 40
        assert demo.root.locator("[data-preset]").count() == 3
        assert demo.root.locator("[data-knob]").count() <= 3
        for control in demo.root.locator("input, textarea").all():
            assert control.get_attribute("aria-label")


def test_controller_steps_by_mouse_and_by_key(controller: Controller) -> None:
    controller.button("Reset").click()
    controller.until(lambda: controller.updates == 0, "no update after a reset")
    before = controller.drawn
    controller.button("Step").click()
    controller.until(lambda: controller.updates == 1, "one update after a click")
    assert controller.drawn != before
    controller.root.press("s")
    controller.until(lambda: controller.updates == 2, "two updates after key s")


def test_kernel_stays_usable_while_the_controller_learns_and_stop_stops(
    controller: Controller,
) -> None:
    controller.button("Start").click()
    labels = set()
    controller.until(lambda: labels.add(controller.label) or len(labels) >= 4, "four pictures")
    running, steps = controller.notebook.run_cell(4).split()
    assert running == "True"
    assert int(steps) > 0
    controller.button("Stop").click()
    controller.until(lambda: controller.button("Start").is_enabled(), "the run to stop")
    stopped = controller.updates
    controller.notebook.page.wait_for_timeout(600)
    assert controller.updates == stopped
    assert controller.notebook.run_cell(4).split()[0] == "False"


def test_a_switch_by_keyboard_starts_over_and_keeps_the_run_before(controller: Controller) -> None:
    controller.button("Step").click()
    controller.until(lambda: controller.updates > 0, "an update")
    controller.knob("baseline").press("Space")
    controller.until(lambda: controller.updates == 0, "a new run without baseline")
    assert controller.svg.locator("path.ghost").count() == 1
    assert "lambda" in controller.root.locator("pre").text_content()
    controller.root.get_by_role("button", name="with a baseline").click()
    controller.until(lambda: controller.knob("baseline").is_checked(), "the preset")
    assert "better than usual" in controller.root.locator("[role=status]").inner_text()


def test_temperature_by_arrow_keys_moves_the_distribution(notebook: Any) -> None:
    chain = DemoOnPage(notebook, "demo-metropolis")
    slider = chain.knob("temperature")
    slider.focus()
    cell = notebook.page.evaluate(ACTIVE_CELL)
    chain.watch("keydown")
    for key in ["ArrowLeft"] * 4 + ["ArrowRight"] * 7:
        before = chain.drawn
        notebook.page.keyboard.press(key)
        chain.until(lambda before=before: chain.drawn != before, f"a new picture after {key}")
    assert notebook.page.evaluate(ACTIVE_CELL) == cell
    assert "temperature 0.2" in chain.label
    chain.tell_speed("arrow keys")


def test_temperature_by_mouse(notebook: Any) -> None:
    chain = DemoOnPage(notebook, "demo-metropolis")
    assert re.search("temperature 1[:,]", chain.slide("temperature")[-1])


def test_chain_runs_and_starts_over(notebook: Any) -> None:
    chain = DemoOnPage(notebook, "demo-metropolis")
    chain.root.get_by_role("button", name="warm").click()
    chain.until(lambda: "temperature 0.02" in chain.label, "the preset")
    chain.button("Start").click()
    chain.until(lambda: len(re.findall(r"(\d{2,}) steps", chain.label)) == 1, "ten steps")
    chain.button("Stop").click()
    chain.until(lambda: chain.button("Start").is_enabled(), "the run to stop")
    chain.root.press("r")
    chain.until(lambda: "before its first step" in chain.label, "a reset by key r")


def test_a_misspelt_string_loses_nothing(notebook: Any) -> None:
    editor = DemoOnPage(notebook, "demo-string")
    area, wrong = editor.root.locator("textarea"), editor.root.locator("[role=alert]")
    good, drawn = area.input_value(), editor.drawn
    area.fill(good.replace("stride", "strde", 1))
    editor.until(lambda: "stride" in wrong.inner_text(), "what was meant")
    assert area.input_value() == good.replace("stride", "strde", 1)
    assert editor.drawn == drawn
    area.fill(good)
    editor.until(lambda: wrong.inner_text() == "", "the complaint to go")
    editor.button("Change one").click()
    editor.until(lambda: editor.drawn != drawn, "another network")
    assert area.input_value() != good
    editor.button("Reset").click()
    editor.until(lambda: area.input_value() == good, "the first string")


def test_nothing_leaves_the_machine_and_the_console_is_clean(notebook: Any) -> None:
    assert notebook.outside == []
    assert notebook.console == []


def test_words_are_legible_in_the_dark_theme(open_notebook: Any) -> None:
    brightness = "e => getComputedStyle(e).fill.match(/\\d+/g).slice(0, 3).map(Number)"
    with open_notebook("dark.ipynb", CELLS[:3], dark=True) as opened:
        opened.run_all()
        demo = DemoOnPage(opened, "demo-metropolis")
        demo.svg.wait_for()
        assert min(demo.svg.locator("text.title").first.evaluate(brightness)) > 180
