"""Trees: value and text agree, breeding keeps their form, evolution finds the delta rule."""

import math
from functools import partial
from itertools import islice

import pytest
import torch

from course_lib.core import make_rng
from course_lib.meta.neuron import delta_rule, errors, learn, presentations, threshold_functions
from course_lib.meta.rule_trees import (
    BINARY,
    VARIABLES,
    Tree,
    crossover,
    evolve,
    fitness,
    grow,
    mutate,
    replaced,
    rule_of,
    simplified,
    size,
    subtree,
    value,
    written,
)

TREES = [grow(make_rng(seed), 1 + seed % 5) for seed in range(150)]
NUMBERS = {"pre": 1.25, "post": -0.5, "weight": 0.75, "teacher": -1.0}
DELTA: Tree = ("*", "pre", ("-", "teacher", "post"))


def sign(number: float) -> float:
    return math.copysign(1.0, number) if number else 0.0


def nodes(tree: Tree) -> int:
    """Counted in the text: operations, names and numbers."""
    text = written(tree).replace("(", " ").replace(")", " ")
    return len(text.split())


def well_formed(tree: Tree) -> bool:
    if not isinstance(tree, tuple):
        return tree in VARIABLES or isinstance(tree, float)
    arity = 1 if tree[0] == "sign" else 2 if tree[0] in BINARY else None
    return len(tree) - 1 == arity and all(map(well_formed, tree[1:]))


@pytest.mark.parametrize("tree", TREES, ids=written)
def test_the_value_is_what_python_makes_of_the_text(tree: Tree) -> None:
    expected = eval(written(tree), {"sign": sign, **NUMBERS})
    assert value(tree, NUMBERS) == pytest.approx(expected)
    tensors = {name: torch.tensor([number, number]) for name, number in NUMBERS.items()}
    row = torch.as_tensor(value(tree, tensors)).expand(2)
    assert row.tolist() == pytest.approx([expected, expected], rel=1e-5, abs=1e-6)
    assert size(tree) == nodes(tree)
    assert well_formed(tree)


@pytest.mark.parametrize("tree", TREES, ids=written)
def test_simplified_it_is_the_same_function_and_never_larger(tree: Tree) -> None:
    short = simplified(tree)
    assert value(short, NUMBERS) == pytest.approx(value(tree, NUMBERS), abs=1e-5)
    assert size(short) <= size(tree)
    assert simplified(short) == short


def test_simplifying_knows_zero_and_one() -> None:
    same: Tree = ("-", "pre", "pre")
    for tree in (
        ("+", "post", same),
        ("*", ("*", 2.0, 0.5), "post"),
        ("-", "post", ("*", "pre", 0.0)),
    ):
        assert simplified(tree) == "post"
    assert simplified(("sign", ("sign", "pre"))) == ("sign", "pre")


def test_a_part_put_back_where_it_was_changes_nothing() -> None:
    for tree in TREES:
        for place in range(size(tree)):
            part = subtree(tree, place)
            assert replaced(tree, place, part) == tree
            assert size(replaced(tree, place, "pre")) == size(tree) - size(part) + 1


def test_children_keep_arity_and_limit_and_come_from_their_parents() -> None:
    rng = make_rng(0)
    changed = 0
    for one, other in zip(TREES, reversed(TREES), strict=True):
        limit = max(size(one), 15)
        for child in (crossover(one, other, rng, limit=limit), mutate(one, rng, limit=limit)):
            assert well_formed(child)
            assert size(child) <= limit
            changed += child != one
    assert changed > 150


def test_fitness_is_that_of_a_loop_over_tasks_patterns_and_inputs() -> None:
    tasks = presentations(*threshold_functions(2), make_rng(0), tasks=7, sweeps=3)
    tree: Tree = ("*", ("-", "pre", 0.5), ("-", "teacher", "post"))
    shares = []
    for xs, ys, asked, right in zip(*(part.tolist() for part in tasks), strict=True):
        weights = [0.0, 0.0, 0.0]
        for x, teacher in zip(xs, ys, strict=True):
            post = math.tanh(sum(w * pre for w, pre in zip(weights, x, strict=True)))
            weights = [w + 0.3 * (pre - 0.5) * (teacher - post)
                       for w, pre in zip(weights, x, strict=True)]  # fmt: skip
        said = [sign(sum(w * pre for w, pre in zip(weights, x, strict=True))) for x in asked]
        shares.append(sum((1 - s * r) / 2 for s, r in zip(said, right, strict=True)) / 4)
    expected = sum(shares) / 7 + 0.01 * size(tree)
    assert fitness(tree, tasks, rate=0.3, parsimony=0.01) == pytest.approx(expected, abs=1e-6)


def test_a_rule_that_explodes_is_unfit() -> None:
    tasks = presentations(*threshold_functions(2), make_rng(0), tasks=3, sweeps=60)
    assert fitness(("+", 2.0, ("*", "weight", "weight")), tasks) == math.inf


def test_constant_rules_and_the_delta_rule_are_rules() -> None:
    pre, post = torch.randn(4, 3, generator=make_rng(0)), torch.randn(4, 1, generator=make_rng(1))
    assert (rule_of(0.5, 2.0)(pre, post, pre, post) == 1).all()
    teacher = post.sign()
    torch.testing.assert_close(
        rule_of(DELTA, 0.3)(pre, post, pre, teacher), delta_rule(0.3)(pre, post, pre, teacher)
    )


def test_generations_never_worsen_and_are_the_same_for_the_same_seed() -> None:
    def score(tree: Tree) -> float:
        return abs(float(value(tree, NUMBERS)) - 3.3) + 0.01 * size(tree)

    runs = [list(islice(evolve(score, make_rng(5), population=30), 8)) for _ in range(2)]
    assert runs[0] == runs[1]
    best = [generation.members[0][1] for generation in runs[0]]
    assert best == sorted(best, reverse=True)
    for generation in runs[0]:
        values = [found for _, found in generation.members]
        assert values == sorted(values)
        assert all(size(tree) <= 15 for tree, _ in generation.members)


def test_evolution_finds_a_rule_no_worse_than_the_delta_rule_on_what_it_saw() -> None:
    tasks = presentations(*threshold_functions(2), make_rng(0), tasks=20)
    found = list(islice(evolve(partial(fitness, tasks=tasks), make_rng(1)), 8))[-1].best
    learnt = learn(delta_rule(0.3), tasks.support_x, tasks.support_y)
    assert fitness(found, tasks, parsimony=0.0) <= errors(learnt[-1:], tasks).mean().item() + 0.03


def test_a_population_that_cannot_breed_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a population of two or more"):
        next(evolve(lambda tree: 0.0, make_rng(0), population=1))
