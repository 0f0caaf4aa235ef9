"""Which cells need not run to check a hand-in: released, worth nothing, unchanged, and not used.

Pictures and cells to play in take much of a notebook's time. A cell that binds or changes
something whose name a cell reads that runs, runs, too; and so does one that writes files, sets
seeds or cannot be parsed. What a called function changes in its arguments is not seen.
"""

import ast
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

_ACTS = re.compile(r"write|save|dump|open|seed|set_|exec|eval|globals|get_ipython|setattr")


@dataclass(frozen=True)
class _Names:
    """What a cell reads, and what it binds or changes; `acts` if it does more than that."""

    read: frozenset[str]
    bound: frozenset[str]
    acts: bool = False


def idle_cells(notebook: NotebookNode, lab: NotebookNode) -> frozenset[int]:
    """The places of the notebook's cells that need not run; lab: the notebook as it was built."""
    released = {cell.source for cell in lab.cells if _plain(cell)}
    code = {n: cell for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    names = {n: _names(cell.source) for n, cell in code.items()}
    idle = {n for n, c in code.items() if _plain(c) and c.source in released and not names[n].acts}
    while True:
        read = frozenset[str]().union(*(names[n].read for n in code.keys() - idle))
        used = {n for n in idle if names[n].bound & read}
        if not used:
            return frozenset(idle)
        idle -= used


def bound(source: str) -> frozenset[str]:
    """The names that a cell binds or changes."""
    return _names(source).bound


def _plain(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and "grade_id" not in cell.metadata.get("nbgrader", {})


def _names(source: str) -> _Names:
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names(frozenset(re.findall(r"\w+", source)), frozenset(), acts=True)
    read, bound = set[str](), {name for node in ast.walk(tree) for name in _changed(node)}
    for scope in _scopes(table):
        for symbol in scope.get_symbols():
            if scope is table or symbol.is_global():
                read |= {symbol.get_name()} if symbol.is_referenced() else set()
                made = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
                bound |= {symbol.get_name()} if made else set()
    called = " ".join(_called(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return _Names(frozenset(read), frozenset(bound), bool(_ACTS.search(called)))


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """The notebook's own scope, in which names are found everywhere, and those inside it."""
    yield table
    for inner in table.get_children():
        yield from _scopes(inner)


def _changed(node: ast.AST) -> Iterator[str]:
    """The name whose value a node changes without binding it."""
    match node:
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            yield _base(node)
        case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):  # found.append(1)
            yield _base(method)


def _base(node: ast.AST) -> str:
    """The name at the root of a.b[c].d, '' if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
