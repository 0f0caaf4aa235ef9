"""What stands where a demo was once its kernel is gone: its last picture, and how to wake it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from IPython.display import display

from course_lib.show.figure import Picture

REST = 1.0
"""Seconds without a change until the picture is drawn anew; a drag never waits for it."""

WAKE = (
    "The demo is asleep, this is its last picture: run this notebook from its top to this cell to "
    "wake it."
)

VIEW = "application/vnd.jupyter.widget-view+json"

# Picture and live view are two outputs side by side. The picture hides beside a live demo, and the
# words "model not found", which JupyterLab puts where a view was, hide beside the picture. Where
# styles are not trusted, views are not shown either.
_STYLE = (
    "<style>"
    ".jp-OutputArea-child:has(.demo-asleep):has(+ .jp-OutputArea-child .demo),"
    ".jp-OutputArea-child:has(.demo-asleep)"
    " + .jp-OutputArea-child:not(:has(.demo, [data-mime-type])) {display: none}"
    "</style>"
)


def asleep(picture: Picture) -> dict[str, str]:
    """The output that a notebook keeps: the picture with its words, and the line."""
    return {
        "text/html": f'{_STYLE}<div class="demo-asleep">{picture.html}<p>{WAKE}</p></div>',
        "text/plain": f"{picture!r}\n{WAKE}",
    }


class LastPicture:
    """A demo's picture in the notebook, one however often it changes.

    draw: gives the picture of the present state. It is called in the kernel's main thread between
    two cells, because matplotlib may not be used in two threads at once.
    """

    def __init__(self, draw: Callable[[], Picture]) -> None:
        self._draw = draw
        self._name = uuid4().hex
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def show(self, view: Mapping[str, Any]) -> None:
        """Display the picture and the live view after it."""
        self._picture()
        _display({VIEW: view, "text/html": ""})
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None  # no kernel: nothing will change behind a cell's back

    def changed(self) -> None:
        """The state is another one now; may be called from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wait, self._loop)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(REST, self._picture, True)

    def _picture(self, update: bool = False) -> None:
        _display(asleep(self._draw()), display_id=self._name, update=update)


def _display(data: Mapping[str, Any], **options: Any) -> None:
    display(data, raw=True, **options)  # type: ignore[no-untyped-call]
