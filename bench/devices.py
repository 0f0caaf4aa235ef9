"""How fast cells are measured on devices, from the network to its number."""

from time import perf_counter

import torch

from bench.timing import Row
from course_lib.core import make_rng
from course_lib.hardware.measure import split_half_tau
from course_lib.hardware.runtimes import EAGER, ONNX_RUNTIME, ONNX_RUNTIME_INT8, measure_networks
from course_lib.nas.cells import CellSpace

NETWORKS, LEAST_TAU = 60, 0.95
GOALS = {EAGER: (2, 300), ONNX_RUNTIME: (15, 200), ONNX_RUNTIME_INT8: (12, 100)}
"""Device -> calls in a sample of about a millisecond, networks a minute."""


def device_rows() -> list[Row]:
    """By the clock: random cells prepared and measured 40 times, in turns, on one thread."""
    space, rng = CellSpace(), make_rng(0)
    networks = [space.build(space.sample(rng)) for _ in range(NETWORKS)]
    rows = []
    for device, (repeats, goal) in GOALS.items():
        start = perf_counter()
        samples = measure_networks(networks, torch.rand(1, 1, 12, 12), device, rng, repeats=repeats)
        rate = 60 * NETWORKS / (perf_counter() - start)
        tau = split_half_tau(samples, 0.1, rng)
        rows.append(
            Row(
                what=f"cells measured on {device.name}, by the clock",
                against="",
                unit="a minute",
                ours=[rate],
                peer=[],
                goal=f"{goal} a minute, two halves of the samples agree with tau {LEAST_TAU} "
                f"(now {tau:.3f})",
                met=rate >= goal and tau >= LEAST_TAU,
            )
        )
    return rows
