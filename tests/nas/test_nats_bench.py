"""A real `nats_bench` API object, filled with made-up numbers, answers as the package says."""

from typing import Any

import numpy as np
import pytest
from nats_bench.api_topology import NATStopology
from nats_bench.api_utils import ArchResults, ResultsCount

from course_lib.core import Oracle, make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.nats_bench import nats_bench_table
from course_lib.nas.search import random_search

SPACE = CellSpace(("skip_connect", "nor_conv_1x1"))
DATASET = "cifar10-valid"


def trained(
    dataset: str, text: str, index: int, epochs: int, accuracies: dict[int, dict[str, float]]
) -> Any:
    """One architecture's trainings, one per seed, in the benchmark's own classes."""
    results = ArchResults(index, text)
    results.dataset_seed[dataset] = list(accuracies)
    for seed, sets in accuracies.items():
        every = dict.fromkeys(range(epochs), 50.0)
        count = ResultsCount(
            dataset, None, every, every, 0.5, 10.0, {"arch_str": text}, seed, epochs, None
        )
        for name, final in sets.items():
            curve = {epoch: final - (epochs - 1 - epoch) for epoch in range(epochs)}
            count.update_OLD_eval(name, curve, curve)
        results.all_results[dataset, seed] = count
    return results.state_dict()


def api(dataset: str, sets: tuple[str, ...]) -> NATStopology:
    rng = np.random.default_rng(0)
    texts = [SPACE.describe(arch) for arch in SPACE]
    rng.shuffle(texts)  # the benchmark's order is its own

    def accuracies() -> dict[int, dict[str, float]]:
        return {seed: dict(zip(sets, 60 + 30 * rng.random(2), strict=False)) for seed in (777, 888)}

    infos = {
        index: {
            str(epochs): trained(dataset, text, index, epochs, accuracies()) for epochs in (12, 200)
        }
        for index, text in enumerate(texts)
    }
    content = {"meta_archs": texts, "arch2infos": infos, "evaluated_indexes": range(len(texts))}
    return NATStopology(content, fast_mode=False, verbose=False)


@pytest.fixture(scope="module")
def benchmark() -> NATStopology:
    return api(DATASET, ("x-valid", "ori-test"))


def test_values_are_short_trainings_and_reports_long_ones(benchmark: NATStopology) -> None:
    table = nats_bench_table(benchmark, space=SPACE)
    for arch in SPACE:
        index = benchmark.archstr2index[SPACE.describe(arch)]
        of = benchmark.arch2infos_dict[index]
        valid = of["12"].get_metrics(DATASET, "x-valid", is_random=False)["accuracy"]
        tested = of["200"].get_metrics(DATASET, "ori-test", is_random=False)["accuracy"]
        trial = table.measure(arch)
        assert np.isclose(trial.value, valid / 100, rtol=1e-12)
        assert np.isclose(trial.info["test_accuracy"], tested / 100, rtol=1e-12)
        assert (trial.info["parameters"], trial.info["flops"]) == (500_000, 10_000_000)


def test_a_search_runs_on_it_unchanged(benchmark: NATStopology) -> None:
    table = nats_bench_table(benchmark, space=SPACE)
    history = random_search(SPACE, Oracle(table.measure, 10), make_rng(0))
    assert len(history) == 10
    assert history.best().value <= table.best().value


def test_what_the_object_lacks_is_said(benchmark: NATStopology) -> None:
    with pytest.raises(ValueError, match=r"does not know \|none~0\|"):
        nats_bench_table(benchmark, space=CellSpace(("none", "skip_connect")))
    with pytest.raises(ValueError, match="no validation accuracy after 12 epochs"):
        nats_bench_table(api("cifar10", ("ori-test",)), dataset="cifar10", space=SPACE)
