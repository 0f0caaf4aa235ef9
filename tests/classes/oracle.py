"""What an answer is worth: the lab's own test, hidden cases included, called in this process.

No nbgrader, no kernel and no sandbox: it runs answers that this project has written itself.
"""

import ast
import contextlib
import io
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.cells import artefacts
from course_lib.teach.places import Lab
from tests.classes.banks import CHALLENGE
from tests.teach.whole_class import ROOT, solution


class Oracle:
    """The points of one lab's answers."""

    def __init__(self, lab: str) -> None:
        source = read_source(Lab(ROOT, lab).source)
        code = [cell for cell in source.cells if cell.cell_type == "code"]
        self.tests = {
            str(grade_id(cell)): float(cell.metadata.nbgrader.points)
            for cell in code
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        self.artefact = next(iter(artefacts(source)), "")
        self._sources = {name: cell.source for cell in code if (name := grade_id(cell))}
        self._names: dict[str, Any] = {}
        self._writes = [c.source for c in code if re.search(r"check\.write_challenge\(", c.source)]
        _run(self._sources["setup"], self._names)
        _run(next(c.source for c in code if "check.variant_of(" in c.source), self._names)
        self._solution = solution(lab)

    @cache  # noqa: B019  one oracle for each lab
    def points(self, exercise: str, answer: str, file: bytes = b"") -> float:
        """The points that the test of an exercise gives; 0 where it raises.

        file: what lies beside the notebook under the artefact's name, if anything does.
        """
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            if file:
                Path(self.artefact).write_bytes(file)
            names = dict(self._names)
            try:
                _run(answer, names)
            except Exception:
                names.pop(exercise, None)
            try:
                return float(repr(_run(self._sources[f"{exercise}_test"], names)))
            except Exception:
                return 0.0

    @cache  # noqa: B019
    def right_file(self) -> bytes:
        """The challenge's file as the solution writes it; b"" where the lab asks for none."""
        if not self.artefact:
            return b""
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            names = dict(self._names)
            for source in (self._solution[CHALLENGE], *self._writes):
                _run(source, names)
            return Path(self.artefact).read_bytes()


@cache
def oracle_of(lab: str) -> Oracle:
    """The oracle of a lab, which asks nothing twice."""
    return Oracle(lab)


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell quietly; the value of its last expression, None if it does not end in one."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(tree, "cell", "exec"), names)
        if last is None:
            return None
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
