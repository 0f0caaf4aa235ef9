"""Lab 07's challenge: channel counts in a file, judged beside uniform pruning at equal cost."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from course_lib.checks.lab07_amc.challenge import (
    NETWORKS,
    challenge,
    new_gains,
    problem,
    uniform,
    within_budget,
    write_challenge,
)
from course_lib.checks.lab07_amc.counts_file import counts_of, load_counts, save_counts
from course_lib.checks.result import Outcome
from course_lib.checks.wrong import Wrong

FULL = dict.fromkeys(NETWORKS, (8, 8, 16, 16, 32, 32))


@cache
def even() -> dict[str, list[int]]:
    """Uniform pruning of every network."""
    return {name: uniform(problem(number)) for number, name in enumerate(NETWORKS)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lab07_counts.json"
    save_counts(path, even())
    return path


def test_what_was_written_is_what_is_read(path: Path) -> None:
    assert load_counts(path, FULL) == even()


def test_the_networks_are_as_large_as_these_tests_say() -> None:
    assert {name: problem(k).channels for k, name in enumerate(NETWORKS)} == FULL


def test_uniform_pruning_spends_the_budget_and_gains_nothing(path: Path) -> None:
    for number, counts in enumerate(even().values()):
        pruning = problem(number)
        assert pruning.total(counts) <= pruning.budget
        for t, full in enumerate(pruning.channels):
            more = [*counts[:t], counts[t] + 1, *counts[t + 1 :]]
            assert counts[t] == full or pruning.total(more) > pruning.budget
    assert new_gains(even(), 1) == [0.0] * len(NETWORKS)
    assert challenge(path, [1], points=10, needed=0.0).points == 10
    result = challenge(path, [1], points=10)
    assert (result.outcome, result.points) == (Outcome.FAILED, 0)


def test_other_variants_are_judged_by_other_pictures() -> None:
    one_channel_less = {name: [*c[:-1], c[-1] - 1] for name, c in even().items()}
    assert new_gains(one_channel_less, 1) != new_gains(one_channel_less, 2)


def test_what_costs_too_much_is_told_what_it_costs() -> None:
    name = next(iter(NETWORKS))
    with pytest.raises(Wrong) as error:
        within_budget(name, [*FULL[name]])
    assert f"{problem(0).total(FULL[name]):,.0f} MACs" in error.value.said
    assert f"{problem(0).budget:,.0f}" in error.value.said


def dear(counts: dict[str, Any]) -> None:
    counts["vgg 0"] = [*FULL["vgg 0"]]


def drop(counts: dict[str, Any]) -> None:
    counts.pop("vgg 0")


def add(counts: dict[str, Any]) -> None:
    counts["vgg 99"] = counts["vgg 0"]


def short(counts: dict[str, Any]) -> None:
    counts["vgg 1"].pop()


def none_left(counts: dict[str, Any]) -> None:
    counts["vgg 1"][2] = 0


def too_many(counts: dict[str, Any]) -> None:
    counts["vgg 1"][2] = 10**9


def halves(counts: dict[str, Any]) -> None:
    counts["vgg 2"][0] = 3.5


def words(counts: dict[str, Any]) -> None:
    counts["vgg 2"] = "3, 4, 5"


def long(counts: dict[str, Any]) -> None:
    counts["vgg 2"] = [1] * 20_000


@pytest.mark.parametrize("edit", [dear, drop, add, short, none_left, too_many, halves, words, long])
def test_a_tampered_file_earns_nothing(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    whole = json.loads(path.read_text(encoding="utf-8"))
    edit(whole["counts"])
    path.write_text(json.dumps(whole), encoding="utf-8")
    result = challenge(path, [1], points=10, needed=-1.0)
    assert (result.outcome, result.points) == (Outcome.FAILED, 0)
    said = str(result)
    assert "budget" in said if edit is dear else "is damaged" in said and "write_challenge" in said


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 9000, b'{"format": 1}'])
def test_a_damaged_file_says_what_to_do(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lab07_counts.json"
    path.write_bytes(content)
    assert "is damaged" in str(challenge(path, [1], points=10, needed=-1.0))


def test_nothing_handed_in_is_not_attempted(tmp_path: Path) -> None:
    result = challenge(tmp_path / "lab07_counts.json", [1], points=10)
    assert result.outcome is Outcome.NOT_ATTEMPTED


def test_a_placeholder_writes_nothing(tmp_path: Path) -> None:
    def prune_network(problem: Any, rng: Any) -> Any: ...

    path = tmp_path / "lab07_counts.json"
    assert "Write prune_network first" in write_challenge(prune_network, 1, path)
    assert not path.exists()


def test_an_answer_is_written_and_one_that_costs_too_much_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "lab07_counts.json"
    said = write_challenge(lambda pruning, rng: tuple(uniform(pruning)), 1, path)
    assert "+0.000, +0.000, +0.000." in said
    assert load_counts(path, FULL) == even()
    with pytest.raises(ValueError, match="the budget is"):
        write_challenge(lambda pruning, rng: list(pruning.channels), 1, path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "None (is a `return` missing?)"),
        ([1, 2], "has 2 counts"),
        ([4, 4, 8, 8, 16, 0], "layer 5 keeps 0 channels, expected 1 to 32"),
        ([4, 4, 8, 8, 16, 16.5], "expected an integer"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_what_is_expected(answer: Any, said: str) -> None:
    with pytest.raises(Wrong) as error:
        counts_of(answer, (8, 8, 16, 16, 32, 32))
    assert said in error.value.said


def test_there_are_three_problems() -> None:
    with pytest.raises(ValueError, match="networks 0 to 2"):
        problem(3)
