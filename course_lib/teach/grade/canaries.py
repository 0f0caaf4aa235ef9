"""Cells at the end of every graded notebook that show whether its kernel still tells the truth.

Code in a hand-in can patch the machinery that reports errors and values, so that every test seems
to pass. One canary must fail, two must show the numbers that were drawn for this run, and in the
last ones the answers are wrong and must earn nothing. The numbers are whole, and compared as
numbers: who has set another format for numbers is not taken for a cheat.
"""

import ast
import secrets
from dataclasses import dataclass

from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id

TAMPERED = "tampered: "


@dataclass(frozen=True)
class Canary:
    """A cell, and what it must do: `fails`, or show the number `shows`."""

    source: str
    shows: float | None = None
    about: str = ""

    def lie(self, outputs: list[NotebookNode]) -> str:
        """What the outputs betray, '' when all is well."""
        failed = any(output.output_type == "error" for output in outputs)
        shown = value(outputs)
        if self.about:
            honest = failed or shown == 0
            return "" if honest else f"{TAMPERED}a wrong answer earns points in {self.about}"
        if self.shows is None:
            return "" if failed else f"{TAMPERED}an error is not reported as one"
        honest = not failed and shown == self.shows
        return "" if honest else f"{TAMPERED}the number {self.shows:g} is shown as another one"


def canaries(notebook: NotebookNode, answers: frozenset[str]) -> list[Canary]:
    """The canaries for a notebook that is about to run; other ones every time.

    answers: the names that students define and that the tests ask.
    """
    name, number = f"_{secrets.token_hex(6)}", 11 + secrets.randbelow(88)
    made = [Canary(f"raise AssertionError({secrets.token_hex(8)!r})")]
    made += [Canary(f"{float(n)}", n) for n in (number, 11 + secrets.randbelow(88))]
    wrong = f"def {name}(*_, **__):\n    raise ArithmeticError({secrets.token_hex(8)!r})\n"
    for cell in notebook.cells:
        asked = sorted(answers & _read(cell)) if is_role(cell, "grade") else []
        if asked:
            source = wrong + "".join(f"{answer} = {name}\n" for answer in asked) + cell.source
            made.append(Canary(source, about=str(grade_id(cell))))
    return made


def value(outputs: list[NotebookNode]) -> float | None:
    """The number that a cell showed as its value, None if there is none."""
    shown = [o.data.get("text/plain", "") for o in outputs if o.output_type == "execute_result"]
    try:
        return float(shown[-1]) if shown else None
    except (ValueError, TypeError):
        return None


def answers_of(notebook: NotebookNode) -> frozenset[str]:
    """The names of the functions and classes that a lab's answers define."""
    return frozenset(
        name for cell in notebook.cells if is_role(cell, "solution") for name in defined(cell)
    )


def is_role(cell: NotebookNode, role: str) -> bool:
    """Whether nbgrader's metadata give a code cell the role "grade" or "solution"."""
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get(role, False))


def defined(cell: NotebookNode) -> set[str]:
    """The functions and classes that a cell defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in _tree(cell).body if isinstance(node, kinds)}


def _read(cell: NotebookNode) -> set[str]:
    return {node.id for node in ast.walk(_tree(cell)) if isinstance(node, ast.Name)}


def _tree(cell: NotebookNode) -> ast.Module:
    try:
        tree: ast.Module = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], type_ignores=[])
    return tree
