"""The synaptic rule and the rule trees in pictures, their demos and recordings."""

import math

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.meta.neuron import (
    delta_rule,
    errors,
    hebb_rule,
    learn,
    presentations,
    threshold_functions,
    tuned,
)
from course_lib.meta.rule_trees import Generation, value
from course_lib.meta.synaptic_rule import TERMS, coefficients, synaptic_rule
from course_lib.show.meta.rule_trees import (
    Seen,
    evolution_info,
    plot_evolved,
    plot_fitness,
    seen,
)
from course_lib.show.meta.rule_trees_demo import RuleTreesDemo
from course_lib.show.meta.synaptic import learning_info, plot_coefficients, rule_info
from course_lib.show.meta.synaptic_demo import SynapticRuleDemo, recorded_rule
from tests.show.demos import press

TASKS = presentations(*threshold_functions(2), make_rng(0), tasks=20)
DELTA = coefficients({"pre teacher": 0.3, "pre post": -0.3})


def test_a_curve_is_the_mean_share_of_wrong_answers() -> None:
    info = learning_info({"delta": delta_rule(0.3)}, TASKS)
    weights = learn(delta_rule(0.3), TASKS.support_x, TASKS.support_y)
    for moment in (0, 3, 8):
        shares = [
            np.mean([(1 - np.sign(w @ x) * y) / 2 for x, y in zip(xs, ys, strict=True)])
            for w, xs, ys in zip(
                weights[moment].numpy(), TASKS.query_x.numpy(), TASKS.query_y.numpy(), strict=True
            )
        ]
        assert info.lines["delta"][moment] == pytest.approx(np.mean(shares), abs=1e-6)
    assert info.lines["delta"] == pytest.approx(errors(weights, TASKS).mean(1).numpy())


def test_the_bars_are_the_coefficients_and_the_largest_are_named() -> None:
    info = rule_info(DELTA, {"learned": synaptic_rule(DELTA)}, TASKS)
    ax = plot_coefficients(info)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(DELTA.tolist())
    assert {text.get_text() for text in ax.texts} == {"+0.30", "-0.30"}
    assert [label.get_text() for label in ax.get_yticklabels()][9] == "pre × teacher"
    assert "+0.30 pre teacher" in info.describe()


def test_a_tuned_rate_makes_the_fewest_mistakes() -> None:
    def wrong(rate: float) -> float:
        weights = learn(delta_rule(rate), TASKS.support_x, TASKS.support_y)
        return errors(weights[-1:], TASKS).mean().item()

    rates = (0.05, 0.2, 1.0)
    assert wrong(tuned(delta_rule, TASKS, rates)) == min(map(wrong, rates))


def test_the_recorded_rule_beats_hebb_and_delta_on_what_was_left_out() -> None:
    demo = SynapticRuleDemo()
    ends = {name: line[-1] for name, line in demo.info().learning.lines.items()}
    assert ends["learned"] < ends["delta"] < ends["Hebb"]
    named = dict(zip(TERMS, recorded_rule().steps[-1]["rule"], strict=True))
    assert named["pre teacher"] > 0.1
    assert named["pre post"] < -0.1
    demo.silent = -1.0
    ends = {name: line[-1] for name, line in demo.info().learning.lines.items()}
    assert ends["delta"] < ends["learned"]


def test_meta_training_and_demo_tasks_share_no_function() -> None:
    run = recorded_rule()
    functions = threshold_functions(4)[1]
    left_out = {tuple(row) for row in functions[torch.tensor(run.names["unseen"])].tolist()}
    demo = SynapticRuleDemo()
    assert len(left_out) == len(functions) // 2
    assert {tuple(row) for row in demo._unseen.tolist()} == left_out


def test_generations_are_summed_up() -> None:
    members = (("pre", 0.2), ("post", 0.3), ("weight", math.inf))
    only, bad = seen([Generation(members), Generation((members[0], *members[2:], members[2]))])
    assert only == Seen("pre", 0.2, 0.3)
    assert math.isnan(bad.middle)


def test_before_and_after_the_first_generation() -> None:
    others = {"Hebb": hebb_rule(0.3)}
    before = evolution_info([], TASKS, others)
    assert "there is no rule" in before.describe()
    assert plot_fitness(before).get_xlabel() == "generation"
    tree = ("*", "pre", ("-", "teacher", "post"))
    after = evolution_info([Seen("pre", 0.5, 0.6), Seen(tree, 0.1, 0.5)], TASKS, others)
    assert after.rule == "pre * (teacher - post)"
    assert plot_evolved(after).get_title() == "dw = 0.3 × (pre * (teacher - post))"
    assert len(plot_fitness(after).lines) == 2
    delta = learning_info({"delta": delta_rule(0.3)}, TASKS).lines["delta"]
    assert after.learning.lines["evolved"] == pytest.approx(delta)


def test_runs_are_those_of_the_seed_and_a_recorded_run_plays() -> None:
    one, other = (RuleTreesDemo(generations=4, population=20) for _ in range(2))
    one.run()
    for _ in range(4):
        press(other, "step")
    assert one.chart == other.chart
    assert len(one.steps) == 4
    run = one.record("again", 3)
    played = list(one.replay(run))
    assert [step.tree for step in played] == [step.tree for step in one.steps]
    numbers = {"pre": 0.5, "post": 0.1, "weight": 0.2, "teacher": 1.0}
    assert all(math.isfinite(value(step.tree, numbers)) for step in played)


def test_the_first_generation_is_there_to_see_before_it_is_bred() -> None:
    demo = RuleTreesDemo(population=20)
    before = demo.label
    assert "Best rule" in before
    press(demo, "step")
    assert demo.label == before.replace("Recorded: press Step or Start. ", "")
    demo.seed = 1
    assert "there is no rule" in demo.label


def test_the_shipped_recording_ends_with_a_rule_better_than_delta() -> None:
    demo = RuleTreesDemo(recorded=True)
    demo.run()
    curves = demo.info().learning.lines
    assert curves["evolved"][-1] <= curves["delta"][-1]
