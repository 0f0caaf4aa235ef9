"""The graph of all architectures in a real JupyterLab: clicked, chosen by key, scrubbed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.demo import DemoOnPage

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
    return log""",
    "space = CellSpace()\npath = PathDemo(space)\npath",
    "alphas = AlphaDemo(space, search(space))\nalphas",
    """\
darts = DartsSpace()
scrubbed = AlphaDemo(darts, search(darts))
scrubbed.add_class("two-cells")
scrubbed""",
    "print(path.path)",
]

MIDDLE = """e => { const p = e.getPointAtLength(e.getTotalLength() / 2);
  const q = p.matrixTransform(e.getScreenCTM()); return [q.x, q.y]; }"""


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    with open_notebook("dag.ipynb", CELLS) as opened:
        opened.run_all()
        yield opened


def test_graphs_are_drawn_and_named(notebook: Any) -> None:
    assert notebook.errors() == []
    assert notebook.without_words() == []
    for css_class, edges in (("demo-path", 6), ("demo-alpha", 6), ("two-cells", 18)):
        demo = DemoOnPage(notebook, css_class)
        demo.svg.wait_for()
        shown = {hit.get_attribute("data-edge") for hit in demo.svg.locator(".hit").all()}
        assert len(shown) == edges
        for control in demo.root.locator("input, select").all():
            assert control.get_attribute("aria-label")


def test_a_click_leads_the_path_over_an_operation(notebook: Any) -> None:
    demo = DemoOnPage(notebook, "demo-path")
    demo.root.get_by_role("button", name="Reset").click()
    hit = demo.svg.locator(".hit[data-edge='2'][data-operation='4']")
    hit.scroll_into_view_if_needed()
    notebook.page.mouse.click(*hit.evaluate(MIDDLE))
    demo.until(lambda: "1→2 pool 3×3" in demo.label, "the pool on edge 1→2")
    assert demo.svg.locator("path.casing").count() == 6
    assert int(re.findall(r"\d+", notebook.run_cell(4))[2]) == 4


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


def test_nothing_leaves_the_machine_and_the_console_is_clean(notebook: Any) -> None:
    assert notebook.outside == []
    assert notebook.console == []
