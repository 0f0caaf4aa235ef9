"""Lecture 13: do devices agree on which network is fast, and with MACs?"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from claims.estimates import curve, estimates
from claims.supernet_ranking import tau
from course_lib.core import make_rng
from course_lib.core.statistics import kendall_tau
from course_lib.hardware.latency_file import Measured as Latencies
from course_lib.hardware.latency_file import read_latency
from course_lib.hardware.latency_table import drift, halves_tau
from course_lib.nas.table import find_data
from course_lib.show.measured import Curves, Measured

GROUPS, SWEPT = 10, 6
SETTINGS = {"small": "latency201", "wide": "latency201_wide"}
CHANNELS = {8: "latency201", 16: "latency201_c16", 32: "latency201_c32", 64: "latency201_c64"}
SHORT = {"PyTorch eager": "eager", "ONNX Runtime": "ONNX Runtime", "ONNX Runtime int8": "int8"}


def rankings() -> Measured:
    """Kendall's tau between devices, and with MACs, in two settings; and along the channels."""
    files = {name: read_latency(find_data(f"{file}.npz")) for name, file in SETTINGS.items()}
    columns = {name: known(file) for name, file in files.items()}
    pairs = [(name, *pair) for name, own in columns.items() for pair in combinations(own, 2)]
    samples = {
        f"{one} and {other}, {name}": [grouped(columns[name][one], columns[name][other], GROUPS)]
        for name, one, other in pairs
    }
    sure = {
        f"{one} and {other}, {name}": kendall_tau(
            columns[name][one][:2000], columns[name][other][:2000], make_rng(0)
        )
        for name, one, other in pairs
    }
    return Measured(
        conditions=f"{' '.join(_said(name, file) for name, file in files.items())} Networks were "
        f"dealt out into {GROUPS} groups at random: the intervals say how much tau depends on the "
        f"networks. {files['small'].machine}, one thread, batch 1.",
        estimates=estimates(samples),
        over="groups of networks",
        seeds=list(range(GROUPS)),
        settings={
            "networks": {name: len(own["MACs"]) for name, own in columns.items()},
            "noise": {n: {d: halves_tau(f, d) for d in f.devices} for n, f in files.items()},
            "bootstrap": {label: [own.estimate, own.low, own.high] for label, own in sure.items()},
        },
        curves=swept(),
    )


def known(file: Latencies, networks: Iterable[int] | None = None) -> dict[str, np.ndarray]:
    """MACs, and the seconds of each device, of the networks that all devices have measured.

    networks: only these, by their rows in digits201.
    """
    everywhere = np.isfinite(file.seconds).all(axis=0)
    if networks is not None:
        everywhere &= np.isin(file.networks, list(networks))
    columns = zip(file.devices, file.seconds, strict=True)
    own = {SHORT[device]: seconds[everywhere] for device, seconds in columns}
    return {"MACs": file.macs[everywhere].astype(float), **own}


def grouped(one: np.ndarray, other: np.ndarray, groups: int) -> list[float]:
    """Tau within each group of networks, dealt out at random."""
    order = np.random.default_rng(0).permutation(len(one))
    return [tau(one[part].tolist(), other[part].tolist()) for part in np.array_split(order, groups)]


def swept() -> Curves:
    """Tau with MACs along the channels of the first cell, the same networks everywhere."""
    files = {width: read_latency(find_data(f"{name}.npz")) for width, name in CHANNELS.items()}
    common = set.intersection(*(set(file.networks.tolist()) for file in files.values()))
    columns = [known(file, common) for file in files.values()]
    lines = {
        device: curve(
            list(files),
            np.transpose([grouped(own["MACs"], own[device], SWEPT) for own in columns]).tolist(),
        )
        for device in SHORT.values()
    }
    return Curves("channels of the first cell", "Kendall's tau with MACs", lines, xscale="log")


def _said(name: str, file: Latencies) -> str:
    count = len(known(file)["MACs"])
    fine, coarse = file.channels
    pixels = " x ".join(map(str, file.image))
    noise = ", ".join(f"{SHORT[d]} {halves_tau(file, d):.3f}" for d in file.devices)
    blocks = file.anchors.shape[1]
    moved = ", ".join(f"{SHORT[d]} {drift(file, d):.0%}" for d in file.devices)
    level = f" Anchors moved by {moved} over {blocks} blocks, which is divided out."
    return (
        f"{name.capitalize()}: {count:,} cells with {fine} and {coarse} channels on pictures of "
        f"{pixels}; two halves of the samples agree with tau {noise}.{level * (blocks > 1)}"
    )
