"""Small slips, made automatically: every mutant differs from a function in one place."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult, ast.Mod),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
NAMES = {"max": "min", "min": "max", "mean": "sum", "sum": "mean", "log": "exp", "exp": "log"}


@dataclass(frozen=True)
class Mutant:
    """A changed function: where and how, as `line 3: a + b -> a - b`, and its syntax tree.

    Lines count from the first after the docstring, so that a longer docstring moves none.
    """

    change: str
    definition: ast.FunctionDef


def mutants(definition: ast.FunctionDef) -> list[Mutant]:
    """All mutants of a function's body: changed expressions, then dropped statements."""
    found: dict[str, Mutant] = {}
    before = _body(definition)[0].lineno - 1
    for node in _body_nodes(definition):
        for changed in _changed(node):
            place = f"line {getattr(node, 'lineno', 0) - before}"
            after = "(dropped)" if isinstance(changed, ast.Pass) else _short(changed)
            mutant = _with(definition, node, changed)
            found.setdefault(
                ast.unparse(mutant), Mutant(f"{place}: {_short(node)} -> {after}", mutant)
            )
    found.pop(ast.unparse(definition), None)
    return list(found.values())


def _body_nodes(definition: ast.FunctionDef) -> Iterator[ast.AST]:
    for statement in _body(definition):
        yield from ast.walk(statement)


def _body(definition: ast.FunctionDef) -> list[ast.stmt]:
    """The statements after the docstring."""
    return definition.body[1 if ast.get_docstring(definition) else 0 :]


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """What a node is replaced by, one slip at a time."""
    if isinstance(node, ast.stmt):
        yield ast.Pass()
    elif isinstance(node, ast.BinOp):
        for operator in OPERATORS.get(type(node.op), ()):
            yield ast.BinOp(node.left, operator(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Compare):
        for comparison in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [comparison()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], node.ctx)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Call):
        yield from _changed_call(node)


def _changed_call(node: ast.Call) -> Iterator[ast.AST]:
    """Neighbouring arguments exchanged, an argument by name left out, a method left out."""
    for i in range(len(node.args) - 1):
        arguments = [*node.args[:i], node.args[i + 1], node.args[i], *node.args[i + 2 :]]
        yield ast.Call(node.func, arguments, node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, [*node.keywords[:i], *node.keywords[i + 1 :]])
    if isinstance(node.func, ast.Attribute) and _is_method(node.func.value, node.args):
        yield node.func.value


def _is_method(owner: ast.expr, arguments: list[ast.expr]) -> bool:
    """Whether `owner.name(arguments)` works on owner itself; `module.name(x)` does not."""
    return not (isinstance(owner, ast.Name) and arguments)


def _with(definition: ast.FunctionDef, node: ast.AST, changed: ast.AST) -> ast.FunctionDef:
    """A copy of the definition in which `changed` stands where `node` stood."""
    replaced = {id(node): copy.deepcopy(changed)}
    return copy.deepcopy(definition, replaced)


def _short(node: ast.AST, limit: int = 60) -> str:
    line = " ".join(ast.unparse(node).split("\n")[0].split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
