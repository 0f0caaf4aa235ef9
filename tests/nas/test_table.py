"""A table gives back what was put in, and refuses what is not a table."""

import csv
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from course_lib.core import Oracle, Trial
from course_lib.nas import table as table_module
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import Table, digits201
from course_lib.nas.table_file import MISSING, Records, read_records, write_records

SPACE = CellSpace(("skip_connect", "nor_conv_1x1"))
EPOCHS = 3


def make_records() -> Records:
    """Random counts; every third row has a second seed."""
    rng = np.random.default_rng(0)
    forms = list(dict.fromkeys(SPACE.canonical(arch) for arch in SPACE))
    valid = rng.integers(0, 101, (len(forms), 2, EPOCHS))
    tested = rng.integers(0, 201, (len(forms), 2))
    single = np.arange(len(forms)) % 3 > 0
    valid[single, 1] = MISSING
    tested[single, 1] = MISSING
    return Records(
        operations=SPACE.operations,
        rows=np.array([forms.index(SPACE.canonical(arch)) for arch in SPACE]),
        valid_right=valid,
        test_right=tested,
        valid_images=100,
        test_images=200,
        parameters=rng.integers(1, 1000, len(forms)),
        flops=rng.integers(1, 1000, len(forms)),
        seconds=rng.random(len(forms)),
        machine="a test",
    )


@pytest.fixture
def records() -> Records:
    return make_records()


@pytest.fixture
def table(records: Records) -> Table:
    return Table.from_records(records)


def test_answers_are_means_over_the_trained_seeds(table: Table, records: Records) -> None:
    for position, arch in enumerate(SPACE):
        row = records.rows[position]
        trained = [s for s in range(2) if records.valid_right[row, s, 0] != MISSING]
        curve = [
            sum(int(records.valid_right[row, s, e]) for s in trained) / len(trained) / 100
            for e in range(EPOCHS)
        ]
        trial = table.measure(arch)
        np.testing.assert_allclose(table.curve(arch), curve, rtol=1e-12)
        assert (trial.arch, trial.cost) == (arch, 1)
        assert math.isclose(trial.value, curve[-1])
        tested = sum(int(records.test_right[row, s]) for s in trained) / len(trained) / 200
        assert math.isclose(trial.info["test_accuracy"], tested)
        assert trial.info["parameters"] == records.parameters[row]
        assert trial.info["flops"] == records.flops[row]
        assert trial.info["seconds"] == records.seconds[row]
        assert trial.info["seeds"] == len(trained)


def test_a_fidelity_is_a_point_of_the_curve_and_costs_its_share(table: Table) -> None:
    oracle = Oracle(table.measure, budget=10)
    for arch in list(SPACE)[:5]:
        answers = [oracle(arch, epochs) for epochs in range(1, EPOCHS + 1)]
        assert [answer.value for answer in answers] == list(table.curve(arch))
    assert math.isclose(oracle.spent, 5)


@pytest.mark.parametrize("fidelity", [0, EPOCHS + 1, -1])
def test_a_fidelity_beyond_the_curve_is_refused(table: Table, fidelity: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 3, got {fidelity}"):
        table.measure(next(iter(SPACE)), fidelity)


def test_best_is_the_highest_value(table: Table) -> None:
    trials = [table.measure(arch) for arch in SPACE]
    assert table.best() == max(trials, key=lambda trial: trial.value)


def test_cells_of_one_form_get_one_answer(table: Table) -> None:
    answers: dict[object, Trial] = {}
    for arch in SPACE:
        trial = table.measure(arch)
        known = answers.setdefault(SPACE.canonical(arch), trial)
        assert (trial.value, trial.info) == (known.value, known.info)
    assert len(answers) == len(table.curves) < len(table) == SPACE.size


@pytest.mark.parametrize("arch", [(0, 0), (0,) * 5 + (2,), [0] * 6, "none", None])
def test_an_architecture_outside_the_space_is_refused(table: Table, arch: object) -> None:
    assert arch not in table
    with pytest.raises(ValueError, match="is not an architecture of this space"):
        table.measure(arch)


def test_an_answer_is_the_caller_s_own(table: Table) -> None:
    arch = next(iter(SPACE))
    table.measure(arch).info.clear()
    assert table.measure(arch).info


def test_a_file_gives_back_its_records(records: Records, tmp_path: Path) -> None:
    write_records(records, tmp_path / "t.npz")
    again = read_records(tmp_path / "t.npz")
    for name, value in vars(records).items():
        # seconds are kept in single precision
        rtol = 1e-6 if name == "seconds" else 0
        if isinstance(value, np.ndarray):
            np.testing.assert_allclose(getattr(again, name), value, rtol=rtol)
        else:
            assert getattr(again, name) == value
    assert [path.name for path in tmp_path.iterdir()] == ["t.npz"]


def test_a_truncated_file_is_refused_wherever_it_was_cut(records: Records, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    write_records(records, path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="not a whole table of this course"):
            read_records(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "weights.npz"
    np.savez(foreign, weights=np.zeros(3))
    with pytest.raises(ValueError, match=r"does not say format 'course_lib\.Table/1'"):
        read_records(foreign)
    foreign.write_text("arch,accuracy\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not a whole table"):
        read_records(foreign)


def test_records_that_do_not_fit_each_other_are_refused(records: Records) -> None:
    fields = vars(records)
    for name, value, said in [
        ("rows", records.rows[1:], r"rows has shape \(63,\), expected \(64,\)"),
        ("rows", records.rows + 1, "rows points at row"),
        ("flops", records.flops[1:], "flops has shape"),
        ("valid_right", np.full_like(records.valid_right, MISSING), "lacks its first seed"),
    ]:
        with pytest.raises(ValueError, match=said):
            Records(**{**fields, name: value})


def write_csv(path: Path, lines: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def csv_lines() -> list[dict[str, object]]:
    rng = np.random.default_rng(1)
    return [
        {"cell": SPACE.describe(arch), "acc": rng.uniform(50, 95), "ms": 3 * i, "set": "cifar10"}
        for i, arch in enumerate(SPACE)
    ]


def test_a_csv_file_becomes_a_table(tmp_path: Path) -> None:
    lines = csv_lines()
    path = write_csv(tmp_path / "t.csv", lines[::-1])
    table = Table.from_csv(path, arch="cell", value="acc", space=SPACE, scale=100)
    assert table.epochs == 1
    for arch, line in zip(SPACE, lines, strict=True):
        trial = table.measure(arch)
        assert math.isclose(trial.value, line["acc"] / 100)
        assert trial.info == {"ms": line["ms"], "set": "cifar10"}


def _set(column: str, value: object, line: int = 5):
    def change(lines: list[dict[str, object]]) -> None:
        lines[line][column] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines.append(lines[3]), r"line 66: .* came before, in line 5"),
        (lambda lines: lines.pop(0), r"lacks 1 of 64 architectures, the first \|skip_connect~0"),
        (_set("cell", "|skip_conect~0|+|a~0|b~1|+|c~0|d~1|e~2|"), "line 7: .* did you mean"),
        (_set("cell", "none"), "line 7: 'none' has 1 nodes"),
        (_set("acc", "high"), "line 7: acc is 'high', expected a finite number"),
        (_set("acc", ""), "line 7: acc is '', expected a finite number"),
        (_set("acc", "nan"), "line 7: acc is 'nan', expected a finite number"),
    ],
)
def test_a_wrong_csv_file_is_told_where(change, said: str, tmp_path: Path) -> None:
    lines = csv_lines()
    change(lines)
    path = write_csv(tmp_path / "t.csv", lines)
    with pytest.raises(ValueError, match=said):
        Table.from_csv(path, arch="cell", value="acc", space=SPACE)


def test_a_csv_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", csv_lines())
    with pytest.raises(ValueError, match=r"no column 'arch', expected it among \['cell'"):
        Table.from_csv(path)
    path.write_text("arch,valid_accuracy\n|none~0|,0.5,6\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2: more fields than the 2 of the header"):
        Table.from_csv(path)


def test_outside_the_course_folder_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, records: Records
) -> None:
    installed = tmp_path / "site" / "course_lib" / "nas" / "table.py"
    course = tmp_path / "course"
    work = course / "work" / "lab01"
    work.mkdir(parents=True)
    monkeypatch.setattr(table_module, "__file__", str(installed))
    monkeypatch.chdir(work)
    with pytest.raises(FileNotFoundError, match="open the notebook inside the course folder"):
        digits201()
    (course / "data").mkdir()
    write_records(records, course / "data" / "digits201.npz")
    assert digits201().space == SPACE
    shutil.rmtree(course / "data")
