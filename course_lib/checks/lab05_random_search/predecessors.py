"""`predecessors`: edge by edge on graphs of all kinds, and as a whole: no cycle, no dead end."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import networkx as nx

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import sections
from course_lib.checks.lab05_random_search.graphs import (
    Inputs,
    drawn_graphs,
    in_two_parts,
    read_along_edges,
    shuffled,
    sorted_lists,
    with_isolated,
)
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.checks.wrong import mistake as named

Around = dict[int, list[int]]
"""The neighbours of each node, in order."""


def _no_larger(around: Around) -> list[int]:
    return [node for node in around if max(around[node]) < node]


def _wired(
    reads: Callable[[int, int], bool] = lambda node, other: other < node,
    start: Callable[[int], list[int]] = lambda node: [-1],
    output: Callable[[Around], list[int]] = _no_larger,
    last: bool = True,
    shift: int = 0,
    nodes: Callable[[Any], Iterable[int]] = lambda graph: range(len(graph)),
) -> Callable[[Any], Inputs]:
    """Predecessors with one part exchanged."""

    def predecessors(graph: Any) -> Inputs:
        around = {node: sorted(graph[node]) for node in nodes(graph)}
        if not all(around.values()):
            raise ValueError("isolated nodes")
        found = [[o for o in around[v] if reads(v, o)] or start(v) for v in around]
        if last:
            found.append(output(around))
        return [[node + shift for node in inputs] for inputs in found]

    return predecessors


mistake = partial(named, part="in order")
MISTAKES = (
    mistake(
        "edges lead from the larger node to the smaller",
        "The smaller node comes first: a node reads its smaller neighbours, the output those that "
        "have no larger one.",
        _wired(reads=lambda node, other: other > node),
        _wired(
            reads=lambda node, other: other > node,
            output=lambda around: [v for v in around if min(around[v]) > v],
        ),
    ),
    mistake(
        "a node reads all its neighbours",
        "Then each of two neighbours waits for the other. An edge has one direction: from the "
        "smaller node to the larger.",
        _wired(reads=lambda node, other: True),
        _wired(reads=lambda node, other: True, output=lambda around: []),
    ),
    mistake(
        "nodes without a smaller neighbour read nothing",
        "Nothing would flow into them: they read the input, which is -1.",
        _wired(start=lambda node: []),
    ),
    mistake(
        "the output reads the last node alone",
        "Whatever no node reads would be lost: the output reads every node without a larger "
        "neighbour.",
        _wired(output=lambda around: [max(around)]),
    ),
    mistake(
        "the output reads every node",
        "A node that another one reads has its say there: the output reads those without a larger "
        "neighbour.",
        _wired(output=list),
    ),
    mistake(
        "the output's inputs are missing",
        "n + 1 lists: one for each node, and one more for the output.",
        _wired(last=False),
    ),
    mistake(
        "the nodes are counted from 1",
        "Nodes keep their numbers, 0 to n - 1, and the input is -1.",
        _wired(shift=1),
    ),
    named(
        "the lists follow the order in which nodes were added",
        "`for node in graph` gives the nodes as they were added. List number i belongs to node i: "
        "go through range(len(graph)).",
        _wired(nodes=iter),
        part="shuffled",
    ),
)


def asked(ask: Ask, graph: "nx.Graph[int]") -> Inputs:
    """n + 1 sorted lists."""
    found = sorted_lists(ask(graph.copy()))
    if len(found) != len(graph) + 1:
        raise Wrong(f"{len(graph)} nodes: {len(found)} lists, expected {len(graph) + 1}")
    return found


def probe(ask: Ask, variant: int) -> dict[str, list[Inputs]]:
    """What is read in eight graphs, with nodes added in order and in another one."""
    graphs = list(drawn_graphs(seeded(variant, 7)))
    rng = seeded(variant, 8)
    return {
        "in order": [sorted_lists(ask(graph)) for graph in graphs],
        "shuffled": [sorted_lists(ask(shuffled(graph, rng))) for graph in graphs],
    }


def _require(ask: Ask, graph: "nx.Graph[int]", which: Callable[[int, list[int]], bool]) -> None:
    """The lists (number, what is right) that `which` picks."""
    found = asked(ask, graph)
    for number, (inputs, right) in enumerate(zip(found, read_along_edges(graph), strict=True)):
        if which(number, right) and inputs != right:
            who = "the output" if number == len(graph) else f"node {number}"
            raise Wrong(
                f"nodes {list(graph)}, edges {list(graph.edges)}: {who} reads {right}, got {inputs}"
            )


def smaller_neighbours(ask: Ask, variant: int) -> None:
    """A node that has smaller neighbours reads these."""
    for graph in drawn_graphs(seeded(variant)):
        n = len(graph)
        _require(ask, graph, lambda number, right: number < n and right != [-1])  # noqa: B023


def the_input(ask: Ask, variant: int) -> None:
    """A node without smaller neighbours reads the input."""
    for graph in drawn_graphs(seeded(variant, 1)):
        _require(ask, graph, lambda number, right: right == [-1])


def the_output(ask: Ask, variant: int) -> None:
    """The output reads the nodes without a larger neighbour."""
    for graph in drawn_graphs(seeded(variant, 2)):
        n = len(graph)
        _require(ask, graph, lambda number, right: number == n)  # noqa: B023


def one_network(ask: Ask, variant: int) -> None:
    """No cycle, each edge once, and every node on a way from the input to the output."""
    for graph in drawn_graphs(seeded(variant, 3), largest=16):
        n = len(graph)
        flow = nx.MultiDiGraph()
        flow.add_nodes_from(range(-1, n + 1))
        for node, inputs in enumerate(asked(ask, graph)):
            flow.add_edges_from((other, node) for other in inputs)
        edges = ", ".join(map(str, list(graph.edges)[:20]))
        said = f"{n} nodes, edges [{edges}{', ...' if len(graph.edges) > 20 else ''}]:"
        if set(flow) != set(range(-1, n + 1)):
            raise Wrong(f"{said} you name the nodes {sorted(set(flow) - set(range(-1, n + 1)))}")
        if not nx.is_directed_acyclic_graph(flow):
            raise Wrong(f"{said} {nx.find_cycle(flow)} is a cycle")
        within = sorted(tuple(sorted(e[:2])) for e in flow.edges if e[0] > -1 and e[1] < n)
        every = sorted(tuple(sorted(edge)) for edge in graph.edges)
        for edge in sorted({*within, *every}):
            if within.count(edge) != every.count(edge):
                raise Wrong(f"{said} {edge} is in your lists {within.count(edge)} times")
        lost = set(range(n)) - (nx.descendants(flow, -1) & nx.ancestors(flow, n))
        if lost:
            raise Wrong(f"{said} no way from input to output leads through {sorted(lost)}")


def any_order(ask: Ask, variant: int) -> None:
    """Nodes and edges may have been added in any order."""
    rng = seeded(variant, 4)
    for graph in drawn_graphs(rng):
        _require(ask, shuffled(graph, rng), lambda number, right: True)


def refused(ask: Ask, variant: int) -> None:
    """An isolated node, the first, the last or one between, is a ValueError; two parts are none."""
    rng = seeded(variant, 5)
    for graph in [with_isolated(graph, rng) for graph in drawn_graphs(rng)] + [nx.empty_graph(1)]:
        said = f"edges {list(graph.edges)}, node {next(nx.isolates(graph))} isolated"
        try:
            ask(graph)
        except StudentError as error:
            if isinstance(error.error, ValueError):
                continue
            raise Wrong(f"{said}: {error}; expected a ValueError") from error
        raise Wrong(f"{said}: accepted, expected a ValueError")
    parts = in_two_parts(rng)
    _require(ask, parts, lambda number, right: number == len(parts))


def untouched(ask: Ask, variant: int) -> None:
    """The graph keeps its nodes and edges, in their order, and nothing is noted in it."""
    rng = seeded(variant, 6)
    for graph in drawn_graphs(rng):
        given = shuffled(graph, rng)
        before = repr((given.graph, given.nodes.data(), given.adj))
        ask(given)
        if before != repr((given.graph, given.nodes.data(), given.adj)):
            raise Wrong("the graph does not have the same nodes, edges and data after the call")


predecessors = Exercise(
    lab="lab05_random_search",
    name="predecessors",
    section=sections.WIRING,
    library=("course_lib.nas.random_wiring:predecessors",),
    laws={
        "a node reads its smaller neighbours": smaller_neighbours,
        "without any it reads the input": the_input,
        "the output reads who has no larger neighbour": the_output,
        "from input to output, without a cycle": one_network,
        "nodes and edges added in any order": any_order,
        "an isolated node is refused, two parts are not": refused,
        "the graph stays as it is": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Turn every edge into an arrow from its smaller node to its larger one. Whom does a node "
        "read, and why can there be no cycle?",
        "graph[node] holds the neighbours of a node. Go through range(len(graph)): the nodes may "
        "have been added in another order.",
        "[other for other in graph[node] if other < node], and [-1] where this is empty. A node "
        "with no neighbours at all is a ValueError.",
        "The last list, the output's: all nodes for which max(graph[node]) < node.",
    ),
    basic="a node reads its smaller neighbours",
)
