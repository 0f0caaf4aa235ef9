"""Undirected graphs on the nodes 0 to n - 1, of several kinds."""

from collections.abc import Iterator

import networkx as nx
import torch
from torch import Generator

from course_lib.core import randint

Inputs = list[list[int]]
"""For each node its inputs; last those of the output."""


def drawn_graphs(rng: Generator, *, largest: int = 9) -> "Iterator[nx.Graph[int]]":
    """Nine graphs without isolated nodes, their nodes added in order: three random models, a tree,
    a star, a path, a complete one, one edge, and two parts that nothing joins."""
    n = largest - randint(rng, 3)
    yield _numbered(nx.gnp_random_graph(n, 0.35, seed=randint(rng, 10_000)), rng)
    yield _numbered(nx.barabasi_albert_graph(n, 2, seed=randint(rng, 10_000)), rng)
    yield _numbered(nx.watts_strogatz_graph(n, 4, 0.75, seed=randint(rng, 10_000)), rng)
    yield _numbered(nx.gnp_random_graph(n, 0.0), rng)
    yield _numbered(nx.star_graph(5), rng)
    yield _numbered(nx.path_graph(6), rng)
    yield _numbered(nx.complete_graph(4), rng)
    yield nx.path_graph(2)
    yield _numbered(nx.disjoint_union(nx.cycle_graph(4), nx.path_graph(3)), rng)


def _numbered(graph: "nx.Graph[int]", rng: Generator) -> "nx.Graph[int]":
    """The graph with its numbers mixed; isolated nodes are joined to another one."""
    n = len(graph)
    names = torch.randperm(n, generator=rng).tolist()
    found = nx.empty_graph(n)
    found.add_edges_from(sorted(tuple(sorted((names[a], names[b]))) for a, b in graph.edges))
    for node in list(nx.isolates(found)):
        found.add_edge(node, (node + 1 + randint(rng, n - 1)) % n)
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
