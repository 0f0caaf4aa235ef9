"""A search that is watched step by step, and the same search run to its end."""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from torch import Generator

from course_lib.core.oracle import Oracle
from course_lib.core.space import Space
from course_lib.core.trial import History

P = ParamSpec("P")
Steps = Callable[Concatenate[Space, Oracle, Generator, P], Iterator[Any]]
RunSearch = Callable[Concatenate[Space, Oracle, Generator, P], History]


def run_to_the_end(steps: Steps[P]) -> RunSearch[P]:
    """From `name_steps` the search `name`: it takes every step and gives the oracle's history."""

    @wraps(steps)
    def search(
        space: Space, oracle: Oracle, rng: Generator, /, *args: P.args, **named: P.kwargs
    ) -> History:
        for _ in steps(space, oracle, rng, *args, **named):
            pass
        return oracle.history

    search.__name__ = search.__qualname__ = steps.__name__.removesuffix("_steps")
    search.__doc__ = f"All steps of `{steps.__name__}`, then the history.\n\n    {steps.__doc__}"
    search.__annotations__ = steps.__annotations__ | {"return": History}
    signature = inspect.signature(steps).replace(return_annotation=History)
    search.__signature__ = signature  # type: ignore[attr-defined]
    return search
