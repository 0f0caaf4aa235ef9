"""Claims: what a lecture shows follows from the runs that are kept, every claim has one card."""

import ast
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from claims.__main__ import CLAIMS
from claims.controller_vs_random import wins
from claims.estimates import estimates
from claims.luck import against_luck, points
from claims.searches import SEEDS, TUNING_SEEDS
from claims.tuning import incumbents, tune, values_at
from course_lib.core import Arch, History, Oracle, Search, Space, Trial, make_rng
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201
from course_lib.show.claims import claim
from course_lib.show.measured import FOLDER, Measured, read_measured

LECTURES = Path(__file__).parents[1] / "lectures"


def cards() -> list[tuple[str, list[str], dict[str, Any]]]:
    """(lecture, positional words, named words) of every card, read from the lectures' text."""
    found = []
    for path in sorted(LECTURES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim":
                words = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
                found.append((path.stem, [ast.literal_eval(one) for one in node.args], words))
    return found


CARDS = cards()
FILES = sorted(path.stem for path in FOLDER.glob("*.json"))


def measure(arch: Arch, fidelity: int | None = None) -> Trial:
    """Validation and test disagree: the best value has the lowest test accuracy."""
    value = sum(arch) / 10
    return Trial(arch, value, info={"test_accuracy": 1 - value})


def test_every_claim_has_one_file_and_one_card_in_its_own_lecture() -> None:
    assert sorted(CLAIMS) == FILES == sorted(name for _, (name, _), _ in CARDS)
    assert all(name[:2] == lecture[:2] for lecture, (name, _), _ in CARDS)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card[1][0])
def test_a_card_has_all_its_words_and_knows_the_settings_that_they_name(card: Any) -> None:
    _, (name, statement), words = card
    shown = claim(name, statement, **words)
    texts = (shown.statement, shown.predict, shown.sway, shown.shown, shown.info.axis)
    assert all(text.strip() and "{" not in text for text in (*texts, *shown.words))
    assert shown.statement.endswith(".")
    assert shown.predict.endswith("?")
    assert shown.sway.endswith(".")
    assert len(set(shown.words)) == 3


@pytest.mark.parametrize("name", FILES)
def test_the_intervals_follow_from_the_kept_samples(name: str) -> None:
    measured = read_measured(name)
    own = measured.estimates
    again = estimates(own.samples, own.kind)
    assert measured.conditions
    assert own.level == again.level == 1 - 0.05 / len(own.rows)
    for row, expected in zip(own.rows, again.rows, strict=True):
        assert (row.label, row.n) == (expected.label, expected.n)
        assert (row.mean, row.low, row.high) == pytest.approx(
            (expected.mean, expected.low, expected.high)
        )
        assert row.low <= row.mean <= row.high
        assert row.n[0] == len(set(measured.seeds) or own.samples[row.label][0]) >= 4


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_its_reading_would_write_each_sample_on_one_line(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    samples = read_measured(name).estimates.samples.values()
    assert all(json.dumps(sample) in text for own in samples for sample in own)
    assert Measured.from_json(text).to_json() == text
    assert Measured.from_json(read_measured(name).to_json()) == read_measured(name)


def test_tuning_takes_the_search_of_highest_value_on_average() -> None:
    def asks(*archs: Arch) -> Search:
        def search(space: Space, oracle: Oracle, rng: object, /) -> History:
            with oracle:
                for arch in archs:
                    oracle(arch)
            return oracle.history

        return search

    searches = [asks((1,), (1,), (1,)), asks((0,), (2,), (3,)), asks((2,), (0,), (2,))]
    space = Space([4])
    for budgets, best in (((1,), 2), ((3,), 1), ((1, 2, 3), 2)):
        assert tune(searches, space, measure, budgets=budgets, seeds=(0, 1)) == best


def test_an_incumbent_is_worth_its_full_value() -> None:
    """A cheap answer may flatter: 0.9 for (1,), which is worth 0.1; it was paid at cost 0.5."""
    answers = [Trial((1,), 0.9, 0.5), Trial((3,), 0.3, 1.0), Trial((2,), 1.2, 1.0)]
    history = History(answers)
    assert incumbents(history, (0.5, 1.5, 2.5)) == [(1,), (1,), (2,)]
    assert values_at(history, measure, (0.5, 1.5, 2.5)) == pytest.approx([0.1, 0.1, 0.2])
    assert values_at(History(answers[1:]), measure, (1, 2)) == pytest.approx([0.3, 0.2])


def test_tuning_sees_no_seed_of_the_comparison() -> None:
    assert set(TUNING_SEEDS).isdisjoint(SEEDS)


def test_luck_is_random_search_that_may_train_as_many_networks() -> None:
    table = digits201()
    found = {"dear": [table.best().arch], "cheap": [table.space.sample(make_rng(0))] * 2}
    trainings, seeds = {"dear": 30, "cheap": 1}, (5, 6, 7)
    beside = against_luck(table, found, trainings, partial(points, table), seeds)
    assert list(beside) == ["dear", "cheap"]
    for method, (own, luck) in beside.items():
        assert own == [points(table, arch) for arch in found[method]]
        for seed, value in zip(seeds, luck, strict=True):
            oracle = Oracle(table.measure, trainings[method])
            best = random_search(table.space, oracle, make_rng(seed)).best()
            assert value == pytest.approx(100 * best.info["test_accuracy"])


def test_wins_are_counted_over_all_pairs_a_tie_being_half() -> None:
    """(3 > 1, 3 > 2, 2 > 1, 2 = 2): three and a half of four."""
    words = wins({"5 trainings": [[3.0, 2.0], [1.0, 2.0]], "9 trainings": [[0.0, 0.0], [1.0, 1.0]]})
    assert words.endswith("in 88% after 5 trainings, 0% after 9 trainings.")
