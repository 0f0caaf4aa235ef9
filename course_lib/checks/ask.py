"""Asking a student's function: what goes wrong inside it is told apart from what the check does."""

import contextlib
import dis
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PACKAGE = str(Path(__file__).resolve().parents[1])


class NotAttempted(Exception):
    """The answer ran into a placeholder."""


class LibraryCalled(Exception):
    """The answer calls the library's function instead of being one."""


class StudentError(Exception):
    """An exception in the student's code, with the lines where it happened.

    met: where it came up, if not in the function itself: in what it gave back.
    """

    def __init__(self, error: BaseException, met: str = "") -> None:
        said = f"{type(error).__name__}: {_text(error)}".removesuffix(": ")
        super().__init__(f"at {met}, Python says {said}" if met else said)
        self.error = error
        self.lines = _own_lines(error)


class Ask:
    """A student's function; what goes wrong inside it is a StudentError."""

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


@contextlib.contextmanager
def theirs(what: str) -> Iterator[None]:
    """What goes wrong in here is the student's: a law works with what the function gave back.

    what: as in "the gradient of your loss".
    """
    try:
        yield
    except Exception as error:
        raise StudentError(error, what) from error


def is_placeholder(function: Any) -> bool:
    """Whether the body is only `...`, `pass` or a docstring."""

    def empty() -> None: ...

    def operations(code: types.CodeType) -> list[tuple[str, object]]:
        steps = dis.get_instructions(code)
        return [(step.opname, step.argval) for step in steps if step.opname != "NOP"]

    code = getattr(function, "__code__", None)
    return code is not None and operations(code) == operations(empty.__code__)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(an exception whose text cannot be made)"


def _own_lines(error: BaseException, last: int = 3) -> list[str]:
    """`line 7, in decode: rows = n / s`: the last steps that are not inside a library."""
    steps = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if not step.filename.startswith(_PACKAGE) and "site-packages" not in step.filename
    ]
    return [f"line {step.lineno}, in {step.name}: {step.line or '?'}" for step in steps[-last:]]
