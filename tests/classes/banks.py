"""What students write into the answers of a lab, as text: right, wrong, begun, nothing at all.

The answers that the checks are tried on (tests/misconceptions/LAB/EXERCISE.py) become cells that
run by themselves: the room's code stands in a function of its own, so that no name of it meets a
name of the notebook's.
"""

import ast
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.misconceptions.rooms import answers_to, labs
from tests.teach.whole_class import solution

CHALLENGE = "challenge"


@dataclass(frozen=True)
class Answer:
    """The text of an answer's cell; kind: right, wrong, or empty-handed."""

    kind: str
    source: str


@cache
def bank(lab: str) -> dict[str, tuple[Answer, ...]]:
    """All answers to every exercise of a lab, by its name; the solution's comes first."""
    exercises = {exercise.name: exercise for exercise in labs()[lab]}
    return {
        name: (
            Answer("right", source),
            *(_answers(lab, name, answers_to(exercises[name])) if name in exercises else ()),
            *(Answer("wrong", text) for text in _unfinished(name)),
        )
        for name, source in solution(lab).items()
        if name != "written"
    }


def _answers(lab: str, name: str, answers) -> list[Answer]:
    room = ast.unparse(ast.fix_missing_locations(_as_function("_room", _module(lab, name))))
    kinds = {"RIGHT": answers.right, "WRONG": answers.wrong, "POINTLESS": answers.pointless}
    return [
        Answer(
            "right" if kind == "RIGHT" else "wrong",
            f"{room}\n\n{name} = _room()['{kind}'][{place}]{'[0]' * (kind == 'WRONG')}\n",
        )
        for kind, several in kinds.items()
        for place in range(len(several))
    ]


def _unfinished(name: str) -> tuple[str, ...]:
    return (
        f"def {name}(*_, **__):\n    raise ValueError('I do not know how')",
        f"def {name}(x, y:\n    return x",
        f"{name} = None",
    )


def _module(lab: str, exercise: str) -> str:
    return f"tests.misconceptions.{lab}.{exercise}"


def _as_function(name: str, module: str) -> ast.FunctionDef:
    """A module as a function that returns its names; what it imports from tests comes along."""
    found = find_spec(module)
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    body: list[ast.stmt] = []
    for node in tree.body[bool(ast.get_docstring(tree)) :]:
        if isinstance(node, ast.ImportFrom) and node.module.startswith("tests."):
            inner = f"_{node.module.rpartition('.')[2]}"
            names = [f"{a.asname or a.name} = {inner}()['{a.name}']" for a in node.names]
            body += [_as_function(inner, node.module), *ast.parse("\n".join(names)).body]
        else:
            body.append(node)
    made = ast.parse(f"def {name}():\n    return locals()").body[0]
    made.body = [*body, *made.body]
    return made
