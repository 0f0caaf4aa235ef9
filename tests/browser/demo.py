"""A demo on a page in a real browser: its parts by what they are called, and its speed."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

WATCH = """(picture, event) => {
  picture.waits = [];
  let moved = 0;
  document.addEventListener(event, () => (moved ||= performance.now()), true);
  const drawn = () => {
    if (moved) picture.waits.push(performance.now() - moved);
    moved = 0;
  };
  new MutationObserver(drawn).observe(picture, {childList: true, subtree: true});
}"""
"""Notes on the page how long each new picture took after an event on the page."""

ACTIVE_CELL = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"


class DemoOnPage:
    """One demo, by its CSS class. `notebook`: the fixture's."""

    def __init__(self, notebook: Any, css_class: str) -> None:
        self.notebook = notebook
        self.mouse = notebook.page.mouse
        self.root = notebook.page.locator(f".{css_class}").first
        self.svg = self.root.locator("svg[aria-label]")

    @property
    def label(self) -> str:
        return str(self.svg.get_attribute("aria-label"))

    @property
    def drawn(self) -> str:
        return str(self.svg.inner_html())

    def button(self, name: str) -> Any:
        return self.root.get_by_role("button", name=name, exact=True)

    def knob(self, name: str) -> Any:
        return self.root.locator(f"[data-knob={name}]")

    def until(self, condition: Callable[[], object], what: str, seconds: float = 15) -> None:
        """Wait for the condition, or fail and say what was waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            self.notebook.page.wait_for_timeout(5)
        pytest.fail(f"waited {seconds:g} s for: {what}; the label is {self.label!r}")

    def watch(self, event: str) -> None:
        """From now on take the time from each `event` to the picture that answers it."""
        self.svg.evaluate(WATCH, event)

    def tell_speed(self, what: str) -> None:
        """Print the median time to a new picture since `watch`."""
        waits = self.svg.evaluate("picture => picture.waits")
        assert len(waits) >= 5
        print(f"\n{what}: {len(waits)} pictures, median {statistics.median(waits):.0f} ms")

    def slide(self, name: str, moves: int = 30) -> list[str]:
        """Move a slider by mouse from its left to its right end and print the speed.

        Every place of the slider must give a new picture; their labels.
        """
        slider, labels = self.knob(name), [self.label]
        slider.scroll_into_view_if_needed()
        box, value = slider.bounding_box(), slider.input_value()
        height = box["y"] + box["height"] / 2
        self.watch("input")
        middle = box["x"] + box["width"] / 2
        along = [box["x"] + 6 + share / moves * (box["width"] - 12) for share in range(moves + 1)]
        self.mouse.move(middle, height)
        self.mouse.down()
        for x in (middle, *along):  # pressing the button moves the slider, too
            self.mouse.move(x, height)
            if slider.input_value() != value:
                value = slider.input_value()
                self.until(lambda: self.label != labels[-1], "a new picture")
                labels.append(self.label)
        self.mouse.up()
        self.tell_speed(f"sliding {name}")
        return labels
