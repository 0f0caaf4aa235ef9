"""Answers to `promoted`."""

import heapq
import math

import numpy as np
import torch

from course_lib.nas import search


def _ranked(values):
    return [i for _, i in sorted((-value, i) for i, value in enumerate(values))]


def by_pairs(values, *, eta):
    """Right: pairs of negative value and index sort by themselves."""
    return _ranked(values)[: max(math.floor(len(values) / eta), 1)]


def by_numpy(values, *, eta):
    """Right: a stable argsort of the negative values; indices are numpy's."""
    return list(np.argsort(-np.asarray(values), kind="stable")[: max(1, len(values) // eta)])


def by_heap(values, *, eta):
    """Right: heapq.nlargest keeps the order of equals; as a tuple."""
    size = len(values) // eta or 1
    return tuple(heapq.nlargest(size, range(len(values)), key=values.__getitem__))


def by_selection(values, *, eta):
    """Right: takes the first largest, again and again."""
    left, found = dict(enumerate(values)), []
    for _ in range(max(1, len(values) // eta)):
        best = max(left, key=left.get)
        found.append(best)
        del left[best]
    return found


def by_torch(values, *, eta):
    """Right: a stable sort of doubles."""
    order = torch.tensor(values, dtype=torch.float64).argsort(descending=True, stable=True)
    return order[: max(1, len(values) // eta)].tolist()


def as_array(values, *, eta):
    """Right: an array of places."""
    return np.argsort(-np.array(values), kind="stable")[: max(1, len(values) // eta)]


def as_tensor(values, *, eta):
    """Right: a tensor of places."""
    return torch.tensor(by_pairs(values, eta=eta))


def worst(values, *, eta):
    return sorted(range(len(values)), key=lambda i: values[i])[: max(1, len(values) // eta)]


def rounded_up(values, *, eta):
    return _ranked(values)[: math.ceil(len(values) / eta)]


def rounded(values, *, eta):
    return _ranked(values)[: max(1, int(len(values) / eta + 0.5))]


def nobody(values, *, eta):
    return _ranked(values)[: int(len(values) / eta)]


def eta_of_them(values, *, eta):
    return _ranked(values)[:eta]


def all_but_one_in_eta(values, *, eta):
    return _ranked(values)[: len(values) - len(values) // eta]


def always_half(values, *, eta):
    return _ranked(values)[: len(values) // 2 or 1]


def one_more(values, *, eta):
    return _ranked(values)[: len(values) // eta + 1]


def worst_first(values, *, eta):
    return sorted(range(len(values)), key=lambda i: values[i])[-max(1, len(values) // eta) :]


def in_their_places(values, *, eta):
    return sorted(by_pairs(values, eta=eta))


def turned_round(values, *, eta):
    return np.argsort(values, kind="stable")[::-1][: max(1, len(values) // eta)].tolist()


def all_of_the_last(values, *, eta):
    """Everybody who is as good as the last one promoted."""
    ranked = _ranked(values)
    last = values[ranked[max(1, len(values) // eta) - 1]]
    return [i for i in ranked if values[i] >= last]


def the_values(values, *, eta):
    return sorted(values, reverse=True)[: max(1, len(values) // eta)]


def looked_up(values, *, eta):
    """Equal values are all found at the place of the first."""
    best = sorted(values, reverse=True)[: max(1, len(values) // eta)]
    return [values.index(value) for value in best]


def sorts_in_place(values, *, eta):
    right = by_pairs(values, eta=eta)
    values.sort(reverse=True)
    return right


def ranks(values, *, eta):
    """Of each candidate its place, instead of who holds the first places."""
    return np.argsort(np.argsort(-np.asarray(values)))[: max(1, len(values) // eta)].tolist()


def as_set(values, *, eta):
    return set(by_pairs(values, eta=eta))


def above_zero(values, *, eta):
    """Whoever is not positive is thought to have failed."""
    ranked = [i for i in _ranked(values) if values[i] > 0]
    return ranked[: max(1, len(values) // eta)]


def in_single_precision(values, *, eta):
    order = torch.tensor(values, dtype=torch.float32).argsort(descending=True, stable=True)
    return order[: max(1, len(values) // eta)].tolist()


def from_zero(values, *, eta):
    """A running best that begins at 0 misses negative values."""
    left, found = list(values), []
    for _ in range(max(1, len(values) // eta)):
        best, place = 0.0, 0
        for i, value in enumerate(left):
            if value is not None and value > best:
                best, place = value, i
        found.append(place)
        left[place] = None
    return found


SEEN = []


def remembers(values, *, eta):
    """The rungs of earlier calls take part."""
    SEEN.extend(values)
    return sorted(range(len(values)), key=lambda i: -SEEN[i])[: max(1, len(values) // eta)]


def calls_library(values, *, eta):
    return search.promoted(values, eta=eta)


def forgets_return(values, *, eta):
    by_pairs(values, eta=eta)


def as_fractions(values, *, eta):
    return [np.float64(i) for i in by_pairs(values, eta=eta)]


def rounded_share(values, *, eta):
    """98 times a 49th is a little less than 2."""
    return _ranked(values)[: max(1, int(len(values) * (1 / eta)))]


def largest_in_size(values, *, eta):
    order = sorted(range(len(values)), key=lambda i: -abs(values[i]))
    return order[: max(1, len(values) // eta)]


def as_column(values, *, eta):
    return np.argwhere(np.asarray(values) >= sorted(values)[-max(1, len(values) // eta)])


def from_one(values, *, eta):
    return [i + 1 for i in by_pairs(values, eta=eta)]


def a_mask(values, *, eta):
    return [i in by_pairs(values, eta=eta) for i in range(len(values))]


PLACES = "the answer is not places, counted from 0"
WRONG = [
    (worst, "the lowest values go on"),
    (rounded_up, "the number is rounded up"),
    (rounded, "the number is rounded up"),
    (nobody, "nobody goes on where fewer than eta"),
    (eta_of_them, "the share is not 1 / eta"),
    (all_but_one_in_eta, "the share is not 1 / eta"),
    (always_half, "the share is not 1 / eta"),
    (one_more, "expected ["),
    (worst_first, "the best does not come first"),
    (in_their_places, "the best does not come first"),
    (turned_round, "ties do not go to the earlier"),
    (all_of_the_last, "ties do not go to the earlier"),
    (the_values, PLACES),
    (looked_up, "expected ["),
    (sorts_in_place, "the function changes its arguments"),
    (ranks, "expected ["),
    (as_set, "the answer is of type set, expected a list"),
    (as_column, "has shape"),
    (from_one, PLACES),
    (lambda values, *, eta: as_array(values, eta=eta) + 1, PLACES),
    (lambda values, *, eta: np.sort(values)[::-1][: max(1, len(values) // eta)], PLACES),
    (a_mask, "expected a number"),
    (above_zero, "expected ["),
    (in_single_precision, "expected ["),
    (from_zero, "expected ["),
    (remembers, "expected ["),
    (calls_library, "library's function is called"),
    (forgets_return, "`return` missing"),
    (as_fractions, "expected an integer"),
    (rounded_share, "expected ["),
    (largest_in_size, "expected ["),
]
RIGHT = [by_pairs, by_numpy, by_heap, by_selection, by_torch, as_array, as_tensor]
POINTLESS = (lambda values, *, eta: [], lambda values, *, eta: [0])
PARTICULAR = {
    "nobody goes on": {"of fewer than eta, the best one", "a whole halving, rung by rung"},
    "ties do not go": {"ties go to the earlier"},
    "changes its arguments": {"the values stay as they are"},
}
EQUIVALENT = {
    "line 2: max(1, len(values) // eta) -> max(len(values) // eta, 1)": "the larger of two numbers "
    "is the same in any order"
}
