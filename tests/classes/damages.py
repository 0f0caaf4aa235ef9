"""What happens to a notebook before it is handed in, and what grading has to say about it."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from course_lib.teach.build.sources import grade_id

Change = Callable[[NotebookNode, str], None]
"""Changes a notebook; the name is that of one of its exercises."""


@dataclass(frozen=True)
class Damage:
    """A change of the notebook, then one of the file's bytes, and the note on it, a pattern.

    {0} in the note stands for the exercise. unreadable: the file is no notebook any more.
    """

    note: str = ""
    change: Change = lambda notebook, exercise: None
    rewrite: Callable[[bytes], bytes] = lambda content: content
    unreadable: bool = False

    def said(self, exercise: str) -> list[str]:
        """The note as a pattern, if there is one."""
        return [self.note.replace("{0}", re.escape(exercise))] if self.note else []


def _place(notebook: NotebookNode, name: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def _copies_the_answer(notebook: NotebookNode, exercise: str) -> None:
    place = _place(notebook, exercise)
    notebook.cells.insert(place, copy.deepcopy(notebook.cells[place]))


def _deletes_the_test(notebook: NotebookNode, exercise: str) -> None:
    del notebook.cells[_place(notebook, f"{exercise}_test")]


def _moves_the_test(notebook: NotebookNode, exercise: str) -> None:
    test = notebook.cells.pop(_place(notebook, f"{exercise}_test"))
    notebook.cells.insert(_place(notebook, exercise), test)


def _weakens_the_test(notebook: NotebookNode, exercise: str) -> None:
    notebook.cells[_place(notebook, f"{exercise}_test")].source = "10.0"


def _loses_metadata(notebook: NotebookNode, exercise: str) -> None:
    notebook.cells[_place(notebook, exercise)].metadata = NotebookNode()


def _loses_ids(notebook: NotebookNode, _: str) -> None:
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.pop("id", None)


def _was_run_elsewhere(notebook: NotebookNode, _: str) -> None:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = 500 - number
            cell.outputs = [new_output("stream", text="16.0\n" * 100)]


def _adds_cells(notebook: NotebookNode, exercise: str) -> None:
    notebook.cells.insert(_place(notebook, exercise), new_code_cell("print('x' * 10_000)\n1 / 0"))
    notebook.cells.append(new_code_cell("import time\ntime.sleep(0.5)\nexit()"))


def _windows(notebook: NotebookNode, _: str) -> None:
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")


UNHARMED = Damage()
DAMAGES = {
    "run elsewhere": Damage(change=_was_run_elsewhere),
    "cells of one's own": Damage(change=_adds_cells),
    "no ids": Damage(change=_loses_ids),
    "Windows line ends": Damage(change=_windows),
    "byte order mark": Damage(
        "repaired: byte order mark removed", rewrite=lambda content: b"\xef\xbb\xbf" + content
    ),
    "UTF-16": Damage(
        "repaired: UTF-16 instead of UTF-8",
        rewrite=lambda content: content.decode().encode("utf-16"),
    ),
    "text behind the end": Damage(
        "repaired: text after the end of the notebook was ignored",
        rewrite=lambda content: content + b"\n>>>>>>> mine\n",
    ),
    "answer copied": Damage(
        "repaired: {0} occurs 2 times, the last edited one counts", _copies_the_answer
    ),
    "test deleted": Damage("repaired: the deleted cell {0}_test was put back", _deletes_the_test),
    "test moved": Damage(
        "repaired: the test {0}_test was moved back behind its answer", _moves_the_test
    ),
    "test weakened": Damage(
        r"noticed: the locked cell {0}_test was changed \(the released one is used; the added "
        r"lines are kept behind it\)",
        _weakens_the_test,
    ),
    "metadata lost": Damage("repaired: the cell {0} had lost its metadata", _loses_metadata),
    "cut off": Damage(rewrite=lambda content: content[: len(content) // 2], unreadable=True),
    "empty": Damage(rewrite=lambda _: b"", unreadable=True),
    "no notebook": Damage(rewrite=lambda _: b'{"cells": 3}', unreadable=True),
}
_UNREADABLE = [name for name, damage in DAMAGES.items() if damage.unreadable]
_READABLE = [name for name in DAMAGES if name not in _UNREADABLE]


def drawn(rng: Random) -> str:
    """The name of a damage: half of the hand-ins have none, one in twenty cannot be read."""
    luck = rng.random()
    if luck < 0.5:
        return ""
    return rng.choice(_UNREADABLE if luck > 0.95 else _READABLE)


def killing(notebook: NotebookNode, exercise: str) -> str:
    """Put a cell before an answer that ends its process; the note on it."""
    place = _place(notebook, exercise)
    notebook.cells.insert(place, new_code_cell("import os\nos._exit(1)"))
    return r"crashed: cell \d+: the kernel died \(exit code 1\); the rest ran without it"
