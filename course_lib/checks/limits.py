"""Running a student's function: silent, limited in time, and nothing of it stays behind."""

import _thread
import contextlib
import io
import logging
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

import torch

from course_lib.checks.ask import StudentError
from course_lib.core.threads import one_thread

STILL = 60.0
"""Seconds that an answer may stand still: sleep, or wait for a lock."""


class TimeLimit(Exception):
    """The answer did not return in time."""


@contextlib.contextmanager
def safely(seed: int, *, seconds: float) -> Iterator[None]:
    """Silent stderr and torch as it starts up: its global generator seeded, float32 the default
    type, gradients on; all put back afterwards. TimeLimit after `seconds`.

    One thread: on a busy machine several wait for each other, and waiting counts as computing.
    """
    with (
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        _single_precision(),
        _quiet_logging(),
        one_thread(),
    ):
        warnings.simplefilter("ignore")
        torch.default_generator.manual_seed(seed)
        with _time_limit(seconds):
            yield


class FirstLines(io.TextIOBase):
    """What a student prints while a check runs: the first ten lines, of 2,000 characters in all,
    then dots."""

    def __init__(self, target: TextIO, lines: int = 10, characters: int = 2000) -> None:
        self._target, self._lines, self._characters = target, lines, characters

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            if self._lines > 0 and self._characters > 0:
                self._target.write(line[: self._characters])
                self._lines -= line.endswith("\n")
                self._characters -= len(line)
                if self._lines == 0 or self._characters <= 0:
                    self._target.write("...\n")
        return len(text)


@contextlib.contextmanager
def _single_precision() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextlib.contextmanager
def _quiet_logging() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the main thread once the process has computed for `seconds`, or stood still for
    STILL.

    Processor time, so that a busy machine costs nobody points. In another thread than the main one
    there is no portable way to interrupt, and no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watch = _Watch(seconds)
    # where SIGINT is ignored, as in a job in the background, an interrupt would do nothing
    before = signal.signal(signal.SIGINT, watch.interrupt)
    watch.start()
    try:
        yield
        if watch.stop():
            time.sleep(1)  # the interrupt is on its way: meet it here, not in the caller
    except KeyboardInterrupt as error:
        if watch.stop():
            raise TimeLimit(f"no answer after {watch.why}") from None
        if watch.interrupted:
            raise
        raise StudentError(error) from error  # nobody pressed a key: the answer raised it
    finally:
        watch.stop()
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


class _Watch(threading.Thread):
    """Interrupts the main thread when the process's time is up, unless it is stopped before.

    A process that computes in less than a hundredth of the time stands still. On the busiest
    machine one that has something to do gets more.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self._seconds = seconds
        self._end = time.process_time() + seconds
        self._moved = time.process_time(), time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.why = ""
        self.interrupted = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """A key was pressed, or the time is up."""
        self.interrupted = True
        raise KeyboardInterrupt

    def run(self) -> None:
        while not self._over.wait(min(1.0, max(0.05, self._end - time.process_time()))):
            with self._lock:
                if not self._over.is_set() and (why := self._up()):
                    self.why = why
                    self._over.set()
                    _interrupt_main()

    def _up(self) -> str:
        """Why the time is up, or "" if it is not."""
        computed, now = time.process_time(), time.monotonic()
        if computed >= self._end:
            return f"computing for {self._seconds:g} seconds"
        if computed - self._moved[0] > 0.01 * STILL:
            self._moved = computed, now
        return f"waiting for {STILL:g} seconds" if now - self._moved[1] >= STILL else ""

    def stop(self) -> bool:
        """No interrupt from now on; whether there was one."""
        with self._lock:
            self._over.set()
            return bool(self.why)


def _interrupt_main() -> None:
    """A real signal where there are such, which also wakes a sleep or a wait for a lock."""
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
