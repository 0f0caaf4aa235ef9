"""A long loop in a notebook, with a bar that moves and a line about the last step."""

import html
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

Step = TypeVar("Step")

_EVERY = 0.25
"""Seconds between two pictures: four a second."""


class Bar:
    """How far a loop is, as HTML and as text."""

    def __init__(self, done: int, total: int, said: str) -> None:
        self.done = done
        self.total = total
        self.said = said

    def __repr__(self) -> str:
        return f"{self.done} of {self.total}: {self.said}"

    def _repr_html_(self) -> str:
        words = html.escape(repr(self))
        return (
            f'<label><progress value="{self.done}" max="{self.total}" aria-label="{words}" '
            f'style="width:20em;vertical-align:middle"></progress> {words}</label>'
        )


def watched(steps: Iterable[Step], total: int, say: Callable[[Step], str]) -> Iterator[Step]:
    """The same steps, while a bar in the cell's output shows how many of `total` are done.

    say: a few words about a step, such as its loss.
    """
    from IPython.display import display

    handle: Any = display(Bar(0, total, "starting"), display_id=True)  # type: ignore[no-untyped-call]
    shown, step, done = time.monotonic(), None, 0
    for done, step in enumerate(steps, start=1):
        yield step
        if handle is not None and time.monotonic() - shown > _EVERY:
            handle.update(Bar(done, total, say(step)))
            shown = time.monotonic()
    if handle is not None and step is not None:
        handle.update(Bar(done, total, say(step)))
