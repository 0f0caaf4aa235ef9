"""Demos that go on step by step: start, stop, step, reset, and a recorded run to fall back on."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any, ClassVar

from course_lib.show.demo import Demo
from course_lib.show.knobs import button, listed
from course_lib.show.recordings import Run, recorded_runs

_FASTEST = 0.125
"""Seconds from one picture to the next while a demo runs by itself: eight a second."""


class LiveDemo(Demo):
    """A demo whose state is a growing list of steps, taken from `source()` one by one.

    recorded: take the steps of a recorded run instead of computing them. A live run that fails
        falls back on it by itself and says so.
    """

    actions = listed(
        button("start", "Start", "a", when="idle"),
        button("stop", "Stop", "o", when="running"),
        button("step", "Step", "s", when="idle"),
        button("reset", "Reset", "r"),
    )
    recording: ClassVar[str]
    per_picture: ClassVar[int] = 1

    def __init__(self, *, recorded: bool = False, **traits: Any) -> None:
        self.recorded = recorded
        self.steps: list[Any] = []
        self._halt = Event()
        self._thread: Thread | None = None
        self._iterator: Iterator[Any] = iter(())
        super().__init__(**traits)

    def turned(self, names: set[str]) -> None:
        """Another knob, another run."""
        self.reset()

    @property
    def settings(self) -> dict[str, Any]:
        """Where the knobs stand, but for the seed: what a recorded run is found by."""
        return {name: value for name, value in self._present().items() if name != "seed"}

    def source(self) -> Iterator[Any]:
        """Live steps."""
        raise NotImplementedError

    def replay(self, run: Run) -> Iterator[Any]:
        """The steps of a recorded run."""
        raise NotImplementedError

    def start(self) -> None:
        """Go on in the background, so that other cells can be run meanwhile."""
        if not self.running:
            self.running = True
            self._halt.clear()
            self._thread = Thread(target=self._go_on, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask the background run to end after the step that it is in."""
        self._halt.set()

    def step(self) -> None:
        """One step."""
        if not self.running:
            self._advance(1)
            self.publish()

    def run(self, steps: int | None = None) -> None:
        """Take `steps` steps, or all that there are, before returning: no browser is needed."""
        self.wait()
        taken = 0
        while (steps is None or taken < steps) and self._advance(1):
            taken += 1
        self.publish()

    def reset(self) -> None:
        """Start over with the same knobs; a run in the background goes on from the beginning."""
        was_running = self.running
        self.wait()
        self.note = ""
        self._begin()
        if was_running:
            self.start()

    def wait(self) -> None:
        """Stop the background run and wait for its end."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _begin(self) -> None:
        self.steps = []
        if self.recorded:
            run = self._recorded_run()
            self._iterator = self.replay(run)
            self.note = f"Recorded run: {run.name}."
        else:
            self._iterator = self.source()
        self.publish()

    def _recorded_run(self) -> Run:
        """The recorded run whose knobs are set like the present ones, or else the first."""
        runs = recorded_runs(self.recording)
        return next((run for run in runs if run.knobs == self.settings), runs[0])

    def _go_on(self) -> None:
        try:
            while not self._halt.is_set() and self._advance(self.per_picture):
                self.publish()
                self._halt.wait(_FASTEST)
        except Exception as error:
            self.note = f"Stopped: {error}"
        finally:
            self.running = False

    def _advance(self, count: int) -> bool:
        """Take up to `count` steps; False when there are no more."""
        for _ in range(count):
            try:
                self.steps.append(next(self._iterator))
            except StopIteration:
                what = "recording ends" if self.recorded else "budget is spent"
                self.note = f"The {what} here: Reset starts over."
                return False
            except Exception as error:
                if self.recorded:
                    raise
                self._fall_back(error)
        return True

    def _fall_back(self, error: Exception) -> None:
        self.recorded = True
        self._begin()
        self.note = f"The live run failed ({error}). {self.note} Make a new demo to try again."
