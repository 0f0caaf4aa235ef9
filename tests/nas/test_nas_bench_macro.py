"""A file in the format of NAS-Bench-Macro becomes a table that searches run on."""

import json
from itertools import product

import numpy as np
import pytest

from course_lib.core import Oracle, make_rng
from course_lib.nas.nas_bench_macro import MACRO, nas_bench_macro_table
from course_lib.nas.search import regularized_evolution


def published():
    """As the benchmark's README describes its file; the numbers are invented."""
    rng = np.random.default_rng(0)
    accuracies = rng.uniform(80, 94, (3**8, 3))
    return {
        "".join(layers): {
            "test_acc": three.tolist(),
            "mean_acc": three.mean(),
            "std": three.std(),
            "params": 1000 + i,
            "flops": 2000 + i,
        }
        for i, (layers, three) in enumerate(zip(product("012", repeat=8), accuracies, strict=True))
    }


def write(tmp_path, networks):
    path = tmp_path / "nas-bench-macro_cifar10.json"
    path.write_text(json.dumps(networks), encoding="utf-8")
    return path


def test_searches_see_one_training_and_reports_the_others(tmp_path):
    networks = published()
    table = nas_bench_macro_table(write(tmp_path, dict(reversed(networks.items()))))
    assert len(table) == len(networks) == 6561
    history = regularized_evolution(MACRO, Oracle(table.measure, 200), make_rng(0))
    for trial in history:
        first, second, third = networks["".join(map(str, trial.arch))]["test_acc"]
        assert trial.value == pytest.approx(first / 100)
        assert trial.info["test_accuracy"] == pytest.approx((second + third) / 200)
        assert trial.info["flops"] - trial.info["parameters"] == 1000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda all_: all_.pop("00000001"), "lacks 1 of 6,561 networks, the first 0,0,0,0,0,0,0,1"),
        (lambda all_: all_["00000001"].pop("flops"), "network 0,0,0,0,0,0,0,1 has no flops"),
        (lambda all_: all_["22222222"]["test_acc"].pop(), "expected three accuracies in percent"),
        (
            lambda all_: all_["00000000"].update(test_acc=[0.9, 0.9, 0.9]),
            r"three accuracies in percent, got \[0\.9, 0\.9, 0\.9\]",
        ),
        (lambda all_: all_.update({"3": {}}), r"expected 8 words, one per position, got 1"),
    ],
)
def test_a_damaged_file_is_told_where(change, said, tmp_path):
    networks = published()
    change(networks)
    with pytest.raises(ValueError, match=said):
        nas_bench_macro_table(write(tmp_path, networks))
