"""Answers to `run_path`."""

from collections.abc import Callable
from typing import Any

import torch


def _pather(
    *,
    pick: Callable[..., Any] = lambda choices, choice, x: choices[choice](x),
    read: Callable[..., Any] = lambda nodes, source, _: nodes[source],
    join: Callable[..., Any] = lambda old, out: out if old is None else old + out,
    order: Callable[..., Any] = list,
    finish: Callable[..., Any] = lambda nodes: nodes[max(nodes)],
) -> Callable[..., Any]:
    """A right walk unless a part is exchanged."""

    def run_path(operations, edges, arch, x):
        nodes, out = {0: x}, x
        for (source, target), choices, choice in zip(order(edges), operations, arch, strict=True):
            out = pick(choices, choice, read(nodes, source, out))
            nodes[target] = join(nodes.get(target), out)
        return finish(nodes)

    return run_path


def path_by_recursion(operations, edges, arch, x):
    """Right: from the output back, every node once, as a sum over its edges; a list of edges."""
    edges = [tuple(edge) for edge in edges]
    known = {0: x}

    def node(target):
        if target not in known:
            parts = [
                operations[k][arch[k]](node(i)) for k, (i, j) in enumerate(edges) if j == target
            ]
            known[target] = torch.stack(parts).sum(0)
        return known[target]

    last = max(j for _, j in edges)
    return node(last)


def path_with_list(operations, edges, arch, x):
    """Right: nodes as a list that starts with zeros."""
    nodes = [x] + [torch.zeros_like(x) for _ in range(max(j for _, j in edges))]
    for k, choice in enumerate(arch):
        i, j = edges[k]
        nodes[j] = operations[k][choice](nodes[i]) + nodes[j]
    return nodes[-1]


def path_in_place(operations, edges, arch, x):
    nodes = {0: x}
    for (source, target), choices, choice in zip(edges, operations, arch, strict=True):
        out = choices[choice](nodes[source])
        if target in nodes:
            nodes[target] += out
        else:
            nodes[target] = out
    return nodes[max(nodes)]


def path_by_sources(operations, edges, arch, x):
    """Two loops of its own, by the node that an edge leaves."""
    count = max(j for _, j in edges) + 1
    own = [(i, j) for i in range(count) for j in range(i + 1, count)]
    nodes = {0: x}
    for (source, target), choices, choice in zip(own, operations, arch, strict=False):
        out = choices[choice](nodes[source])
        nodes[target] = nodes[target] + out if target in nodes else out
    return nodes[count - 1]


def path_computes_all(operations, edges, arch, x):
    def pick(choices, choice, value):
        return [operation(value) for operation in choices][choice]

    return _pather(pick=pick)(operations, edges, arch, x)


def path_by_walks(operations, edges, arch, x):
    """Every walk by itself: right sums of linear operations, and far too many calls."""
    table = {tuple(edge): operations[k][arch[k]] for k, edge in enumerate(edges)}
    last = max(j for _, j in edges)

    def reach(node):
        if node == 0:
            return x
        return sum(operation(reach(i)) for (i, j), operation in table.items() if j == node)

    return reach(last)


def path_forgets_return(operations, edges, arch, x):
    out = path_by_recursion(operations, edges, arch, x)  # noqa: F841


def path_detaches_nothing_returned(operations, edges, arch, x):
    return path_with_list(operations, edges, arch, x).numpy()


def _all_nodes(nodes):
    return sum(nodes.values())


def path_in_place_on_zeros(operations, edges, arch, x):
    """Right: what is added to in place is its own."""
    nodes = [x.clone()] + [torch.zeros_like(x) for _ in range(max(j for _, j in edges))]
    for (i, j), choices, choice in zip(edges, operations, arch, strict=True):
        nodes[j] += choices[choice](nodes[i])
    return nodes[-1]


def path_returns_what_came_last(operations, edges, arch, x):
    nodes = {0: x}
    for (source, target), choices, choice in zip(edges, operations, arch, strict=True):
        out = choices[choice](nodes[source])
        nodes[target] = nodes[target] + out if target in nodes else out
    return nodes[target]


def path_cuts_the_graph(operations, edges, arch, x):
    with torch.no_grad():
        return path_with_list(operations, edges, arch, x)


def path_detaches_input(operations, edges, arch, x):
    return path_with_list(operations, edges, arch, x.detach())


def path_uses_operations_up(operations, edges, arch, x):
    nodes = {0: x}
    for (source, target), choice in zip(edges, arch, strict=True):
        out = operations.pop(0)[choice](nodes[source])
        nodes[target] = nodes[target] + out if target in nodes else out
    return nodes[max(nodes)]


WRONG = [
    (path_by_sources, "another order than the one given"),
    (_pather(order=lambda edges: edges[::-1], read=lambda n, s, _: n.get(s, n[0])), ""),
    (_pather(pick=lambda choices, _, x: sum(o(x) for o in choices)), "off the path are active"),
    (
        _pather(pick=lambda choices, _, x: sum(o(x) for o in choices) / len(choices)),
        "off the path are active",
    ),
    (path_computes_all, "computed and thrown away"),
    (path_by_walks, "more than once"),
    (_pather(read=lambda nodes, source, out: out, finish=lambda n: n[max(n)]), ""),
    (_pather(join=lambda old, out: out), "only the last edge into a node counts"),
    (_pather(join=lambda old, out: out if old is None else old), "only the last edge"),
    (_pather(join=lambda old, out: out if old is None else (old + out) / 2), "mean of the edges"),
    (_pather(finish=_all_nodes), "all nodes are added up"),
    (_pather(finish=lambda n: sum(list(n.values())[1:])), "all nodes are added up"),
    (_pather(finish=lambda n: torch.cat(list(n.values())[1:], 1)), "the output is one node"),
    (_pather(finish=lambda n: n[max(n)] + n[0]), "input is added to the output"),
    (_pather(finish=lambda n: n[max(n) - 1]), ""),
    (path_in_place, "changed in place"),
    (path_forgets_return, "`return` missing"),
    (path_detaches_nothing_returned, "expected a tensor"),
    (path_returns_what_came_last, "edges"),
    (path_cuts_the_graph, "the gradient does not reach the operations"),
    (path_detaches_input, "the gradient in x"),
    (path_uses_operations_up, "changes its arguments"),
    (_pather(read=lambda nodes, source, out: out), "what the edge before it gave"),
    (_pather(finish=lambda n: n[max(n) - 1]), "another node than the last"),
]
RIGHT = [path_by_recursion, path_with_list, path_in_place_on_zeros]
POINTLESS = (
    lambda operations, edges, arch, x: x,
    lambda operations, edges, arch, x: operations[0][arch[0]](x),
)
PARTICULAR = {
    "changed in place": {"equal to the stand-alone network"},
    "changes its arguments": {"only the path is computed"},
    "computed and thrown away": {"only the path is computed"},
}
EQUIVALENT = {
    "line 2: zip(edges, operations, arch, strict=True) -> zip(edges, operations, arch)": (
        "the three are of one length"
    ),
}
