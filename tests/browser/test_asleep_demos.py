"""Demos in a notebook that is opened again: awake while the kernel lives, asleep after a night."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from course_lib.show.asleep import VIEW, WAKE
from tests.browser.conftest import KERNEL
from tests.browser.demo import DemoOnPage

pytestmark = pytest.mark.browser

CELLS = [
    "from course_lib.core import Trial\n"
    "from course_lib.nas.cells import CellSpace\n"
    "from course_lib.show.nas.controller_demo import ControllerDemo\n"
    "from course_lib.show.nas.tau_demo import TauDemo\n\n"
    "def measure(arch, fidelity=None):\n    return Trial(arch, sum(arch) / 20)",
    "TauDemo()",
    "ControllerDemo(CellSpace(), measure, budget=100)",
]
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext"
LAST = ("with 200 from", "A controller after 1 updates")
"""Words of the last pictures: all architectures, one step."""


@pytest.fixture(scope="module")
def notebook(open_notebook: Any) -> Iterator[Any]:
    """Both demos displayed, changed, at rest again, and saved."""
    with open_notebook("asleep.ipynb", CELLS) as opened:
        opened.run_all()
        tau, controller = demos(opened)
        tau.button("all").click()
        controller.button("Step").click()
        for alt in LAST:
            opened.page.locator(f'.demo-asleep img[alt*="{alt}"]').wait_for(state="attached")
        opened.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        yield opened


@pytest.fixture(scope="module")
def saved(notebook: Any, lab: Any) -> Path:
    return Path(lab.folder / "asleep.ipynb")


def demos(notebook: Any) -> tuple[DemoOnPage, DemoOnPage]:
    """Both, live on the page."""
    both = DemoOnPage(notebook, "demo-tau"), DemoOnPage(notebook, "demo-controller")
    for demo in both:
        demo.svg.wait_for()
    return both


def reload(notebook: Any) -> None:
    notebook.page.reload()
    notebook.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    notebook.page.wait_for_function(f"() => {KERNEL} === 'idle'", timeout=90_000)


def assert_asleep(page: Any) -> None:
    """Both last pictures with their words and the line are seen, once each, and nothing else."""
    for alt in LAST:
        page.locator(f'.demo-asleep img[alt*="{alt}"]').wait_for()
    page.wait_for_timeout(1000)  # what comes late may hide nothing
    assert page.locator(".demo-asleep:visible").count() == 2
    assert page.get_by_text(WAKE).locator("visible=true").count() == 2
    assert page.get_by_text("widget", exact=False).locator("visible=true").count() == 0
    assert page.locator(".demo").count() == 0


def test_the_saved_notebook_holds_one_picture_per_demo(saved: Path) -> None:
    for cell in nbformat.read(saved, as_version=4).cells[1:]:
        assert str(cell.outputs).count("data:image/png") == 1
        assert "image/png" not in cell.outputs[0].data
        assert [VIEW in output.data for output in cell.outputs] == [False, True]


def test_reloading_while_the_kernel_lives_shows_the_live_demo(notebook: Any, saved: Path) -> None:
    reload(notebook)
    tau, controller = demos(notebook)
    assert LAST[0] in tau.label
    assert LAST[1] in controller.label
    assert notebook.page.locator(".demo-asleep:visible").count() == 0
    tau.button("a dozen").click()
    tau.until(lambda: "of 12 architectures" in tau.label, "a dozen architectures")


def test_after_a_restart_there_are_the_last_picture_and_a_line(notebook: Any, saved: Path) -> None:
    notebook.page.evaluate(f"() => {SESSION}.session.kernel.restart()")
    reload(notebook)
    assert_asleep(notebook.page)
    assert notebook.without_words() == []
    notebook.run_all()
    demos(notebook)
    assert notebook.page.locator(".demo-asleep:visible").count() == 0


def test_a_hand_in_that_is_not_trusted(open_notebook: Any, saved: Path) -> None:
    handed_in = nbformat.read(saved, as_version=4)
    handed_in.cells[0].source += "\n# written on another machine"
    with open_notebook("handed_in.ipynb", handed_in.cells) as opened:
        assert_asleep(opened.page)
        assert opened.page.locator(".jp-mod-trusted .demo-asleep").count() == 0
        assert "jp-OutputArea-child:has" not in opened.page.locator("body").inner_text()


def test_notebook_7(notebook: Any, lab: Any, saved: Path, browser: Any) -> None:
    """The same server's other page, with a kernel of its own."""
    copy = lab.folder / "seven.ipynb"
    copy.write_bytes(saved.read_bytes())
    page = browser.new_page()
    page.goto(f"{lab.url}/notebooks/{copy.name}")
    assert_asleep(page)
    assert page.locator(".jp-mod-trusted .demo-asleep").count() == 2
    page.close()


def test_exported_html(saved: Path, tmp_path: Path, browser: Any) -> None:
    page = browser.new_page()
    exported = HTMLExporter(embed_images=True).from_filename(str(saved))[0]
    (tmp_path / "asleep.html").write_text(exported, encoding="utf-8")
    page.route("http**", lambda route: route.abort())
    page.goto(f"file://{tmp_path}/asleep.html")
    assert_asleep(page)
    page.close()
