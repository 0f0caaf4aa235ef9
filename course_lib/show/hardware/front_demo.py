"""The front of accuracy and latency, device by device; its networks measured on this machine."""

from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from typing import Any

import numpy as np
import torch
import traitlets
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.hardware.measure import low_quantile, measure
from course_lib.hardware.runtimes import DEVICES, lacks
from course_lib.show.demo import Demo, browser_code, numbers
from course_lib.show.hardware.fronts import (
    FrontInfo,
    Values,
    front_info,
    plot_elsewhere,
    plot_front,
    shown_places,
)
from course_lib.show.knobs import button, choice, hidden, listed, preset, said, slider

ROUNDS, PIECE = 40, 10
LIMITS = (2, 5, 10, 25, 50, 75, 100)


class FrontDemo(Demo):
    """Choose a device and a limit; see what the same choice is worth on another device.

    accuracy: (n,). seconds: device -> (n,), two devices or more. build: a network by its place, to
    measure it here. x: one image.
    """

    _esm = browser_code("lines.js", "hardware/front_demo.js")
    css_class = "demo-front"

    question = said(
        "Predict first: how many networks of one device's front are on the front of another one?"
    )
    device = choice("device")
    other = choice("beside it")
    limit = slider("networks within the limit, %", LIMITS, 25)
    measured = hidden(traitlets.Dict())
    actions = listed(
        button("step", "Next limit", "s"),
        button("measure", "Measure the front on this machine", "m", when="idle"),
        button("stop", "Stop", "o", when="running"),
        button("reset", "Reset", "r"),
    )
    panels = (plot_front, plot_elsewhere)

    def __init__(
        self,
        accuracy: Values,
        seconds: Mapping[str, Values],
        build: Callable[[int], nn.Module],
        x: Tensor,
    ) -> None:
        self.accuracy, self.seconds = accuracy, dict(seconds)
        self.build, self.x = build, x
        self._halt, self._thread = Event(), Thread()
        names = list(self.seconds)
        super().__init__(
            values={"device": names, "other": names},
            presets=[
                preset("tight", "Few networks are left, and the front decides.",
                       device=names[0], other=names[-1], limit=5),
                preset("loose", "The limit hardly binds: accuracy decides alone.",
                       device=names[0], other=names[-1], limit=75),
                preset("the other way round", "The same limit where other things are dear.",
                       device=names[-1], other=names[0], limit=5),
            ],
            device=names[0],
            other=names[-1],
        )  # fmt: skip

    def turned(self, names: set[str]) -> None:
        """Measurements belong to the device that was chosen."""
        if "device" in names and self.measured and "measured" not in names:
            self.measured = {}
        self.publish()

    def step(self) -> None:
        """The next looser limit; after the loosest comes the tightest."""
        self.limit = LIMITS[(LIMITS.index(self.limit) + 1) % len(LIMITS)]

    def measure(self) -> None:
        """Measure the front's networks in the background, a few rounds at a time."""
        device = next((one for one in DEVICES if one.name == self.device), None)
        reason = f"there is no runtime {self.device}" if device is None else lacks(device)
        if reason or self.running:
            self.note = f"Not measured: {reason or 'it is being measured'}."
            return
        self.running, self.measured = True, {}
        self._halt.clear()
        self._thread = Thread(target=self._measure_all, args=(device,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the rounds that are being measured."""
        self._halt.set()

    def reset(self) -> None:
        """As at the start; a measurement ends first."""
        self.stop()
        self.wait()
        super().reset()

    def wait(self) -> None:
        """Until the measuring has ended."""
        if self._thread.is_alive():
            self._thread.join()

    def _measure_all(self, device: Any) -> None:
        try:
            for places, samples in self._rounds(device):
                found = (1e3 * low_quantile(samples, 0.1)).tolist()
                self.measured = {str(p): round(v, 5) for p, v in zip(places, found, strict=True)}
                self.note = f"{len(samples)} of {ROUNDS} rounds measured on this machine."
        except Exception as error:
            self.note = f"Stopped: {error}"
        finally:
            self.running = False

    def _rounds(self, device: Any) -> Iterator[tuple[list[int], Tensor]]:
        """The places of the front, and all samples so far, after every few rounds."""
        places, rng = self.info().front.tolist(), make_rng(0)
        with one_thread():
            calls = []
            for place in places:
                if self._halt.is_set():
                    return
                calls.append(device.prepare(self.build(place), self.x))
                self.note = f"{len(calls)} of {len(places)} networks are ready."
            samples = torch.empty(0, len(calls), dtype=torch.float64)
            while len(samples) < ROUNDS and not self._halt.is_set():
                samples = torch.cat([samples, measure(calls, rng, rounds=PIECE)])
                yield places, samples

    def info(self) -> FrontInfo:
        return front_info(
            self.accuracy,
            self.seconds,
            self.device,
            self.other,
            share=self.limit / 100,
            measured={int(place): value for place, value in self.measured.items()},
        )

    def _chart(self, info: FrontInfo) -> dict[str, Any]:
        def at(places: Any, device: str) -> list[Any]:
            places = np.asarray(places, dtype=int)
            latency = info.milliseconds[device][places]
            return [numbers(latency, 5), numbers(100 * info.accuracy[places], 2)]

        cloud, here = shown_places(info), list(info.measured)
        return {
            "device": info.device,
            "other": info.other,
            "cloud": [at(cloud, info.device), at(cloud, info.other)],
            "front": [at(info.front, info.device), at(info.front, info.other)],
            "own": at(info.other_front, info.other),
            "best": at([info.best], info.device),
            "limit": numbers(info.limit, 5),
            "measured": [list(info.measured.values()), at(here, info.device)[1]],
            "said": f"{info.told}.".replace("; measured", ", measured"),
        }

    def _code(self) -> str:
        return (
            "from course_lib.show.hardware.fronts import front_info\n\n"
            f"info = front_info(accuracy, seconds, {self.device!r}, {self.other!r}, "
            f"share={self.limit / 100:g})\n"
            "print(info.told)\n"
        )
