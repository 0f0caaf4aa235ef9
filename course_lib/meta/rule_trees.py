"""Genetic programming of a learning rule: trees grow, are crossed, and the better ones stay."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.core.rng import randint, uniform
from course_lib.meta.neuron import LocalRule, errors, learn
from course_lib.meta.tasks import Tasks

Tree = tuple[Any, ...] | str | float
"""(operation, left, right), ("sign", inner), the name of a variable, or a constant."""
VARIABLES = ("pre", "post", "weight", "teacher")
CONSTANTS = (0.1, 0.3, 0.5, 1.0, 2.0)
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}


def value(tree: Tree, variables: dict[str, Any]) -> Any:
    """What the tree computes from numbers or tensors."""
    if isinstance(tree, str):
        return variables[tree]
    if not isinstance(tree, tuple):
        return tree
    if tree[0] == "sign":
        inner = value(tree[1], variables)
        return torch.sign(inner) if isinstance(inner, Tensor) else float((inner > 0) - (inner < 0))
    return BINARY[tree[0]](value(tree[1], variables), value(tree[2], variables))


def written(tree: Tree) -> str:
    """The tree as Python, whole: (pre * (teacher - post))."""
    if not isinstance(tree, tuple):
        return str(tree)
    if tree[0] == "sign":
        return f"sign({written(tree[1])})"
    return f"({written(tree[1])} {tree[0]} {written(tree[2])})"


def simplified(tree: Tree) -> Tree:
    """A tree of the same value, to be read: constants are worked out, 0 and 1 do what they do."""
    if not isinstance(tree, tuple):
        return tree
    parts = tuple(simplified(child) for child in tree[1:])
    if all(isinstance(part, float) for part in parts):
        return round(float(value((tree[0], *parts), {})), 6)
    short: Tree = (tree[0], *parts)
    match short:
        case ("+" | "-", kept, 0.0) | ("+", 0.0, kept) | ("*", 1.0, kept) | ("*", kept, 1.0):
            short = kept
        case ("sign", ("sign", inner)):
            short = ("sign", inner)
        case ("*", 0.0, _) | ("*", _, 0.0):
            short = 0.0
        case ("-", left, right) if left == right:
            short = 0.0
    return short


def size(tree: Tree) -> int:
    """How many operations, variables and constants the tree has."""
    return 1 + sum(map(size, tree[1:])) if isinstance(tree, tuple) else 1


def rule_of(tree: Tree, rate: float = 1.0) -> LocalRule:
    """dw = rate * tree(pre, post, weight, teacher)."""

    def rule(pre: Tensor, post: Tensor, weight: Tensor, teacher: Tensor) -> Tensor:
        step = value(tree, dict(zip(VARIABLES, (pre, post, weight, teacher), strict=True)))
        return rate * torch.as_tensor(step, dtype=pre.dtype).expand_as(pre)

    return rule


def grow(rng: Generator, depth: int) -> Tree:
    """A random tree of at most this depth: 0.4 of the nodes end early (Koza 1992, "grow")."""
    if depth == 0 or uniform(rng) < 0.4:
        leaves = (*VARIABLES, CONSTANTS[randint(rng, len(CONSTANTS))])
        return leaves[randint(rng, len(leaves))]
    operation = (*BINARY, "sign")[randint(rng, len(BINARY) + 1)]
    arity = 1 if operation == "sign" else 2
    return (operation, *(grow(rng, depth - 1) for _ in range(arity)))


def subtree(tree: Tree, place: int) -> Tree:
    """The part of the tree whose root is the node `place`, counted from the left, the root 0."""
    if place == 0 or not isinstance(tree, tuple):
        return tree
    place -= 1
    for child in tree[1:]:
        if place < size(child):
            return subtree(child, place)
        place -= size(child)
    raise IndexError("the tree has fewer nodes")


def replaced(tree: Tree, place: int, part: Tree) -> Tree:
    """The tree with another part where the node `place` was."""
    if place == 0 or not isinstance(tree, tuple):
        return part
    children, place = [], place - 1
    for child in tree[1:]:
        inside = 0 <= place < size(child)
        children.append(replaced(child, place, part) if inside else child)
        place -= size(child)
    return (tree[0], *children)


def crossover(one: Tree, other: Tree, rng: Generator, *, limit: int) -> Tree:
    """`one` with a random part of `other` in place of a random part; `one` itself if too large."""
    part = subtree(other, randint(rng, size(other)))
    child = replaced(one, randint(rng, size(one)), part)
    return child if size(child) <= limit else one


def mutate(tree: Tree, rng: Generator, *, limit: int) -> Tree:
    """A new random part in place of a random part; the tree itself if that is too large."""
    return crossover(tree, grow(rng, 2), rng, limit=limit)


def fitness(tree: Tree, tasks: Tasks, *, rate: float = 0.3, parsimony: float = 0.001) -> float:
    """The mean share of wrong answers after learning, plus `parsimony` for every node: to be small.

    All tasks learn at once. A rule whose weights overflow has infinite fitness: it dies.
    """
    weights = learn(rule_of(tree, rate), tasks.support_x, tasks.support_y)
    if not torch.isfinite(weights).all():
        return math.inf
    return float(errors(weights[-1:], tasks).mean()) + parsimony * size(tree)


@dataclass(frozen=True)
class Generation:
    """A population, (tree, fitness) with the fittest first."""

    members: tuple[tuple[Tree, float], ...]

    @property
    def best(self) -> Tree:
        return self.members[0][0]


def evolve(
    score: Callable[[Tree], float],
    rng: Generator,
    *,
    population: int = 300,
    tournament: int = 3,
    crossed: float = 0.7,
    limit: int = 15,
) -> Iterator[Generation]:
    """Generations without end: parents win tournaments, children are crossed or mutated.

    The fittest of parents and children live on, none of them twice, and no tree is scored twice.
    limit: the most nodes that a child may have.
    Source: Schmidhuber 1987 (programs that breed programs); Koza 1992 (trees).
    """
    if population < 2 or tournament < 1 or limit < 1:
        raise ValueError("expected a population of two or more, tournaments and a limit of one or "
                         f"more, got {population}, {tournament} and {limit}")  # fmt: skip
    known: dict[Tree, float] = {}

    def ranked(trees: Iterable[Tree]) -> Generation:
        for tree in trees:
            if tree not in known:
                known[tree] = score(tree)
        order = sorted(((tree, known[tree]) for tree in trees), key=lambda pair: pair[1])
        return Generation(tuple(order[:population]))

    generation = ranked({grow(rng, 1 + k % 3): None for k in range(population)})
    while True:
        yield generation
        members = generation.members
        parents = [
            members[min(randint(rng, len(members)) for _ in range(tournament))][0]
            for _ in range(population)
        ]
        trees = {tree: None for tree, _ in members}  # in order, and none twice
        for one, other in zip(parents, parents[1:] + parents[:1], strict=True):
            if uniform(rng) < crossed:
                trees[crossover(one, other, rng, limit=limit)] = None
            else:
                trees[mutate(one, rng, limit=limit)] = None
        generation = ranked(trees)
