"""A search that is watched step by step, and the same search run to its end."""

import inspect
from collections.abc import Callable, Generator
from functools import wraps
from typing import ParamSpec, TypeAlias, TypeVar, cast, get_args

P = ParamSpec("P")
Step = TypeVar("Step")
Found = TypeVar("Found")
Steps: TypeAlias = Generator[Step, None, Found]
"""Yields every step, and returns at the end what was found."""


def run_to_the_end(steps: Callable[P, Steps[Step, Found]], name: str) -> Callable[P, Found]:
    """The search `name`: it takes every step of `steps` and gives what was found."""

    @wraps(steps)
    def search(*args: P.args, **named: P.kwargs) -> Found:
        running = steps(*args, **named)
        while True:
            try:
                next(running)
            except StopIteration as end:
                return cast(Found, end.value)

    found = get_args(steps.__annotations__["return"])[-1]
    search.__name__ = search.__qualname__ = name
    search.__doc__ = (
        f"All steps of `{steps.__name__}`, then what they found.\n\n    {steps.__doc__}"
    )
    search.__annotations__ = steps.__annotations__ | {"return": found}
    signature = inspect.signature(steps).replace(return_annotation=found)
    search.__signature__ = signature  # type: ignore[attr-defined]
    return search
