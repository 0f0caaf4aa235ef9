"""Any table: 8 positions with 3 choices each, in two formats, run through the same comparison."""

import csv
from functools import partial
from itertools import product

import numpy as np
import pytest

from course_lib.core import Oracle, Space, compare, make_rng
from course_lib.nas.progressive import progressive_search
from course_lib.nas.search import (
    local_search,
    random_search,
    regularized_evolution,
    successive_halving,
)
from course_lib.nas.table import Table
from course_lib.nas.table_space import TableSpace

SPACE = TableSpace([3] * 8)
ARCHS = list(product(range(3), repeat=8))
POSITIONS = [f"layer_{i}" for i in range(8)]


def valid(arch):
    return 60 + sum((i + 1) * choice for i, choice in enumerate(arch)) / 3


def held_out(arch):
    return 50 + sum((8 - i) * choice for i, choice in enumerate(arch)) / 3


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_text(separator):
    return [
        {
            "arch": separator.join(map(str, arch)),
            "accuracy": valid(arch),
            "test": held_out(arch),
            "params": 7 + sum(arch),
        }
        for arch in ARCHS
    ]


def by_position():
    rows = as_text("")
    return [
        dict(zip(POSITIONS, arch, strict=True)) | {k: v for k, v in row.items() if k != "arch"}
        for arch, row in zip(ARCHS, rows, strict=True)
    ]


def read(path, **settings):
    named = {"value": "accuracy", "report": "test", "space": SPACE, "scale": 100}
    return Table.from_csv(path, **(named | settings))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return read(write(tmp_path_factory.mktemp("table") / "t.csv", as_text(",")))


@pytest.mark.parametrize(
    ("rows", "arch"),
    [(as_text(","), "arch"), (as_text("")[::-1], "arch"), (by_position(), POSITIONS)],
    ids=["separated", "run together, backwards", "one column per position"],
)
def test_every_format_gives_what_was_written(rows, arch, tmp_path):
    table = read(write(tmp_path / "t.csv", rows), arch=arch)
    assert (len(table), table.epochs) == (3**8, 1)
    for each in ARCHS[::37]:
        trial = table.measure(each)
        assert (trial.arch, trial.cost) == (each, 1)
        assert trial.value == pytest.approx(valid(each) / 100)
        assert trial.info == {"test": pytest.approx(held_out(each) / 100), "params": 7 + sum(each)}
    assert table.best().arch == (2,) * 8


SEARCHES = {
    "random": random_search,
    "evolution": partial(regularized_evolution, population=10, tournament=5),
    "local": local_search,
    "progressive": progressive_search,
    "halving": partial(successive_halving, candidates=8, fidelities=(1,)),
}


def test_the_same_comparison_runs_and_sees_only_the_searched_column(table):
    runs = compare(SEARCHES, SPACE, table.measure, budget=60, seeds=range(3), progress=False)
    for histories in runs.values():
        for history in histories:
            assert len(history) == 60
            for trial in history:
                assert trial.value == pytest.approx(valid(trial.arch) / 100)
                assert trial.info["test"] == pytest.approx(held_out(trial.arch) / 100)
    best = {name: np.mean([run.best().value for run in each]) for name, each in runs.items()}
    # the measure is additive: each kind of neighbourhood climbs it, chance does not
    assert min(best["local"], best["progressive"], best["evolution"]) > best["random"]


def test_fidelities_that_the_table_lacks_are_refused(table):
    with pytest.raises(ValueError, match=r"from 1 to 1, got 2: that is all this table holds"):
        successive_halving(SPACE, Oracle(table.measure, 50), make_rng(0), fidelities=(1, 2))


@pytest.mark.parametrize("gap", ["", "nan", " ", "n/a", "inf"])
@pytest.mark.parametrize("column", ["accuracy", "test"])
def test_a_gap_in_a_column_that_counts_is_told_where(column, gap, tmp_path):
    rows = as_text(",")
    rows[40][column] = gap
    with pytest.raises(ValueError, match=rf"line 42: {column} is {gap!r}, expected a finite"):
        read(write(tmp_path / "t.csv", rows))
    if column == "test":
        # without a promise about it, it is one of the columns that reports may see
        table = read(tmp_path / "t.csv", report=None)
        assert "test" in table.measure(ARCHS[0]).info


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,0,0,0,0,0,0,3", "line 2: position 7 is '3', expected one of 0, 1, 2"),
        ("0,0,0,0,0,0,0", r"line 2: expected 8 words, one per position, got 7"),
        ("0", r"got 1: \['0'\]; were leading zeros lost"),
        ("2,2,2,2,2,2,2,2", r"line 6562: 2,2,2,2,2,2,2,2 came before, in line 2"),
    ],
)
def test_a_wrong_architecture_is_told_where(text, said, tmp_path):
    rows = as_text(",")
    rows[0]["arch"] = text
    with pytest.raises(ValueError, match=said):
        read(write(tmp_path / "t.csv", rows))


def test_columns_and_spaces_that_cannot_be_read_are_refused(tmp_path):
    path = write(tmp_path / "t.csv", by_position())
    with pytest.raises(ValueError, match=r"no column 'layer_8', expected it among \['layer_0'"):
        read(path, arch=[*POSITIONS[1:], "layer_8"])
    with pytest.raises(ValueError, match="no column 'test_accuracy'"):
        read(path, arch=POSITIONS, report="test_accuracy")
    with pytest.raises(TypeError, match=r"a Space reads no texts: .* TableSpace\(\[3, 3\]\)"):
        read(path, arch=POSITIONS, space=Space((3, 3)))


WORDS = TableSpace([("identity", "mb3-k3"), 12, "ab"])


@pytest.mark.parametrize("space", [TableSpace((2, 3, 2)), WORDS, TableSpace([("one",)])])
def test_parse_reads_what_describe_wrote(space):
    for arch in space:
        text = space.describe(arch)
        for same in (text, f" ({text})", f"[{text.replace(',', ', ')}]", text.replace(",", " ")):
            assert space.parse(same) == arch
    assert space == TableSpace(space.words)
    assert hash(space) == hash(TableSpace(space.words))


def test_words_name_the_choices():
    assert WORDS.choices == (2, 12, 2)
    assert WORDS.describe((1, 11, 0)) == "mb3-k3,11,a"
    with pytest.raises(ValueError, match="position 0 is 'mb6', expected one of identity, mb3-k3"):
        WORDS.parse("mb6,3,a")


@pytest.mark.parametrize("words", [("a", "a"), ("a b", "c"), ("", "c"), ("a,b", "c"), ("(a", "c")])
def test_words_that_could_be_misread_are_refused(words):
    with pytest.raises(ValueError, match="position 1: expected different words without commas"):
        TableSpace([3, words])
