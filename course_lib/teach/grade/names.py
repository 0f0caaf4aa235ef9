"""The names that a code cell defines and those that it uses, whatever state its code is in."""

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache


def defined(source: str) -> set[str]:
    """Names that the cell binds at its top level: functions, classes, variables, imports."""
    tree = _tree(source)
    if tree is None:
        found = re.findall(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *=[^=]", source, re.MULTILINE)
        return {first or second for first, second in found}
    return set(_bound(tree.body))


def functions(source: str) -> set[str]:
    """Those of the defined names that are functions or classes."""
    found = re.findall(r"^(?:async +)?(?:def|class) +(\w+)", source, re.MULTILINE)
    return set(found)


@lru_cache(maxsize=2000)
def used(source: str) -> frozenset[str]:
    """Names that occur in the cell."""
    tree = _tree(source)
    if tree is None:
        return frozenset(re.findall(r"\b[^\W\d]\w*\b", source))
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def same_code(one: str, other: str) -> bool:
    """Whether two texts are the same program: comments and layout do not count."""
    first, second = _tree(one), _tree(other)
    return first is not None and second is not None and ast.dump(first) == ast.dump(second)


def is_code(source: str) -> bool:
    """Whether the text is Python that does something."""
    tree = _tree(source)
    return tree is not None and bool(tree.body)


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        else:
            for part in ("body", "orelse", "finalbody"):
                yield from _bound(getattr(node, part, []))


@lru_cache(maxsize=2000)
def _tree(source: str) -> ast.Module | None:
    """The cell's syntax tree, its magics left out; None if it is not Python."""
    lines = [("pass" if re.match(r"\s*[%!]", line) else line) for line in source.split("\n")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
