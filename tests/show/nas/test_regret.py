"""Searches side by side: regrets, wins and leaders by hand; what the demo promises."""

from itertools import product

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.core import History, Trial, make_rng
from course_lib.show.measured import read_measured
from course_lib.show.nas.regret import (
    Regrets,
    plot_regret,
    plot_wins,
    recorded_regrets,
    regret_info,
    regrets_of,
)
from course_lib.show.nas.regret_demo import RegretDemo
from tests.show.demos import press

BUDGETS = np.array([1.0, 2.0, 4.0])


def made(seeds: int = 9) -> Regrets:
    """Whole points, so that there are ties; the second search is the best by far."""
    rng = np.random.default_rng(0)
    rows = {name: rng.integers(1, 6, (seeds, 3)) + shift for name, shift in (("a", 2), ("c", 2))}
    return Regrets(BUDGETS, {"a": rows["a"], "b": rows["a"] * 0.0, "c": rows["c"]})


def test_a_regret_is_what_the_best_answer_so_far_lacks_when_it_is_fully_trained() -> None:
    full = {(0,): 0.5, (1,): 0.9, (2,): 0.7}
    cheap = [Trial((0,), 0.4), Trial((2,), 0.8), Trial((1,), 0.6), Trial((1,), 0.85)]
    run = History(cheap)
    found = regrets_of(
        {"x": [run, run], "y": [run, run]},
        lambda arch, _=None: Trial(arch, full[arch]),
        [1, 3, 4],
        optimum=0.9,
    )
    np.testing.assert_allclose(found.rows["x"], [[40, 20, 0]] * 2, atol=1e-9)
    assert found.floor == pytest.approx(10)


def test_wins_are_counted_pair_by_pair_and_ties_are_half() -> None:
    regrets = made()
    info = regret_info(regrets, make_rng(0), budget=2, seeds=4, first=7)
    assert info.chosen.tolist() == [0, 1, 7, 8]
    for name, win in info.wins.items():
        for rows, value in ((info.chosen, win.estimate), (np.arange(9), info.overall[name])):
            pairs = list(product(regrets.rows[name][rows, 1], regrets.rows["a"][rows, 1]))
            wins = sum(one < other for one, other in pairs) + sum(a == b for a, b in pairs) / 2
            assert value == pytest.approx(wins / len(pairs))
        assert win.low <= win.estimate <= win.high


def test_the_best_search_leads_in_every_resample_and_in_every_group() -> None:
    info = regret_info(made(), make_rng(0), budget=4, seeds=2)
    assert (info.leader, info.lead["b"], dict(info.leaders)) == ("b", 1.0, {"b": 4})
    assert info.lead["a"] == info.lead["c"] == 0
    assert "b leads, in 100% of the resamples; ahead of a by the interval: b" in info.describe()


def test_of_equal_medians_the_lower_mean_leads() -> None:
    rows = {"a": [[1.0], [2.0], [9.0]], "b": [[1.5], [2.0], [3.0]]}
    regrets = Regrets(np.ones(1), {name: np.array(row) for name, row in rows.items()})
    assert regret_info(regrets, make_rng(0), budget=1).leader == "b"


def test_two_equal_searches_lead_equally_often() -> None:
    """Each is drawn from the same values: 1,000 resamples, a standard error of 0.016."""
    row = np.random.default_rng(1).random((40, 1))
    info = regret_info(Regrets(np.ones(1), {"a": row, "b": row}), make_rng(0), budget=1)
    assert abs(info.lead["a"] - 0.5) < 0.08
    assert info.wins["b"].estimate == pytest.approx(0.5)


def test_lines_are_medians_with_quartiles_of_the_leader_and_of_the_one_to_beat() -> None:
    info = regret_info(made(), make_rng(0), budget=2, seeds=5, against="c")
    own = info.lines
    np.testing.assert_array_equal(own.lines["a"], np.median(info.regrets.rows["a"][:5], 0))
    assert set(own.bands) == {"b", "c"}
    assert (own.lines["b"] == info.regrets.floor).all()
    ax = plot_regret(info, ax=Figure().subplots())
    assert ax.get_yscale() == "log"
    assert ax.lines[-1].get_xdata() == [2, 2]
    rings = [line for line in plot_wins(info).lines if line.get_markerfacecolor() == "none"]
    assert [ring.get_xdata()[0] for ring in rings] == list(info.overall.values())
    ax = plot_wins(regret_info(made(), make_rng(0), budget=2))
    assert not [line for line in ax.lines if line.get_markerfacecolor() == "none"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"budget": 3}, r"a budget of \[1.0, 2.0, 4.0\]"),
        ({"budget": 2, "seeds": 10}, "2 to 9 seeds"),
        ({"budget": 2, "seeds": 1}, "2 to 9 seeds"),
        ({"budget": 2, "against": "z"}, "got 2, 'z' and 9"),
    ],
)
def test_what_is_not_there_is_refused(more: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        regret_info(made(), make_rng(0), **more)


@pytest.mark.parametrize(
    "rows",
    [
        {},
        {"a": np.ones((3, 3))},
        {"a": np.ones((3, 3)), "b": np.ones((2, 3))},
        dict.fromkeys("ab", np.ones((1, 3))),
    ],
)
def test_regrets_that_cannot_be_compared_are_refused(rows: dict) -> None:
    with pytest.raises(ValueError, match="two or more searches"):
        Regrets(BUDGETS, rows)


def test_what_the_presets_say_holds_on_the_recorded_seeds() -> None:
    demo = RegretDemo()
    press(demo, "preset", index=0)
    infos = []
    for _ in range(16):
        infos.append(demo.info())
        press(demo, "step")
    assert len({info.leader for info in infos}) > 2
    missed = [
        not win.low <= info.overall[name] <= win.high
        for info in infos
        for name, win in info.wins.items()
    ]
    assert sum(missed) > 0.1 * len(missed)
    press(demo, "preset", index=1)
    assert any(win.low > 0.5 for win in demo.info().wins.values())
    press(demo, "step")
    assert "there are no others" in demo.note
    press(demo, "preset", index=2)
    assert all(win.low <= 0.5 for win in demo.info().wins.values())


def test_recorded_are_at_least_fifty_seeds_and_regret_never_grows() -> None:
    regrets = recorded_regrets()
    assert regrets.shape[0] >= 50
    for name, row in regrets.rows.items():
        assert (row >= 0).all()
        # the one is misled by cheap answers, the other runs anew with every budget
        if name not in ("successive halving", "Q-learning"):
            assert (np.diff(row, axis=1) <= 0).all()


def test_recorded_are_the_runs_of_the_claim() -> None:
    claim, regrets = read_measured("05_side_by_side"), recorded_regrets()
    assert claim.curves is not None
    budgets = next(iter(claim.curves.lines.values())).x
    common = sorted(set(budgets) & set(regrets.budgets))
    assert len(common) > 2
    assert set(regrets.rows) == set(claim.runs[0])
    for name, row in regrets.rows.items():
        kept = np.array([run[name]["regret"] for run in claim.runs])
        places = np.searchsorted(budgets, common)
        np.testing.assert_allclose(
            row[:, np.searchsorted(regrets.budgets, common)], kept[:, places], atol=1e-4
        )


def test_a_comparison_of_your_own_is_shown_in_the_same_way() -> None:
    demo = RegretDemo(made())
    assert [knob["trait"] for knob in demo.knobs] == ["budget", "seeds", "against"]
    assert "# regrets: your own" in demo.code
    assert demo.info().leader == "b"
