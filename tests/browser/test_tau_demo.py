"""Kendall's tau against the size of the sample, dragged in a real JupyterLab."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.show.nas.tau_demo import TauDemo\ndemo = TauDemo()\ndemo",
    "print(demo.size, demo.statistics, demo.seed)",
]


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("tau.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


def width(label: str) -> float:
    low, high = re.search(r"interval (-?[\d.]+) to (-?[\d.]+)", label).groups()
    return float(high) - float(low)


def test_more_architectures_narrow_the_interval(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-tau")
    demo.svg.wait_for()
    wide = width(demo.label)
    assert width(demo.slide("size")[-1]) < wide / 2
    assert notebook.run_cell(1).split()[1:] == ["recalibrated", "0"]


def test_statistics_and_seed_by_keyboard(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-tau")
    demo.root.locator("[data-knob=statistics]").focus()
    notebook.page.keyboard.press("End")
    demo.until(lambda: "accumulated" in demo.label, "the accumulated statistics")
    before = demo.label
    demo.root.get_by_role("button", name="a dozen").click()
    demo.until(lambda: "of 12 architectures" in demo.label, "a dozen architectures")
    assert demo.label != before
    seen = demo.label
    demo.root.locator("[data-knob=seed]").focus()
    notebook.page.keyboard.press("ArrowUp")
    demo.until(lambda: demo.label != seen, "another dozen")
    assert demo.svg.locator("circle.seen").count() == 12


def test_nothing_leaves_the_machine_and_all_is_named(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    assert notebook.outside == []
    assert notebook.console == []
