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
# # Lab 03: DARTS
#
# A search that asks for accuracies learns little from each answer. DARTS makes the choice of an operation soft, so that the
# choice has a gradient. In this lab you write the mixture, the two gradients of its weights, and the way back from a mixture to a network; and you
# measure what that way back costs. The library's loop trains a real network with your functions.
#
# **After this lab you can**
#
# - write an edge that computes all its operations at once, and say what its weights learn from;
# - tell the two levels of the problem apart: weights follow the training loss, alphas the validation loss;
# - differentiate through one step of training without a second derivative;
# - derive a cell from alphas, in the two ways that the literature uses;
# - measure how undecided a search is, and what deciding costs.
#
# **You need** lab 01's Python and PyTorch, `torch.autograd.grad`, and the chain rule in several variables. Lecture 03 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 A mixed operation | 16 | 5 |
# | 2 First order | 16 | 10 |
# | 3 Second order | 16 | 25 |
# | 4 Deriving a cell | 16 | 15 |
# | 5 The discretization gap | 16 | 10 |
# | 6 A written question | 10 | 20 |
# | 7 Challenge: small and good | 10 | 20 |
#
# The minutes are a guess.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points; in exercises 1 to 3 it counts only if the first law, the basic one,
# holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("mixed_op")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from dataclasses import replace

import torch
from IPython.display import display
from torch.nn import functional as F

from course_lib.checks import lab03_darts as check
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas import bilevel
from course_lib.nas import one_shot as library
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.supernet import Subnet, Supernet, recalibrate
from course_lib.nas.supernet import mixed_op as library_mixed_op
from course_lib.nas.training import accuracy as accuracy_of
from course_lib.nas.training import train
from course_lib.show.figure import picture
from course_lib.show.images import GridInfo, plot_grid
from course_lib.show.lines import plot_lines
from course_lib.show.nas import policy as heat
from course_lib.show.nas.alphas import undecided_info
from course_lib.show.nas.bilevel import bilevel_info, plot_bilevel
from course_lib.show.nas.dag import dag_info, plot_dag
from course_lib.show.nas.names import choice_names, edge_names

torch.set_num_threads(1)
space = CellSpace()
task = cluttered_digits(train=1000, valid=1000, test=1000)

# %% [markdown]
# **Your variant.** Sizes and seeds of the visible cases follow from a number. Put in your student number or name if your
# instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 A mixed operation
#
# Lecture: *From a choice to a mixture*. An edge of a cell has several candidate operations $o_1, \dots, o_K$. Instead of choosing one, DARTS computes all of them and adds up
#
# $$\bar o(x) = \sum_{k=1}^K p_k\, o_k(x), \qquad p = \mathrm{softmax}(\alpha).$$
#
# The softmax is taken outside: your function gets the weights $p$ as they are. They need not sum to 1, and a weight may be 0: also an operation that does not count at the moment must be able to learn that it should.
#
# What right looks like: a digit, what four operations make of it, and two mixtures.


# %%
def edges_of(x):
    """What differs from the neighbourhood."""
    return x - F.avg_pool2d(x, 3, 1, 1)


def blur(x):
    """The mean over 3 x 3 pixels, twice."""
    return F.avg_pool2d(F.avg_pool2d(x, 3, 1, 1), 3, 1, 1)


def skip(x):
    """The picture itself."""
    return x


candidates = {"none": torch.zeros_like, "skip": skip, "blur": blur, "edges": edges_of}


def mixtures(mixed_op):
    """A digit through each operation alone, and through two mixtures."""
    x = task.train.x[:1]
    rows = [*torch.eye(4), torch.tensor([0.0, 0.0, 0.5, 0.5]), torch.tensor([0.1, 0.2, 0.2, 2.5])]
    made = torch.cat([mixed_op([*candidates.values()], x, row) for row in rows])[:, 0].numpy()
    names = (*candidates, "half blur,\nhalf edges", "sharpened")
    return GridInfo((made / 3 + 0.25).clip(0, 1), names, columns=6)


picture(plot_grid, mixtures(library_mixed_op), caption="What right looks like", size=(10, 2.4))


# %% nbgrader={"grade": false, "grade_id": "mixed_op", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mixed_op(operations, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The weighted sum of what all operations make of x.

    operations: a list of functions or modules, each takes x and returns a tensor like x.
    weights: (len(operations),), one for each operation.
    The gradient reaches x, the weights, and whatever the operations have learned.
    """
    ### BEGIN SOLUTION
    return sum(weight * operation(x) for weight, operation in zip(weights, operations, strict=True))
    ### END SOLUTION


# %% [markdown]
# Play: the same digit with your `mixed_op`.

# %%
with check.playground("mixed_op"):
    display(picture(plot_grid, mixtures(mixed_op), caption="With your mixed_op", size=(10, 2.4)))

# %% nbgrader={"grade": true, "grade_id": "mixed_op_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one-hot weights give that operation", variant),
    ("linear in the weights", variant),
    ("the gradient reaches every weight", variant),
    ("the gradient reaches the operations", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.mixed_op(mixed_op, cases, points=16)

# %% [markdown]
# ## 2 First order
#
# Lecture: *Two levels: weights and alphas* and *First order and second order*. Alphas are to make the validation loss small, with weights that were trained for these alphas:
#
# $$\min_\alpha\ L_{\mathrm{valid}}(w^*(\alpha), \alpha), \qquad w^*(\alpha) = \arg\min_w L_{\mathrm{train}}(w, \alpha).$$
#
# DARTS alternates: a step of $\alpha$, a step of $w$. *First order* takes the weights of the moment as if they did not depend on $\alpha$: the gradient is $\nabla_\alpha L_{\mathrm{valid}}(w, \alpha)$. Nothing else may
# move: the step of the weights is the caller's, who also keeps what stands in every `.grad`.
#
# Our picture is the lecture's toy with one weight and one alpha: $L_{\mathrm{train}} = (w - \alpha)^2$ and $L_{\mathrm{valid}} = \alpha w - 2\alpha + 1$. The best alpha is 1. What right looks like: first order (dashed) walks to the wrong
# place, second order (dotted) nearly to the right one.


# %%
def toy_train(params, alpha):
    """(w - alpha)^2."""
    return (params["w"] - alpha).square().sum()


def toy_valid(params, alpha):
    """alpha w - 2 alpha + 1."""
    return (alpha * params["w"] - 2 * alpha + 1).sum()


def toy_walk(alpha_gradient, steps=40, xi=0.4):
    """Alternate a step of w and a step of alpha; the points (alpha, w)."""
    w, alpha = torch.tensor([-1.0]), torch.tensor([2.0])
    points = [(float(alpha), float(w))]
    for _ in range(steps):
        w = w - 0.2 * 2 * (w - alpha)
        params, leaf = {"w": w.clone().requires_grad_()}, alpha.clone().requires_grad_()
        alpha = alpha - 0.1 * alpha_gradient(toy_train, toy_valid, params, leaf, xi=xi).detach()
        points.append((float(alpha), float(w)))
    return torch.tensor(points).numpy()


def toy(name, alpha_gradient):
    """The lecture's picture, one of its walks made by `alpha_gradient`."""
    info = bilevel_info(2.0, -1.0, xi=0.4, steps=40)
    return replace(info, trails=info.trails | {name: toy_walk(alpha_gradient)})


picture(plot_bilevel, toy("first order", bilevel.first_order), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "first_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_order(train_loss, valid_loss, params, alpha: torch.Tensor, *, xi: float) -> torch.Tensor:
    """The gradient that a step on alpha descends, the weights being as they are.

    train_loss, valid_loss: functions of (params, alpha), each a scalar tensor, on one batch.
    params: the weights, a dictionary of tensors. alpha: (edges, operations). All of them require
    a gradient, and all stay as they are: their values and their .grad.
    xi: the step size of the weights, which first order has no use for.
    Returns a tensor like alpha.
    """
    ### BEGIN SOLUTION
    return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]
    ### END SOLUTION


# %% [markdown]
# Play: the toy with your `first_order`.

# %%
with check.playground("first_order"):
    display(picture(plot_bilevel, toy("first order", first_order), caption="Yours, dashed"))

# %% nbgrader={"grade": true, "grade_id": "first_order_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("gradient of the validation loss", variant),
    ("the same for every xi", variant),
    ("weights and alpha stay as they are", variant),
    ("nothing accumulates in .grad", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.first_order(first_order, cases, points=16)

# %% [markdown]
# ## 3 Second order
#
# Lecture: *First order and second order*. The weights do follow alpha. *Second order* lets them follow for one step of gradient descent, and differentiates through that step:
#
# $$w' = w - \xi \nabla_w L_{\mathrm{train}}(w, \alpha), \qquad
# \nabla_\alpha\, L_{\mathrm{valid}}(w'(\alpha), \alpha) = \underbrace{\nabla_\alpha L_{\mathrm{valid}}(w', \alpha)}_{\text{direct}} - \xi\, \nabla^2_{\alpha, w} L_{\mathrm{train}}(w, \alpha)\, v,
# \qquad v = \nabla_{w'} L_{\mathrm{valid}}(w', \alpha).$$
#
# The matrix of mixed second derivatives would be huge. Its product with $v$ is only the derivative of $\nabla_\alpha L_{\mathrm{train}}$ along $v$, and that is a difference of two gradients:
#
# $$\nabla^2_{\alpha, w} L_{\mathrm{train}}\, v \approx \frac{\nabla_\alpha L_{\mathrm{train}}(w + \varepsilon v, \alpha) - \nabla_\alpha L_{\mathrm{train}}(w - \varepsilon v, \alpha)}{2 \varepsilon}, \qquad \varepsilon = \frac{0.01}{\lVert v \rVert},$$
#
# where $\lVert v \rVert$ is the length of $v$ over all tensors together. Where $v$ is zero, so is the product.
#
# What right looks like is the picture above: the dotted walk, which ends close to 1.


# %% nbgrader={"grade": false, "grade_id": "second_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def second_order(train_loss, valid_loss, params, alpha: torch.Tensor, *, xi: float) -> torch.Tensor:
    """The gradient that a step on alpha descends, through one step of the weights.

    Arguments as in first_order; xi is the size of the weights' step. Here, too, params and alpha
    stay as they are, and so do their .grad. Only first derivatives are needed.
    Returns a tensor like alpha.
    """
    ### BEGIN SOLUTION
    names, weights = list(params), list(params.values())

    def moved(direction, length):
        pairs = zip(names, weights, direction, strict=True)
        return {name: (w + length * d).detach().requires_grad_() for name, w, d in pairs}

    step = torch.autograd.grad(train_loss(params, alpha), weights)
    after = moved(step, -xi)
    direct, *v = torch.autograd.grad(valid_loss(after, alpha), [alpha, *after.values()])
    length = torch.cat([d.flatten() for d in v]).norm()
    if length == 0:
        return direct
    small = 0.01 / length
    ahead, behind = (
        torch.autograd.grad(train_loss(moved(v, r), alpha), alpha)[0] for r in (small, -small)
    )
    return direct - xi * (ahead - behind) / (2 * small)
    ### END SOLUTION


# %% [markdown]
# Play: the toy with your `second_order`. What happens with a larger or a smaller `xi` in `toy_walk`?

# %%
with check.playground("second_order"):
    display(picture(plot_bilevel, toy("one step", second_order), caption="Yours, dotted"))

# %% nbgrader={"grade": true, "grade_id": "second_order_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the closed form on a quadratic", variant),
    ("central differences, around w", variant),
    ("double backward on a small network", variant),
    ("a vector v of any length", variant),
    ("weights and alpha stay as they are", variant),
    ("nothing accumulates in .grad", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.second_order(second_order, cases, points=16)

# %% [markdown]
# **A real search with your functions.** The supernet holds all cells of NAS-Bench-201's space, six edges with five operations each. Every edge is your `mixed_op`, and alpha moves along your `second_order`. It takes about
# half a minute, longer on a busy machine. What right looks like: alphas start even at one fifth each, and leave it slowly. Without your functions the library's are used, so that you can go on.


# %%
def search(mixed_op, alpha_gradient):
    """A supernet trained in place, alpha, and the log."""
    net = Supernet(space, rng=make_rng(variant), mixed_op=mixed_op)
    alpha, log = library.one_shot_search(
        net,
        task.train,
        task.valid,
        make_rng(variant),
        alpha_gradient=alpha_gradient,
        epochs=5,
        alpha_learning_rate=0.03,
    )
    return net, alpha, log


try:
    (net, alpha, log), whose = search(mixed_op, second_order), "your functions"
except Exception as error:
    print(f"The library's functions are used: yours do not work here yet ({type(error).__name__}).")
    searched = search(library_mixed_op, library.second_order)
    (net, alpha, log), whose = searched, "the library's functions"
picture(
    heat.plot_heat,
    heat.heat_info(alpha.softmax(1), *choice_names(space), quantity="weight", high=0.6),
    caption=f"Weights after the search, with {whose}",
)

# %% [markdown]
# ## 4 Deriving a cell
#
# Lecture: *Deriving the cell*. In the end a network is wanted, not a mixture. Two ways are in use.
#
# - **NAS-Bench-201** (`keep=None`): every edge takes its operation of largest weight. `none` may win: then the edge carries nothing, and its triple says `none`.
# - **DARTS** (`keep=2`): a node has many incoming edges and keeps the two strongest. How strong an edge is, is the largest weight of its operations other than `none`, and that operation is kept. `none` is never kept, but it
#   counts in the softmax: where `none` is strong, little is left for the others. A node with fewer incoming edges than `keep` keeps them all.
#
# What right looks like, for alphas drawn at random: first a cell of NAS-Bench-201, then the normal and the reduction cell of DARTS.

# %%
darts = DartsSpace(nodes=3)


def random_alpha(some_space, seed=3):
    """Alphas that make up their mind."""
    return 1.5 * torch.randn(some_space.edges, len(some_space.operations), generator=make_rng(seed))


def derived_picture(some_space, alpha, arch, caption):
    """The mixture as a graph, the derived cell in bold."""
    info = dag_info(some_space, alpha.softmax(1), arch=arch)
    return picture(plot_dag, info, caption=caption, size=(10, 5.2))


drawn, drawn_darts = random_alpha(space), random_alpha(darts)
right, right_darts = library.derive(space, drawn), library.derive(darts, drawn_darts)
display(derived_picture(space, drawn, right, "What right looks like: NAS-Bench-201"))
derived_picture(
    darts, drawn_darts, right_darts, "What right looks like: DARTS, two edges into every node"
)


# %% nbgrader={"grade": false, "grade_id": "derive", "locked": false, "schema_version": 3, "solution": true, "task": false}
def derive(
    alpha: torch.Tensor,
    edges: list[tuple[int, int]],
    operations: tuple[str, ...],
    *,
    keep: int | None = None,
) -> list[tuple[int, int, str]]:
    """What is kept of a mixture: a list of (source, target, operation), in any order.

    alpha: (edges, operations), one row for each of `edges`, one column for each of `operations`.
    edges: (source, target) of each edge, in any order; node numbers. operations: names; "none" may stand
        anywhere among them, or be missing.
    keep: None: one triple for every edge, with its operation of largest weight, be it "none". A
        number: each node keeps so many incoming edges, those with the largest weight of an
        operation other than "none", and on each of them that operation. alpha stays as it is.
    """
    ### BEGIN SOLUTION
    weights = alpha.softmax(1)
    if keep is not None and "none" in operations:
        weights[:, operations.index("none")] = -1.0
    strength, best = weights.max(1)
    kept = range(len(edges))
    if keep is not None:
        ranked = sorted(kept, key=lambda e: float(strength[e]), reverse=True)
        into = {target: [e for e in ranked if edges[e][1] == target] for _, target in edges}
        kept = [e for node in into.values() for e in node[:keep]]
    return [(*edges[e], operations[best[e]]) for e in kept]
    ### END SOLUTION


# %% [markdown]
# Play: the cell that your search has found. With the same alphas, the cell that DARTS's rule would keep: which edges differ?


# %%
def arch_of(triples):
    """A cell of NAS-Bench-201 from a list of (source, target, operation); left out: none."""
    names = {(source, target): name for source, target, name in triples}
    return tuple(space.operations.index(names.get(edge, "none")) for edge in EDGES)


with check.playground("derive"):
    found = derive(alpha, list(EDGES), space.operations)
    display(derived_picture(space, alpha, arch_of(found), "Yours: NAS-Bench-201's rule"))
    pruned = derive(alpha, list(EDGES), space.operations, keep=2)
    display(derived_picture(space, alpha, arch_of(pruned), "Yours: two edges into every node"))

# %% nbgrader={"grade": true, "grade_id": "derive_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("cells of NAS-Bench-201: the strongest operation", variant),
    ("cells of DARTS: two edges into every node", variant),
    ("none is never kept", variant),
    ("edges are compared by their weights", variant),
    ("every node decides for itself", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.derive(derive, cases, points=16)

# %% [markdown]
# ## 5 The discretization gap
#
# Lecture: *The discretization gap*. The weights of the network were trained inside a mixture. How far from a decision was it, and what does deciding cost?
#
# - The **entropy** of each edge, $-\sum_k p_k \log p_k$ with $p = \mathrm{softmax}(\alpha)$ and the natural logarithm (so it is in *nats*): $\log K$ for an even mixture of $K$ operations, 0 for a decided edge, also where a $p_k$ has
#   become exactly 0.
# - The **gap**: accuracy of the mixture minus accuracy of the path, where the path takes each edge's strongest operation with weight 1, and the network's weights are the same. It may be negative.
#
# What right looks like, for the search above: the entropies while it went on. The caption says the gap.


# %%
def accuracy(weights):
    """Validation accuracy of the supernet as it is, with these weights (edges, operations)."""
    weights = weights.float()
    recalibrate(net, weights, task.train)
    return accuracy_of(Subnet(net, weights), task.valid)


def entropies_picture(entropies, gap, whose):
    """Entropy of every edge over the search, and the gap."""
    info = undecided_info(log["epoch"], entropies, edge_names(space), len(space.operations))
    return picture(plot_lines, info, caption=f"{whose}. Gap in the end: {gap:+.3f}")


end = library.discretization_gap(net, alpha, task.train, task.valid)
entropies_picture(
    library.entropy(torch.as_tensor(log["alpha"]).softmax(-1)), end.gap, "What right looks like"
)


# %% nbgrader={"grade": false, "grade_id": "discretization", "locked": false, "schema_version": 3, "solution": true, "task": false}
def discretization(accuracy, alpha: torch.Tensor) -> tuple[torch.Tensor, float]:
    """How undecided the mixture is, and what deciding costs.

    accuracy: a function that takes weights, a tensor (edges, operations), and returns the
        accuracy of the network with them, a number. alpha: (edges, operations).
    Returns the entropy of each edge in nats, (edges,), and the gap: the accuracy of the mixture
    minus that of the path, which has a single 1 in each row. alpha stays as it is.
    """
    ### BEGIN SOLUTION
    log_p = alpha.log_softmax(1)
    path = F.one_hot(alpha.argmax(1), alpha.shape[1])
    return -(log_p.exp() * log_p).sum(1), accuracy(log_p.exp()) - accuracy(path)
    ### END SOLUTION


# %% [markdown]
# Play: the same, with your function.

# %%
with check.playground("discretization"):
    entropies = [
        discretization(lambda weights: 0.0, torch.as_tensor(row))[0] for row in log["alpha"]
    ]
    _, gap = discretization(accuracy, alpha)
    display(entropies_picture(torch.stack(entropies), gap, "Yours"))

# %% nbgrader={"grade": true, "grade_id": "discretization_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the entropy of every edge, in nats", variant),
    ("even: log K, decided: 0", variant),
    ("the gap is mixture minus path", variant),
    ("no gap once all is decided", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.discretization(discretization, cases, points=16)

# %% [markdown]
# ## 6 A written question
#
# **Why can a DARTS search end in a cell that is full of skip connections although its validation loss has fallen all the time, and why does second order alone not prevent it?** Answer in 8 to 15 sentences. Formulas are welcome. (10 points)
#
# *How it is graded.* 3 points: why the alphas of skip connections rise in a mixture, from what a skip connection does there. 2 points: why a falling validation loss of the mixture says little about the derived cell. 3 points: what second
# order corrects, and why that is another error. 2 points: a remedy, and what one would measure to see whether it helped, fairly.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** In the mixture the output of an edge is $\sum_k p_k o_k(x)$. A skip connection needs no training, so that early on it is the operation that passes a useful signal on while the convolutions are still noise; its gradient is the best and its alpha
# rises first. Besides, it works as the shortcut of a residual block: it helps the convolutions beside it to train, and is rewarded for that although it would not be needed with them alone. Softmax makes operations compete, so what the skip wins the convolutions lose, and with less weight they also get smaller gradients
# and learn more slowly. The loss that falls is the mixture's: all operations together with weights between 0 and 1. The derived cell keeps one operation per edge with weight 1, which the weights were never trained for; the gap between the two accuracies can be large, and a skip that helped a convolution helps
# nobody once the convolution is gone. Second order replaces $\nabla_\alpha L_{valid}(w, \alpha)$ by the gradient through one step of $w$, so that the response of the weights to alpha is taken into account for one step. That makes the gradient of the mixture's loss more accurate; it is still the mixture's loss that is minimised,
# and with weights that are far from their optimum. The rounding and the head start of operations without weights stay as they are. A remedy is to stop early, when a second skip connection becomes dominant, or to drop out skips during the search, or to let the weights train alone first. I would derive cells with and without it, over several seeds of the search, train them from scratch in the same way
# as random cells of equal size, choose on validation and compare test accuracies with an interval, and count the skips.
# *(3 + 2 + 3 + 2: head start and competition; mixture against path; what second order approximates; remedy with a fair protocol.)*
#
# **Sample B, 6 of 10.** Skip connections have no parameters, so they are good from the beginning, and their alphas grow before the convolutions have learned anything. The softmax then makes the convolutions smaller and smaller. The validation loss belongs to the supernet and not to the final network, so it can fall while the final
# network gets worse. Second order is more accurate than first order, but the problem remains because it is also an approximation. One can stop the search early, and compare the results.
# *(2: head start and competition, but not what a skip does for its neighbours; 2; 1: says that second order is an approximation, not of what; 1: a remedy without a fair measurement.)*
#
# **Sample C, 2 of 10.** DARTS overfits the training data, so that the alphas become wrong. Skip connections are cheap and the search prefers small networks. Second order would be better but is too slow.
# *(1: that skips are preferred, without a reason that holds: cost is not in the loss; 0; 0; 1: overfitting of alphas is a real concern, no remedy.)*
# ### END SOLUTION

# %% [markdown]
# ## 7 Challenge: small and good
#
# Hand in a trained network: a cell of NAS-Bench-201's space with at most 13,000 parameters (`check.parameters(arch)` counts them), and its weights. It is judged on thousands of freshly rendered pictures of digits that nobody has trained on. To earn the 10 points its accuracy must reach what random
# search with the same budget exceeds in fewer than 5 % of its attempts. Grading renders other pictures, and two judgements of one network may differ by half a point: aim a little higher than needed. All training pictures come from a thousand handwritings, which a network can learn by heart.
#
# The budget is 48,000 training pictures, for all that you train; a picture that is learned from twice (two epochs) counts twice. `pictures(n)` renders n fresh ones and gives a task (`.train`, and `.valid` for free); `pictures.left` says how many it may still render. Epochs nobody counts: a trained network does not show them, and you are trusted. Random search, for example, is
#
# ```python
# def my_network(pictures, rng):
#     best = 0.0
#     for _ in range(3):
#         arch = space.sample(rng)
#         while check.parameters(arch) > 13_000:
#             arch = space.sample(rng)
#         network = space.build(arch, rng=rng)
#         valid = train(network, pictures(16_000), rng, epochs=1).curve[-1]
#         if valid > best:
#             best, answer = valid, (arch, network)
#     return answer
# ```
#
# Does the cell that your search has found fit? What does it have in common with other good ones? `train` uses a batch of 50 and a step size that falls from `learning_rate=0.1` to 0 along a cosine; look at its other arguments with `train?`. You may also search with a supernet, with your functions or the library's. Cells are written as `space.parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|")`: per node, an operation for each earlier node.
#
# What you hand in is the file `challenge.npz` beside this notebook, written by the cell below yours: the cell's name and arrays of numbers.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_network(pictures, rng: torch.Generator):
    """Spend the pictures on finding and training a small network; returns (arch, network)."""
    ### BEGIN SOLUTION
    # Three 3x3 convolutions fit. In a row they see most; skips around them help them to train.
    # All pictures are renderings of the same handwritings: more weight decay than usual helps.
    arch = space.parse(
        "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|"
        "+|skip_connect~0|skip_connect~1|nor_conv_3x3~2|"
    )
    network = space.build(arch, rng=rng)
    train(network, pictures(pictures.left), rng, epochs=1, weight_decay=4e-3)
    return arch, network
    ### END SOLUTION


# %%
with check.playground("my_network"):
    print(check.write_challenge(my_network, variant))

# %% artefacts=["challenge.npz"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
judged_by = [variant]
### BEGIN HIDDEN TESTS
judged_by = [4242, 4243]
### END HIDDEN TESTS
check.challenge("challenge.npz", judged_by, points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab03_darts` (or `make submit LAB=lab03_darts`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
