"""Answers to `device_front`."""

import numpy as np
import torch

from course_lib.hardware import latency_search as library


def by_loops(accuracy, latency):
    """Right: the definition in lists."""
    rows = [(-a, *t) for a, t in zip(accuracy.tolist(), latency.tolist(), strict=True)]

    def beaten(row):
        return any(
            other != row and all(o <= r for o, r in zip(other, row, strict=True)) for other in rows
        )

    return torch.tensor([not beaten(row) for row in rows])


def by_numpy(accuracy, latency):
    """Right: row after row."""
    good = np.c_[accuracy.numpy(), -latency.numpy()]
    on = np.ones(len(good), dtype=bool)
    for i, row in enumerate(good):
        on[i] = not ((good >= row).all(1) & (good > row).any(1)).any()
    return torch.from_numpy(on)


def in_order(accuracy, latency):
    """Right: from the most accurate on, only who was before can beat."""
    values = torch.cat([-accuracy[:, None], latency], 1)
    order = np.lexsort(values.T.flip(0).numpy())
    front = torch.zeros(len(values), dtype=torch.bool)
    kept = []
    for i in order:
        row = values[i]
        front[i] = not any(bool((k <= row).all() and (k < row).any()) for k in kept)
        if front[i]:
            kept.append(row)
    return front


def counting(accuracy, latency):
    """Right: one device after the other."""
    n = len(accuracy)
    at_least = accuracy[:, None] >= accuracy[None]
    better = accuracy[:, None] > accuracy[None]
    for device in latency.unbind(1):
        at_least = at_least & (device[:, None] <= device[None])
        better = better | (device[:, None] < device[None])
    return (at_least & better).sum(0).eq(torch.zeros(n))


def by_ranks(accuracy, latency):
    """Right: only the order in each column counts."""
    columns = [-accuracy, *latency.T]
    ranks = torch.stack([c.unique(return_inverse=True)[1] for c in columns], 1)
    less = (ranks[:, None] <= ranks).all(-1)
    return ~(less & ~less.T).any(0)


def pairs(beats, end=lambda front: front, sign=1.0, columns=lambda latency: latency):
    """Right with `strictly`; beats(one, other) of points of which less is better."""

    def device_front(accuracy, latency):
        points = torch.cat([-sign * accuracy.unsqueeze(1), columns(latency)], 1)
        return end(~beats(points[:, None], points[None]).any(0))

    return device_front


def strictly(one, other):
    return (one <= other).all(2) & (one < other).any(2)


def in_all(one, other):
    return (one < other).all(2)


def in_any(one, other):
    return (one < other).any(2)


def on_some_device(one, other):
    return (one[..., 0] <= other[..., 0]) & (one[..., 1:] < other[..., 1:]).any(2)


def faster_by_all(one, other):
    """More accurate is not better at equal latencies."""
    return (one[..., 0] <= other[..., 0]) & (one[..., 1:] < other[..., 1:]).all(2)


def faster_somewhere(one, other):
    return (one <= other).all(2) & (one[..., 1:] < other[..., 1:]).any(2)


def needs_accuracy(one, other):
    return (one[..., 0] < other[..., 0]) & (one[..., 1:] <= other[..., 1:]).all(2)


def ignores_accuracy(one, other):
    return strictly(one[..., 1:], other[..., 1:])


def weakly(accuracy, latency):
    """Equal points beat each other."""
    points = torch.cat([-accuracy[:, None], latency], 1)
    beats = (points[:, None] <= points).all(2).fill_diagonal_(False)
    return ~beats.any(0)


def itself(accuracy, latency):
    points = torch.cat([-accuracy[:, None], latency], 1)
    return ~(points[:, None] <= points).all(2).any(0)


def turned(accuracy, latency):
    """Who beats nobody."""
    points = torch.cat([-accuracy[:, None], latency], 1)
    beats = (points[:, None] <= points).all(2) & (points[:, None] < points).any(2)
    return ~beats.any(1)


def beaten(accuracy, latency):
    return ~by_numpy(accuracy, latency)


def unique_points(accuracy, latency):
    seen, found = set(), by_numpy(accuracy, latency)
    for i, row in enumerate(zip(accuracy.tolist(), map(tuple, latency.tolist()), strict=True)):
        found[i] &= row not in seen
        seen.add(row)
    return found


def each_device(join):
    def device_front(accuracy, latency):
        return join(torch.stack([by_numpy(accuracy, one.unsqueeze(1)) for one in latency.T]))

    return device_front


def running_best(accuracy, latency):
    """Sorted by the first device: the most accurate so far."""
    order = latency[:, 0].argsort()
    best = accuracy[order].cummax(0).values
    front = torch.zeros(len(order), dtype=torch.bool)
    front[order] = accuracy[order] >= best
    return front


def convex(accuracy, latency):
    """Only who is best for some weights: what lies in a dent is lost."""
    rng = np.random.default_rng(0)
    points = np.c_[-accuracy.numpy(), latency.numpy() / latency.numpy().max(0)]
    front = torch.zeros(len(points), dtype=torch.bool)
    for weights in rng.dirichlet(np.ones(points.shape[1]), 2000):
        front[int((points @ weights).argmin())] = True
    return front


def indices(accuracy, latency):
    return by_numpy(accuracy, latency).nonzero().flatten()


def points_of_front(accuracy, latency):
    return accuracy[by_numpy(accuracy, latency)]


def with_tolerance(accuracy, latency):
    points = torch.cat([-accuracy[:, None], latency], 1)
    at_least = (points[:, None] <= points + 1e-3).all(2)
    better = (points[:, None] < points - 1e-3).any(2)
    return ~(at_least & better).any(0)


def sorts_in_place(accuracy, latency):
    front = by_numpy(accuracy, latency)
    accuracy.neg_()
    return front


def forgets_return(accuracy, latency):
    by_numpy(accuracy, latency)


def calls_library(accuracy, latency):
    return library.device_front(accuracy, latency)


ONE = "a single device is enough to be beaten"
ANY_FRONT = "the front of any device is enough"
EQUAL = "equal points are removed"
ALL = "beaten only by who is better in everything"
SIGN = "accuracy is minimised, or latency maximised"
SUM = "one number is made of all devices"
NOBODY = "nobody is left"
WRONG = [
    (pairs(in_any), ONE),
    (pairs(on_some_device), ONE),
    (each_device(lambda fronts: fronts.all(0)), ONE),
    (each_device(lambda fronts: fronts.any(0)), ANY_FRONT),
    (weakly, EQUAL),
    (unique_points, EQUAL),
    (itself, NOBODY),
    (lambda accuracy, latency: torch.zeros(len(accuracy), dtype=torch.bool), NOBODY),
    (pairs(in_all), ALL),
    (pairs(needs_accuracy), ALL),
    (pairs(faster_somewhere), ALL),
    (pairs(faster_by_all), "is on your front, and"),
    (pairs(strictly, sign=-1.0), SIGN),
    (pairs(strictly, columns=lambda latency: -latency), SIGN),
    (turned, SIGN),
    (beaten, "✘ nobody beats them, by the definition"),
    (pairs(strictly, columns=lambda latency: latency.mean(1, keepdim=True)), SUM),
    (pairs(strictly, columns=lambda latency: latency.max(1, keepdim=True).values), SUM),
    (pairs(strictly, columns=lambda latency: latency[:, :1]), SUM),
    (pairs(strictly, columns=lambda latency: latency[:, :2]), SUM),
    (pairs(strictly, columns=lambda latency: latency[:, :3]), "on 5 devices"),
    (pairs(ignores_accuracy), "✘ nobody beats them, by the definition"),
    (running_best, "✘ nobody beats them, by the definition"),
    (convex, "is missing on your front"),
    (with_tolerance, "✘"),
    (indices, "of torch.int64"),
    (points_of_front, "expected torch.bool"),
    (lambda accuracy, latency: by_numpy(accuracy, latency).tolist(), "of type list"),
    (sorts_in_place, "the function changes its arguments"),
    (forgets_return, "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_loops, by_numpy, in_order, counting, by_ranks]
POINTLESS = (
    lambda accuracy, latency: torch.ones(len(accuracy), dtype=torch.bool),
    lambda accuracy, latency: accuracy == accuracy.max(),
)
PARTICULAR = {
    EQUAL: {"equal points all stay", "ties: better in one is enough", "a thousand architectures"},
    "the function changes its arguments": {"the arguments stay as they are"},
}
