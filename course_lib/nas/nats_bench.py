"""NAS-Bench-201 itself as a table, for who has the `nats_bench` package and its data files."""

from typing import Any, Protocol

import numpy as np

from course_lib.nas.cells import CellSpace
from course_lib.nas.table import Table


class NatsBench(Protocol):
    """What is asked of a `nats_bench` API object of the topology search space."""

    def query_index_by_arch(self, arch: str) -> int: ...
    def get_more_info(
        self, index: int, dataset: str, iepoch: int | None, hp: str, is_random: bool
    ) -> dict[str, Any]: ...
    def get_cost_info(self, index: int, dataset: str, hp: str) -> dict[str, Any]: ...


def nats_bench_table(
    api: NatsBench,
    *,
    dataset: str = "cifar10-valid",
    epochs: str = "12",
    report_epochs: str = "200",
    space: CellSpace | None = None,
) -> Table:
    """The table of a `nats_bench` API object, as `nats_bench.create(path, "tss")` makes it.

    The published protocol: a search sees the validation accuracy of a short training (`epochs`),
    and the test accuracy of a long one (`report_epochs`) is reported, both means over the
    benchmark's seeds. `info` also holds parameters and FLOPs (a multiplication and an addition
    counting one, as there).

    dataset: "cifar10-valid", "cifar100" or "ImageNet16-120" ("cifar10" trains on its validation
        images). space: the whole cell space unless told otherwise.
    ValueError if the object lacks a string or has no validation accuracy for it.
    Source: Dong, Liu, Musial and Gabrys 2021, "NATS-Bench".
    """
    space = CellSpace() if space is None else space
    values, tested, parameters, flops = [], [], [], []
    for arch in space:
        text = space.describe(arch)
        index = api.query_index_by_arch(text)
        if index < 0:
            raise ValueError(
                f"the API object does not know {text}: is it of the topology search space?"
            )
        short = api.get_more_info(index, dataset, None, epochs, False)
        if "valid-accuracy" not in short:
            raise ValueError(
                f"{dataset} has no validation accuracy after {epochs} epochs, expected one of "
                "cifar10-valid, cifar100, ImageNet16-120"
            )
        cost = api.get_cost_info(index, dataset, report_epochs)
        values.append(short["valid-accuracy"])
        tested.append(
            api.get_more_info(index, dataset, None, report_epochs, False)["test-accuracy"]
        )
        parameters.append(cost["params"])
        flops.append(cost["flops"])
    info = {
        "test_accuracy": np.array(tested) / 100,
        "parameters": np.round(np.array(parameters) * 1e6),
        "flops": np.round(np.array(flops) * 1e6),
    }
    return Table(space, np.arange(space.size), np.array(values)[:, None, None] / 100, info)
