# %%
import math
from collections.abc import Mapping, Sequence, Set

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike


# %%
def asha_decision(
    rungs: Sequence[Mapping[int, float]], promoted: Sequence[Set[int]], *, eta: int
) -> tuple[int, int] | None:
    """Who a free worker trains next: (candidate, rung), or None for a new candidate in rung 0.

    rungs: of each rung, lowest first, candidate -> value of what has finished there.
    promoted: of each rung, who was already promoted out of it.
    eta: among n that finished in a rung, the best floor(n / eta) may go on, once each.
    """
    ### BEGIN SOLUTION
    for k in reversed(range(len(rungs) - 1)):
        ranked = sorted(rungs[k], key=lambda candidate: (-rungs[k][candidate], candidate))
        for candidate in ranked[: len(rungs[k]) // eta]:
            if candidate not in promoted[k]:
                return candidate, k + 1
    return None
    ### END SOLUTION


# %%
def expected_best(values: ArrayLike, n: int, *, replace: bool = True) -> float:
    """The mean of the best of n draws from `values`, without drawing.

    values: (N,) in any order, the higher the better. n: at least 1; without replacement at most N,
    or ValueError.
    """
    ### BEGIN SOLUTION
    ranked = np.sort(np.asarray(values, dtype=float))
    size = len(ranked)
    if not replace and n > size:
        raise ValueError(f"{n} values cannot be drawn from {size} without replacement")
    if replace:
        below = [(i / size) ** n for i in range(size + 1)]
    else:
        below = [math.comb(i, n) / math.comb(size, n) for i in range(size + 1)]
    return float(ranked @ np.diff(below))
    ### END SOLUTION


# %%
def predecessors(graph: nx.Graph) -> list[list[int]]:
    """The inputs of each node, and last those of the output.

    graph: undirected, nodes 0, ..., n - 1 in any order; ValueError if one of them is isolated.
    Returns n + 1 lists of nodes; -1 is the input.
    """
    ### BEGIN SOLUTION
    nodes = range(len(graph))
    if isolated := [node for node in nodes if not graph[node]]:
        raise ValueError(f"nothing would pass through the isolated nodes {isolated}")
    inputs = [[other for other in sorted(graph[node]) if other < node] for node in nodes]
    output = [node for node in nodes if not any(other > node for other in graph[node])]
    return [*(read or [-1] for read in inputs), output]
    ### END SOLUTION
