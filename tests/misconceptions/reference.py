"""The functions of a lab's solution, taken out of its text source, whole or changed."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Solution:
    """The top-level functions of solutions/LAB/LAB.py, and the imports that they use."""

    def __init__(self, lab: str) -> None:
        self.path = ROOT / "solutions" / lab / f"{lab}.py"
        self.text = self.path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)

    def definition(self, name: str) -> ast.FunctionDef:
        """The syntax tree of one function."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return node
        raise KeyError(f"{self.path} defines no function {name}")

    def function(self, name: str) -> Callable[..., Any]:
        """The function as it stands in the source."""
        return self.compiled(self.definition(name))

    def compiled(self, definition: ast.FunctionDef) -> Callable[..., Any]:
        """A function from a syntax tree, with the source's own imports of the names it uses."""
        used = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        module = ast.Module([*self._imports(used), definition], type_ignores=[])
        names: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(module), str(self.path), "exec"), names)
        function: Callable[..., Any] = names[definition.name]
        return function

    def _imports(self, used: set[str]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in self.tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                wanted = [n for n in node.names if (n.asname or n.name.split(".")[0]) in used]
                if isinstance(node, ast.ImportFrom) and wanted:
                    found.append(ast.ImportFrom(node.module, wanted, node.level))
                elif wanted:
                    found.append(ast.Import(wanted))
        return found
