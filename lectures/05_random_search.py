# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 05: Is it better than luck?
#
# Four lectures of clever searches. Each paper shows that its search finds a good network. Would a good network have been found anyway, by drawing at random and training what was drawn? The question sounds unkind, and it changed the field: in 2019 two groups let random search run beside the famous methods, at the same cost and in the same space, and much of the lead was gone.
#
# **After this lecture you can**
#
# 1. put searches side by side at equal cost, and say who is ahead and how surely;
# 2. tell a method from a lucky run: paired seeds, bootstrap intervals, the expected best of $n$;
# 3. spend epochs instead of trainings: successive halving, and ASHA when workers are many and uneven;
# 4. build a network from a random graph, and compare it fairly with a cell that was searched for;
# 5. repeat the whole comparison on a table of your own.
#
# **You need** lecture 01 (oracle, history, regret); lectures 02 and 03 for what shared weights and DARTS are. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | What was published; searches side by side | 20 |
# | What a single run says | 20 |
# | Luck with shared weights; predict, then train | 15 |
# | Successive halving and ASHA | 20 |
# | Random wiring; any table; a wrong-answer gallery | 20 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import tempfile
from itertools import product
from pathlib import Path

import networkx as nx
import numpy as np
import torch
from IPython.display import Markdown
from torch import nn
from torch.nn import functional as F

from course_lib.nas.random_wiring import barabasi_albert
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import curves_info, lines_info, plot_lines
from course_lib.show.measured import read_measured
from course_lib.show.nas.asha import plot_lanes, rungs_info
from course_lib.show.nas.asha_demo import AshaDemo
from course_lib.show.nas.regret import recorded_regrets
from course_lib.show.nas.regret_demo import RegretDemo
from course_lib.show.nas.wiring import plot_wiring, wiring_info
from course_lib.show.nas.wiring_demo import WiringDemo
from course_lib.show.published import plot_published, plot_published_points, published_info
from course_lib.show.searches import progress_info
from course_lib.show.side_by_side import side_by_side_info

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What was published
#
# Li and Talwalkar (2019) collected the results of one task, CIFAR-10, and added three rows of their own: a rerun of DARTS, ASHA, which is random search that stops bad networks early, and random search with shared weights.
#
# > **Predict first.** In which third of the table does random search with shared weights stand?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
cifar = published_info(
    "cifar10_random_search",
    searched=("NASNet", "Amoeba", "Proxyless", "Graph", "SNAS", "ENAS", "DARTS"),
    kinds=("a search that learns", "random search, and ASHA"),
)
by_name = {row.model: row for row in cifar.rows}
lucky, darts = by_name["Random search with weight sharing"], by_name["DARTS, second order, rerun"]
picture(
    plot_published,
    cifar,
    caption=f"Random search with weight sharing: {lucky.error:.2f} ± {lucky.error_std:.2f} % error on average, "
    f"{lucky.error_best:.2f} % in its best run. DARTS, run again by the same authors: {darts.error:.2f} ± "
    f"{darts.error_std:.2f} %, best {darts.error_best:.2f} %. Open marks: only the best run was published.",
    size=(11, 6.2),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
millions = [row.params_m for row in cifar.rows if not np.isnan(row.params_m)]
Markdown(
    "Look at the columns before you look at the order. Some rows are the best of several runs, others a mean; the networks "
    f"differ in size by a factor of up to {max(millions) / min(millions):.1f}; and the search spaces are not the same. A table "
    "like this can say that luck is *not far behind*. It cannot say who is ahead."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Searches side by side
#
# On digits201 all of that can be held fixed: one space, one recipe of training, one budget, and every answer is known. Here is regularized evolution (Real and others, 2019), the only new search of this section. A population; a random tournament; its best has a child that differs in one decision; the *oldest* dies, however good it is.


# %% slideshow={"slide_type": "fragment"}
from course_lib.core import Oracle, compare, make_rng
from course_lib.nas.controller import reinforce
from course_lib.nas.q_learning import q_learning
from course_lib.nas.search import (
    local_search,
    metropolis,
    random_search,
    regularized_evolution,
    successive_halving,
)
from course_lib.nas.table import digits201


def evolution(space, oracle, rng, *, population=30, tournament=10):
    with oracle:  # leaves when the budget is spent
        living = [oracle(space.sample(rng)) for _ in range(population)]  # paid for, like all others
        while True:
            drawn = torch.randint(population, (tournament,), generator=rng).tolist()
            parent = max((living[i] for i in drawn), key=lambda trial: trial.value)
            living = [*living[1:], oracle(space.mutate(parent.arch, rng))]
    return oracle.history


table = digits201()
space, champion = table.space, table.best()
ours = evolution(space, Oracle(table.measure, 200), make_rng(0))
theirs = regularized_evolution(space, Oracle(table.measure, 200), make_rng(0))
assert [trial.arch for trial in ours] == [trial.arch for trial in theirs]

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** The searches below, each with 100 trainings. Which is ahead of random search, and by how much of its regret? Is any of them behind?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
searches = {
    "random": random_search,
    "evolution": evolution,
    "local search": local_search,
    "controller": reinforce,
    "q-learning": q_learning,
    "metropolis": metropolis,
    "halving": successive_halving,
}
histories = compare(searches, space, table.measure, budget=100, seeds=range(12), progress=False)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    progress_info(histories, optimum=champion.value),
    caption=f"Live, {len(histories['random'])} seeds each; lines are medians, bands quartiles. A training costs 1, an "
    "epoch of it an eighth.",
    size=(11, 5.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# So few seeds draw bands that overlap. A mean regret says how far behind a search is; often the question is another one: if both are run once, which of them wins? From $n$ runs of each, let every run of A meet every run of B, a tie being half a win: that share estimates $P(\text{A wins})$.
#
# The explorer holds the recorded runs of every tuned search. Left medians, with quartiles of the leader and of the search to beat; right the chance of a win with its interval, and a ring at what all recorded runs say.
#
# 1. Three seeds, and *Other seeds*, again and again. How often does the leader change? How often does a 95 % interval miss its ring?
# 2. How many seeds does it take until the leader stays?
# 3. All seeds, and the number of trainings from left to right. Where do the searches part?
#
# One search looks at its budget: Q-learning explores less and less as the budget is spent, and plans well only for the budget that it was told. So it ran once for every number of trainings, here and on the card below. All other searches do the same with a smaller budget, only less of it: they ran once, and are looked at on the way. In the live picture above Q-learning was seen on its way, too: unfair to it until the last training.
# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
regret_demo = RegretDemo()
regret_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now with fresh seeds, every search tuned on other seeds, and all budgets. Write your guess down before you open the card.
# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_side_by_side",
    "Every search comes within {near:g} points of the best cell sooner than random search does.",
    predict="Only {strings} of {architectures:,} strings are that good. After how many trainings does random search "
    "find one, and which search is the first? Which never gains anything?",
    sway="Intervals on the other side of zero: with other seeds, a wider choice of settings, or a table "
    "whose good cells are not neighbours.",
    shown="probability of less regret than random search at every budget, a tie being half, with its "
    "bootstrap band; the verdict is about trainings until within {near:g} points of the best validation "
    "accuracy, at most {most}, less those of random search",
    axis="Trainings to near the best, minus random search's",
    words=(
        "Later than random search",
        "Sooner than random search",
        "No difference from random search is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The same runs as a table. At its end stand two searches that give one answer at one cost, random search with shared weights: more of it in the section *Luck with shared weights*. Progressive search trains the same cells first, whatever the seed: the price of its first level is paid before it can predict anything.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
side_by_side_info(read_measured("05_side_by_side"), (25, 100, 200))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The claim of 2018: less than one per cent
#
# Real and others compared the *best models* of random search, reinforcement learning and evolution. The lead of the clever searches was real, and smaller than one per cent of accuracy. To say "smaller than" takes another test than to say "different": the whole interval of the difference has to lie between minus one and plus one point.
# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_best_models",
    "At the same number of trainings, the best models of random search, of a tuned controller and of "
    "evolution differ by less than {margin:g} point of test accuracy.",
    predict="After 25, 100 and 200 trainings: which two of the three are furthest apart, and by how many "
    "points? Is a difference that is surely below one point no difference?",
    sway="An interval that ends above {margin:g}, or begins there: with other seeds, larger budgets, or on "
    "a table whose cells are further apart. Intervals on the other side of it where none is shown now.",
    shown="lead, in points of test accuracy, of the better search of each pair over the other, paired by "
    "seed; the accuracy is read once, of the network with the best validation accuracy so far. The line "
    "is the margin: an interval must end before it to say that two searches are alike. To hold "
    "zero would not be enough: with few seeds every interval does",
    axis="Lead of the better search, points of test accuracy",
    words=(
        "More than {margin:g} point apart",
        "Less than {margin:g} point apart",
        "Neither more nor less than {margin:g} point is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a single run says
#
# A search is a random experiment, and a paper that reports one run reports one draw.
#
# **Best of five runs.** If five runs were made and the best is printed, the number says how *many* runs there were as much as how good the method is. What the best of $n$ would be can be computed from $N$ runs without drawing anything (Dodge and others, 2019): with the values sorted, $v_{(1)} \le \dots \le v_{(N)}$, the best of $n$ draws is at most $v_{(i)}$ with probability $(i/N)^n$, so
#
# $$\mathbb E[\max] = \sum_{i=1}^N v_{(i)} \left[\left(\tfrac iN\right)^n - \left(\tfrac{i-1}N\right)^n\right].$$


# %% slideshow={"slide_type": "fragment"}
def expected_best(values, n):
    """The expected best of n values drawn with replacement."""
    share = np.arange(len(values) + 1) / len(values)
    return float(np.sort(values) @ np.diff(share**n))


few = [0.81, 0.84, 0.90]
every = [max(drawn) for drawn in product(few, repeat=2)]  # all nine pairs
assert np.isclose(expected_best(few, 2), np.mean(every))


def tested(histories, budget):
    """Per run, the test accuracy of the network that was best on validation data."""
    return np.array(
        [
            max(list(run)[:budget], key=lambda trial: trial.value).info["test_accuracy"]
            for run in histories
        ]
    )


after_50 = {name: tested(histories[name], 50) for name in ("random", "evolution")}
best_of = {
    name: [100 * expected_best(values, n) for n in range(1, 11)]
    for name, values in after_50.items()
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(best_of, x="runs, of which the best is reported", y="test accuracy, %"),
    caption=f"After 50 trainings, from {len(histories['random'])} runs each. Random search reported as the best of five has "
    f"{best_of['random'][4]:.2f} %, evolution as a mean {best_of['evolution'][0]:.2f} %: who reports how matters.",
    size=(10, 4.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **How sure is a mean?** Draw as many runs as there are, from the runs themselves, with replacement; take the mean; repeat thousands of times. The middle 95 % of these means are the bootstrap interval (Efron, 1979). For a *difference*, both samples are drawn anew. The interval is about the mean: it gets narrower with every run, while the spread of the runs stays what it is.


# %% slideshow={"slide_type": "fragment"}
from course_lib.core.statistics import paired_difference


def bootstrap_difference(first, second, rng, *, level=0.95, resamples=4000):
    means = []
    for values in (first, second):
        drawn = torch.randint(len(values), (resamples, len(values)), generator=rng).numpy()
        means.append(np.asarray(values)[drawn].mean(axis=1))
    tail = (1 - level) / 2
    return np.quantile(means[0] - means[1], [tail, 1 - tail])


low, high = 100 * bootstrap_difference(after_50["evolution"], after_50["random"], make_rng(0))
gaps = 100 * (after_50["evolution"] - after_50["random"])  # seed by seed
paired = paired_difference(100 * after_50["evolution"], 100 * after_50["random"], make_rng(0))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Evolution minus random search after 50 trainings, {len(gaps)} runs each: {gaps.mean():+.2f} points of test accuracy. As two "
    f"independent samples, 95 % interval {low:+.2f} to {high:+.2f}. But run by run both began with the same seed, hence "
    f"with the same random cells: the differences of the pairs have the interval {paired.low:+.2f} to {paired.high:+.2f}. "
    f"Single pairs lie between {gaps.min():+.2f} and {gaps.max():+.2f}: evolution is ahead in {(gaps > 0).sum()}, "
    f"behind in {(gaps < 0).sum()}, and level in {(gaps == 0).sum()} of {len(gaps)}."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Does a 95 % interval keep its word? Take the recorded runs for the whole world, whose mean we know, and play: draw $n$ of them, make the interval, look whether it holds the truth.
#
# > **Predict first.** Of a hundred 95 % intervals from three runs, how many hold the truth? From twenty?


# %% slideshow={"slide_type": "fragment"}
def coverage(world, n, rng, *, games=500):
    held = 0
    for _ in range(games):
        few = world[torch.randint(len(world), (n,), generator=rng).numpy()]
        low, high = bootstrap_difference(few, np.zeros(1), rng, resamples=500)
        held += low <= world.mean() <= high
    return held / games


recorded = recorded_regrets()
after_100 = recorded.budgets.tolist().index(100)
sizes = (3, 5, 8, 12, 20, 30)
kept = {
    name: [coverage(recorded.rows[name][:, after_100], n, make_rng(n)) for n in sizes]
    for name in ("random search", "evolution")
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    lines_info(
        sizes,
        kept,
        x="runs behind an interval",
        y="share of intervals\nthat hold the truth",
        marks={"what 95 % promises": 0.95},
        logarithmic="x",
    ),
    caption="Mean regret after 100 trainings, 500 games per point. With few runs the interval is too narrow, "
    "and does not say so: it can only draw from what it was given.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Four habits follow, and every card of this course keeps them.
#
# - **Pair what can be paired.** When both methods meet the same accident (one supernet, one split of the data, one first population), subtract seed by seed: the accident cancels.
# - **Tune the competitor.** Settings are chosen for all methods with equal effort, on seeds that are not reported.
# - **Read the test accuracy once**, for the network that validation chose. Choose by test accuracy and the number flatters, for every method.
# - **Say what it cost**: trainings, epochs or hours, with everything that was thrown away on the way.
# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_best_of_runs",
    "The best of {runs} runs flatters: a search that reports it seems better than it is.",
    predict="By how many points does the best of {runs} runs exceed the mean run of {budget} trainings? Is "
    "that more or less than what a clever search gains over random search?",
    sway="An interval that holds zero: with budgets so large that every run finds the best cell.",
    shown="expected test accuracy of the best of {runs} runs minus that of the mean run; the single values "
    "say what each run adds to it",
    axis="Best of {runs} minus the mean, points of test accuracy",
    words=("The best flatters", "The best belittles", "No flattery is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Luck with shared weights
#
# The row that surprised most in the table above: draw paths at random, train them all *together* in one supernet (lecture 02), rank many random paths by their accuracy with the shared weights, and train the best few from scratch. There is no controller and no alpha. The supernet is only a cheap measure, and random search is the search.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.datasets import cluttered_digits
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op
from course_lib.nas.uniform_paths import train_on_uniform_paths

task = cluttered_digits(train=1000, valid=500, test=1)
net = Supernet(space, rng=make_rng(0), channels=(8, 16), mixed_op=sampled_op)
train_on_uniform_paths(net, task, make_rng(0), epochs=12)
shared = InheritedAccuracy(net, task.train, task.valid)
ranked = sorted(random_search(space, Oracle(shared, 60), make_rng(1)), key=lambda t: -t.value)
best_few = [table.measure(trial.arch) for trial in ranked[:5]]  # these are trained from scratch
chosen = max(best_few, key=lambda trial: trial.value)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
plain = tested(histories["random"], len(best_few))
Markdown(
    f"Of {len(ranked)} random paths, judged with shared weights, {len(best_few)} are trained from scratch; the best of them on "
    f"validation data has {chosen.info['test_accuracy']:.1%} test accuracy. As many trainings without a supernet give "
    f"{plain.mean():.1%} on average ({plain.min():.1%} to {plain.max():.1%}, {len(plain)} seeds). One supernet, one seed, a short "
    "training: an anecdote, until the card."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# As good as DARTS? Same supernets' size, same epochs, same seeds, so the differences are paired. Write your guess down before you open the card.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_shared_luck",
    "Random search with shared weights is as good as DARTS: it finds cells at most {margin:g} point worse.",
    predict="Which of the two finds the better cell from the same seed, and how often? Which of them fails "
    "now and then?",
    sway="An interval that lies above the line, or below it: with more seeds, with step sizes tuned for "
    "longer, or in the space that DARTS was made for.",
    shown="test accuracy of the cell found with shared weights minus that of DARTS's cell from the same "
    "seed, both read in the table; the line says {margin:g} point worse",
    axis="Shared weights minus DARTS, points of test accuracy",
    words=(
        "As good as DARTS or better",
        "Worse than DARTS by more than {margin:g} point",
        "It is not shown that it is as good",
    ),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
both = read_measured("05_shared_luck")
counts = [both.settings[which]["DARTS"] for which in ("first failed", "fresh failed")]
runs_of = [len(both.settings["first seeds"]), len(both.runs)]
Markdown(
    f"Read all rows, and mind how the last came about. On the first {runs_of[0]} seeds DARTS derived {counts[0]} cells through "
    "which hardly any image passes (lecture 03), and a few such accidents make any interval of a mean wide. The row that counts "
    "no cell below the median of the table, which helps DARTS only, was thought of *after* that had been seen. A question that "
    f"was changed after the answer was seen deserves fresh seeds: it was asked again on {runs_of[1]} that nobody had looked at, "
    f"where DARTS failed {counts[1]} times, and the row is theirs alone."
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
answers = read_measured("05_side_by_side").settings["single"]
Markdown(
    "And is it better than luck without a supernet? The supernet is paid for in trainings that take as long. "
    + "; ".join(
        f"{name}: {own['cost']} trainings, mean regret {np.mean(own['regret']):.1f} points, random search with as many "
        f"{np.mean(own['against']):.1f}"
        for name, own in answers.items()
    )
    + ". Intervals and wins stand in the table of all searches, further up."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict, then train
#
# PNASNet (Liu and others, 2018) begins with simple cells, trains them, and fits a model that predicts accuracy from the description of a cell. Then the cells grow by one decision: all children are *predicted*, only the most promising are trained, and the model is fitted again.
#
# The simplest surrogate that deserves the name: every choice adds something of its own, fitted by ridge regression on one-hot decisions.


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.progressive import one_hot, progressive_search


def predict(space, trained, candidates):
    x, y = one_hot(space, [trial.arch for trial in trained]), [trial.value for trial in trained]
    mean = np.mean(y)
    w = np.linalg.solve(x.T @ x + 0.1 * np.eye(x.shape[1]), x.T @ (y - mean))
    return mean + one_hot(space, candidates) @ w


grown = progressive_search(space, Oracle(table.measure, 80), make_rng(0), predict=predict)
some = [space.sample(make_rng(seed)) for seed in range(300)]
guessed = predict(space, list(grown), some)
truth = np.array([table.measure(arch).value for arch in some])

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
order = np.argsort(guessed)
third = len(order) // 3
Markdown(
    f"After {len(grown)} trainings the surrogate has never seen nearly all of {len(some)} random cells. The third that it "
    f"likes best has {truth[order[-third:]].mean():.1%} validation accuracy on average, the middle third "
    f"{truth[order[third:-third]].mean():.1%}, the third that it likes least {truth[order[:third]].mean():.1%}. One search, one seed."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# What a surrogate has to be good at is the *top*: it is asked which of the promising are the best, and there all cells look alike. How far that carries is on the card with all searches above.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Successive halving
#
# The hope: a bad network is bad after a few epochs already. Train many a little, keep the better half, train these twice as long. With $\eta = 2$ and 1, 2, 4, 8 epochs, each rung costs about the same.


# %% slideshow={"slide_type": "fragment"}
def promoted(values, *, eta):
    """The places of the best floor(n / eta) values, of at least one; best first."""
    best_first = sorted(range(len(values)), key=lambda i: -values[i])
    return best_first[: max(1, len(values) // eta)]


def halving_round(archs, fidelities, *, eta=2):
    rungs = []
    for fidelity in fidelities:
        values = [table.measure(arch, fidelity).value for arch in archs]
        rungs.append(dict(zip(archs, values, strict=True)))
        archs = [archs[i] for i in promoted(values, eta=eta)]
    return rungs


rng = make_rng(3)
rungs = halving_round([space.sample(rng) for _ in range(16)], (1, 2, 4, 8))
survivor = max(rungs[-1], key=rungs[-1].get)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
reached = {
    arch: fidelity for fidelity, rung in zip((1, 2, 4, 8), rungs, strict=True) for arch in rung
}
groups = {
    f"stopped after {fidelity}" if fidelity < 8 else "to the end": [
        arch for arch, last in reached.items() if last == fidelity
    ]
    for fidelity in (1, 2, 4, 8)
}
picture(
    plot_lines,
    curves_info(
        {
            f"{name} ({len(archs)})": np.mean([table.curve(arch) for arch in archs], axis=0)
            for name, archs in groups.items()
        }
    ),
    caption=f"{len(reached)} random cells, one round, one seed: mean curves, drawn to their ends, which the search never sees "
    f"of those that it stopped. The survivor ends at {rungs[-1][survivor]:.1%}; the best of them all would have "
    f"ended at {max(table.measure(arch).value for arch in reached):.1%}.",
    size=(10, 4.6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ASHA: halving for many workers
#
# Halving waits. A rung cannot be cut before its last network has finished, and in a cluster some worker is always slow. ASHA (Li and others, 2020) never waits: a free worker looks at what *has* finished, from the top rung downwards. If a candidate there is among the best $1/\eta$ of its rung and has not been promoted, the worker trains it further. If there is none, it starts a new one at the bottom.
# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.asha_run import asha, synchronous_halving

crew = {"workers": 8, "until": 60, "stragglers": 0.6}  # simulated seconds
runs = {
    "asynchronous": asha(space, table.measure, make_rng(0), **crew),
    "synchronous": synchronous_halving(space, table.measure, make_rng(0), **crew),
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
lanes = {name: rungs_info(runs, name, now=60) for name in runs}
pictures(
    *((plot_lanes, info) for info in lanes.values()),
    caption="A lane is a worker, a bar a training: left, nobody waits; right, white is waiting. One run each, a minute of "
    f"simulated time. Busy: {lanes['asynchronous'].busy:.0%} and {lanes['synchronous'].busy:.0%} of the time; "
    f"best so far {lanes['asynchronous'].incumbents['asynchronous'][1][-1]:.1%} and "
    f"{lanes['synchronous'].incumbents['synchronous'][1][-1]:.1%}.",
    size=(15, 5),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** With one worker and no stragglers, which of the two is ahead? With sixteen? What does ASHA do wrong that halving never does?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
asha_demo = AshaDemo(space, table.measure, limits=(0.6, 0.88))
asha_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# The price of not waiting: early on, a candidate is promoted because it leads a rung of two. Is the time that is won worth the promotions that are wasted? Is search better than luck per *hour*, too? Here is the answer in worker-hours, with plain random search beside both.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_asha",
    "Stopping bad networks early finds a good one in fewer worker-hours than random search, and with "
    "many workers it pays not to wait for the slowest.",
    predict="With one worker and with sixteen: who has paid least when a network within {points:g} points of "
    "the best is found? How much of it is waiting?",
    sway="Intervals on the other side of zero: with other rungs, jobs of more even length, or networks "
    "whose first epochs say more, or less, about the last.",
    shown="worker-hours until a network within {points:g} points of the table's best is trained, idle time "
    "included, at most {cap:g}; the first search minus the second, seed by seed",
    axis="Difference in worker-hours",
    words=(
        "The first pays more",
        "The first pays less",
        "No difference in worker-hours is shown",
    ),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
same_rungs = [
    f"{row.label.removeprefix('both on ')}: {row.mean:+.1f} ({row.low:+.1f} to {row.high:+.1f})"
    for row in read_measured("05_asha").estimates.rows
    if row.label.startswith("both on")
]
Markdown(
    "Two things are mixed where *synchronous halving - ASHA* stands alone: waiting, and the rungs, which each of the two chose "
    "for itself on a few other seeds. The rows *both on* hold the rungs fixed. Halving that waits then pays so many hours more: "
    f"{'; '.join(same_rungs)}. *Of fixed speeds* are crews in which it is not jobs that are slow by accident, but some of the "
    "workers, from first to last."
)


# %% [markdown] slideshow={"slide_type": "slide"}
# ## Randomly wired networks
#
# So far the *operations* were drawn at random and the wiring was given. Xie and others (2019) turn it round: one operation, and a random graph. Erdős-Rényi draws every edge with probability $P$; Barabási-Albert lets new nodes prefer nodes that have many edges; Watts-Strogatz begins with a ring of near neighbours and rewires some edges. Number the nodes, point every edge from the smaller number to the larger, and there is no cycle. A node computes
#
# $$h_j = \mathrm{BN}\Bigl(\mathrm{conv}\bigl(\mathrm{ReLU}\bigl(\textstyle\sum_{i \to j} \sigma(w_{ij})\, h_i\bigr)\bigr)\Bigr),$$
#
# with learned $w_{ij}$ and a separable convolution. Nodes without an incoming edge read the input; the output is the mean of those without an outgoing one.
# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.random_wiring import predecessors


class Node(nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(inputs))
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, inputs):
        total = sum(w * x for w, x in zip(self.weights.sigmoid(), inputs, strict=True))
        return self.norm(self.pointwise(self.depthwise(F.relu(total))))


ring = nx.connected_watts_strogatz_graph(8, 4, 0.75, seed=1)
wires = predecessors(ring)  # per node what it reads, -1 the input; last what the output reads
nodes = [Node(len(own), 4) for own in wires[:-1]]
values = {-1: torch.randn(2, 4, 12, 12)}
for place, (node, own) in enumerate(zip(nodes, wires, strict=False)):
    values[place] = node([values[source] for source in own])
out = sum(values[source] for source in wires[-1]) / len(wires[-1])

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    *(
        (plot_wiring, wiring_info(graph, name=name))
        for name, graph in (
            ("Watts-Strogatz, the graph of the cell above", ring),
            ("Barabási-Albert", barabasi_albert(8, make_rng(1), m=2)),
        )
    ),
    caption=f"Left, the graph of the cell above: its output has the shape of its input, {tuple(out.shape)}. Right, a "
    "draw of another model with as many nodes. The longest path is bold.",
    size=(16, 4.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** Sixteen nodes. Which of the three models makes the deepest network? Which has a node that nearly everything passes through? Does the number of parameters depend on the wiring?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
wiring_demo = WiringDemo()
wiring_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# On ImageNet the paper puts its networks beside searched ones.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
imagenet = published_info(
    "imagenet_random_wiring",
    searched=("NASNet", "Amoeba", "PNASNet"),
    kinds=("found by a search", "wired at random"),
    against="flops_b",
)
wired, best = imagenet.rows[-1], imagenet.rows[0]
picture(
    plot_published_points,
    imagenet,
    caption=f"{wired.model}: {wired.error - best.error:.1f} points behind {best.model}, with "
    f"{wired.flops_b / best.flops_b:.0%} of its operations and {wired.params_m / best.params_m:.0%} of its parameters. "
    "Xie and others 2019.",
    size=(11, 4.8),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Mind the size: the random wiring is also the smallest network of the table, and was trained for fewer epochs on smaller images. So "1.3 points less accurate" is not a statement about wiring alone. Ours are made equally large: as many parameters *and* as many operations as the cell they are compared with, the same recipe, several seeds.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "05_random_wiring",
    "A randomly wired network is at most {deck:g} points less accurate than the searched cell of its size.",
    predict="Which stays closer to the best cells of the table: a random graph, or a random cell of the same size? "
    "Does the kind of graph matter?",
    sway="An interval that lies above the line, or below it: with more nodes, larger networks, or a recipe "
    "of training that suits wirings better.",
    shown="test accuracy of networks with as many parameters and operations as one of the best cells of the "
    "table, minus that of the best cell, seed by seed; the line says {deck:g} points behind",
    axis="Minus the best cell, points of test accuracy",
    words=(
        "Less than {deck:g} points behind",
        "More than {deck:g} points behind",
        "Neither more nor less than {deck:g} points behind is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Any table
#
# Nothing in this lecture knows digits. A table is a space with an answer for every architecture, and the comparison takes any: NAS-Bench-201's own results as one CSV file, or a space of your own. Searches see the column `value`; reports read another.


# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "cells.csv"
lines = ["arch,valid_accuracy,test_accuracy"]
for arch in space:
    trial = table.measure(arch)
    accuracies = f"{100 * trial.value:.6f},{100 * trial.info['test_accuracy']:.6f}"
    lines.append(f"{space.describe(arch)},{accuracies}")
path.write_text("\n".join(lines), encoding="utf-8")
Markdown(
    "A file as others publish it, written here from digits201, in per cent:\n\n```\n"
    + "\n".join(lines[:3]) + f"\n... {len(lines) - 1:,} lines\n```"
)  # fmt: skip

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.table import Table

from_file = Table.from_csv(path, value="valid_accuracy", report="test_accuracy", scale=100)
pair = {"random": random_search, "evolution": evolution}
again = compare(
    pair, from_file.space, from_file.measure, budget=100, seeds=range(12), progress=False
)
same = all(
    [trial.arch for trial in one] == [trial.arch for trial in other]
    for name in pair
    for one, other in zip(again[name], histories[name], strict=True)
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A space that is no cell: positions with any number of choices each, one column per position or one for all. With eight positions of three choices,
#
# ```python
# other = Table.from_csv("mine.csv", arch="arch", value="valid", report="test",
#                        space=TableSpace([3] * 8))  # arch: "0,2,1,1,0,2,2,0"
# compare(searches, other.space, other.measure, budget=100, seeds=range(50))
# ```
#
# runs the same searches, unchanged. `TableSpace` stands in `course_lib.nas.table_space`. Lines that are missing, come twice or lack a number are refused by their number.
#
# **Where real tables come from.** NAS-Bench-201 and its successor NATS-Bench are published by their authors (Dong and Yang) as data files with a Python package, `nats_bench`. With both on your machine, `nats_bench_table(nats_bench.create(PATH, "tss"))` from `course_lib.nas.nats_bench` is the table by the published protocol: short trainings to search on, long ones to report.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "Read from the file, both searches ask the same questions, seed by seed: "
    f"**{'yes' if same else 'no'}**."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Mistakes that raise no error and make a method look better than it is.
#
# - **The first population is free.** So many trainings that nobody counts.
# - **Chosen by test accuracy.** The search looks at validation data only, and the *report* takes the network with the best test accuracy that it met.
# - **The worst dies, not the oldest.** No lie, another algorithm: one lucky training stays in the population for ever. On a table without noise nothing punishes it.
#
# > **Predict first.** How many points does each of the three add after 50 trainings?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
def free_start(space, oracle, rng, *, population=30):
    measure, counted = oracle.measure, oracle.budget
    return evolution(space, Oracle(measure, counted + population), rng, population=population)


def worst_dies(space, oracle, rng, *, population=30, tournament=10):
    with oracle:
        living = [oracle(space.sample(rng)) for _ in range(population)]
        while True:
            drawn = torch.randint(population, (tournament,), generator=rng).tolist()
            parent = max((living[i] for i in drawn), key=lambda trial: trial.value)
            living.append(oracle(space.mutate(parent.arch, rng)))
            living.remove(min(living, key=lambda trial: trial.value))
    return oracle.history


right, free, worst = (
    compare({"it": search}, space, table.measure, budget=50, seeds=range(40), progress=False)["it"]
    for search in (evolution, free_start, worst_dies)
)


def by_test(run):
    return max(trial.info["test_accuracy"] for trial in run)


reported = {
    "as it should be": tested(right, 50),
    "the first population is free": tested(free, 80),
    "chosen by test accuracy": np.array([by_test(run) for run in right]),
    "the worst dies": tested(worst, 50),
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = []
for name, values in reported.items():
    low, high = 100 * bootstrap_difference(values, reported["as it should be"], make_rng(0))
    gain = 100 * (values.mean() - reported["as it should be"].mean())
    beside = f"{gain:+.2f} ({low:+.2f} to {high:+.2f})" if name != "as it should be" else ""
    rows.append(f"| {name} | {100 * values.mean():.2f} | {beside} |")
Markdown(
    f"| evolution, 50 trainings, {len(right)} seeds | test accuracy, % | gain, points, 95 % interval |\n|---|---|---|\n"
    + "\n".join(rows)
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - Random search is the yardstick, and a serious one: at small budgets hardly anything beats it, and the lead of the best searches is about a point or less here.
# - "Better" is a statement about means over seeds, at equal cost, with an interval. One run, or the best of five, is an anecdote.
# - Stopping early is no free lunch: it is worth what the first epochs say about the last one, and here that is little. With many workers, though, do not wait for the slowest.
# - Ask for the size of what was found: here no difference is shown between the best cells and random cells that are as large.
# - Even the wiring can be left to chance, at a price that can be measured. What that says about search spaces is the more interesting question: how good is the space, before anybody searches it?
#
# **Next.** Lab 05 asks you to write the kernels of this lecture: promotions, ASHA's decision, a step of evolution, the expected best of $n$, a bootstrap interval, and a random graph made into a network. Lecture 06 asks for more than accuracy.
#
# **Sources.** L. Li and A. Talwalkar, *Random search and reproducibility for neural architecture search*, UAI 2019. E. Real, A. Aggarwal, Y. Huang and Q. V. Le, *Regularized evolution for image classifier architecture search*, AAAI 2019. S. Xie, A. Kirillov, R. Girshick and K. He, *Exploring randomly wired neural networks for image recognition*, ICCV 2019. L. Li and others, *A system for massively parallel hyperparameter tuning*, MLSys 2020. C. Liu and others, *Progressive neural architecture search*, ECCV 2018. K. Jamieson and A. Talwalkar, *Non-stochastic best arm identification and hyperparameter optimization*, AISTATS 2016. J. Dodge and others, *Show your work: improved reporting of experimental results*, EMNLP 2019. B. Efron, *Bootstrap methods: another look at the jackknife*, Annals of Statistics 1979. X. Dong and Y. Yang, *NAS-Bench-201*, ICLR 2020. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
