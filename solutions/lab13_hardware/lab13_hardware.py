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
# # Lab 13: Hardware-aware search
#
# A network is not fast because somebody counted few operations. It is fast on a device, and another device may disagree. In this lab you write the parts of a search that knows its devices: how latency is measured, how it is predicted without measuring, how accuracy and latency become one number, or stay several, how latency gets a gradient,
# and what a step of training costs if it may leave layers out. The loops around your functions are in the library.
#
# **After this lab you can**
#
# - measure how long a call takes, on a machine that does other things, too;
# - predict the latency of all architectures from a few measurements, and say when that is exact;
# - put accuracy and latency into one reward, or find the front over several devices;
# - give latency a gradient, and check it by enumeration;
# - compute what an update schedule costs on average, and say why the order of its layers matters.
#
# **You need** Python with functions that are handed around, PyTorch tensors with broadcasting, and the mean of a random variable. Lecture 13 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 Measuring | 14 | 15 |
# | 2 A look-up table | 13 | 10 |
# | 3 One number of two | 13 | 5 |
# | 4 Latency with a gradient | 14 | 10 |
# | 5 A front over devices | 13 | 10 |
# | 6 What a step costs | 13 | 15 |
# | 7 A written question | 10 | 20 |
# | 8 Challenge: three devices at once (for more) | 10 | 40 |
#
# The minutes are a guess; the lecture shows ready-made forms of some of these functions, so close it while you write. Sections 1 to 7 are the lab: 90 minutes and 90 of the 100 points. Section 8 is for those who want more.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points, and counts only
# if the first law, the basic one, holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("measure")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from IPython.display import display
from torch import Generator, Tensor

from course_lib.checks import lab13_hardware as check
from course_lib.core import Arch, History, Oracle, Space, make_rng
from course_lib.hardware import energy, latency_search, lookup
from course_lib.hardware import expected_latency as differentiable
from course_lib.hardware import measure as measuring
from course_lib.hardware.edge_samples import EVERY_EDGE, edges201
from course_lib.hardware.lookup import LookupTable, lookup_latency
from course_lib.hardware.runtimes import eager
from course_lib.nas.cells import OPERATIONS, CellSpace
from course_lib.nas.table import digits201
from course_lib.show.figure import picture
from course_lib.show.lines import lines_info, plot_lines

torch.set_num_threads(1)
table, space = digits201(), CellSpace()

# %% [markdown]
# **Your variant.** Sizes and seeds of the visible cases follow from a number. Put in your student number or name if your
# instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 Measuring
#
# Lecture: *Measuring*. Three things spoil a latency. The first calls load code and memory, so they are made before the clock is looked at. The machine does other things: a slow second must not meet one candidate alone, so all take turns, in a fresh random order every round. And the clock itself takes time: a sample is several calls between two readings.
#
# - **Warm-up.** First every candidate is called `warmup` times. Nothing of it is measured.
# - **Rounds.** In each of `rounds` rounds every candidate has one turn. All orders of a round are equally likely, whatever the round before.
# - **A turn.** Read the clock, call the candidate `repeats` times, read the clock. Every turn has two readings of its own: what lies between two turns is nobody's time. The sample is the time between, divided by `repeats`: seconds per call.
#
# Return all samples. Which quantile of them is the latency is decided later: noise only adds time, so a low one is steadier than the mean.
#
# What right looks like: three cells of digits201 in PyTorch, as they are, on your machine. The lines are the quantiles of the samples.

# %%
cells = {
    "pooling everywhere": space.build((4,) * 6),
    "one convolution": space.build((0, 0, 0, 3, 0, 0)),
    "convolutions everywhere": space.build((3,) * 6),
}
x = torch.randn(1, 1, 12, 12, generator=make_rng(1))
calls = [eager(cell, x) for cell in cells.values()]


def quantiles(measure):
    """Milliseconds per call at each quantile of 100 samples."""
    samples = 1000 * measure(calls, make_rng(variant), rounds=100, repeats=3, warmup=3)
    at = np.linspace(0.02, 0.98, 25)
    rows = torch.quantile(samples.double(), torch.tensor(at), dim=0).T
    lines = dict(zip(cells, rows.tolist(), strict=True))
    return lines_info(at, lines, x="quantile of the samples", y="ms per call", logarithmic="y")


picture(plot_lines, quantiles(measuring.measure), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "measure", "locked": false, "schema_version": 3, "solution": true, "task": false}
def measure(
    candidates: Sequence[Callable[[], object]],
    rng: Generator,
    *,
    rounds: int = 40,
    repeats: int = 1,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Tensor:
    """Seconds per call of every sample: (rounds, n), column i is candidate i.

    candidates: n functions to be called without arguments; their list stays as it is. rounds,
    repeats: at least 1. warmup: at least 0. clock(): the seconds since any fixed moment.
    Every candidate is called warmup + rounds * repeats times. Every draw takes rng.
    """
    ### BEGIN SOLUTION
    for candidate in candidates:
        for _ in range(warmup):
            candidate()
    samples = torch.empty(rounds, len(candidates), dtype=torch.float64)
    for row in samples:
        for i in torch.randperm(len(candidates), generator=rng).tolist():
            start = clock()
            for _ in range(repeats):
                candidates[i]()
            row[i] = (clock() - start) / repeats
    return samples
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. Your machine does other things than a minute ago: the curves are alike, not equal. What does `warmup=0` change, and where?

# %%
with check.playground("measure"):
    display(picture(plot_lines, quantiles(measure), caption="With your measure"))

# %% nbgrader={"grade": true, "grade_id": "measure_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("every sample is seconds per call", variant),
    ("the clock is read before and after the repeats", variant),
    ("the warm-up is not counted", variant),
    ("every round measures each candidate once", variant),
    ("every round has a fresh random order", variant),
    ("all draws come from rng", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.measure(measure, cases, points=14)

# %% [markdown]
# ## 2 A look-up table
#
# Lecture: *Predicting latency*. 15,625 cells are too many to measure. But if each choice costs what it costs, whatever stands beside it, a few measurements say all. Take a reference architecture $r$, and change one position $p$ to the choice $c$:
#
# $$\mathrm{base} = \mathrm{latency}(r), \qquad \mathrm{cost}_{p, c} = \mathrm{latency}(r \text{ with } p \text{ set to } c) - \mathrm{base}.$$
#
# The prediction for any architecture is the base plus the costs of its choices. On an additive device it is exact. $\mathrm{cost}_{p, r_p}$ is 0: nothing changes, so nothing is measured again.
#
# What right looks like: cells of digits201 on PyTorch as it is, measured in the way of section 1; the reference has skip connections everywhere.

# %%
samples = edges201()


def on(device):
    """The latency of the cells that differ from EVERY_EDGE in one edge, in microseconds."""
    return lambda arch: 1e6 * float(torch.quantile(samples.of(device, [arch])[:, 0], 0.1))


def costs(lookup_table, device):
    """What each operation costs on each of the six edges."""
    _, cost = lookup_table(on(device), EVERY_EDGE, len(OPERATIONS))
    lines = dict(zip(OPERATIONS, cost.T.tolist(), strict=True))
    return lines_info(range(6), lines, x="edge", y="cost in microseconds")


info = costs(lookup.lookup_table, "PyTorch eager")
picture(plot_lines, info, caption="What right looks like: PyTorch eager")


# %% nbgrader={"grade": false, "grade_id": "lookup_table", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lookup_table(
    latency: Callable[[Arch], float], reference: Arch, choices: int
) -> tuple[float, Tensor]:
    """(base, cost) of a device around a reference; cost: (positions, choices), floating.

    latency(arch): what an architecture takes, arch a tuple of Python integers from 0 to
    choices - 1, one for each position. Measuring is dear: no architecture is measured twice, so
    that there are 1 + positions * (choices - 1) measurements in all.
    """
    ### BEGIN SOLUTION
    base = latency(reference)
    cost = torch.zeros(len(reference), choices, dtype=torch.float64)
    for p, own in enumerate(reference):
        for c in range(choices):
            if c != own:
                cost[p, c] = latency((*reference[:p], c, *reference[p + 1 :])) - base
    return base, cost
    ### END SOLUTION


# %% [markdown]
# Play: the same cells in ONNX Runtime. Which operation is dear in PyTorch and cheap here?

# %%
with check.playground("lookup_table"):
    info = costs(lookup_table, "ONNX Runtime")
    display(picture(plot_lines, info, caption="With your lookup_table: ONNX Runtime"))

# %% nbgrader={"grade": true, "grade_id": "lookup_table_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("differences from the reference", variant),
    ("exact on an additive device", variant),
    ("around the reference where neighbours matter", variant),
    ("no architecture is measured twice", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.lookup_table(lookup_table, cases, points=13)

# %% [markdown]
# ## 3 One number of two
#
# Lecture: *Searching under a limit*. MnasNet (Tan et al. 2019) rewards an architecture by
#
# $$\mathrm{accuracy} \cdot \left(\frac{\mathrm{latency}}{\mathrm{target}}\right)^{\mathrm{exponent}}$$
#
# with an exponent below zero. At the target the reward is the accuracy. With $-0.07$ an architecture that takes twice as long keeps 95 % of it: the target is a wish, not a limit.
#
# What right looks like: of all cells the one with the highest reward, by the look-up table of ONNX Runtime; the target is the median latency. How steep must the power be, until the wish is kept?

# %%
archs = list(space)
accuracy = torch.tensor([table.measure(arch).value for arch in archs], dtype=torch.float64)
tables = {
    name: LookupTable(*lookup.lookup_table(on(name), EVERY_EDGE, len(OPERATIONS)))
    for name in samples.devices
}
latency = torch.stack([lookup_latency(one, torch.tensor(archs)) for one in tables.values()], 1)
onnx = latency[:, 1]
target = float(onnx.median())


def wishes(latency_reward):
    """Accuracy, and latency in parts of the target, of the best cell for each exponent."""
    exponents = (-1.0, -0.7, -0.4, -0.2, -0.1, -0.07, -0.04, 0.0)
    best = [
        int(latency_reward(accuracy, onnx, target=target, exponent=e).argmax()) for e in exponents
    ]
    lines = {"latency / target": onnx[best] / target, "accuracy": accuracy[best]}
    return lines_info(exponents, lines, x="exponent", y="of the best cell")


picture(plot_lines, wishes(latency_search.latency_reward), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "latency_reward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def latency_reward(
    accuracy: Tensor, latency: Tensor, *, target: float, exponent: float = -0.07
) -> Tensor:
    """Each architecture's reward, of the shape of accuracy.

    accuracy, latency: floating tensors of one shape, any; latency above 0, in the target's unit.
    The answer is differentiable in both, and both stay as they are.
    """
    ### BEGIN SOLUTION
    return accuracy * (latency / target) ** exponent
    ### END SOLUTION


# %% [markdown]
# Play: the same with your reward.

# %%
with check.playground("latency_reward"):
    display(picture(plot_lines, wishes(latency_reward), caption="With your latency_reward"))

# %% nbgrader={"grade": true, "grade_id": "latency_reward_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the formula by hand", variant),
    ("at the target it is the accuracy", variant),
    ("the unit does not matter", variant),
    ("twice as slow is worth 2 ** exponent", variant),
    ("each architecture by itself", variant),
    ("differentiable in both", variant),
    ("the arguments stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.latency_reward(latency_reward, cases, points=13)

# %% [markdown]
# ## 4 Latency with a gradient
#
# Lecture: *Differentiable latency*. A differentiable search has no architecture yet, only logits: in position $p$ the choice $c$ has probability $\mathrm{softmax}(\mathrm{logits}_p)_c$, each position by itself. ProxylessNAS (Cai et al. 2019) descends the mean latency of the architectures that would be drawn. There are `choices ** positions` of them, but the table is a sum, and the mean of a sum is the sum of the means.
#
# What right looks like: plain descent of this number alone, from undecided logits, with the table of ONNX Runtime. Beside it the latency of the likeliest cell, the only one that anybody could build.


# %%
def sinking(expected_latency, steps=60):
    """The expected latency, and that of the likeliest cell, on the way down."""
    logits = 0.1 * torch.randn(6, len(OPERATIONS), generator=make_rng(variant))
    one, lines = tables["ONNX Runtime"], {"expected": [], "of the likeliest cell": []}
    for _ in range(steps):
        logits = logits.detach().requires_grad_()
        value = expected_latency(logits, one)
        lines["expected"].append(value.item())
        likeliest = logits.argmax(1)[None]
        lines["of the likeliest cell"].append(float(lookup_latency(one, likeliest)))
        logits = logits - 0.3 * torch.autograd.grad(value, logits)[0]
    return lines_info(range(steps), lines, x="step", y="latency in microseconds")


picture(plot_lines, sinking(differentiable.expected_latency), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "expected_latency", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_latency(logits: Tensor, table: LookupTable) -> Tensor:
    """The mean latency of architectures that are drawn by these logits: a scalar tensor.

    logits: (positions, choices), floating, however large. table: .base, a float, and .cost,
    (positions, choices) in double precision. The answer is differentiable in logits; logits and
    table stay as they are.
    """
    ### BEGIN SOLUTION
    return table.base + (logits.softmax(-1) * table.cost.to(logits.dtype)).sum()
    ### END SOLUTION


# %% [markdown]
# Play: the same with yours. Does `sinking(expected_latency, steps=10)` end near a cell?

# %%
with check.playground("expected_latency"):
    display(picture(plot_lines, sinking(expected_latency), caption="With your expected_latency"))

# %% nbgrader={"grade": true, "grade_id": "expected_latency_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the mean over all architectures", variant),
    ("the gradient of that mean", variant),
    ("where all is decided, one latency", variant),
    ("down the gradient to the fastest", variant),
    ("any precision, and the arguments stay", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.expected_latency(expected_latency, cases, points=14)

# %% [markdown]
# ## 5 A front over devices
#
# Lecture: *Searching under a limit*. One *beats* another if it is at least as accurate and on all devices at least as fast, and better in one of these. The *front* is the set of those that nobody beats. Architectures that agree in everything do not beat each other: all of them stay.
#
# What right looks like: how many of so many random cells are on the front, with one device and with more. Each device is one more way not to be beaten.

# %%
drawn = torch.randperm(len(archs), generator=make_rng(variant))[:800]


def fronts(device_front):
    """The size of the front of the first n cells, for one, two and three devices."""
    counts, names = (50, 100, 200, 400, 800), ("one device", "two devices", "three devices")
    lines = {
        name: [int(device_front(accuracy[drawn[:n]], latency[drawn[:n], :k]).sum()) for n in counts]
        for k, name in enumerate(names, 1)
    }
    return lines_info(counts, lines, x="cells", y="on the front", logarithmic="x")


picture(plot_lines, fronts(latency_search.device_front), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "device_front", "locked": false, "schema_version": 3, "solution": true, "task": false}
def device_front(accuracy: Tensor, latency: Tensor) -> Tensor:
    """Who is on the front: a bool tensor (n,).

    accuracy: (n,), more is better. latency: (n, devices), one device or more, less is better;
    devices may have units of their own. At least one architecture. Both tensors stay as they are.
    A thousand architectures must take seconds at most.
    """
    ### BEGIN SOLUTION
    points = torch.cat([-accuracy[:, None], latency], 1)
    one, other = points[:, None], points[None]
    beats = (one <= other).all(2) & (one < other).any(2)
    return ~beats.any(0)
    ### END SOLUTION


# %% [markdown]
# Play: the same with your front.

# %%
with check.playground("device_front"):
    display(picture(plot_lines, fronts(device_front), caption="With your device_front"))

# %% nbgrader={"grade": true, "grade_id": "device_front_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("nobody beats them, by the definition", variant),
    ("ties: better in one is enough", variant),
    ("equal points all stay", variant),
    ("a thousand architectures", variant),
    ("the arguments stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.device_front(device_front, cases, points=13)

# %% [markdown]
# ## 6 What a step costs
#
# Lecture: *Learning on a device: HALO*. A device that goes on learning saves energy by leaving layers out: in every step layer $l$ is updated with probability $p_l$, each on its own. Layers are counted from the input, and a step pays
#
# - $F_l$ for the forward pass of every layer, always;
# - $W_l$, the gradient of its weights, and $U_l$, the update, for every layer that is updated;
# - $G_l$, the gradient of its input, for every layer that must pass the gradient on: for every layer that has an updated layer before it, nearer to the input.
#
# So below the lowest updated layer nothing is propagated, and a step that updates nothing pays for the forward pass only. What does a step cost on average? All sets of updated layers are $2^{\mathrm{layers}}$; there is a way through the layers once.
#
# What right looks like: three equal layers, and the same probabilities in three orders. With 10-30-50 % for the layers from input to output, the schedule of the paper, 45 % of a whole step are saved.


# %%
def saved(expected_energy):
    """The share of a whole step that is saved, as the probabilities grow."""
    costs = [[1.0] * 3, [1.0] * 3, [0.9] * 3, [0.1] * 3]
    schedules = {"rising": (0.1, 0.3, 0.5), "even": (0.3, 0.3, 0.3), "falling": (0.5, 0.3, 0.1)}
    times = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
    lines = {
        name: [1 - expected_energy([k * p for p in schedule], *costs) / 8 for k in times]
        for name, schedule in schedules.items()
    }
    return lines_info(times, lines, x="times the probabilities", y="share of a step that is saved")


picture(plot_lines, saved(energy.expected_energy), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "expected_energy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_energy(
    p: Sequence[float],
    forward: Sequence[float],
    input_gradient: Sequence[float],
    weight_gradient: Sequence[float],
    update: Sequence[float],
) -> float:
    """The mean energy of a step.

    All five are lists or tuples of one length, a number for each layer from input to output: the
    probability that it is updated, and F, G, W, U. They stay as they are. There may be hundreds
    of layers.
    """
    ### BEGIN SOLUTION
    total, none_before = 0.0, 1.0
    layers = zip(p, forward, input_gradient, weight_gradient, update, strict=True)
    for chance, ahead, back, weights, change in layers:
        total += ahead + back * (1 - none_before) + chance * (weights + change)
        none_before *= 1 - chance
    return total
    ### END SOLUTION


# %% [markdown]
# Play: the same with yours. Which order would you choose for a network whose first layer is the dearest?

# %%
with check.playground("expected_energy"):
    display(picture(plot_lines, saved(expected_energy), caption="With your expected_energy"))

# %% nbgrader={"grade": true, "grade_id": "expected_energy_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the mean over which layers are updated", variant),
    ("each cost by itself", variant),
    ("none, all, or a single layer", variant),
    ("the order of the layers matters", variant),
    ("two hundred layers", variant),
    ("lists and tuples, which stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.expected_energy(expected_energy, cases, points=13)

# %% [markdown]
# ## 7 A written question
#
# **A team looks for the most accurate network that takes at most 20 ms on a phone. Each operation is timed on the phone by itself: one call, directly after loading it, one operation after the other. The times are added up. Of a million architectures by this table the most accurate one that stays below 20 ms is chosen; the table says 19.8 ms. On the phone it takes 27 ms. The report says: "It has 30 % fewer FLOPs than the network of last year, and so it is faster."**
#
# **1. What is wrong with how the operations are timed, and what does each fault do to the table?**
#
# **2. Suppose that the table were right on average over all architectures. Why would the chosen one still take longer than its prediction, more often than not?**
#
# **3. When do FLOPs rank networks as a device does, and when do they not?**
#
# **4. What would you do, with an afternoon and one phone, to hand in a network that takes 20 ms?**
#
# Answer in 8 to 15 sentences. Formulas are welcome. (10 points)
#
# *How it is graded.* Question 1, 3 points: one for the first call, one for the order, one for what a sum of single operations leaves out, each with what it does. Question 2, 2 points: one for what is selected, one for why its error has a sign. Question 3, 2 points: one case of each kind, with the reason. Question 4, 3 points: one for how you measure, one for measuring what was chosen, one for what happens then.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** The first call loads code, allocates memory and fills caches, so it is too slow, and not by the same amount for every operation: the table is too high, and its order may be wrong. One call is one sample of a noisy quantity. Because the operations were timed one after the other, a phone that grows warm and clocks down makes the late ones look dear. A network is not a list of single operations: a runtime fuses a convolution with
# its ReLU, changes memory layouts between operations and moves maps, so the sum may be too high, through fusing, or too low, through copies that no single operation has. Here the second must have won, for 27 is more than 19.8. Even a table that is right on average has errors of either sign. We keep those below 20 ms, and at the limit there are more networks that are too slow and look fast than the other way round, since accurate networks are slow ones;
# the most accurate of a million is therefore probably one whose latency is underestimated: the winner's curse. FLOPs rank large convolutions well, because there arithmetic is what takes the time. They fail for small maps and batch 1, where each operator costs a call whatever it computes, for depthwise convolutions and pooling, which wait for memory, and for channel counts that do not fit the vector unit. I would measure whole networks: warm up, all candidates in turns in
# random order, several calls per sample, a low quantile. From about thirty random networks I fit a correction of the table, with a constant and a slope, and look at its error. Then I search below 20 ms minus that error, measure the best twenty on the phone, and hand in the most accurate of those that take at most 20 ms, measured once more, because of these twenty the fastest looking are lucky, too.
# *(3 + 2 + 2 + 3: three faults with their effect; selection and the sign of its error; two regimes with reasons; protocol, measuring the winners, and measuring again.)*
#
# **Sample B, 6 of 10.** The first call is always slower, so there should be a warm-up, and one should take the mean of many calls. The phone may get hot while it measures, and then the later operations are slower. The chosen network is the best of many and so it was probably lucky. FLOPs are not the time because memory access matters, too. I would measure the best 100 networks really and take the best of those below 20 ms.
# *(2: two faults with an effect, nothing of the sum; 1: selection, but not in which direction the latency errs; 1: a reason, but no case in which FLOPs are right; 2: the winners are measured, and a consequence is drawn, but not how to measure.)*
#
# **Sample C, 2 of 10.** The table was wrong because measurements have noise. One should measure more often and buy a better phone. FLOPs are only theoretical and never say anything about the latency, so one should not use them.
# *(1: noise, without a fault of this protocol; 0; 0: "never" is wrong; 1: more measurements.)*
# ### END SOLUTION

# %% [markdown]
# ## 8 Challenge: three devices at once (for more)
#
# Lecture: *Searching under a limit*. Find accurate cells that keep five limits at once: one for the latency on each of three devices (PyTorch eager, ONNX Runtime, ONNX Runtime with 8-bit integers, by look-up tables of measurements), one for the feature maps that must be in memory at the same time, and one for the parameters. About one cell in eight keeps them all. Write any search you like. It plays thirty problems, on each with
# a budget of 20 answers, and is judged by the mean of the thirty best values. To earn the 10 points it must reach what random search exceeds in only 5 % of its attempts. The threshold is computed when you run the check.
#
# `oracle(arch)` trains a cell and puts it on all devices. The trial that it gives has a `value`: the accuracy where all limits are kept, and otherwise a number below zero, minus the largest excess. `trial.objectives` tells why: the `accuracy`, and for each device, `memory` and `parameters` the quantity as a part of its limit, so that 1 is just allowed. Every problem is the measured table of cells in disguise: on each of the six edges
# the operations are numbered anew. `space` is a plain `Space` with `sample(rng)`, `mutate(arch, rng)` and `neighbours(arch)`; `list(space)` holds all its cells, `space.choices` how many operations each edge has. `with oracle:` ends quietly when the budget is spent. Random search, for example, is
#
# ```python
# def random_search(space, oracle, rng):
#     with oracle:
#         while True:
#             oracle(space.sample(rng))
#     return oracle.history
# ```
#
# To try yours on the first of the problems, in a new cell:
#
# ```python
# measure_all = check.problem(variant, 0)
# my_search(measure_all.space, Oracle(measure_all, 20), make_rng(0)).best()
# ```
#
# What you hand in is the file `challenge.json` beside this notebook: the histories of the thirty problems, written by the cell below your search. It is graded by looking up every answer.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_search(space: Space, oracle: Oracle, rng: Generator) -> History:
    """Spend the oracle's answers on finding an accurate cell within all limits."""
    ### BEGIN SOLUTION
    cells = list(space)
    columns = [np.eye(n)[[arch[i] for arch in cells]] for i, n in enumerate(space.choices)]
    x = np.concatenate(columns, axis=1)
    place = {arch: i for i, arch in enumerate(cells)}
    asked, told = [], []
    with oracle:
        while True:
            chosen = place[space.sample(rng)]
            if len(asked) >= 8:  # ridge regression of each quantity, one column per operation
                known, mean = x[asked], np.mean(told, axis=0)
                gram = known.T @ known + 0.3 * np.eye(x.shape[1])
                predicted = mean + x @ np.linalg.solve(gram, known.T @ (np.array(told) - mean))
                accuracy, worst = predicted[:, 0], predicted[:, 1:].max(axis=1)
                value = np.where(worst <= 1, accuracy, -worst)
                value[asked] = -np.inf
                chosen = int(value.argmax())
            asked.append(chosen)
            told.append(list(oracle(cells[chosen]).objectives.values()))
    return oracle.history
    ### END SOLUTION


# %%
with check.playground("my_search"):
    print(check.write_challenge(my_search, variant))

# %% artefacts=["challenge.json"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check.challenge("challenge.json", [variant], points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab13_hardware` (or `make submit LAB=lab13_hardware`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
