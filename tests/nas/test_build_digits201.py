"""The builder loses nothing; its numbers depend on form and seed alone and can be made again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.build_digits201 import (
    DATA,
    Plan,
    alone,
    build,
    collect,
    further_jobs,
    machine,
    main,
    representatives,
)
from course_lib.nas.cells import CellSpace
from course_lib.nas.checkpoint import Checkpoint
from course_lib.nas.datasheet import numbers, renew
from course_lib.nas.table import Table, digits201
from course_lib.nas.table_file import MISSING, read_records
from course_lib.nas.training import TrainingMeasure, TrainResult

TINY = Plan(
    spaces=(CellSpace(("skip_connect",)), CellSpace(("none", "skip_connect"))),
    train=50,
    valid=20,
    test=20,
    epochs=2,
    best=2,
    other=2,
    seeds=2,
)
CHECKPOINT = Path("digits201.partial") / "trainings.jsonl"
TEN = (pytest.mark.slow, pytest.mark.proven("ten rows of digits201", Path(__file__)))


def results(folder: Path) -> dict[tuple[str, int], TrainResult]:
    """Everything but the time that it took."""
    done = Checkpoint(folder / CHECKPOINT, TINY.recipe).done
    return {job: replace(result, seconds=0) for job, result in done.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything is trained."""
    folder = tmp_path_factory.mktemp("whole")
    build(TINY, folder, progress=False)
    return folder


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


def test_building_again_leaves_the_file_alone(whole: Path) -> None:
    before = (whole / "digits201.npz").stat()
    build(TINY, whole, progress=False)
    assert (whole / "digits201.npz").stat() == before


def test_a_second_builder_is_refused_and_harms_nothing(whole: Path) -> None:
    before = (whole / CHECKPOINT).read_bytes()
    with alone(whole / CHECKPOINT.parent), pytest.raises(RuntimeError, match="another builder"):
        build(TINY, whole, progress=False)
    assert (whole / CHECKPOINT).read_bytes() == before
    build(TINY, whole, progress=False)


def test_the_recipe_names_every_number_of_the_training() -> None:
    assert {"batch": 50, "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 5e-4}.items() <= (
        TINY.recipe.items()
    )
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for said in ("8 epochs", "momentum 0.9", "batches of 50", "step size 0.1", "decay 0.0005"):
        assert said in " ".join(text.split())


def test_the_table_says_on_which_machines_it_was_made(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "t.jsonl", TINY.recipe)
    for seed, kind in enumerate(("one", "other", "one")):
        checkpoint.append("0", seed, TrainResult((0.5, 0.5), 0.5, 1, 1, 1.0), kind)
    assert Checkpoint(tmp_path / "t.jsonl", TINY.recipe).machines == {"one", "other"}
    assert collect(checkpoint, CellSpace(("none",)), TINY).machine == "one; other"


def test_a_kill_in_the_middle_of_writing_loses_only_that_line(whole: Path, tmp_path: Path) -> None:
    content = (whole / CHECKPOINT).read_bytes()
    last = content.rstrip(b"\n").rfind(b"\n") + 1
    path = tmp_path / CHECKPOINT
    path.parent.mkdir()
    expected = dict(list(results(whole).items())[:-1])
    for length in range(last, len(content)):
        path.write_bytes(content[:length])
        assert results(tmp_path) == expected
        assert path.read_bytes() == content[:last]
    build(TINY, tmp_path, progress=False)
    assert results(tmp_path) == results(whole)


def test_a_killed_builder_goes_on_where_it_was(whole: Path, tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from course_lib.nas.build_digits201 import *; "
        f"space = CellSpace; build({TINY!r}, Path({str(tmp_path)!r}), progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    path = tmp_path / CHECKPOINT
    while process.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < 5):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    saved = results(tmp_path)
    assert len(saved) >= 4
    assert saved.items() <= results(whole).items()
    build(TINY, tmp_path, progress=False)
    assert results(tmp_path) == results(whole)


def test_nothing_is_trained_twice(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("course_lib.nas.build_digits201._train", refuse)
    build(TINY, whole, progress=False)


def test_another_recipe_or_a_damaged_line_is_refused(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds trainings by another recipe"):
        Checkpoint(whole / CHECKPOINT, replace(TINY, epochs=3).recipe)
    lines = (whole / CHECKPOINT).read_text(encoding="utf-8").splitlines()
    for damaged in ("{", '{"form":"x"}', "[]"):
        path = tmp_path / "trainings.jsonl"
        path.write_text("\n".join([lines[0], damaged, *lines[1:], ""]), encoding="utf-8")
        with pytest.raises(ValueError, match="line 2 is damaged"):
            Checkpoint(path, TINY.recipe)


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


@pytest.mark.slow
def test_processes_do_not_change_the_numbers(whole: Path, tmp_path: Path) -> None:
    build(TINY, tmp_path, n_jobs=2, progress=False)
    assert results(tmp_path) == results(whole)


@pytest.mark.slow
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


def test_the_datasheet_s_numbers_come_from_the_table(whole: Path, tmp_path: Path) -> None:
    table = Table.from_records(read_records(whole / "digits201.npz"))
    path = tmp_path / "README.md"
    marks = (
        "<!-- numbers: python -m course_lib.nas.build_digits201 --report -->",
        "<!-- end of numbers -->",
    )
    path.write_text(f"before\n{marks[0]}\nold\n{marks[1]}\nafter\n", encoding="utf-8")
    renew(path, table)
    assert (
        path.read_text(encoding="utf-8")
        == f"before\n{marks[0]}\n{numbers(table)}\n{marks[1]}\nafter\n"
    )
    renew(path, table)
    assert path.read_text(encoding="utf-8").count("distinct networks") == 1
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold the lines"):
        renew(path, table)


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "--dask ADDRESS" in capsys.readouterr().out


class TestTheTable:
    """data/digits201.npz as it stands."""

    def test_is_small_and_answers_all_its_strings_by_their_form(self) -> None:
        assert (DATA / "digits201.npz").stat().st_size <= 4_000_000
        table = digits201()
        forms = [table.space.canonical(arch) for arch in table.space]
        pairs = set(zip(forms, table.rows.tolist(), strict=True))
        assert len(pairs) == len(set(forms)) == len(table.curves)

    def test_the_datasheet_is_up_to_date(self) -> None:
        assert numbers(digits201()) in (DATA / "README.md").read_text(encoding="utf-8")

    def test_the_checkpoint_is_by_this_recipe(self) -> None:
        first, *lines = (DATA / CHECKPOINT).read_text(encoding="utf-8").splitlines()
        assert json.loads(first) == Plan().recipe
        assert len(lines) >= len(digits201().curves)

    @pytest.mark.parametrize(
        "count", [pytest.param(2, id="two"), pytest.param(10, id="ten", marks=TEN)]
    )
    def test_training_again_reproduces_rows(self, count: int) -> None:
        """Exactly where torch and processor are the builder's, within the seed noise elsewhere."""
        records = read_records(DATA / "digits201.npz")
        table = Table.from_records(records)
        space = CellSpace()
        measure = TrainingMeasure(space, cluttered_digits(), identity=space.canonical)
        rng = make_rng(count)
        for _ in range(count):
            arch = table.space.sample(rng)
            row = table.rows[list(table.space).index(arch)]
            again = measure(space.parse(table.space.describe(arch)))
            value = records.valid_right[row, 0, -1] / records.valid_images
            tested = records.test_right[row, 0] / records.test_images
            exact = records.machine == machine()
            # the seeds' standard deviation is about 0.02: five of them
            assert abs(again.value - value) <= (0 if exact else 0.1)
            assert abs(again.info["test_accuracy"] - tested) <= (0 if exact else 0.1)
            assert again.info["parameters"] == records.parameters[row]
            assert again.info["flops"] == records.flops[row]
