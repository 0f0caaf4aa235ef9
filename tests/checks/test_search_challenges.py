"""Labs 01 and 02: histories are looked up and judged, and random search seldom passes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Generator

from course_lib.checks.lab01_rl_nas.challenge import CHALLENGE as LAB01
from course_lib.checks.lab02.challenge import CHALLENGE as LAB02
from course_lib.checks.lab02.challenge import PRICE
from course_lib.checks.lab02.inherited import SPACE, inherited
from course_lib.checks.result import Outcome, Result
from course_lib.checks.search_challenge import PROBLEMS, SearchChallenge, threshold
from course_lib.core import Oracle, Space, make_rng
from course_lib.nas.search import local_search
from course_lib.nas.table import Table, digits201
from tests.misconceptions.reference import Solution


def additive() -> Table:
    """Additive values with a little noise: what a search can learn, and what it cannot."""
    rng = np.random.default_rng(0)
    effects = rng.random((6, 3))
    values = np.array([effects[range(6), arch].sum() for arch in SPACE])
    values = 0.5 + 0.06 * values + rng.normal(0, 0.01, len(values))
    return Table(SPACE, np.arange(len(values)), values[:, None, None], {})


@dataclass(frozen=True)
class Case:
    """A challenge on a table, and a search that passes it."""

    challenge: SearchChallenge
    table: Table
    good: Any

    def judged(self, path: Path, variant: int = 1) -> Result:
        return self.challenge.judge(path, [variant], points=10, table=self.table)

    def scores(self, search: Any, attempts: int) -> list[float]:
        """The mean score over the problems, of several attempts."""
        play, score = self.challenge.play, self.challenge.score
        return [
            float(np.mean([score(play(search, v, k, self.table)) for k in range(PROBLEMS)]))
            for v in range(attempts)
        ]

    @property
    def needed(self) -> float:
        return self.challenge.needed(self.table)


FILTER = Solution("lab02_weight_sharing").function("my_search")
CASES = {
    "lab01": lambda: Case(LAB01, additive(), local_search),
    "lab02": lambda: Case(LAB02, digits201(), FILTER),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


@pytest.fixture(scope="module")
def lab01() -> Case:
    return CASES["lab01"]()


@pytest.fixture(scope="module")
def lab02() -> Case:
    return CASES["lab02"]()


def handed_in(case: Case, folder: Path, search: Any = None, variant: int = 1) -> Path:
    path = folder / "challenge.json"
    case.challenge.write(search or case.good, variant, path, table=case.table)
    return path


def random_search(space: Space, oracle: Oracle, rng: Generator) -> None:
    with oracle:
        while True:
            oracle(space.sample(rng))


def test_a_good_search_earns_all_points(case: Case, tmp_path: Path) -> None:
    result = case.judged(handed_in(case, tmp_path))
    assert result.outcome is Outcome.PASSED, str(result)
    assert repr(result) == "10.0"
    assert f"mean of the 30 {case.challenge.scored}" in str(result)
    assert f"needed {case.needed:.4f}" in str(result)


def test_a_good_search_passes_in_nearly_every_attempt(case: Case) -> None:
    assert sum(score >= case.needed for score in case.scores(case.good, 30)) >= 29


def test_random_search_passes_in_about_five_of_a_hundred_attempts(case: Case) -> None:
    # binomial(100, 0.05): more than 15 has probability below 1e-4
    assert sum(score >= case.needed for score in case.scores(random_search, 100)) <= 15


def test_random_search_is_told_what_it_needs(case: Case, tmp_path: Path) -> None:
    scores = case.scores(random_search, 3)  # by chance it passes one variant in twenty
    variant = scores.index(min(scores))
    result = case.judged(handed_in(case, tmp_path, random_search, variant), variant)
    assert result.outcome is Outcome.FAILED
    assert f"needed {case.needed:.4f}" in str(result)


def test_the_threshold_is_the_quantile_of_a_simulation_draw_by_draw() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(729) ** 2
    draws = rng.choice(values, (4000, 10, 12)).max(axis=2).mean(axis=1)
    # 5 % +- 1.4 % of 4,000 draws (four standard errors) lie above the exact quantile
    assert abs((draws > threshold(values, budget=12, problems=10)).mean() - 0.05) < 0.014


def test_a_disguise_renames_choices_and_keeps_the_values(lab01: Case) -> None:
    problems = [lab01.challenge.problem(3, number, lab01.table) for number in range(4)]
    seen = [problems[0](arch) for arch in problems[0].space]
    values = [lab01.table.measure(arch).value for arch in lab01.table.space]
    assert sorted(trial.value for trial in seen) == sorted(values)
    assert all(trial.cost == 1 and not trial.info for trial in seen)
    bests = {max(p.space, key=lambda arch, p=p: p(arch).value) for p in problems}
    assert len(bests) > 1


def test_every_cell_has_an_inherited_accuracy() -> None:
    values = inherited()
    assert set(values) == set(SPACE)
    assert all(0.1 < value < 1 for value in values.values())


def trusting(space: Space, oracle: Oracle, rng: Generator) -> None:
    """All money on inherited accuracies, and one training."""
    with oracle:
        cheap = [oracle(space.sample(rng), 1) for _ in range(450)]
        oracle(max(cheap, key=lambda trial: trial.value).arch)


def test_a_filter_beats_trusting_the_supernet_alone(lab02: Case) -> None:
    assert np.mean(lab02.scores(lab02.good, 10)) > np.mean(lab02.scores(trusting, 10))


def edited(path: Path, edit: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def first(data: Any, *, trained: bool) -> Any:
    trials = data["histories"][0]["trials"]
    return next(trial for trial in trials if (trial["cost"] > PRICE) == trained)


def inflate(data: Any) -> None:
    first(data, trained=True)["value"] = 0.99


def inflate_inherited(data: Any) -> None:
    first(data, trained=False)["value"] = 0.99


def promote(data: Any) -> None:
    first(data, trained=False)["cost"] = 1.0


def cheapen(data: Any) -> None:
    first(data, trained=True)["cost"] = 0.5


def copy_one(data: Any) -> None:
    data["histories"][1] = data["histories"][0]


def overspend(data: Any) -> None:
    data["histories"][2]["trials"] += data["histories"][2]["trials"]


def leave_space(data: Any) -> None:
    data["histories"][3]["trials"][0]["arch"] = [9] * 6


def empty(data: Any) -> None:
    data["histories"][4]["trials"] = []


def paste_the_optimum(data: Any) -> None:
    trials = data["histories"][0]["trials"]
    data["histories"][0]["trials"] = [max(trials, key=lambda trial: trial["value"])]


def drop(data: Any) -> None:
    data["histories"].pop()


def rename(data: Any) -> None:
    data["format"] = "something else"


def other_variant(data: Any) -> None:
    data["variant"] = 2


BOTH = {
    inflate: "is not what the oracle answers",
    cheapen: "is not what the oracle answers",
    copy_one: "is not what the oracle answers",
    leave_space: "outside the space",
    drop: "must hold 30 histories",
    rename: "must hold 30 histories",
    other_variant: "was written for variant 2",
}
ONLY_LAB01 = {
    overspend: "120 questions, expected all 60",
    empty: "0 questions",
    paste_the_optimum: "1 questions, expected all 60",
}
ONLY_LAB02 = {
    inflate_inherited: "is not what the oracle answers",
    promote: "is not what the oracle answers",
    overspend: "budget of 10",
    empty: "trained no cell alone",
}


def assert_worth_nothing(case: Case, folder: Path, edit: Any, words: str) -> None:
    result = case.judged(edited(handed_in(case, folder), edit))
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert words in str(result)


@pytest.mark.parametrize(("edit", "words"), BOTH.items())
def test_a_tampered_file_earns_nothing(case: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(case, tmp_path, edit, words)


@pytest.mark.parametrize(("edit", "words"), ONLY_LAB01.items())
def test_sixty_questions_are_expected(lab01: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(lab01, tmp_path, edit, words)


@pytest.mark.parametrize(("edit", "words"), ONLY_LAB02.items())
def test_each_price_has_its_answer(lab02: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(lab02, tmp_path, edit, words)


def test_histories_that_ask_the_same_questions_are_copies(case: Case, tmp_path: Path) -> None:
    def always_the_same(space: Space, oracle: Oracle, rng: Generator) -> None:
        random_search(space, oracle, make_rng(0))

    assert "one is a copy" in str(case.judged(handed_in(case, tmp_path, always_the_same)))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"histories": 3}', '{"histories": [3]}', "\0"])
def test_a_damaged_file_says_so(text: str, case: Case, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    path.write_text(text, encoding="utf-8")
    result = case.judged(path)
    assert result.points == 0
    assert "is damaged" in str(result)


def five_questions(space: Space, oracle: Oracle, rng: Generator) -> None:
    for _ in range(5):
        oracle(space.sample(rng))


def only_cheap(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 1)


def wrong_fidelity(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 3)


def without_with(space: Space, oracle: Oracle, rng: Generator) -> None:
    while True:
        oracle(space.sample(rng))


@pytest.mark.parametrize(
    ("name", "search", "words"),
    [
        ("lab01", five_questions, "asked 5 questions, expected all 60"),
        ("lab01", without_with, "inside `with oracle:`"),
        ("lab02", only_cheap, "trained no cell alone"),
        ("lab02", without_with, "inside `with oracle:`"),
        ("lab02", wrong_fidelity, "fidelity is 3"),
    ],
)
def test_a_search_that_fails_says_why(name: str, search: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=words):
        handed_in(CASES[name](), tmp_path, search)
    assert not (tmp_path / "challenge.json").exists()
