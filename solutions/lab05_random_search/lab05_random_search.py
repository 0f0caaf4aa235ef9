# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 05: Is it better than luck?
#
# Random search is easy to write and hard to beat. In this lab you write what its rivals are made of: who is trained longer, who becomes a parent, what a free
# worker does next. And you write what tells luck from skill: what the best of n runs is worth, and how sure a difference is. The loops around your functions
# are in the library.
#
# **After this lab you can**
#
# - promote candidates in successive halving, and decide for a single free worker, without waiting for the others;
# - write a step of regularized evolution, and say why the oldest dies and not the worst;
# - compute what the best of n runs is worth on average, without a simulation;
# - put an interval on the difference of two searches;
# - read a random graph as a network.
#
# **You need** Python with lists, dictionaries and functions, numpy or PyTorch for means and quantiles, and the expectation of a random variable. Lecture 05 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 Successive halving | 13 | 8 |
# | 2 One free worker | 14 | 12 |
# | 3 A step of evolution | 14 | 10 |
# | 4 The best of n | 13 | 15 |
# | 5 How sure? | 13 | 15 |
# | 6 From a graph to a network | 13 | 10 |
# | 7 A written question | 10 | 15 |
# | 8 Challenge: better than luck (for more) | 10 | 40 |
#
# The minutes are those of one trial, rounded. Sections 1 to 7 are the lab: 90 minutes and 90 of the 100 points. Section 8 is for those who want more.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points; where an exercise has a basic law, the first, the others count only
# if it holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("promoted")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import networkx as nx
import numpy as np
import torch
from IPython.display import display

from course_lib.checks import lab05_random_search as check
from course_lib.core import History, Oracle, Space, Trial, make_rng, statistics
from course_lib.nas import search as library
from course_lib.nas.asha_run import asha
from course_lib.nas.random_wiring import watts_strogatz
from course_lib.nas.table import digits201
from course_lib.nas.wired_network import WiredStage
from course_lib.show.figure import picture
from course_lib.show.lines import lines_info, plot_lines
from course_lib.show.nas.asha import plot_lanes, rungs_info
from course_lib.show.nas.wiring import plot_wiring, wiring_info
from course_lib.show.searches import progress_info

torch.set_num_threads(1)
table = digits201()

# %% [markdown]
# **Your variant.** Sizes and seeds of the visible cases follow from a number. Put in your student number or name if your
# instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 Successive halving
#
# Lecture: *Successive halving*. Many candidates are trained a little; one in $\eta$ of them goes on and is trained longer, and so on. Of $n$ that competed,
#
# $$\max(1, \lfloor n / \eta \rfloor)$$
#
# are promoted: those of the highest values.
#
# What right looks like: 27 cells of the table, of which nine are left after one epoch and three after three. The line is how good those are that compete in a rung, once they are trained to the end.


# %%
def survivors(promoted, epochs=(1, 3, 8), eta=3):
    """The mean accuracy after 8 epochs of those who compete in each rung."""
    rng = make_rng(variant)
    left, means = [table.space.sample(rng) for _ in range(27)], []
    for until in epochs:
        means.append(np.mean([table.measure(arch).value for arch in left]))
        values = [table.measure(arch, until).value for arch in left]
        left = [left[i] for i in promoted(values, eta=eta)]
    found = {"those who compete": means}
    return lines_info(epochs, found, x="rung: trained for epochs", y="accuracy after 8 epochs")


picture(plot_lines, survivors(library.promoted), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "promoted", "locked": false, "schema_version": 3, "solution": true, "task": false}
def promoted(values: list[float], *, eta: int) -> list[int]:
    """Who goes on, by their places in the list: the best first.

    values: what the candidates of a rung reached, one or more; higher is better. eta: one in so
    many goes on, at least 2. Of equal values the earlier one is better. values stay as they are.
    Returns a list of max(1, floor(n / eta)) places, counted from 0.
    """
    ### BEGIN SOLUTION
    best_first = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    return best_first[: max(1, len(values) // eta)]
    ### END SOLUTION


# %% [markdown]
# Play: the same with your `promoted`. Is the first epoch worth its price? Try `epochs=(5, 8)`.

# %%
with check.playground("promoted"):
    display(picture(plot_lines, survivors(promoted), caption="With your promoted"))

# %% nbgrader={"grade": true, "grade_id": "promoted_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("of eta or more, the best floor(n / eta)", variant),
    ("of fewer than eta, the best one", variant),
    ("ties go to the earlier", variant),
    ("only the order of the values counts", variant),
    ("a whole halving, rung by rung", variant),
    ("the values stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.promoted(promoted, cases, points=13)

# %% [markdown]
# ## 2 One free worker
#
# Lecture: *ASHA: halving for many workers*. With many workers successive halving waits: a rung begins when the slowest of the rung below has finished. ASHA (Li et al. 2020) waits for nobody. Whenever a worker is free, it looks at what has finished by now. Beginning
# below the top rung and going down, it asks of each rung $k$: among the best $\lfloor n_k / \eta \rfloor$ of all $n_k$ that finished there, is there one that was not promoted yet? The best such candidate trains in rung
# $k + 1$. If no rung has one, the worker starts a new candidate in rung 0. There is no $\max(1, \dots)$ here: a candidate that is alone in its rung waits for rivals.
#
# What right looks like: four workers, some of them slow. The number in a bar is its rung.


# %%
def lanes(name, **parts):
    """Four workers with stragglers on the table, 20 candidates, `parts` in the library's loop."""
    rng = make_rng(variant)
    run = asha(table.space, table.measure, rng, workers=4, trials=20, stragglers=0.5, **parts)
    return rungs_info({name: run}, name, now=run.elapsed)


picture(plot_lanes, lanes("asynchronous"), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "asha_decision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def asha_decision(
    rungs: list[dict[int, float]], promoted: list[set[int]], *, eta: int
) -> tuple[int, int] | None:
    """What a free worker trains next: (candidate, rung), or None, a new candidate in rung 0.

    rungs: of each rung, lowest first, a dictionary candidate -> value of what has finished there;
    higher is better, of equal values the smaller candidate is. promoted: of each rung, the
    candidates that were already promoted out of it. eta: at least 2.
    The caller keeps the record: rungs and promoted stay as they are.
    """
    ### BEGIN SOLUTION
    for k in reversed(range(len(rungs) - 1)):
        ranked = sorted(rungs[k], key=lambda candidate: (-rungs[k][candidate], candidate))
        for candidate in ranked[: len(rungs[k]) // eta]:
            if candidate not in promoted[k]:
                return candidate, k + 1
    return None
    ### END SOLUTION


# %% [markdown]
# Play: the same workers, with your decision.

# %%
with check.playground("asha_decision"):
    display(picture(plot_lanes, lanes("yours", decide=asha_decision), caption="With your decision"))

# %% nbgrader={"grade": true, "grade_id": "asha_decision_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the best of at least eta goes on", variant),
    ("the best floor(n / eta) of all, once each", variant),
    ("from the top downwards", variant),
    ("ties go to the smaller candidate", variant),
    ("a whole run with slow workers", variant),
    ("the history stays as it is", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.asha_decision(asha_decision, cases, points=14)

# %% [markdown]
# ## 3 A step of evolution
#
# Lecture: *Searches side by side*. Real et al. (2019) keep a population of architectures, each with its value. In a step, some contestants are drawn from it at random, with replacement; the best of them
# is the parent. The parent's mutant, which differs from it in one decision, is trained (`oracle(arch)` gives its trial) and joins. The oldest dies, however good it is: a cell that was only lucky once does not live for ever.
#
# What right looks like: the library's evolution beside random search, three seeds each. (Three seeds prove nothing; the lecture uses more.)


# %%
def three_runs(search):
    """Histories of three seeds at a budget of 200 answers from the table."""
    return [search(table.space, Oracle(table.measure, 200), make_rng(seed)) for seed in range(3)]


def evolve_with(step):
    """The library's loop with this step, as a search."""
    return lambda space, oracle, rng: library.regularized_evolution(space, oracle, rng, step=step)


def beside_luck(step):
    """Evolution with this step, and random search."""
    luck = three_runs(library.random_search)
    return progress_info({"evolution": three_runs(evolve_with(step)), "random search": luck})


picture(plot_lines, beside_luck(library.evolution_step), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "evolution_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evolution_step(
    living: list[Trial], space: Space, oracle: Oracle, rng: torch.Generator, *, tournament: int = 10
) -> list[Trial]:
    """The population after one birth and one death, oldest first.

    living: the population, oldest first; a trial has .arch and .value. It stays as it is.
    space.mutate(arch, rng) redraws one decision, each as likely. oracle(arch) gives a trial and charges for it.
    tournament: how many contestants are drawn, with replacement; every draw takes rng.
    Returns a new list, as long as the old one, with the child at the end.
    Where the budget is spent the oracle raises BudgetExhausted, which the caller waits for.
    """
    ### BEGIN SOLUTION
    drawn = torch.randint(len(living), (tournament,), generator=rng).tolist()
    parent = max((living[i] for i in drawn), key=lambda trial: trial.value)
    child = oracle(space.mutate(parent.arch, rng))
    return [*living[1:], child]
    ### END SOLUTION


# %% [markdown]
# Play: your step in the library's loop. What if `tournament` is 1, or 100?

# %%
with check.playground("evolution_step"):
    display(picture(plot_lines, beside_luck(evolution_step), caption="With your evolution_step"))

# %% nbgrader={"grade": true, "grade_id": "evolution_step_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one is born, the oldest dies", variant),
    ("the child differs in one decision", variant),
    ("the best of a tournament is the parent", variant),
    ("a whole evolution", variant),
    ("a spent budget ends it", variant),
    ("all draws come from rng", variant),
    ("the population stays as it is", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.evolution_step(evolution_step, cases, points=14)

# %% [markdown]
# ## 4 The best of n
#
# Lecture: *What a single run says*. Whoever reports the best of $n$ runs reports a number that grows with $n$. Dodge et al. (2019) compute it from $N$ runs without drawing any: with $v_{(1)} \le \dots \le v_{(N)}$ the best of $n$ draws with replacement is
# at most $v_{(i)}$ with probability $(i / N)^n$, so that
#
# $$\mathbb{E}[\text{best of } n] = \sum_{i=1}^N v_{(i)} \left[ \left(\tfrac{i}{N}\right)^n - \left(\tfrac{i - 1}{N}\right)^n \right].$$
#
# Without replacement the probability is another one: all $n$ are among the first $i$ in $\binom{i}{n}$ of $\binom{N}{n}$ cases.
#
# What right looks like: the best of n random cells, computed from 50 of them in both ways. Which one is the fairer estimate for new cells? (Without: with replacement the same run may be drawn twice, so for large n it stays too low.)


# %%
def best_over_n(expected_best):
    """The expected best of 1 to 50 of 50 random cells."""
    rng = make_rng(variant)
    values = [table.measure(table.space.sample(rng)).value for _ in range(50)]
    counts = range(1, 51)
    lines = {
        name: [expected_best(values, n, replace=replace) for n in counts]
        for name, replace in (("with replacement", True), ("without", False))
    }
    return lines_info(counts, lines, x="n", y="expected best of n")


picture(plot_lines, best_over_n(statistics.expected_best), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "expected_best", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_best(values: list[float], n: int, *, replace: bool = True) -> float:
    """The mean of the best of n draws from `values`, without drawing.

    values: N numbers in any order, in a list, a tuple, an array or a tensor; they stay as they
    are. n: at least 1. replace: whether the same one may be drawn twice; if not, n > N is a
    ValueError.
    """
    ### BEGIN SOLUTION
    ranked = np.sort(np.asarray(values, dtype=float))
    size = len(ranked)
    if not replace and n > size:
        raise ValueError(f"{n} values cannot be drawn from {size} without replacement")
    if replace:
        below = [(i / size) ** n for i in range(size + 1)]
    else:
        below = [math.comb(i, n) / math.comb(size, n) for i in range(size + 1)]
    return float(ranked @ np.diff(below))
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function.

# %%
with check.playground("expected_best"):
    display(picture(plot_lines, best_over_n(expected_best), caption="With your expected_best"))

# %% nbgrader={"grade": true, "grade_id": "expected_best_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the mean over all draws with replacement", variant),
    ("the mean over all draws without replacement", variant),
    ("many values, from the mean to the largest", variant),
    ("any order, ties, list, array or tensor", variant),
    ("no more draws than values without replacement", variant),
    ("the values stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.expected_best(expected_best, cases, points=13)

# %% [markdown]
# ## 5 How sure?
#
# Lecture: *What a single run says*. Two searches ran several times each, and the means differ. How much of that is luck? The bootstrap asks what would have come out with other runs, and has only these to draw from: it draws as many runs of the first search
# as there were, with replacement, and on their own as many of the second, and takes the difference of the means. It does so many times. The interval cuts off the same share of these differences at either end.
#
# What right looks like: evolution minus random search, and its interval, from 5 runs of each to 40. (Yours will have other draws, and other last digits. With five runs such an interval is too narrow: the lecture measures by how much.)


# %%
def best_values(search, seeds=40, budget=100):
    """The best value of each run."""
    oracles = [Oracle(table.measure, budget) for _ in range(seeds)]
    return [
        search(table.space, oracle, make_rng(seed)).best().value
        for seed, oracle in enumerate(oracles)
    ]


evolved, lucky = best_values(library.regularized_evolution), best_values(library.random_search)


def narrower(interval):
    """The interval of the difference from the first 5, 10, 20, 40 runs."""
    counts = (5, 10, 20, 40)
    ends = [interval(evolved[:n], lucky[:n], make_rng(variant)) for n in counts]
    means = [np.mean(evolved[:n]) - np.mean(lucky[:n]) for n in counts]
    return lines_info(
        counts,
        {"difference of the means": means},
        bands={"difference of the means": tuple(zip(*ends, strict=True))},
        marks={"no difference": 0.0},
        x="runs of each",
        y="evolution minus random search",
    )


def library_interval(first, second, rng):
    """Low and high of the library's interval."""
    found = statistics.difference(first, second, rng)
    return found.low, found.high


picture(plot_lines, narrower(library_interval), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "bootstrap_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bootstrap_difference(
    first: list[float],
    second: list[float],
    rng: torch.Generator,
    *,
    level: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """The percentile interval of mean(first) - mean(second): (low, high).

    first, second: the results of independent runs, in lists, tuples, arrays or tensors, not
    always equally many. They stay as they are. Every draw takes rng.
    level: the share of the resampled differences between low and high, the rest is cut off in
    equal parts at either end. resamples: how often both samples are drawn again.
    """
    ### BEGIN SOLUTION
    one, two = np.asarray(first), np.asarray(second)
    places = torch.randint(len(one), (resamples, len(one)), generator=rng).numpy()
    others = torch.randint(len(two), (resamples, len(two)), generator=rng).numpy()
    differences = one[places].mean(1) - two[others].mean(1)
    tail = (1 - level) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return low, high
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function.

# %%
with check.playground("bootstrap_difference"):
    display(picture(plot_lines, narrower(bootstrap_difference), caption="With your intervals"))

# %% nbgrader={"grade": true, "grade_id": "bootstrap_difference_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the quantiles of all resamples", variant),
    ("both samples are drawn on their own", variant),
    ("as many resamples as asked for", variant),
    ("without spread no width", variant),
    ("lists, tuples, arrays, tensors", variant),
    ("all draws come from rng", variant),
    ("both samples stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.bootstrap_difference(bootstrap_difference, cases, points=13)

# %% [markdown]
# ## 6 From a graph to a network
#
# Lecture: *Randomly wired networks*. Xie et al. (2019) draw a graph by a classical model and read it as a network. Every edge leads from its smaller to its larger node, so that there is no cycle. A node adds up what it reads, each with a learned weight, and computes
# one operation. A node without a smaller neighbour reads the input; the output is the mean of all nodes without a larger neighbour.
#
# What right looks like: a small world of 12 nodes.

# %%
graph = watts_strogatz(12, make_rng(variant), k=4, p=0.75)
info = wiring_info(graph, name="Watts and Strogatz")
picture(plot_wiring, info, caption="What right looks like", size=(10, 5.5))


# %% nbgrader={"grade": false, "grade_id": "predecessors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predecessors(graph: nx.Graph) -> list[list[int]]:
    """The inputs of each node, and last those of the output.

    graph: undirected, its nodes are 0, ..., n - 1, added in any order; graph[node] holds a node's
    neighbours, and a graph may be of several parts. It stays as it is.
    Returns n + 1 lists: for each node its smaller neighbours, or [-1], the input, where it has
    none; and last the nodes without a larger neighbour, which the output reads.
    An isolated node, one without neighbours, is a ValueError.
    """
    ### BEGIN SOLUTION
    nodes = range(len(graph))
    if isolated := [node for node in nodes if not graph[node]]:
        raise ValueError(f"nothing would pass through the isolated nodes {isolated}")
    inputs = [[other for other in sorted(graph[node]) if other < node] for node in nodes]
    output = [node for node in nodes if not any(other > node for other in graph[node])]
    return [*(read or [-1] for read in inputs), output]
    ### END SOLUTION


# %% [markdown]
# Play: your lists become a stage of a network, through which eight maps of 12 x 12 pass.

# %%
with check.playground("predecessors"):
    inputs = predecessors(graph)
    stage = WiredStage(inputs, channels=8)
    out = stage(torch.zeros(1, 8, 12, 12))
    print(inputs, f"output of shape {tuple(out.shape)}", sep="\n")

# %% nbgrader={"grade": true, "grade_id": "predecessors_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a node reads its smaller neighbours", variant),
    ("without any it reads the input", variant),
    ("the output reads who has no larger neighbour", variant),
    ("from input to output, without a cycle", variant),
    ("nodes and edges added in any order", variant),
    ("an isolated node is refused, two parts are not", variant),
    ("the graph stays as it is", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.predecessors(predecessors, cases, points=13)

# %% [markdown]
# ## 7 A written question
#
# **A paper reports: "Our search finds a network of 97.4 % test accuracy; random search finds 97.1 %." In the appendix you read that the 97.4 % are the best of five runs, chosen by test accuracy, that the settings of the search were tuned on the same test set, and
# that random search ran once, with the training recipe of an earlier paper. What is wrong with the comparison, in which direction does each fault push, and what would you measure instead?** Answer in 8 to 15 sentences. Formulas are welcome. (10 points)
#
# *How it is graded.* 3 points: why the best of five flatters, and by how much one could say from the runs. 2 points: why choosing by test accuracy is another fault, and what it does. 2 points: what tuning one side only does, and what each side should be allowed to spend.
# 3 points: a fair experiment, with its budget, the same number of runs on both sides, what is chosen on what, and how the difference and its uncertainty are reported.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** The two numbers estimate different things: the one is the expected best of five runs, the other is a single run, on average the mean. If both methods had the same distribution of results, the best of five would still be ahead: for normal results by 1.16 standard deviations, and
# a spread of 0.25 points between runs would explain the whole 0.3. From all five runs one could compute the expected best of n for every n, and compare it at the same n, best at n = 1. The best was moreover chosen by test accuracy, so part of the 97.4 % is luck of the test set and will not come back on new pictures; the test
# set has become a validation set, and the number is too high. Random search suffers from neither, so both faults push in favour of the new method. Tuning the settings is part of the search's cost: whoever tunes one side compares tuning with no tuning. An earlier paper's settings may also mean fewer epochs or
# weaker augmentation in the final training, which is often worth more than the architecture. The direction is again in favour of the new method. I would give both the same space, the same final training and the same budget in trainings or hours, with tuning paid from it or done on another data set; run both with at least ten to twenty seeds;
# let each run choose its network on validation data; read test accuracy once for each chosen network; and report the difference of the means with a bootstrap interval for it, how often the one wins, and all single results. If the interval holds zero, nothing has been shown, and I would say so.
# *(3 + 2 + 2 + 3: two different quantities and their size; the test set as validation set; equal tuning; a complete protocol.)*
#
# **Sample B, 6 of 10.** The best of five is always better than the average, so one should compare five runs with five runs and report means and standard deviations. The test set must not be used to choose, since then one overfits to it. The baseline was not tuned, which is unfair. I would run both
# methods five times with different seeds, with the same settings, and look whether the difference is larger than the standard deviation.
# *(2: no size, and nothing on n; 2; 1: no word on the cost of tuning; 1: equal runs, but no budget, no validation, and a standard deviation of single runs instead of an interval of the difference.)*
#
# **Sample C, 2 of 10.** 0.3 % is not much and may be chance. More runs are needed, and other data sets. The new method has more parameters to tune, so it is better but also more expensive.
# *(1: chance is named, not that the best of five is another quantity; 0; 1: tuning costs something; 0: no protocol.)*
# ### END SOLUTION

# %% [markdown]
# ## 8 Challenge: better than luck (for more)
#
# Write any search you like. It plays thirty problems, on each with a budget of 160 epochs, and is judged by the mean of the thirty best accuracies that it finds **after whole trainings**, of 8 epochs. To earn the 10 points it must reach what random
# search, which buys 20 whole trainings for these epochs, exceeds in only 5 % of its attempts. So a search that fails is not mended by running it again: twenty attempts of pure luck hold one that passes, and that is the best of twenty. The threshold is computed from the table when you run the check.
#
# `oracle(arch, epochs)` trains a cell until so many epochs, 1, 5 or 8, and gives a trial with its `arch`, its `value` and its `cost`. Whoever goes on with a cell pays only the epochs that are added. An early look is cheap, but says less than one hopes: early looks alone will not do. What the whole trainings so far say about the others is worth more. Every problem is the measured table of cells in disguise: on each of the
# six edges the operations are numbered anew. `space` is a plain `Space` with `sample(rng)`, `mutate(arch, rng)` and `neighbours(arch)`; `list(space)` holds all its cells, `space.choices` how many operations each edge has. `with oracle:` ends quietly when the epochs are spent. Random search, for example, is
#
# ```python
# def random_search(space, oracle, rng):
#     with oracle:
#         while True:
#             oracle(space.sample(rng), 8)
#     return oracle.history
# ```
#
# To try yours on the first of the problems, in a new cell:
#
# ```python
# measure = check.problem(variant, 0)
# my_search(measure.space, Oracle(measure, 160), make_rng(0)).best()
# ```
#
# What you hand in is the file `challenge.json` beside this notebook: the histories of the thirty problems, written by the cell below your search. It is graded by looking up every answer in the table.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_search(space: Space, oracle: Oracle, rng: torch.Generator) -> History:
    """Spend the oracle's epochs on finding a cell that is good after a whole training."""
    ### BEGIN SOLUTION
    cells = list(space)
    columns = [np.eye(n)[[arch[i] for arch in cells]] for i, n in enumerate(space.choices)]
    x = np.concatenate(columns, axis=1)
    place = {arch: i for i, arch in enumerate(cells)}
    asked, values = [], []
    with oracle:
        while True:
            chosen = place[space.sample(rng)]
            if len(asked) >= 8:  # ridge regression of what was trained, one column per operation
                known, mean = x[asked], np.mean(values)
                gram = known.T @ known + np.eye(x.shape[1])
                predicted = x @ np.linalg.solve(gram, known.T @ (np.array(values) - mean))
                predicted[asked] = -np.inf
                chosen = int(predicted.argmax())
            asked.append(chosen)
            values.append(oracle(cells[chosen], 8).value)
    return oracle.history
    ### END SOLUTION


# %%
with check.playground("my_search"):
    print(check.write_challenge(my_search, variant))

# %% artefacts=["challenge.json"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check.challenge("challenge.json", [variant], points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab05_random_search` (or `make submit LAB=lab05_random_search`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
