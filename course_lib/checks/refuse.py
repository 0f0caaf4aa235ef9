"""While a check runs, the library's own answer is out of reach."""

import contextlib
import importlib
import inspect
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NoReturn


def _refused(*_arguments: Any, **_named: Any) -> NoReturn:
    # its code is lent to other functions, whose globals know no LibraryCalled
    from course_lib.checks.ask import LibraryCalled

    raise LibraryCalled


@contextlib.contextmanager
def library_refused(*paths: str) -> Iterator[None]:
    """Meanwhile the library's functions raise LibraryCalled.

    paths: as `module:name` or `module:Class.name`.
    The code inside the function object is exchanged, so every reference to it is reached: other
    modules, default arguments, a student's own alias. Of a decorated function it is the one within
    (of `run_to_the_end`, the steps): the code of the wrapper is shared with others.
    """
    functions = []
    for path in paths:
        module, name = path.split(":")
        named = attrgetter(name)(importlib.import_module(module))
        functions.append(inspect.unwrap(named))
    codes = [function.__code__ for function in functions]
    for function in functions:
        function.__code__ = _refused.__code__
    try:
        yield
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code
