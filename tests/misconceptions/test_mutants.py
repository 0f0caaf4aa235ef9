"""Slips made by machine: one change each."""

import ast

from tests.misconceptions.mutants import mutants


def test_mutants_differ_from_the_original_in_one_place() -> None:
    source = 'def f(a, b):\n    "Doc 1."\n    c = a - b\n    return max(c, 0) if a == 1 else -c\n'
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    texts = {ast.unparse(mutant.definition) for mutant in mutants(definition)}
    assert ast.unparse(definition) == ast.unparse(ast.parse(source).body[0])
    assert ast.unparse(definition) not in texts
    changed = {text.split("\n", 2)[2].strip() for text in texts}
    body = "c = a - b\n    return max(c, 0) if a == 1 else -c"
    expected = (("a - b", "a + b"), ("a - b", "b - a"), ("max", "min"), ("==", "!="), ("-c", "c"))
    assert {body.replace(old, new) for old, new in expected} <= changed
    assert {body.replace("c = a - b", "pass"), "c = a - b\n    pass"} <= changed
