"""Cells to play in: what goes wrong there is said in one line and never stops the notebook."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def playground(exercise: str) -> Iterator[None]:
    """`with playground("decode"):` runs its cell, and says what is missing where it cannot.

    exercise: the student's function that the cell plays with.
    """
    try:
        yield
    except NameError as error:
        if _raised_in(exercise, error):
            print(f"{exercise} does not work here yet. NameError: {error}")
        else:
            print(f"`{error.name}` is not there yet: run the cells above first (Run All Above).")
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            print(f"Write {exercise} first, then run this cell again.")
        else:
            print(f"{exercise} does not work here yet. {type(error).__name__}: {error}")


def _raised_in(function: str, error: BaseException) -> bool:
    return any(step.name == function for step in traceback.extract_tb(error.__traceback__))
