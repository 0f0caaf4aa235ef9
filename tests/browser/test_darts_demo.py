"""The DARTS demo in a real JupyterLab: a recorded run, so that the test takes no training."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    """\
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.show.nas.darts_demo import DartsDemo
task = cluttered_digits(train=100, valid=100, test=1)
demo = DartsDemo(CellSpace(), task.train, task.valid, recorded=True)
demo""",
    "print(demo.running, len(demo.steps))",
]


class Darts(DemoOnPage):
    """The demo on the page."""

    @property
    def epoch(self) -> float:
        found = re.search(r"after ([\d.]+) of", self.label)
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def darts(open_notebook: Any) -> Iterator[Darts]:
    with open_notebook("darts.ipynb", CELLS) as opened:
        opened.run_all()
        yield Darts(opened, "demo-darts")


def test_drawn_named_and_complete(darts: Darts) -> None:
    assert darts.notebook.errors() == []
    assert darts.notebook.without_words() == []
    assert "before its first step" in darts.label
    assert darts.root.locator("[data-preset]").count() == 3
    assert darts.root.locator("[data-knob]").count() == 3


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
    assert darts.notebook.run_cell(1).split()[0] == "False"


def test_the_switch_shows_the_run_with_one_level(darts: Darts) -> None:
    darts.root.get_by_role("button", name="one level").click()
    switch = darts.knob("two_levels")
    darts.until(lambda: not switch.is_checked(), "the preset")
    darts.until(lambda: darts.epoch == 0, "a new run")
    assert "single_level" in darts.root.locator("pre").text_content()


def test_nothing_leaves_the_machine_and_the_console_is_clean(darts: Darts) -> None:
    assert darts.notebook.outside == []
    assert darts.notebook.console == []
