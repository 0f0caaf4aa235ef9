"""Running a student's function: silent, limited in time, without the library's own answer."""

import _thread
import contextlib
import dis
import importlib
import io
import logging
import signal
import threading
import time
import traceback
import types
import warnings
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn, TextIO

import torch

from course_lib.core import make_rng

_PACKAGE = str(Path(__file__).resolve().parents[1])


class NotAttempted(Exception):
    """The answer ran into a placeholder."""


class LibraryCalled(Exception):
    """The answer calls the library's function instead of being one."""


class TimeLimit(Exception):
    """The answer did not return in time."""


class StudentError(Exception):
    """An exception in the student's code, with the lines where it happened."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error
        self.lines = _own_lines(error)


class Ask:
    """A student's function; what goes wrong inside it is told apart from what the check does."""

    def __init__(self, function: Any) -> None:
        if not callable(function):
            raise StudentError(
                TypeError(f"the check expects a function, got {type(function).__name__}")
            )
        self._function = function

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            answer = self._function(*arguments, **named)
        except (LibraryCalled, KeyboardInterrupt):
            raise
        except NotImplementedError as error:
            if error.args:  # torch raises it too, and says why
                raise StudentError(error) from error
            raise self._unwritten(error) from error
        except BaseException as error:
            raise StudentError(error) from error
        if answer is ... or (answer is None and is_placeholder(self._function)):
            raise NotAttempted
        return answer

    def _unwritten(self, error: NotImplementedError) -> Exception:
        """The function itself is not attempted, or it calls one that is not."""
        *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
        if getattr(self._function, "__code__", frame.f_code) is frame.f_code:
            return NotAttempted()
        other = NotImplementedError(f"{frame.f_code.co_name} is not written yet")
        return StudentError(other.with_traceback(error.__traceback__))


def is_placeholder(function: Any) -> bool:
    """Whether the body is only `...`, `pass` or a docstring."""

    def empty() -> None: ...

    def operations(code: types.CodeType) -> list[tuple[str, object]]:
        steps = dis.get_instructions(code)
        return [(step.opname, step.argval) for step in steps if step.opname != "NOP"]

    code = getattr(function, "__code__", None)
    return code is not None and operations(code) == operations(empty.__code__)


@contextlib.contextmanager
def safely(seed: int, *, seconds: float) -> Iterator[None]:
    """Silent stderr, torch's global generator seeded and restored, TimeLimit after `seconds`."""
    with (
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        _quiet_logging(),
    ):
        warnings.simplefilter("ignore")
        torch.default_generator.manual_seed(seed)
        with _time_limit(seconds):
            yield


class FirstLines(io.TextIOBase):
    """What a student prints while a check runs: the first ten lines, then dots."""

    def __init__(self, target: TextIO, lines: int = 10) -> None:
        self._target, self._left = target, lines

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            if self._left > 0:
                self._target.write(line)
                self._left -= line.endswith("\n")
                if self._left == 0:
                    self._target.write("...\n")
        return len(text)


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
    """Interrupt the main thread once the process has computed for `seconds`.

    Processor time, so that a busy machine costs nobody points. In another thread than the main one
    there is no portable way to interrupt, and no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # where SIGINT is ignored, as in a job in the background, interrupt_main does nothing
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    watch = _Watch(time.process_time() + seconds)
    watch.start()
    try:
        yield
        if watch.stop():
            time.sleep(1)  # the interrupt is on its way: meet it here, not in the caller
    except KeyboardInterrupt:
        if not watch.stop():
            raise
        raise TimeLimit(f"no answer after computing for {seconds:g} seconds") from None
    finally:
        watch.stop()
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


class _Watch(threading.Thread):
    """Interrupts the main thread when the process's time is up, unless it is stopped before."""

    def __init__(self, end: float) -> None:
        super().__init__(daemon=True)
        self._end = end
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._fired = False

    def run(self) -> None:
        while not self._over.wait(max(0.05, self._end - time.process_time())):
            with self._lock:
                if time.process_time() >= self._end and not self._over.is_set():
                    self._fired = True
                    self._over.set()
                    _thread.interrupt_main()

    def stop(self) -> bool:
        """No interrupt from now on; whether there was one."""
        with self._lock:
            self._over.set()
            return self._fired


def _refused(*_arguments: Any, **_named: Any) -> NoReturn:
    from course_lib.checks.guard import LibraryCalled

    raise LibraryCalled


@contextlib.contextmanager
def library_refused(*paths: str) -> Iterator[None]:
    """Meanwhile the library's functions raise LibraryCalled.

    paths: as `module:name` or `module:Class.name`.
    The code inside the function object is exchanged, so every reference to it is reached: other
    modules, default arguments, a student's own alias.
    """
    functions = []
    for path in paths:
        module, name = path.split(":")
        functions.append(attrgetter(name)(importlib.import_module(module)))
    codes = [function.__code__ for function in functions]
    for function in functions:
        function.__code__ = _refused.__code__
    try:
        yield
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code


def _own_lines(error: BaseException, last: int = 3) -> list[str]:
    """`line 7, in decode: rows = n / s`: the last steps that are not inside a library."""
    steps = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if not step.filename.startswith(_PACKAGE) and "site-packages" not in step.filename
    ]
    return [f"line {step.lineno}, in {step.name}: {step.line or '?'}" for step in steps[-last:]]


def seeded(variant: int, salt: int = 0) -> torch.Generator:
    """The generator of a case: the variant's, with a salt where one law needs several."""
    return make_rng(1_000_003 * variant + salt)
