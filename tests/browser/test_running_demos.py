"""Demos that run by themselves, are typed, or are slid and chosen from, in a real JupyterLab."""

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
    """\
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.show.nas.darts_demo import DartsDemo
task = cluttered_digits(train=100, valid=100, test=1)
darts = DartsDemo(CellSpace(), task.train, task.valid, recorded=True)
darts""",
    "print(darts.running, len(darts.steps))",
    "from course_lib.show.nas.tau_demo import TauDemo\ntau = TauDemo()\ntau",
    "print(tau.size, tau.statistics, tau.seed)",
]


class Controller(DemoOnPage):
    """The controller's demo on the page."""

    @property
    def updates(self) -> int:
        found = re.search(r"after (\d+) updates", self.label)
        return int(found[1]) if found else 0


class Darts(DemoOnPage):
    """The demo on the page."""

    @property
    def epoch(self) -> float:
        found = re.search(r"after ([\d.]+) of", self.label)
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("running.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


@pytest.fixture
def controller(notebook: Any) -> Iterator[Controller]:
    demo = Controller(notebook, "demo-controller")
    yield demo
    if demo.button("Stop").is_enabled():
        demo.button("Stop").click()
        demo.until(lambda: demo.button("Start").is_enabled(), "the run to stop")


@pytest.fixture
def darts(notebook: Any) -> Darts:
    return Darts(notebook, "demo-darts")


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
    assert controller.svg.locator(".marks path.ghost").count() == 1
    assert "lambda" in controller.root.locator("pre").text_content()
    controller.root.get_by_role("button", name="with a baseline").click()
    controller.until(lambda: controller.knob("baseline").is_checked(), "the preset")
    status = controller.root.locator("[role=status]")
    controller.until(lambda: "better than usual" in status.inner_text(), "the preset's words")


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


def test_steps_by_mouse_and_key_and_starts_over(darts: Darts) -> None:
    darts.button("Reset").click()
    darts.until(lambda: darts.epoch == 0, "the beginning")
    darts.button("Step").click()
    darts.until(lambda: darts.epoch == 0.5, "half an epoch")
    darts.root.press("s")
    darts.until(lambda: darts.epoch == 1.0, "an epoch")
    assert darts.svg.locator("path.first").count() == 1
    darts.root.press("r")
    darts.until(lambda: darts.epoch == 0, "a reset by key r")


def test_runs_by_itself_and_stops_when_told(darts: Darts) -> None:
    darts.button("Start").click()
    seen = set()
    darts.until(lambda: seen.add(darts.label) or len(seen) >= 4, "four pictures")
    darts.button("Stop").click()
    darts.until(lambda: darts.button("Start").is_enabled(), "the run to stop")
    assert darts.notebook.run_cell(6).split()[0] == "False"


def test_the_switch_shows_the_run_with_one_level(darts: Darts) -> None:
    darts.root.get_by_role("button", name="one level").click()
    switch = darts.knob("two_levels")
    darts.until(lambda: not switch.is_checked(), "the preset")
    darts.until(lambda: darts.epoch == 0, "a new run")
    assert "single_level" in darts.root.locator("pre").text_content()


def width(label: str) -> float:
    low, high = re.search(r"interval (-?[\d.]+) to (-?[\d.]+)", label).groups()
    return float(high) - float(low)


def test_more_architectures_narrow_the_interval(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-tau")
    demo.svg.wait_for()
    wide = width(demo.label)
    assert width(demo.slide("size")[-1]) < wide / 2
    assert notebook.run_cell(8).split()[1:] == ["recalibrated", "0"]


def test_statistics_and_seed_by_keyboard(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-tau")
    demo.root.locator("[data-knob=statistics]").focus()
    notebook.page.keyboard.press("End")
    demo.until(lambda: "accumulated" in demo.label, "the accumulated statistics")
    demo.root.get_by_role("button", name="a dozen").click()
    asked = ("of 12 architectures", "accumulated")
    demo.until(
        lambda: [words in demo.label for words in asked] == [True, False], "a dozen architectures"
    )
    seen = demo.label
    demo.root.locator("[data-knob=seed]").focus()
    notebook.page.keyboard.press("ArrowUp")
    demo.until(lambda: demo.label != seen, "another dozen")
    demo.until(lambda: demo.svg.locator(".marks circle.seen").count() == 12, "twelve marks")
