"""How fast cells are measured on devices, from the network to its number."""

from time import perf_counter

from scipy.stats import kendalltau

from bench.timing import Row
from course_lib.core import make_rng
from course_lib.hardware.runtimes import prepared
from data.make.latency import BLOCK, sampled
from data.make.latency_kept import quantiles
from data.make.latency_settings import SETTINGS, THREE, distinct, drawn

LEAST_TAU = 0.95


def device_rows() -> list[Row]:
    """By the clock: the first block of the table of latencies, measured as the table was."""
    setting, rng = SETTINGS["latency201"], make_rng(0)
    networks = [setting.build(distinct()[index]) for index in drawn(BLOCK)]
    rows = []
    for device in THREE:
        start = perf_counter()
        samples = sampled(prepared(networks, setting.picture, device), rng)
        rate = 60 * len(networks) / (perf_counter() - start)
        _, one, other = quantiles(samples)
        tau = float(kendalltau(one, other).statistic)
        rows.append(
            Row(
                what=f"cells measured on {device.name}, {len(samples)} rounds, by the clock",
                against="",
                unit="a minute",
                ours=[rate],
                peer=[],
                goal=f"two halves of the samples agree with tau {LEAST_TAU} (now {tau:.3f})",
                met=tau >= LEAST_TAU,
            )
        )
    return rows
