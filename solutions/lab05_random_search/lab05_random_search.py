import math

import numpy as np


def asha_decision(rungs, promoted, *, eta):
    """What a free worker trains next: (candidate, rung), or None, a new candidate in rung 0."""
    ### BEGIN SOLUTION
    for k in reversed(range(len(rungs) - 1)):
        ranked = sorted(rungs[k], key=lambda candidate: (-rungs[k][candidate], candidate))
        for candidate in ranked[: len(rungs[k]) // eta]:
            if candidate not in promoted[k]:
                return candidate, k + 1
    return None
    ### END SOLUTION


def expected_best(values, n, *, replace=True):
    """The mean of the best of n draws from `values`, without drawing."""
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


def predecessors(graph):
    """The inputs of each node, and last those of the output."""
    ### BEGIN SOLUTION
    nodes = range(len(graph))
    if isolated := [node for node in nodes if not graph[node]]:
        raise ValueError(f"nothing would pass through the isolated nodes {isolated}")
    inputs = [[other for other in sorted(graph[node]) if other < node] for node in nodes]
    output = [node for node in nodes if not any(other > node for other in graph[node])]
    return [*(read or [-1] for read in inputs), output]
    ### END SOLUTION
