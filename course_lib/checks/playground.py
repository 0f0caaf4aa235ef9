"""Cells to play in: what goes wrong there is said in one line and never stops the notebook."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def playground(exercise: str) -> Iterator[None]:
    """`with playground("decode"):` runs its cell, and says what is missing where it cannot.

    exercise: the student's function that the cell plays with.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            print(f"Write {exercise} first, then run this cell again.")
        else:
            print(f"{exercise} does not work here yet. {type(error).__name__}: {error}")
