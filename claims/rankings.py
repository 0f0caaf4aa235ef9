"""Lecture 13: do devices agree on which network is fast, and with MACs?"""

from itertools import combinations

import numpy as np

from claims.estimates import estimates
from claims.latencies import ELSEWHERE, NOISY, RUNTIMES, what_was_read
from claims.supernet_ranking import tau
from course_lib.hardware.latency_file import read_latency
from course_lib.hardware.latency_table import LatencyTable, latency201
from course_lib.show.measured import Measured
from data import FOLDER

GROUPS = 10
FILES = {
    "Small": "latency201",
    **{f"Small{end}": name for name, end in ELSEWHERE.items()},
    "Wide": "latency201_wide",
}
SHORT = {"PyTorch eager": "eager", "ONNX Runtime int8": "int8"}
THREE = tuple(SHORT.get(name, name) for name in RUNTIMES)
PAIRS = {
    "small": [
        *(("MACs", device) for device in (*THREE, "ncnn")),
        *combinations(THREE, 2),
        ("ONNX Runtime", "ncnn"),
        *((device, f"{device}{end}") for device in THREE for end in ELSEWHERE.values()),
    ],
    "wide": [("MACs", device) for device in THREE],
}


def rankings() -> Measured:
    """Kendall's tau between devices, processors, and with MACs, in two settings."""
    tables = {setting: latency201(name, leave_out=NOISY) for setting, name in FILES.items()}
    small = columns(tables["Small"])
    for end in ELSEWHERE.values():
        small |= columns(tables[f"Small{end}"], end)
    every = {"small": small, "wide": columns(tables["Wide"])}
    pairs = {
        f"{one} and {other}, {setting}": both(every[setting][one], every[setting][other])
        for setting, own in PAIRS.items()
        for one, other in own
    }
    return Measured(
        conditions=" ".join(_said(name, tables[name], file) for name, file in FILES.items())
        + f" The networks that both have measured were dealt out into {GROUPS} groups at random: "
        "the intervals say how much tau depends on them.",
        estimates=estimates({label: [grouped(*own, GROUPS)] for label, own in pairs.items()}),
        over="groups of networks",
        seeds=list(range(GROUPS)),
        settings={
            "networks": {label: len(one) for label, (one, _) in pairs.items()},
            "noise": {name: table.noise for name, table in tables.items()},
        },
    )


def columns(table: LatencyTable, end: str = "") -> dict[str, np.ndarray]:
    """MACs and the seconds of each device, by short names with `end`; NaN where not measured."""
    seconds = {f"{SHORT.get(name, name)}{end}": own for name, own in table.seconds.items()}
    return {f"MACs{end}": table.info["macs"], **seconds}


def both(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The entries that neither lacks."""
    there = np.isfinite(one) & np.isfinite(other)
    return one[there], other[there]


def grouped(one: np.ndarray, other: np.ndarray, groups: int) -> list[float]:
    """Tau within each group of networks, dealt out at random."""
    order = np.random.default_rng(0).permutation(len(one))
    return [tau(one[part].tolist(), other[part].tolist()) for part in np.array_split(order, groups)]


def _said(setting: str, table: LatencyTable, name: str) -> str:
    counts = sorted({len(table.measured(device)) for device in table.devices}, reverse=True)
    noise = ", ".join(
        f"{SHORT.get(device, device)} {tau:.3f}" for device, tau in table.noise.items()
    )
    return (
        f"{setting}: {' or '.join(f'{count:,}' for count in counts)} cells, "
        f"{what_was_read(read_latency(FOLDER / f'{name}.npz'))}; two halves of them agree with tau "
        f"{noise}."
    )
