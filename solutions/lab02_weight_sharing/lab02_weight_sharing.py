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
# # Lab 02: Weight sharing
#
# In lab 01 every answer cost a whole training. In this lab all architectures live in one network and share its weights, so that an answer costs a second.
# You write the five steps that this takes, and find out how far such answers can be trusted.
#
# **After this lab you can**
#
# - run one path of a supernet, and say why it is a network of its own;
# - train shared weights so that a step moves one path and nothing else;
# - give a path the right statistics of batch normalisation before it is judged;
# - measure how well two rankings agree, with ties and with an interval;
# - write a step of ENAS, in which weights and policy learn from different images.
#
# **You need** lab 01 (cells, policy gradient), PyTorch modules and optimizers (`backward`, `step`, training and evaluation mode), and quantiles.
# Lecture 02 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 A path is a network | 16 | 10 |
# | 2 One path per batch | 16 | 10 |
# | 3 The statistics of a path | 16 | 15 |
# | 4 Do two rankings agree? | 16 | 15 |
# | 5 A step of ENAS | 16 | 10 |
# | 6 A written question | 10 | 10 |
# | 7 Challenge: a search with two prices | 10 | 15 |
#
# **How it works.** As in lab 01: each exercise has a picture of what right looks like, a cell for your code, a cell to play in (no points), and a check that tests
# laws which every right answer obeys. There are four outcomes: passed, failed, error in your code, not attempted yet. The first law of each exercise is the basic one:
# other cases count only if it holds. Grading adds cases with other numbers.
#
# **Stuck?** Run `check.hint("run_path")` in a new cell: every call gives one more hint. Hints cost nothing.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy

import numpy as np
import torch
from IPython.display import display
from torch import nn
from torch.nn import functional as F

from course_lib.checks import lab02_weight_sharing as check
from course_lib.core import Arch, Oracle, Space, make_rng, statistics
from course_lib.datasets import Images, cluttered_digits
from course_lib.nas.canonical import EDGES
from course_lib.nas.controller import Controller, choice_probabilities, sample_strings
from course_lib.nas.enas import enas
from course_lib.nas.one_shot import one_shot_search, uniform_one_hot
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op
from course_lib.nas.table import digits201
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import plot_lines
from course_lib.show.nas import policy as heat
from course_lib.show.nas.dag import dag_info, plot_dag
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.shared_weights import agreement_info, loss_info, plot_agreement

torch.set_num_threads(1)
table = digits201()
space = table.space
task = cluttered_digits(test=1)

# %% [markdown]
# **Your variant.** Sizes and seeds of the visible cases follow from a number. Put in your student number or name if your
# instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 A path is a network
#
# Lecture: *A path is a network*. A supernet holds *every* operation on every edge of the cell. A path picks one operation per edge. The nodes are added up from their edges: with $x_0$ the
# cell's input,
#
# $$x_j = \sum_{(i, j)} o_{ij}(x_i),$$
#
# where $o_{ij}$ is the operation that the path picks on the edge from node $i$ to node $j$. The output is the last node. What was not picked is not computed.
#
# What right looks like: the cell with a path in bold, and how often each operation was called. `EDGES` lists the six edges `(i, j)` in the order of the columns; what leads into a node comes before what leaves it.


# %%
def counted(calls: torch.Tensor, row: int, column: int):
    """An operation that returns its input and counts its calls."""

    def apply(x: torch.Tensor) -> torch.Tensor:
        calls[row, column] += 1
        return x

    return apply


def show_calls(calls: torch.Tensor, arch: Arch, caption: str):
    """The path in bold beside a heat map of the calls."""
    table_of_calls = heat.heat_info(calls, *choice_names(space), quantity="calls", high=2)
    cell = (plot_dag, dag_info(space, arch=arch))
    return pictures(cell, (heat.plot_heat, table_of_calls), caption=caption, size=(14, 4.8))


arch = space.sample(make_rng(variant))
show_calls(space.one_hot(arch), arch, "What right looks like: one call per edge")


# %% nbgrader={"grade": false, "grade_id": "run_path", "locked": false, "schema_version": 3, "solution": true, "task": false}
def run_path(operations, edges, arch: Arch, x: torch.Tensor) -> torch.Tensor:
    """The output of a cell in which only one path works.

    operations: operations[k][c] is the function of choice c on edge k, tensor -> tensor of the
        same shape; it may return the very tensor that it was given.
    edges: edge k leads from node edges[k][0] to node edges[k][1]; not every pair of nodes need
        have an edge. All edges into a node come before those that leave it.
    arch: the choice on every edge. x: the value of node 0. All arguments stay as they are.
    Returns the value of the node with the greatest number. Each chosen operation is called once,
    the others never; the gradient reaches x and what the operations learn.
    """
    ### BEGIN SOLUTION
    nodes = {0: x}
    for (source, target), choices, choice in zip(edges, operations, arch, strict=True):
        out = choices[choice](nodes[source])
        nodes[target] = nodes[target] + out if target in nodes else out
    return nodes[max(nodes)]
    ### END SOLUTION


# %% [markdown]
# Play: your own path. If every operation returns its input, the output counts the ways from node 0 to node 3. How many are there?

# %%
with check.playground("run_path"):
    mine = space.sample(make_rng(7))
    calls = torch.zeros(space.edges, len(space.operations))
    operations = [
        [counted(calls, row, column) for column in range(len(space.operations))]
        for row in range(space.edges)
    ]
    ways = run_path(operations, EDGES, mine, torch.ones(1))
    display(show_calls(calls, mine, f"With your run_path: {float(ways):g} ways"))

# %% nbgrader={"grade": true, "grade_id": "run_path_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a sum over all walks", variant),
    ("other graphs", variant),
    ("only the path is computed", variant),
    ("equal to the stand-alone network", variant),
    ("the gradient reaches the operations", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.run_path(run_path, cases, points=16)

# %% [markdown]
# ## 2 One path per batch
#
# Lecture: *Sharing weights: one step*. All paths are trained at once by training one at a time: every batch draws a path uniformly and moves the weights on it, and only those. An optimizer skips parameters whose gradient is `None`.
# A gradient of zeros it does *not* skip: with momentum or weight decay such weights move although nothing was learned about them.
#
# What right looks like: the library trains the cells of our table in one supernet. A point is a batch, and every batch runs another path. The next two exercises use this supernet.

# %%
net = Supernet(space, rng=make_rng(1), mixed_op=sampled_op)
_, log = one_shot_search(
    net,
    task.train,
    task.valid,
    make_rng(2),
    relax=uniform_one_hot,
    alpha_gradient=None,
    epochs=25,
    log_every=1,
)
losses = loss_info(log["train_loss"], window=40)
picture(plot_lines, losses, caption="What right looks like: shared weights learn")


# %% nbgrader={"grade": false, "grade_id": "sharing_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sharing_epoch(net, space, batches, optimizer, rng: torch.Generator):
    """Train shared weights for one epoch, each batch on a path of its own.

    net: a module; net(x, arch) gives the logits (n, classes) of a path. It may arrive in evaluation mode.
    space: space.sample(rng) draws a path uniformly. Every draw takes its randomness from rng.
    batches: yields pairs (x, y) once. optimizer: of net's parameters, any optimizer of torch.
    Every batch is run through the net once, on a path of its own, in training mode, and followed
    by one step of `optimizer` down the cross-entropy. Weights off the path stay as they are, and
    all weights still require a gradient.
    Returns a list with (arch, loss) per batch: the path, and its cross-entropy before the step as
    a number.
    """
    ### BEGIN SOLUTION
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        loss = F.cross_entropy(net(x, arch), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append((arch, loss.item()))
    return told
    ### END SOLUTION


# %% [markdown]
# Play: a fresh supernet learns with your epoch, and the heat map shows which operations had a turn.


# %%
class Paths(nn.Module):
    """The library's supernet, called with an architecture."""

    def __init__(self, supernet: Supernet) -> None:
        super().__init__()
        self.supernet = supernet

    def forward(self, x: torch.Tensor, arch: Arch) -> torch.Tensor:
        return self.supernet(x, space.one_hot(arch))


def batches_of(images: Images, size: int, rng: torch.Generator):
    """The images once, in a fresh order."""
    for chosen in torch.randperm(len(images), generator=rng).split(size):
        yield images.x[chosen], images.y[chosen]


with check.playground("sharing_epoch"):
    young = Paths(Supernet(space, rng=make_rng(3), mixed_op=sampled_op))
    sgd = torch.optim.SGD(young.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    rng = make_rng(4)
    told = []
    for _ in range(4):
        told += sharing_epoch(young, space, batches_of(task.train, 25, rng), sgd, rng)
    shares = torch.stack([space.one_hot(arch) for arch, _ in told]).mean(0)
    display(
        pictures(
            (plot_lines, loss_info([loss for _, loss in told])),
            (heat.plot_heat, heat.heat_info(shares, *choice_names(space), quantity="share")),
            caption="With your sharing_epoch: four epochs",
            size=(14, 4.8),
        )
    )

# %% nbgrader={"grade": true, "grade_id": "sharing_epoch_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a step moves its path by the gradient", variant),
    ("weights off the path rest", variant),
    ("the given optimizer takes the steps", variant),
    ("a fresh uniform path for every batch", variant),
    ("all draws come from rng", variant),
    ("trained, and told", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.sharing_epoch(sharing_epoch, cases, points=16)

# %% [markdown]
# ## 3 The statistics of a path
#
# Lecture: *Statistics of batch normalisation*. In evaluation mode a batch normalisation uses the mean and variance that it stored. During training it has seen *all* paths, and the average over them fits none. So before a path
# is judged its statistics are measured again, on **training** images: forget what is stored, let the images pass in training mode, and let each normalisation store the plain mean of its batches' statistics. Only then are the validation images scored, in evaluation mode.
#
# PyTorch does the averaging: in training mode, a pass moves `running_mean` and `running_var` by `momentum` towards the batch's; with `momentum = None` they become the plain mean over all batches since `reset_running_stats()`.
#
# What right looks like: the same cells with the same weights, judged with both kinds of statistics.

# %%
draws = make_rng(variant)
cells = [space.sample(draws) for _ in range(20)]
few = Images(task.train.x[:500], task.train.y[:500])
alone = [table.measure(cell).value for cell in cells]
as_trained = [InheritedAccuracy(net, few, task.valid, calibrate=None)(cell).value for cell in cells]
renewed = [InheritedAccuracy(net, few, task.valid)(cell).value for cell in cells]
both = {"recalibrated": renewed, "as accumulated": as_trained}
picture(plot_agreement, agreement_info(alone, both), caption="What right looks like: 20 cells")


# %% nbgrader={"grade": false, "grade_id": "recalibrate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recalibrate(net, arch: Arch, train: Images, valid: Images, *, batch: int = 250) -> float:
    """Measure a path's statistics on training images, then its accuracy on validation images.

    net: a module; net(x, arch) gives logits. Its normalisations are all nn.BatchNorm2d modules.
    train, valid: .x (n, channels, rows, columns) and .y (n,).
    batch: the training images pass in batches of this size, in their order; it divides their number.
    Afterwards each normalisation on the path stores the mean over the batches of their means and
    (unbiased) variances, whatever it stored before; the net is in evaluation mode; weights and
    every normalisation's momentum are as before, and so are the images. What normalisations off the path store does not matter.
    Returns the share of validation images that are classified correctly.
    """
    ### BEGIN SOLUTION
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    with torch.no_grad():
        for x in train.x.split(batch):
            net(x, arch)
        net.eval()
        right = net(valid.x, arch).argmax(1) == valid.y
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return right.double().mean().item()
    ### END SOLUTION


# %% [markdown]
# Play: your accuracies of the same cells. Do they agree with the library's? What happens with only 20 training images?

# %%
with check.playground("recalibrate"):
    ours = [recalibrate(Paths(net), cell, few, task.valid) for cell in cells]
    print(f"largest difference from the library: {np.abs(np.subtract(ours, renewed)).max():.4f}")
    scarce = Images(few.x[:20], few.y[:20])
    hasty = [recalibrate(Paths(net), cell, scarce, task.valid) for cell in cells]
    compared = {"500 images": ours, "20 images": hasty}
    display(picture(plot_agreement, agreement_info(alone, compared), caption="With yours"))

# %% nbgrader={"grade": true, "grade_id": "recalibrate_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the path's statistics of the training images", variant),
    ("the plain mean over the batches", variant),
    ("nothing of before is left", variant),
    ("validation images are only scored", variant),
    ("weights, settings and images stay", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.recalibrate(recalibrate, cases, points=16)

# %% [markdown]
# ## 4 Do two rankings agree?
#
# Lecture: *Inherited or stand-alone accuracy*. Inherited accuracies are not meant to be right, only to *rank* right. Kendall's tau looks at all pairs of cells. A pair is concordant if both measures order it alike, discordant if they order it
# differently, and neither if it is tied in one of them. With $C$ concordant and $D$ discordant pairs, $n_x$ pairs that differ in $x$ and $n_y$ pairs that differ in $y$,
#
# $$\tau_b = \frac{C - D}{\sqrt{n_x \, n_y}}.$$
#
# Accuracies of a thousand images are often tied, so this denominator matters.
#
# How sure is a tau of twenty cells? The bootstrap draws $n$ of the $n$ *pairs* $(x_i, y_i)$ with replacement, again and again, and computes $\tau_b$ each time (a pair that is drawn twice is tied with itself). The interval of level $\ell$ cuts off $(1 - \ell)/2$ of
# these numbers at either end.
#
# What right looks like: the cells of exercise 3, and how far the supernet ranks them as training alone does.

# %%
found = statistics.kendall_tau(renewed, alone, make_rng(variant))
said = f"tau {found.estimate:.2f}, 95 % interval {found.low:.2f} to {found.high:.2f}"
picture(
    plot_agreement,
    agreement_info(alone, {"recalibrated": renewed}, text=said),
    caption="What right looks like",
)


# %% nbgrader={"grade": false, "grade_id": "kendall_tau", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kendall_tau(
    x: np.ndarray,
    y: np.ndarray,
    rng: torch.Generator,
    *,
    level: float = 0.95,
    resamples: int = 1000,
) -> tuple[float, float, float]:
    """Kendall's tau-b of paired numbers, with its bootstrap interval.

    x, y: (n,) each, not all equal; they stay as they are. level: between 0 and 1. resamples: how
    many. Every draw takes its randomness from rng.
    Returns (tau, low, high).
    """

    ### BEGIN SOLUTION
    def tau_b(x: np.ndarray, y: np.ndarray) -> float:
        in_x = np.sign(x[:, None] - x[None, :])
        in_y = np.sign(y[:, None] - y[None, :])
        return (in_x * in_y).sum() / np.sqrt((in_x**2).sum() * (in_y**2).sum())

    taus = []
    for _ in range(resamples):
        index = torch.randint(len(x), (len(x),), generator=rng).numpy()
        taus.append(tau_b(x[index], y[index]))
    low, high = np.quantile(taus, [(1 - level) / 2, (1 + level) / 2])
    return float(tau_b(x, y)), float(low), float(high)
    ### END SOLUTION


# %% [markdown]
# Play: the same cells with both kinds of statistics. Which ranking would you trust? And how wide is the interval of only ten cells?

# %%
with check.playground("kendall_tau"):
    for name, values in both.items():
        for n in (10, 20):
            tau, low, high = kendall_tau(np.array(values[:n]), np.array(alone[:n]), make_rng(5))
            print(f"{name:>15}, {n} cells: tau {tau:5.2f}, interval {low:5.2f} to {high:4.2f}")

# %% nbgrader={"grade": true, "grade_id": "kendall_tau_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("tau without ties", variant),
    ("tau-b with ties", variant),
    ("the interval resamples pairs", variant),
    ("all draws come from rng", variant),
    ("x and y stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.kendall_tau(kendall_tau, cases, points=16)

# %% [markdown]
# ## 5 A step of ENAS
#
# Lecture: *ENAS: a controller and shared weights*. Pham et al. (2018) let the controller of lecture 01 draw the paths, and take turns. **Weights:** a path from the policy, a *training* batch, a step of the weights down its cross-entropy. **Policy:** a *new* path from the policy, a *validation*
# batch, whose accuracy with the weights as they are now is the reward $R$, and a step of the policy down
#
# $$-(R - b) \log p(\text{path}),$$
#
# with a baseline $b$ that is known beforehand. Neither half touches what the other one learns.
#
# What right looks like: the library's ENAS goes on with a copy of our supernet; what its controller has come to prefer.

# %%
controller, log = enas(
    copy.deepcopy(net), task.train, task.valid, make_rng(6), epochs=4, learning_rate=0.02
)
names = choice_names(space)
picture(
    heat.plot_heat,
    heat.heat_info(log["probabilities"][-1], *names),
    caption="What right looks like: the policy of ENAS",
)


# %% nbgrader={"grade": false, "grade_id": "enas_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def enas_step(
    net, policy, train, valid, weight_optimizer, policy_optimizer, baseline: float, rng
) -> float:
    """One step of the shared weights, then one of the policy.

    net: net(x, arch) gives logits. policy: policy(rng) draws a path and returns (arch, log_prob),
        log_prob a scalar tensor whose gradient reaches the policy's parameters.
    train, valid: one batch (x, y) each. Each is run through the net once, on a path of its own.
    weight_optimizer, policy_optimizer: of the net's and of the policy's parameters.
    rng: every draw takes its randomness from it.
    Returns the reward: the validation batch's accuracy, with the weights after their step.
    """
    ### BEGIN SOLUTION
    x, y = train
    arch, _ = policy(rng)
    loss = F.cross_entropy(net(x, arch), y)
    weight_optimizer.zero_grad()
    loss.backward()
    weight_optimizer.step()

    x, y = valid
    arch, log_prob = policy(rng)
    with torch.no_grad():
        reward = (net(x, arch).argmax(1) == y).double().mean().item()
    policy_loss = -(reward - baseline) * log_prob
    policy_optimizer.zero_grad()
    policy_loss.backward()
    policy_optimizer.step()
    return reward
    ### END SOLUTION


# %% [markdown]
# Play: two hundred of your steps, from the same supernet. A single path per step is a noisy teacher (the library asks ten). Which preferences stay when you change the seed?

# %%
with check.playground("enas_step"):
    rng = make_rng(8)
    pupil = Paths(copy.deepcopy(net)).train()
    writer = Controller(space, rng)
    sgd = torch.optim.SGD(pupil.parameters(), lr=0.01)
    adam = torch.optim.Adam(writer.parameters(), lr=0.003)

    def draw(rng):
        tokens, log_prob, _ = sample_strings(writer, 1, rng)
        return tuple(tokens[0].tolist()), log_prob[0]

    baseline, rewards = 0.6, []
    for _ in range(200):
        own = next(batches_of(task.train, 50, rng))
        held = next(batches_of(task.valid, 50, rng))
        rewards.append(enas_step(pupil, draw, own, held, sgd, adam, baseline, rng))
        baseline = 0.9 * baseline + 0.1 * rewards[-1]
    tokens, _, _ = sample_strings(writer, 50, rng)
    learned = heat.heat_info(choice_probabilities(writer, tokens), *names)
    display(picture(heat.plot_heat, learned, caption="With your enas_step"))

# %% nbgrader={"grade": true, "grade_id": "enas_step_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("weights descend on the training batch", variant),
    ("the policy climbs the validation accuracy", variant),
    ("the reward comes after the weight step", variant),
    ("each optimizer steps once", variant),
    ("both paths come from the policy", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.enas_step(enas_step, cases, points=16)

# %% [markdown]
# ## 6 A written question
#
# **Over all cells of a space, inherited and stand-alone accuracies have a Kendall tau of 0.6. Why may a search on the inherited accuracies still end with a mediocre cell, why do the two accuracies disagree at all, and how would you use the supernet anyway?** Answer in 8 to 15
# sentences. (10 points)
#
# *How it is graded.* 3 points: why a tau over the whole space says little about the best cells. 3 points: at least two reasons, specific to weight sharing, why the rankings disagree. 2 points: a way of using the supernet that does not
# rely on its last digit. 2 points: how to compare that fairly with plain random search.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** Tau counts all pairs alike. Most pairs consist of a clearly worse and a clearly better cell, for example one with dead edges and one without, and these are easy: they can lift tau to 0.6 although the order among the best tenth is nearly random. A search goes
# to exactly that tenth, and taking the maximum picks the cell whose inherited accuracy errs upwards most. So I would also look at tau among the best cells, with its interval. The rankings disagree because every weight serves many paths: a convolution is a compromise between
# the sums that it reads on different paths, and cells that share much with others gain from it while unusual ones lose. Besides each path gets only a fraction of the steps, so cells that learn fast, such as those with skip connections, look better than they end up. Statistics of
# batch normalisation that belong to other paths add to it. I would use the supernet as a filter: rank many cells, train the best twenty alone, and choose among them by validation accuracy. For a fair comparison random search gets the same total cost, the training of the
# supernet and all evaluations included, both are repeated over seeds, supernets included, and the test accuracy of the chosen cells is compared once, with an interval of the difference.
# *(3 + 3 + 2 + 2: easy pairs and the maximum; compromise and speed of learning; a filter; equal cost, seeds, test once.)*
#
# **Sample B, 6 of 10.** A tau of 0.6 means that 80 % of the pairs are ordered right and 20 % wrong. If the wrong ones are among the best cells, the search chooses a wrong one. The weights were not trained for one cell but for all, so a cell's accuracy is lower than alone, and not equally
# much for all cells. I would take the best ten cells from the supernet and train them from scratch. Then I compare with random search using several seeds.
# *(2: says that errors may lie at the top, not why that is likely; 1: one reason; 2; 1: seeds, but the cost of the supernet is not counted.)*
#
# **Sample C, 2 of 10.** A tau of 0.6 is not significant, so the ranking is random. The supernet was not trained long enough; with more epochs the accuracies would be the same as alone. One should train the supernet until tau is 1.
# *(0: tau of 0.6 over many cells is clearly not 0; 1: too few steps per path is a reason; 0; 1: asks for a measurement of tau, not for a comparison.)*
# ### END SOLUTION

# %% [markdown]
# ## 7 Challenge: a search with two prices
#
# A supernet is worth something if a search that uses it ends with a better cell. Write one. Each of thirty problems has a budget of 10. A cell trained alone costs 1: `oracle(arch)`. The accuracy that it inherits from a supernet costs a fiftieth of that: `oracle(arch, 1)`, and the
# training of the supernet is free. Only cells that you have trained alone count: a problem is judged by the best of their accuracies. To earn the 10 points your mean over the thirty problems must reach what random search, which trains ten cells, exceeds in only 5 % of its attempts. The threshold is
# computed from the accuracies of these cells when you run the check.
#
# Every problem is the same 729 cells in disguise, those of skip connections, 1×1 and 3×3 convolutions: on each of the six edges the three operations are numbered anew. `space` is a plain `Space` with `sample(rng)`, `mutate(arch, rng)` and `neighbours(arch)`; an answer has an `arch` and a `value`. A repeated question is charged again; `with oracle:` ends quietly when the
# budget is spent. Random search, for example, is
#
# ```python
# def random_search(space, oracle, rng):
#     with oracle:
#         while True:
#             oracle(space.sample(rng))
# ```
#
# To try yours on the first of the problems:
# `measure = check.problem(variant, 0); oracle = Oracle(measure, 10); my_search(measure.space, oracle, make_rng(0)); oracle.history`
#
# What you hand in is the file `challenge.json` beside this notebook: the histories of the thirty problems, written by the cell below your search. It is graded by looking up every answer.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_search(space: Space, oracle: Oracle, rng: torch.Generator) -> None:
    """Spend the oracle's budget on finding a cell that is good when trained alone."""
    ### BEGIN SOLUTION
    with oracle:
        drawn = {space.sample(rng) for _ in range(150)}
        ranked = sorted((oracle(arch, 1) for arch in sorted(drawn)), key=lambda trial: -trial.value)
        for trial in ranked:
            oracle(trial.arch)
    ### END SOLUTION


# %%
with check.playground("my_search"):
    print(check.write_challenge(my_search, variant))

# %% artefacts=["challenge.json"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check.challenge("challenge.json", [variant], points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab02_weight_sharing` (or `make submit LAB=lab02_weight_sharing`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`.
