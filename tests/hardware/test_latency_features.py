"""Counts of a form are what its network computes, as torch itself counts the calls."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib.core import make_rng
from course_lib.hardware.latency_features import (
    count_features,
    form_counts,
    live_edges,
    one_hot_features,
    operation_features,
)
from course_lib.nas.cell_network import Cell
from course_lib.nas.cells import CellSpace

SPACE = CellSpace()
SOME = [SPACE.sample(rng) for rng in [make_rng(0)] for _ in range(60)]


class Calls(TorchDispatchMode):
    """Counts the calls of each kernel."""

    def __init__(self):
        super().__init__()
        self.names = Counter()
        self.outputs = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name == "convolution":
            groups, weight = args[8], args[1]
            name = "pool" if groups > 1 else "conv"
            if groups == 1:
                self.outputs[weight.shape[-1]] += weight.shape[0]
        self.names[name] += 1
        return result


def test_counts_are_the_calls_of_the_cell():
    for arch in SOME:
        cell = Cell(SPACE.canonical(arch), 4, (6, 6)).eval()
        with torch.no_grad(), Calls() as calls:
            cell(torch.rand(1, 4, 6, 6))
        counts = form_counts(SPACE.canonical(arch))
        assert counts.fused == calls.names["conv"]
        assert (counts.conv_1x1, counts.conv_3x3) == (
            calls.outputs[1] // 4,
            calls.outputs[3] // 4,
        )
        assert counts.inputs == calls.names["relu"]
        assert counts.pools == calls.names["pool"]
        assert counts.sums == calls.names["add"] + calls.names["mul"]


def test_equal_networks_have_equal_counts():
    by_form: dict[object, list[tuple[int, ...]]] = {}
    for arch in SOME:
        by_form.setdefault(SPACE.canonical(arch), []).append(arch)
        by_form[SPACE.canonical(arch)].append(live_edges(SPACE, arch))
    for archs in by_form.values():
        assert len(count_features(SPACE, archs).unique(dim=0)) == 1


def test_dead_edges_are_those_whose_change_changes_nothing():
    """The oracle: an edge is dead where every other operation on it leaves the same network."""
    none = SPACE.operations.index("none")
    conv = SPACE.operations.index("nor_conv_3x3")
    for arch in SOME:
        live = live_edges(SPACE, arch)
        assert SPACE.canonical(live) == SPACE.canonical(arch)
        for edge in range(6):
            changed = [(*arch[:edge], c, *arch[edge + 1 :]) for c in (none, conv)]
            same = len({SPACE.canonical(other) for other in changed}) == 1
            if same:
                assert live[edge] == none
        assert live_edges(SPACE, live) == live


def test_one_hot_is_the_choice_and_operations_are_its_sums():
    hot = one_hot_features(SPACE, SOME)
    assert torch.equal(hot, torch.stack([SPACE.one_hot(a).flatten() for a in SOME]).double())
    names = [Counter(SPACE.names(arch)) for arch in SOME]
    wanted = [[c[o] for o in SPACE.operations if o != "none"] for c in names]
    assert operation_features(SPACE, SOME).tolist() == wanted


def test_positions_may_have_different_numbers_of_choices():
    from course_lib.core import Space

    hot = one_hot_features(Space((2, 3)), [(1, 0), (0, 2)])
    assert hot.tolist() == [[0, 1, 1, 0, 0], [1, 0, 0, 0, 1]]
    with pytest.raises(ValueError, match="decision 1"):
        one_hot_features(Space((2, 3)), [(1, 3)])


def test_without_none_there_are_no_dead_edges_to_mark():
    with pytest.raises(ValueError, match="no operation none"):
        live_edges(CellSpace(("skip_connect", "nor_conv_3x3")), (0,) * 6)
