"""Undirected graphs on the nodes 0 to n - 1, of several kinds, and who reads whom in them."""

from collections.abc import Iterator
from typing import Any

import networkx as nx
import torch
from torch import Generator

from course_lib.checks.values import integers, kind
from course_lib.checks.wrong import Wrong
from course_lib.core import randint

Inputs = list[list[int]]
"""For each node its inputs; last those of the output."""


def drawn_graphs(rng: Generator, *, largest: int = 9) -> "Iterator[nx.Graph[int]]":
    """Eight connected graphs, their nodes added in order: three random models, a tree, a star, a
    path, a complete one, and one edge."""
    n = largest - randint(rng, 3)
    tree = nx.random_labeled_tree(n, seed=randint(rng, 10_000))
    yield _numbered(nx.compose(nx.gnp_random_graph(n, 0.2, seed=randint(rng, 10_000)), tree), rng)
    yield _numbered(nx.barabasi_albert_graph(n, 2, seed=randint(rng, 10_000)), rng)
    yield _numbered(nx.watts_strogatz_graph(n, 4, 0.75, seed=randint(rng, 10_000)), rng)
    yield _numbered(tree, rng)
    yield _numbered(nx.star_graph(5), rng)
    yield _numbered(nx.path_graph(6), rng)
    yield _numbered(nx.complete_graph(4), rng)
    yield nx.path_graph(2)


def in_two_parts(rng: Generator) -> "nx.Graph[int]":
    """A ring and a path that nothing joins."""
    return _numbered(nx.disjoint_union(nx.cycle_graph(4), nx.path_graph(3)), rng)


def _numbered(graph: "nx.Graph[int]", rng: Generator) -> "nx.Graph[int]":
    """The graph with its numbers mixed."""
    names = torch.randperm(len(graph), generator=rng).tolist()
    found = nx.empty_graph(len(graph))
    found.add_edges_from(sorted(tuple(sorted((names[a], names[b]))) for a, b in graph.edges))
    return found


def shuffled(graph: "nx.Graph[int]", rng: Generator) -> "nx.Graph[int]":
    """The same graph, nodes and edges added in another order and from either end."""
    found: nx.Graph[int] = nx.Graph()
    nodes, edges = list(graph), list(graph.edges)
    found.add_nodes_from(nodes[i] for i in torch.randperm(len(nodes), generator=rng).tolist())
    for i in torch.randperm(len(edges), generator=rng).tolist():
        first, second = edges[i]
        found.add_edge(*((second, first) if randint(rng, 2) else (first, second)))
    return found


def with_isolated(graph: "nx.Graph[int]", rng: Generator) -> "nx.Graph[int]":
    """The same graph with one node more that has no edges, at any number."""
    alone = randint(rng, len(graph) + 1)
    found = nx.empty_graph(len(graph) + 1)
    found.add_edges_from((a + (a >= alone), b + (b >= alone)) for a, b in graph.edges)
    return found


def read_along_edges(graph: "nx.Graph[int]") -> Inputs:
    """From the edges: each is noted where it ends, then who stands at no end."""
    found: Inputs = [[] for _ in graph]
    for edge in graph.edges:
        found[max(edge)].append(min(edge))
    read = {node for inputs in found for node in inputs}
    return [*(sorted(inputs) or [-1] for inputs in found), sorted(set(graph) - read)]


def sorted_lists(answer: Any) -> Inputs:
    """The answer as sorted lists of integers; any list, tuple, set or array in it will do."""
    if type(answer) not in (list, tuple):
        raise Wrong(f"the answer is {kind(answer)}, expected a list of lists")
    return [
        sorted(
            integers(
                list(inputs) if type(inputs) in (set, frozenset) else inputs,
                f"entry {number}",
                f"a node in list {number}",
            )
        )
        for number, inputs in enumerate(answer)
    ]
