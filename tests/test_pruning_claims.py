"""Claims of lecture 07: what they compute from the runs."""

from claims.before_after import taus
from claims.pruning import differences


def method(before: float, after: float) -> dict[str, float]:
    return {"before": before, "after": after}


def test_methods_are_paired_with_uniform_and_amc_with_luck_network_by_network():
    names = ("AMC, clip", "AMC, share", "random, clip", "random, share")
    runs = [
        {"uniform": method(50.0, 70.0)}
        | {name: method(51.0 + i + network, 70.5) for i, name in enumerate(names)}
        for network in (0, 1)
    ]
    found = differences(runs)
    assert found["AMC, share, before"] == [[2.0, 3.0]]
    assert found["random, clip, after"] == [[0.5, 0.5]]
    assert found["AMC minus random, clip, before"] == [[-2.0, -2.0]]
    assert not any(label.startswith("uniform") for label in found)


def test_tau_is_shown_with_and_without_recalibration_and_as_a_difference():
    row = {"recalibrated": 0.6, "stale": 0.25, "sd after": 0.01}
    found = taus([{"0.5": row, "0.25": row}] * 2)
    assert found["50% of MACs, recalibrated"] == [[0.6, 0.6]]
    assert found["25% of MACs, as it was"] == [[0.25, 0.25]]
    assert found["50% of MACs, what recalibration adds"] == [[0.35, 0.35]]
    assert len(found) == 6
