"""NAS-Bench-Macro as a table, for who has its file: 8 layers, each one of 3 blocks."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.nas.table import Table
from course_lib.nas.table_space import TableSpace

MACRO = TableSpace([3] * 8)
"""Per layer 0: identity, 1: kernel 3 and expansion 3, 2: kernel 5 and expansion 6."""


def nas_bench_macro_table(path: str | Path) -> Table:
    """The table of `nas-bench-macro_cifar10.json`, from github.com/xiusu/NAS-Bench-Macro.

    The file holds test accuracies only, in percent, of three trainings per network, each of its
    best epoch. A search sees the first training; the mean of the others is reported, as
    test_accuracy: what was lucky in the search is not in the report. `info` also holds parameters
    and FLOPs (a multiplication and an addition counting one, as there).

    ValueError says which network is missing or damaged. Source: Su et al. 2021.
    """
    networks = {MACRO.parse(key): network for key, network in json.loads(_text(path)).items()}
    missing = [arch for arch in MACRO if arch not in networks]
    if missing:
        raise ValueError(
            f"{path} lacks {len(missing):,} of {MACRO.size:,} networks, the first "
            f"{MACRO.describe(missing[0])}"
        )
    ordered = [networks[arch] for arch in MACRO]
    accuracies = np.array([_accuracies(MACRO.describe(a), networks[a]) for a in MACRO]) / 100
    info = {
        "test_accuracy": accuracies[:, 1:].mean(axis=1),
        "parameters": np.array([network["params"] for network in ordered]),
        "flops": np.array([network["flops"] for network in ordered]),
    }
    return Table(MACRO, np.arange(MACRO.size), accuracies[:, :1, None], info)


def _text(path: str | Path) -> str:
    return Path(path).read_text(encoding="utf-8")


def _accuracies(name: str, network: Mapping[str, Any]) -> Sequence[float]:
    """The three accuracies of a network, checked."""
    missing = {"test_acc", "params", "flops"} - set(network)
    if missing:
        raise ValueError(f"network {name} has no {', '.join(sorted(missing))}")
    found: Sequence[float] = network["test_acc"]
    if len(found) != 3 or not all(1 < each <= 100 for each in found):
        raise ValueError(f"network {name}: expected three accuracies in percent, got {found}")
    return found
