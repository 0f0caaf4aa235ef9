"""How the mistakes of an exercise are written in its room: the source of a wrong answer."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from course_lib.checks.engine import Exercise
from course_lib.checks.wrong import Misconception
from course_lib.teach.build.proof import reached

LONGEST = 24
"""Lines of a wrong answer that is shown."""


@dataclass(frozen=True)
class Room:
    """The modules that check one exercise: its own, and those of the lab that it uses."""

    texts: tuple[str, ...]

    def written(self, mistake: Misconception) -> str:
        """How somebody writes it who makes the mistake; '' where that cannot be shown shortly."""
        sources = [source for text in self.texts for source in _answers(text, mistake.name)]
        shown = [source for source in sources if source.count("\n") < LONGEST]
        return min(shown, key=len, default="")


def room(root: Path, exercise: Exercise, others: frozenset[str]) -> Room:
    """The room of an exercise. others: the names of the lab's other exercises."""
    folder = root / "course_lib" / "checks" / exercise.lab
    own = folder / f"{exercise.name}.py"
    paths = {p for p in reached(root, own) if p.parent == folder and p.stem not in others}
    return Room(tuple(path.read_text(encoding="utf-8") for path in sorted(paths | {own})))


def _answers(text: str, name: str) -> Iterator[str]:
    """The sources of the wrong answers that follow a mistake's name and advice."""
    tree = ast.parse(text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        parts = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        if len(parts) > 2 and isinstance(parts[0], ast.Constant) and parts[0].value == name:
            for part in parts[2:]:
                shown = functions.get(part.id) if isinstance(part, ast.Name) else part
                if isinstance(shown, ast.FunctionDef | ast.Lambda | ast.Call):
                    yield _source(text, shown)


def _source(text: str, node: ast.expr | ast.stmt) -> str:
    """The lines of a node, the first one's indentation taken from all."""
    lines = ast.get_source_segment(text, node, padded=True) or ""
    first, _, rest = lines.partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip() if rest else first.strip()
