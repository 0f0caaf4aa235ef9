"""Random wirings: graphs drawn by classic models, read as networks (Xie et al. 2019, sec. 3)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Generator

from course_lib.core.rng import randint

if TYPE_CHECKING:
    import networkx as nx

INPUT = -1
"""What a node without predecessors reads."""

_DRAWS = 1000


def erdos_renyi(nodes: int, rng: Generator, *, p: float) -> "nx.Graph":
    """Each pair of nodes is joined with probability p, independently; redrawn until connected.

    Source: Xie et al. 2019, sec. 3.3; they use p = 0.2 with 32 nodes.
    """
    import networkx as nx

    _check_nodes(nodes)
    if not 0 < p <= 1:
        raise ValueError(f"expected a probability 0 < p <= 1, got {p}")
    return _connected(lambda seed: nx.gnp_random_graph(nodes, p, seed=seed), rng)


def barabasi_albert(nodes: int, rng: Generator, *, m: int) -> "nx.Graph":
    """Nodes join one after the other with m edges each, rather to those that have many.

    Of m nodes without edges, the first that joins is tied to all; later ones choose m different
    nodes, each with a probability proportional to its degree. m (nodes - m) edges, connected.
    Source: Xie et al. 2019, sec. 3.3; they use m = 5 with 32 nodes.
    """
    import networkx as nx

    _check_nodes(nodes)
    if not 1 <= m < nodes:
        raise ValueError(f"expected 1 <= m < nodes, got m = {m} and {nodes} nodes")
    start = nx.Graph()
    start.add_nodes_from(range(m + 1))
    start.add_edges_from((node, m) for node in range(m))
    return _connected(
        lambda seed: nx.barabasi_albert_graph(nodes, m, seed=seed, initial_graph=start), rng
    )


def watts_strogatz(nodes: int, rng: Generator, *, k: int, p: float) -> "nx.Graph":
    """A ring where each node is joined to its k nearest; each edge is moved with probability p.

    A moved edge keeps one end and gets a random other one. nodes k / 2 edges; redrawn until
    connected. k is even.
    Source: Xie et al. 2019, sec. 3.3; they use k = 4, p = 0.75 with 32 nodes.
    """
    import networkx as nx

    _check_nodes(nodes)
    if k % 2 or not 2 <= k < nodes:
        raise ValueError(f"expected an even k, 2 <= k < nodes, got k = {k} and {nodes} nodes")
    if not 0 <= p <= 1:
        raise ValueError(f"expected a probability 0 <= p <= 1, got {p}")
    return _connected(lambda seed: nx.watts_strogatz_graph(nodes, k, p, seed=seed), rng)


def predecessors(graph: "nx.Graph") -> list[list[int]]:
    """The inputs of each node, and last those of the output, of an undirected graph as a network.

    Every edge leads from its smaller to its larger node, so there is no cycle. A node without a
    smaller neighbour reads the input, [-1]; the output reads all nodes without a larger one.

    graph: its nodes are 0, ..., n - 1, none of them isolated. Returns n + 1 lists, each in order.
    Source: Xie et al. 2019, sec. 3.2 and 3.3.
    """
    nodes = range(len(graph))
    if set(graph) != set(nodes):
        raise ValueError(
            f"expected the nodes 0, ..., {len(graph) - 1}, got {sorted(map(str, graph))}: rename "
            "them with networkx.convert_node_labels_to_integers"
        )
    around = [sorted(set(graph[node]) - {node}) for node in nodes]
    if isolated := [node for node in nodes if not around[node]]:
        raise ValueError(
            f"isolated nodes: {isolated}; nothing would pass through them. Join each to another "
            "node, remove it, or draw the graph again until it is connected"
        )
    inputs = [[other for other in around[node] if other < node] or [INPUT] for node in nodes]
    return [*inputs, [node for node in nodes if max(around[node]) < node]]


def _connected(draw: "Callable[[int], nx.Graph]", rng: Generator) -> "nx.Graph":
    """The first connected graph, each drawn from a seed of its own."""
    import networkx as nx

    for _ in range(_DRAWS):
        if nx.is_connected(graph := draw(randint(rng, 2**31))):
            return graph
    raise ValueError(
        f"among {_DRAWS:,} graphs not one was connected: ask for more edges (a larger p or k)"
    )


def _check_nodes(nodes: int) -> None:
    if nodes < 2:
        raise ValueError(f"expected at least 2 nodes, got {nodes}")
