"""What data carry: of a right answer everything, of a wrong one what its laws are worth."""

import json
from dataclasses import asdict, replace

import pytest
import torch

from course_lib.checks.exam import Handed, exercises, handed_over
from course_lib.checks.judge import Standard, judge, judged_file, read
from course_lib.checks.lab01_rl_nas import EXERCISES, acceptance, q_backup, reinforce_loss
from tests.misconceptions.reference import Solution

VARIANTS = (31, 32)
LAWS = list(q_backup.laws)


def right(reward, next_q, terminal, *, discount=1.0):
    best = torch.stack([row.max() for row in next_q])
    return reward + discount * best * ~terminal


def undiscounted(reward, next_q, terminal, *, discount=1.0):
    return right(reward, next_q, terminal)


def handed(answer, exercise=q_backup):
    return [one for variant in VARIANTS for one in handed_over(exercise, answer, variant)]


@pytest.fixture(scope="module")
def standard():
    solution = handed(Solution("lab01_rl_nas").function("q_backup"))
    return Standard.of({"q_backup": q_backup}, solution)


def test_the_solution_says_which_laws_can_be_judged_by_a_tape(standard):
    assert standard.taped == {("q_backup", variant, law) for variant in VARIANTS for law in LAWS}


def test_a_right_answer_is_carried_whole(standard):
    verdict = judge(q_backup, handed(right), standard)
    assert (verdict.share, verdict.lies, verdict.mistakes) == (1.0, [], [])


def test_a_wrong_one_is_carried_as_far_as_its_laws_hold_and_its_mistake_is_named(standard):
    verdict = judge(q_backup, handed(undiscounted), standard)
    points = q_backup(undiscounted, [(law, v) for v in VARIANTS for law in LAWS]).points
    assert 0 < verdict.share == pytest.approx(points, abs=0.01)
    assert not verdict.lies
    assert verdict.mistakes == ["the discount is left out"]


def test_a_kernel_that_says_more_than_its_data_is_found_out(standard):
    promises = [replace(one, holds=True) for one in handed(undiscounted)]
    verdict = judge(q_backup, promises, standard)
    assert verdict.share < 1
    assert verdict.lies
    assert all(law.startswith("what comes later") or "swept" in law for law in verdict.lies)


@pytest.mark.parametrize("text", ["", "odd", "eJwDAAAAAAE="])
def test_odd_texts_carry_nothing(standard, text):
    for holds in (True, False):
        odd = [replace(one, text=text, holds=holds) for one in handed(right)]
        verdict = judge(q_backup, odd, standard)
        assert verdict.share == 0
        assert bool(verdict.lies) == holds


def test_no_data_carry_nothing(standard):
    assert judge(q_backup, [], standard).share == 0
    assert judge(q_backup, handed(right)[:3], standard).share < 0.5


def test_tapes_of_another_variant_carry_nothing(standard):
    moved = [
        replace(one, variant=VARIANTS[1 - VARIANTS.index(one.variant)]) for one in handed(right)
    ]
    assert judge(q_backup, moved, standard).share < 0.5


def test_an_answer_that_gives_no_data_is_judged_by_what_the_probe_was_told(standard):
    def odd(reward, next_q, terminal, *, discount=1.0):
        return right(reward, next_q, terminal, discount=discount).to_sparse()

    verdict = judge(q_backup, handed(odd), standard)
    assert verdict.share == 0
    assert not verdict.lies


def test_what_is_no_entry_is_passed_over():
    one = Handed("q_backup", 1, "", True, "")
    entry = '{"exercise": "q_backup", "variant": 1, "law": "", "holds": true, "text": ""}'
    odd = ["", "1", "[" * 10**5, "{}", entry.replace("true", "1"), entry.replace("}", ', "x": 1}')]
    assert read([*odd, entry]) == [one]


@pytest.mark.parametrize("exercise", [reinforce_loss, acceptance], ids=lambda e: e.name)
def test_slopes_and_plain_numbers_are_judged_by_tape(exercise):
    solution = handed(Solution("lab01_rl_nas").function(exercise.name), exercise)
    standard = Standard.of({exercise.name: exercise}, solution)
    assert len(standard.taped) == len(VARIANTS) * len(exercise.laws)


def test_every_exercise_of_the_lab_is_known():
    assert set(exercises("lab01_rl_nas").values()) == set(EXERCISES)
    assert exercises("lab99_none") == {}


def test_the_judges_file(tmp_path):
    texts = [json.dumps(asdict(one)) for one in handed(right)]
    asked = {"lab": "lab01_rl_nas", "names": ["q_backup"], "handed": texts}
    (tmp_path / "exam.json").write_text(json.dumps({**asked, "solution": texts, "taped": None}))
    said = json.loads(judged_file(tmp_path / "exam.json"))
    assert said["verdicts"]["q_backup"]["share"] == 1
    assert len(said["taped"]) == len(VARIANTS) * len(LAWS)
