"""The picture that a notebook keeps of a demo, in a kernel that draws it anew, and in none."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import nbformat
import pytest

from course_lib.show import asleep
from course_lib.show.asleep import VIEW, WAKE, LastPicture
from course_lib.show.figure import Picture
from course_lib.teach.build.execute import execute

CELL = (
    "from IPython.display import display\n"
    "from course_lib.show.nas.bilevel_demo import BilevelDemo\n"
    "display(BilevelDemo())\nprint('after it')"
)


class Drawn:
    """Counts how often the picture is drawn."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> Picture:
        self.count += 1
        return Picture(b"png", f"state {self.count}", "", 100)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is displayed; no kernel is needed."""
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(asleep, "display", lambda data, **_: bundles.append(data))
    return bundles


def test_many_changes_are_drawn_once_when_the_state_rests(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asleep, "REST", 0.01)
    drawn = Drawn()

    async def drag() -> None:
        shown = LastPicture(drawn)
        shown.show({"model_id": "1"})
        await asyncio.gather(*(asyncio.to_thread(shown.changed) for _ in range(20)))
        await asyncio.sleep(0.2)

    with ThreadPoolExecutor(1) as thread:  # the browser's loop may run in this one
        thread.submit(asyncio.run, drag()).result()
    assert drawn.count == 2
    assert ["state 1" in str(sent[0]), VIEW in sent[1], "state 2" in str(sent[2])] == [True] * 3
    assert all(WAKE in sent[place]["text/html"] for place in (0, 2))


def test_without_a_kernel_nothing_is_drawn_anew(sent: list[dict[str, Any]]) -> None:
    drawn = Drawn()
    shown = LastPicture(drawn)
    shown.changed()
    shown.show({"model_id": "1"})
    shown.changed()
    assert drawn.count == 1
    assert len(sent) == 2


@pytest.mark.notebooks
def test_a_built_lecture_keeps_picture_and_words_and_no_dead_view(tmp_path) -> None:
    source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    outputs = execute(source, tmp_path / "lecture.py").cells[0].outputs
    assert [output.output_type for output in outputs] == ["display_data", "stream"]
    assert outputs[0].data["text/html"].count("data:image/png") == 1
    assert "exact +1.00" in outputs[0].data["text/plain"]
    assert VIEW not in str(outputs)
