"""The table holds what its plan says, and its numbers depend on form and seed alone."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.nas.cells import CellSpace
from course_lib.nas.plan import machine
from course_lib.nas.table import Table
from course_lib.nas.table_file import MISSING, read_records
from course_lib.nas.training import TrainResult
from data.make.checkpoint import Checkpoint
from data.make.digits201 import build, collect, further_jobs, representatives
from tests.data_make.tiny import CHECKPOINT, TINY, results


def test_every_form_is_trained_once_and_the_best_and_some_others_again(whole: Path) -> None:
    forms = set(representatives(TINY.spaces[-1]))
    done = results(whole)
    assert {form for form, seed in done if seed == 0} == forms
    again = {form for form, seed in done if seed == 1}
    final = {form: done[form, 0].curve[-1] for form in forms}
    by_value = sorted(final.values(), reverse=True)
    assert sum(final[form] >= by_value[1] for form in again) >= TINY.best
    assert TINY.best <= len(again) <= TINY.best + TINY.other


def test_the_table_holds_what_was_trained(whole: Path) -> None:
    records = read_records(whole / "digits201.npz")
    assert records.machine == machine()
    table = Table.from_records(records)
    assert table.space == TINY.spaces[-1]
    done = results(whole)
    for arch in table.space:
        form = str(table.space.canonical(arch))
        own = [result for (name, _), result in done.items() if name == form]
        np.testing.assert_allclose(
            table.curve(arch), np.mean([result.curve for result in own], axis=0), rtol=1e-12
        )
        info = table.measure(arch).info
        assert np.isclose(info["test_accuracy"], np.mean([r.test_accuracy for r in own]))
        assert (info["parameters"], info["flops"]) == (own[0].parameters, own[0].flops)


def test_a_space_is_whole_before_the_next_is_begun(whole: Path) -> None:
    checkpoint = Checkpoint(whole / CHECKPOINT, TINY.recipe)
    order = [form for form, seed in checkpoint.done if seed == 0]
    first = representatives(TINY.spaces[0])
    assert set(order[: len(first)]) == set(first)
    records = collect(checkpoint, TINY.spaces[0], TINY)
    assert records.operations == ("skip_connect",)
    assert not (records.valid_right[:, 0] == MISSING).any()


def test_a_sub_space_is_never_written_over_a_larger_table(whole: Path, tmp_path: Path) -> None:
    shutil.copy(whole / "digits201.npz", tmp_path)
    build(replace(TINY, spaces=TINY.spaces[:1]), tmp_path, progress=False)
    assert (tmp_path / "digits201.npz").read_bytes() == (whole / "digits201.npz").read_bytes()


def test_the_table_says_on_which_machines_it_was_made(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "t.jsonl", TINY.recipe)
    for seed, kind in enumerate(("one", "other", "one")):
        checkpoint.append("0", seed, TrainResult((0.5, 0.5), 0.5, 1, 1, 1.0), kind)
    assert Checkpoint(tmp_path / "t.jsonl", TINY.recipe).machines == {"one", "other"}
    assert collect(checkpoint, CellSpace(("none",)), TINY).machine == "one; other"


def test_the_further_seeds_are_those_of_the_best_and_of_random_ones(tmp_path: Path) -> None:
    plan = replace(TINY, best=3, other=4, seeds=3)
    checkpoint = Checkpoint(tmp_path / "t.jsonl", plan.recipe)
    forms = list(representatives(plan.spaces[-1]))
    for value, form in enumerate(forms):
        checkpoint.append(form, 0, TrainResult((0.0, value / 20), 0.5, 1, 1, 1.0), "a test")
    jobs = further_jobs(checkpoint, plan)
    assert set(forms[-3:]) <= {form for form, _ in jobs}
    assert len(jobs) == len(set(jobs))
    for seed in (1, 2):
        assert 4 <= sum(s == seed for _, s in jobs) <= 7


PROCESSES = pytest.mark.proven("processes that build digits201", Path(__file__))


@pytest.mark.slow
@PROCESSES
def test_processes_do_not_change_the_numbers(whole: Path, tmp_path: Path) -> None:
    build(TINY, tmp_path, n_jobs=2, progress=False)
    assert results(tmp_path) == results(whole)


@pytest.mark.slow
@PROCESSES
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_does_not_change_the_numbers(whole: Path, tmp_path: Path) -> None:
    from dask.distributed import Client, LocalCluster
    from joblib import parallel_config

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        build(TINY, tmp_path, n_jobs=-1, progress=False)
    assert results(tmp_path) == results(whole)
