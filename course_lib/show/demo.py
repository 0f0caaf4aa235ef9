"""What every demo is made of: traits that the browser draws, and a picture without it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets
from matplotlib.axes import Axes

from course_lib.show.asleep import LastPicture
from course_lib.show.figure import Picture, pictures
from course_lib.show.knobs import button, controls, listed, said, state_of

_HERE = Path(__file__).parent


def browser_code(*names: str) -> str:
    """The shared helpers followed by a demo's own files: one JavaScript module."""
    files = [_HERE / name for name in ("demo.js", *names)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


class Demo(anywidget.AnyWidget):
    """State -> info -> traits; the browser draws the traits and sends commands back.

    A class says its state as knobs, see `course_lib.show.knobs`; turning one publishes.
    values: places of the knobs whose places are known only now; a slider with one is left out.

    chart: the numbers of the picture. label: the same in words, for screen readers.
    code: Python that makes the same picture. note: one line about what is going on.
    question: what to predict before pressing a button.
    panels: the plots of the static picture, side by side, in `inches`.

    Without a running kernel a notebook shows the last picture, see `course_lib.show.asleep`.
    """

    _css = (_HERE / "demo.css").read_text(encoding="utf-8")

    chart = traitlets.Dict().tag(sync=True)
    label = said()
    code = said()
    note = said()
    question = said()
    knobs = listed()
    actions = listed(button("step", "Step", "s"), button("reset", "Reset", "r"))
    presets = listed()
    running = traitlets.Bool(False).tag(sync=True)

    css_class: ClassVar[str]
    panels: ClassVar[tuple[Callable[..., Axes], ...]]
    inches: ClassVar[tuple[float, float]] = (13, 4.8)

    def __init__(self, *, values: Mapping[str, Sequence[Any]] | None = None, **traits: Any) -> None:
        super().__init__(**traits)
        self.add_class(self.css_class)
        self.on_msg(self._receive)
        self._asleep = LastPicture(self.picture)
        self.observe(lambda _: self._asleep.changed(), "chart")
        self._state = state_of(self)
        self.knobs = controls(self._state, values or {})
        self._start = self._seen = self._present()
        self.observe(self._changed, list(self._state))
        self._begin()

    def _begin(self) -> None:
        self.publish()

    def _present(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._state}

    def _changed(self, _: Any) -> None:
        """Tell what was turned, once where several knobs were turned together."""
        before, self._seen = self._seen, self._present()
        names = {name for name, value in self._seen.items() if value != before[name]}
        if names:
            self.turned(names)

    def turned(self, names: set[str]) -> None:
        """These parts of the state are others now."""
        self.publish()

    def step(self) -> None:
        """Other draws: the next seed."""
        self.seed += 1

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.note = ""
        with self.hold_trait_notifications():
            for name, value in self._start.items():
                setattr(self, name, value)

    def choose(self, index: int) -> None:
        """Turn the knobs to a preset."""
        preset = self.presets[index]
        with self.hold_trait_notifications():
            for trait, value in preset["knobs"].items():
                setattr(self, trait, value)
        self.note = preset["comment"]

    def publish(self) -> None:
        """State -> info -> traits, in one message: the label never speaks of another picture."""
        with self.hold_sync():
            self._publish()

    def _publish(self) -> None:
        info = self.info()
        self.label = info.describe()
        self.code = self._code()
        self.chart = self._chart(info)

    def info(self) -> Any:
        """What is to be seen now; its `describe()` says it in words."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """The state as a static picture."""
        info = self.info()
        return pictures(*((plot, info) for plot in self.panels), size=self.inches)

    def _code(self) -> str:
        """Python that makes the same picture."""
        raise NotImplementedError

    def _chart(self, info: Any) -> dict[str, Any]:
        """The numbers of the picture, as the demo's JavaScript reads them."""
        raise NotImplementedError

    def _receive(self, _: Any, message: Mapping[str, Any], __: Any) -> None:
        if message["do"] == "preset":
            self.choose(message["index"])
        else:
            names = [action["name"] for action in self.actions]
            if message["do"] in names:
                getattr(self, message["do"])()

    def _ipython_display_(self) -> None:
        self._asleep.show(self.get_view_spec())


def numbers(values: Any, digits: int = 4) -> Any:
    """Nested lists of rounded numbers that JSON can hold; nan becomes None."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, list | tuple):
        return [numbers(value, digits) for value in values]
    return None if values != values else round(float(values), digits)
