"""Answers to `predecessors`."""

import networkx as nx
import numpy as np

from course_lib.nas import random_wiring


def by_arrows(graph):
    """A directed graph, and its sinks."""
    arrows = nx.DiGraph([(min(edge), max(edge)) for edge in graph.edges])
    if set(arrows) != set(graph):
        raise ValueError("isolated")
    inputs = [list(arrows.predecessors(node)) or [-1] for node in sorted(graph)]
    return [*inputs, [node for node in arrows if arrows.out_degree(node) == 0]]


def by_matrix(graph):
    joined = nx.to_numpy_array(graph, nodelist=range(len(graph))) > 0
    if not joined.any(1).all():
        raise ValueError("isolated")
    above = np.triu(joined)
    found = tuple(tuple(np.flatnonzero(column)) or (-1,) for column in above.T)
    return (*found, tuple(np.flatnonzero(~above.any(1))))


def by_arrays(graph):
    """Right: an array of nodes for each, an empty one replaced."""
    if nx.number_of_isolates(graph):
        raise ValueError("isolated")
    above = np.triu(nx.to_numpy_array(graph, nodelist=sorted(graph)))
    found = [np.flatnonzero(column) for column in above.T]
    return [*(one if len(one) else np.array([-1]) for one in found), np.flatnonzero(~above.any(1))]


def by_sets(graph):
    found = [set() for _ in range(len(graph) + 1)]
    output = set(graph)
    for a, b in graph.edges:
        found[max(a, b)].add(min(a, b))
        output.discard(min(a, b))
    for node in range(len(graph)):
        if graph.degree(node) == 0:
            raise ValueError("isolated")
        found[node] = found[node] or {-1}
    found[-1] = output
    return found


def wired(
    *,
    keeps=lambda node, other: node > other,
    nothing=lambda node: [-1],
    output=lambda graph: [v for v in range(len(graph)) if max(graph[v]) < v],
    nodes=lambda graph: range(len(graph)),
    number=lambda node: node,
    refuse=lambda graph: True,
):
    """Right unless a part is exchanged."""

    def predecessors(graph):
        if refuse(graph) and any(len(graph[node]) == 0 for node in graph):
            raise ValueError("isolated")
        found = []
        for node in nodes(graph):
            inputs = [other for other in graph[node] if keeps(node, other)]
            found.append(inputs or nothing(node))
        found.append(output(graph))
        return [[number(node) for node in inputs] for inputs in found]

    return predecessors


def no_output(graph):
    return by_arrows(graph)[:-1]


def empty_output(graph):
    return [*by_arrows(graph)[:-1], []]


def sink_added(graph):
    """The output is written as a node of the graph."""
    found = by_arrows(graph)
    graph.add_edges_from((node, len(graph)) for node in found[-1])
    return found


def input_added(graph):
    found = by_arrows(graph)
    graph.add_edge(-1, 0)
    graph.remove_node(-1)
    graph.remove_node(0)
    graph.add_edges_from((0, node) for node, inputs in enumerate(found[:-1]) if 0 in inputs)
    return found


def notes_in_graph(graph):
    for node, inputs in enumerate(found := by_arrows(graph)):
        if node in graph:
            graph.nodes[node]["inputs"] = inputs
    return found


def in_edge_order(graph):
    """Whichever end of an edge was named first is read."""
    found = [[] for _ in graph]
    for a, b in graph.edges:
        found[b].append(a)
    ends = set(graph) - {node for inputs in found for node in inputs}
    if any(not graph[node] for node in graph):
        raise ValueError("isolated")
    return [*(inputs or [-1] for inputs in found), sorted(ends)]


def only_node_0(graph):
    return wired(nothing=lambda node: [-1] if node == 0 else [])(graph)


def every_node_reads_input(graph):
    *inputs, output = by_arrows(graph)
    return [*([-1, *(set(one) - {-1})] for one in inputs), output]


def neighbour_in_line(graph):
    """Node i reads i - 1 if they are neighbours."""
    return wired(keeps=lambda node, other: other == node - 1)(graph)


def nearest(graph):
    right = by_arrows(graph)
    return [*([max(inputs)] for inputs in right[:-1]), right[-1]]


def twice(graph):
    *inputs, output = by_arrows(graph)
    return [*(2 * one for one in inputs), output]


def output_reads_pairs(graph):
    *inputs, output = by_arrows(graph)
    return [*inputs, [(node, len(graph)) for node in output]]


def as_dictionary(graph):
    return dict(enumerate(by_arrows(graph)))


def calls_library(graph):
    return random_wiring.predecessors(graph)


def forgets_return(graph):
    by_arrows(graph)


def refuses_disconnected(graph):
    if not nx.is_connected(graph):
        raise ValueError("the graph is not connected")
    return by_arrows(graph)


def with_type_error(graph):
    if any(not graph[node] for node in graph):
        raise TypeError("isolated")
    return by_arrows(graph)


def accepts_isolated(graph):
    """An isolated node reads the input and goes to the output."""
    arrows = nx.DiGraph([(min(edge), max(edge)) for edge in graph.edges])
    arrows.add_nodes_from(graph)
    inputs = [list(arrows.predecessors(node)) or [-1] for node in sorted(graph)]
    return [*inputs, [node for node in arrows if arrows.out_degree(node) == 0]]


def larger(node, other):
    return other > node


WRONG = [
    (wired(keeps=larger), "from the larger node to the smaller"),
    (
        wired(keeps=larger, output=lambda graph: [v for v in graph if min(graph[v]) > v]),
        "from the larger node to the smaller",
    ),
    (wired(keeps=lambda node, other: True), "a node reads all its neighbours"),
    (wired(nothing=lambda node: []), "without a smaller neighbour read nothing"),
    (only_node_0, "without any it reads the input"),
    (wired(output=lambda graph: [len(graph) - 1]), "the output reads the last node alone"),
    (wired(output=lambda graph: [max(graph)]), "the output reads the last node alone"),
    (wired(output=lambda graph: list(range(len(graph)))), "the output reads every node"),
    (
        wired(output=lambda graph: [v for v in range(len(graph)) if min(graph[v]) > v]),
        "the output reads who has no larger neighbour",
    ),
    (no_output, "the output's inputs are missing"),
    (empty_output, "the output reads"),
    (wired(number=lambda node: node + 1), "the nodes are counted from 1"),
    (
        wired(
            nodes=lambda graph: graph,
            output=lambda graph: [v for v in graph if all(other < v for other in graph[v])],
        ),
        "the order in which nodes were added",
    ),
    (wired(nothing=lambda node: [0]), "without any it reads the input"),
    (wired(nothing=lambda node: [None]), "a node in list"),
    (sink_added, "same nodes, edges and data after"),
    (notes_in_graph, "same nodes, edges and data after"),
    (input_added, "same nodes, edges and data after"),
    (in_edge_order, "nodes and edges added in any order"),
    (every_node_reads_input, "a node reads its smaller neighbours"),
    (neighbour_in_line, "a node reads its smaller neighbours"),
    (nearest, "a node reads its smaller neighbours"),
    (twice, "a node reads its smaller neighbours"),
    (output_reads_pairs, "a node in list"),
    (as_dictionary, "expected a list of lists"),
    (calls_library, "library's function is called"),
    (forgets_return, "`return` missing"),
    (refuses_disconnected, "is not connected"),
    (with_type_error, "expected a ValueError"),
    (accepts_isolated, "accepted, expected a ValueError"),
    (wired(refuse=lambda graph: False, output=lambda graph: [0]), "the output reads"),
]
RIGHT = [by_arrows, by_matrix, by_arrays, by_sets, wired()]
POINTLESS = (
    lambda graph: [[-1] for _ in graph] + [list(graph)],
    lambda graph: [[-1]] + [[node - 1] for node in range(1, len(graph) + 1)],
    lambda graph: [],
)
PARTICULAR = {
    "the order in which": {"nodes and edges added in any order"},
    "is not connected": {"an isolated node is refused, two parts are not"},
    "accepted, expected": {"an isolated node is refused, two parts are not"},
    "same nodes, edges": {"the graph stays as it is"},
    "read nothing": {
        "without any it reads the input",
        "from input to output, without a cycle",
        "nodes and edges added in any order",
    },
}
EQUIVALENT = {
    "line 4: other < node -> other <= node": "a wiring has no edge from a node to itself",
    "line 5: other > node -> other >= node": "a wiring has no edge from a node to itself",
}
