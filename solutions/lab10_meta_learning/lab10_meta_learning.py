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
# # Lab 10: Meta-learning
#
# A network that is trained on one task knows that task. A network that is trained on many can be made ready for the next one: a few examples and a few gradient steps are then enough. In this lab you write the parts of it: what a task is, the steps inside a task, the
# objective that differentiates through these steps, its cheap relative, and the same idea for learning rates. The loops around your functions are in the library.
#
# **After this lab you can**
#
# - draw few-shot tasks from which nothing leaks;
# - take gradient steps that can be differentiated themselves, and tell second order from first;
# - write MAML's objective, and say what its query is for;
# - write a step of Reptile, and say why it needs more than one inner step;
# - compute how the loss at the end of a training depends on the learning rate of each of its steps.
#
# **You need** Python with dictionaries and functions that are handed around, PyTorch with `torch.autograd.grad` or `torch.func.grad`, and the chain rule in several variables. Lecture 10 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 An episode | 16 | 15 |
# | 2 The inner loop | 16 | 15 |
# | 3 MAML's objective | 16 | 10 |
# | 4 A step of Reptile | 16 | 10 |
# | 5 The gradient of every learning rate | 16 | 15 |
# | 6 A written question | 10 | 20 |
# | 7 Challenge: glyphs that nobody trained on (for more) | 10 | 40 |
#
# The minutes are a guess; the lecture shows ready-made forms of some of these functions, so close it while you write. Sections 1 to 6 are the lab: 90 minutes and 90 of the 100 points. Section 7 is for those who want more.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points, and counts only
# if the first law, the basic one, holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("inner_loop")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from collections.abc import Callable
from functools import partial

import torch
from IPython.display import display
from torch import Tensor
from torch.func import grad, vmap
from torch.nn import functional as F

from course_lib.checks import lab10_meta_learning as check
from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train
from course_lib.datasets import Images
from course_lib.meta import few_shot, maml, reptile
from course_lib.meta import hypergradient as through_training
from course_lib.meta.conv_network import conv_network
from course_lib.meta.evaluate import by_gradient, episode_objective
from course_lib.meta.glyphs import glyphs
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.show.figure import picture
from course_lib.show.images import grid_info, plot_grid
from course_lib.show.lines import lines_info, plot_lines

torch.set_num_threads(1)

# %% [markdown]
# **Your variant.** Sizes and seeds of the visible cases follow from a number. Put in your student number or name if your
# instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 An episode
#
# Lecture: *Tasks and episodes*. A few-shot task, an *episode*, is drawn from a large set of labelled images: `ways` classes, which get the new labels $0, 1, \dots$; of each class `shots` images to learn from, the *support*, and `queries` other images to be asked about, the *query*.
#
# - All sets of classes are equally likely, however many images a class has, and so are all orders: which class gets label 0 is drawn anew every time.
# - All images of a class are equally likely, and no image comes twice in an episode.
#
# What right looks like: two episodes with 5 ways, 1 shot and 3 queries. Support first in each row.
#
# *On an idle laptop the next cell takes about ten seconds, the first time that it runs:* it draws a thousand characters from matplotlib's fonts.


# %%
pool = glyphs().valid


def two_episodes(sample_episode):
    """Each row is a class: its support, its queries; two episodes side by side."""
    rng = make_rng(variant)
    drawn = [sample_episode(pool.labels, rng, ways=5, shots=1, queries=3) for _ in range(2)]
    places = torch.cat([torch.cat(episode, 1) for episode in drawn], 1)
    names = [f"{row}: {part}" for row in range(5) for part in ("learn", "ask")]
    labels = torch.tensor([[2 * row + (k % 4 > 0) for k in range(8)] for row in range(5)])
    shown = Images(pool.x(places.flatten()), labels.flatten())
    return grid_info(shown, names, rows=5, columns=8)


picture(
    plot_grid,
    two_episodes(few_shot.sample_episode),
    caption="What right looks like: two episodes, left and right",
    size=(10, 8),
)


# %% nbgrader={"grade": false, "grade_id": "sample_episode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_episode(
    labels: Tensor, rng: torch.Generator, *, ways: int, shots: int, queries: int
) -> tuple[Tensor, Tensor]:
    """Draw an episode: (support, query), the places of its images in `labels`.

    labels: (n,) int64, the class of each image: any integers, in any order. There are `ways`
    classes or more, and every class has shots + queries images or more. labels stay as they are.
    Returns int64 tensors (ways, shots) and (ways, queries); row i of both is the class that gets
    the new label i. Every draw takes rng.
    """
    ### BEGIN SOLUTION
    classes = labels.unique()
    rows = []
    for name in classes[torch.randperm(len(classes), generator=rng)[:ways]]:
        own = (labels == name).nonzero().flatten()
        rows.append(own[torch.randperm(len(own), generator=rng)[: shots + queries]])
    chosen = torch.stack(rows)
    return chosen[:, :shots], chosen[:, shots:]
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. Could you name the query images after one look at the support?

# %%
with check.playground("sample_episode"):
    info = two_episodes(sample_episode)
    display(picture(plot_grid, info, caption="With your sample_episode", size=(10, 8)))

# %% nbgrader={"grade": true, "grade_id": "sample_episode_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a row is one class, support and query apart", variant),
    ("all sets of classes are as likely", variant),
    ("all orders of the classes are as likely", variant),
    ("all images of a class are as likely", variant),
    ("every row is drawn on its own", variant),
    ("all draws come from rng", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.sample_episode(sample_episode, cases, points=16)

# %% [markdown]
# ## 2 The inner loop
#
# Lecture: *MAML*. Inside a task there is ordinary gradient descent on the support, from a start $\theta$:
#
# $$\phi_0 = \theta, \qquad \phi_{k+1} = \phi_k - \mathrm{lr} \cdot \nabla L(\phi_k), \qquad \phi = \phi_{\mathrm{steps}}.$$
#
# What is new is that $\phi$ will be differentiated with respect to $\theta$, *through* the steps: one step has the derivative $I - \mathrm{lr}\, H$ with the Hessian $H$ of $L$. So the gradient must stay part of the graph, as `torch.func.grad` and `torch.autograd.grad(..., create_graph=True)` keep it.
#
# What right looks like: a network of two hidden layers, ten points of one sinusoid to learn from, and its loss there and at ten others. That the loss at the others may rise is no mistake: ten points are few.

# %%
theta, predict = regressor(make_rng(variant))
theta = {name: value.requires_grad_() for name, value in theta.items()}
one = [part[0] for part in sinusoid_tasks(make_rng(variant + 1), tasks=1)]


def descent(inner_loop):
    """Support and query loss of one task after 1, 2, 4, ... steps."""
    support_x, support_y, query_x, query_y = one
    counts, lines = (1, 2, 4, 8, 16, 32, 64), {"support": [], "query": []}
    for steps in counts:
        phi = inner_loop(
            theta, lambda at: F.mse_loss(predict(at, support_x), support_y), lr=0.02, steps=steps
        )
        lines["support"].append(F.mse_loss(predict(phi, support_x), support_y).item())
        lines["query"].append(F.mse_loss(predict(phi, query_x), query_y).item())
    return lines_info(counts, lines, x="steps", y="squared error", logarithmic="x")


picture(plot_lines, descent(maml.inner_loop), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "inner_loop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inner_loop(
    theta: dict[str, Tensor], support_loss: Callable, *, lr: float, steps: int
) -> dict[str, Tensor]:
    """phi after plain gradient steps down support_loss, differentiable in theta through all steps.

    theta: name -> tensor, each requires a gradient. It stays as it is, .grad included.
    support_loss: a function of a dictionary like theta, returns a scalar; what it does not use
    has gradient 0. lr: the rate. steps: how many, at least 1.
    Returns a new dictionary with theta's names and shapes.
    """
    ### BEGIN SOLUTION
    phi = theta
    for _ in range(steps):
        gradient = grad(support_loss)(phi)
        phi = {name: value - lr * gradient[name] for name, value in phi.items()}
    return phi
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function.

# %%
with check.playground("inner_loop"):
    display(picture(plot_lines, descent(inner_loop), caption="With your inner_loop"))

# %% nbgrader={"grade": true, "grade_id": "inner_loop_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one step, by hand", variant),
    ("each step from where the last one ended", variant),
    ("differentiated through every step", variant),
    ("a network, beside differences", variant),
    ("what the loss does not use stays", variant),
    ("theta stays as it is", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.inner_loop(inner_loop, cases, points=16)

# %% [markdown]
# ## 3 MAML's objective
#
# Lecture: *MAML*. Every task $i$ adapts to its support, from the same $\theta$, and is then asked about its query. The objective is the mean of what the query costs:
#
# $$\frac{1}{n} \sum_{i=1}^n L_i^{\mathrm{query}}(\phi_i), \qquad \phi_i = \mathrm{inner\_loop}(\theta, L_i^{\mathrm{support}}).$$
#
# The outer optimizer differentiates it in $\theta$, through the inner loop.
#
# What right looks like: 400 outer steps on sinusoids, four tasks each, with one inner step. Afterwards, on 200 new tasks: the error after 0 to 8 steps, for this start and for the random one.

# %%
STEPS, RATE = 400, 0.02
start, predict = regressor(make_rng(variant))
new_tasks = sinusoid_tasks(make_rng(variant + 2), tasks=200)


def learnt(objective):
    """What `objective(theta, tasks)` makes of the random start."""
    sample = partial(sinusoid_tasks, tasks=4)
    adam = partial(torch.optim.Adam, lr=0.01)

    def outer(theta, tasks, rng, carry):
        return objective(theta, tasks), carry

    return meta_train(start, outer, sample, make_rng(variant), steps=STEPS, optimizer=adam)[0]


def errors(theta, most=8):
    """The mean error on the query of new tasks, after 0, ..., most steps."""

    def after(support_x, support_y, query_x, query_y):
        phi, found = theta, []
        for _ in range(most + 1):
            found.append(F.mse_loss(predict(phi, query_x), query_y))
            phi = maml.inner_loop(
                phi, lambda at: F.mse_loss(predict(at, support_x), support_y), lr=RATE, steps=1
            )
        return torch.stack(found)

    return vmap(after)(*new_tasks).mean(0).detach()


def side_by_side(thetas):
    """Named starts, each with its errors."""
    lines = {name: errors(theta) for name, theta in thetas.items()}
    steps = range(len(lines["random"]))
    return lines_info(steps, lines, x="gradient steps on the new task", y="squared error")


def library_objective(theta, tasks):
    """The library's objective with its own inner loop."""
    adapt = partial(maml.inner_loop, lr=RATE, steps=1)
    found, _ = maml.maml_objective(theta, tasks, predict=predict, loss=F.mse_loss, inner_loop=adapt)
    return found


thetas = {"random": start, "MAML": learnt(library_objective)}
picture(plot_lines, side_by_side(thetas), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "maml_objective", "locked": false, "schema_version": 3, "solution": true, "task": false}
def maml_objective(
    theta: dict[str, Tensor],
    tasks: list[tuple[Tensor, Tensor, Tensor, Tensor]],
    *,
    predict: Callable,
    loss: Callable,
    inner_loop: Callable,
) -> Tensor:
    """The mean over tasks of the query loss after adaptation to the support, a scalar tensor.

    theta: name -> tensor, each requires a gradient; the answer is differentiated in it. theta and
    tasks stay as they are.
    tasks: (support_x, support_y, query_x, query_y) of each; sizes may differ, and all tasks count
    the same. predict(params, x): outputs. loss(outputs, y): a scalar. Call both by position.
    inner_loop(theta, support_loss): the adapted parameters, differentiable in theta; rate and
    number of steps are already in it, and support_loss is a function of the parameters.
    """
    ### BEGIN SOLUTION
    losses = []
    for support_x, support_y, query_x, query_y in tasks:

        def support_loss(phi, x=support_x, y=support_y):
            return loss(predict(phi, x), y)

        phi = inner_loop(theta, support_loss)
        losses.append(loss(predict(phi, query_x), query_y))
    return torch.stack(losses).mean()
    ### END SOLUTION


# %% [markdown]
# Play: your objective with your inner loop, about ten seconds on an idle laptop. What does the start gain if you take `steps=5` in training, and what does it cost?


# %%
def my_objective(theta, tasks):
    """Yours, with rate and number of steps filled in."""
    adapt = partial(inner_loop, lr=RATE, steps=1)
    listed = list(zip(*tasks, strict=True))
    return maml_objective(theta, listed, predict=predict, loss=F.mse_loss, inner_loop=adapt)


with check.playground("maml_objective"):
    found = {"random": start, "yours": learnt(my_objective)}
    display(picture(plot_lines, side_by_side(found), caption="With your objective"))

# %% nbgrader={"grade": true, "grade_id": "maml_objective_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the mean of the query losses after adaptation", variant),
    ("differentiated through the adaptation", variant),
    ("tasks of any size count the same", variant),
    ("any network, loss and inner loop", variant),
    ("a network, beside differences", variant),
    ("theta and tasks stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.maml_objective(maml_objective, cases, points=16)

# %% [markdown]
# ## 4 A step of Reptile
#
# Lecture: *First order, and relatives*. Reptile (Nichol et al. 2018) differentiates through nothing. From $\theta$ it trains every task on its own, by plain gradient steps, to some $\phi_i$, and moves the start towards where they end:
#
# $$\theta \leftarrow \theta + \mathrm{step\_size} \cdot \frac{1}{n} \sum_{i=1}^n (\phi_i - \theta).$$
#
#
#
# What right looks like: 400 steps of it on the same sinusoids, beside the start that MAML has learnt.

# %%
INNER, SIZE = 8, 0.3


def crawl(step):
    """The start after STEPS steps of Reptile."""
    theta, rng = start, make_rng(variant)
    for _ in range(STEPS):
        theta = step(theta, sinusoid_tasks(rng, tasks=4), rng)
    return theta


def library_step(theta, tasks, rng):
    """The library's, whose batches are all points of a task."""
    phis = reptile.trained(
        theta, tasks, rng, predict=predict, loss=F.mse_loss, lr=RATE, steps=INNER, batch=20
    )
    return reptile.reptile_step(theta, phis, eps=SIZE)


thetas["Reptile"] = crawl(library_step)
picture(plot_lines, side_by_side(thetas), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "reptile_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reptile_step(
    theta: dict[str, Tensor],
    task_losses: list[Callable],
    *,
    lr: float,
    steps: int,
    step_size: float,
) -> dict[str, Tensor]:
    """theta moved towards the mean of where `steps` plain gradient steps lead in each task.

    theta: name -> tensor, none requires a gradient. It stays as it is, and so does the list. (For
    torch.autograd.grad take copies that do: value.detach().requires_grad_().)
    task_losses: one or more functions of a dictionary like theta, each returns a scalar and uses
    all parameters. lr: the rate of the steps in a task. steps: at least 1.
    step_size: how far theta goes towards the mean; with 1 it arrives there, beyond 1 it goes past.
    Returns a new dictionary of tensors, none of which requires a gradient.
    """
    ### BEGIN SOLUTION
    ends = []
    for loss in task_losses:
        phi = theta
        for _ in range(steps):
            gradient = grad(loss)(phi)
            phi = {name: value - lr * gradient[name] for name, value in phi.items()}
        ends.append(phi)
    means = {name: torch.stack([phi[name] for phi in ends]).mean(0) for name in theta}
    return {name: value + step_size * (means[name] - value) for name, value in theta.items()}
    ### END SOLUTION


# %% [markdown]
# Play: the same with your step, about twenty seconds on an idle laptop. The library's batches are drawn from the same generator, so that it meets other tasks than yours: the curves are alike, not equal. What comes out with `INNER = 1`?


# %%
def my_step(theta, tasks, rng):
    """Yours: support and query of a task together are what it trains on."""
    losses = [
        lambda at, x=x, y=y: F.mse_loss(predict(at, x), y)
        for x, y in zip(*tasks.joined(), strict=True)
    ]
    return reptile_step(theta, losses, lr=RATE, steps=INNER, step_size=SIZE)


with check.playground("reptile_step"):
    found = {"random": start, "yours": crawl(my_step)}
    display(picture(plot_lines, side_by_side(found), caption="With your reptile_step"))

# %% nbgrader={"grade": true, "grade_id": "reptile_step_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one task: towards where its steps end", variant),
    ("several tasks: the mean of where they end", variant),
    ("step_size says how far", variant),
    ("a network, beside torch.optim.SGD", variant),
    ("theta stays, and no graph is left", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.reptile_step(reptile_step, cases, points=16)

# %% [markdown]
# ## 5 The gradient of every learning rate
#
# Lecture: *Gradients through training*. A whole training is a function as well. Step $t$ has a rate $r_t$ and a loss of its own, that of its batch:
#
# $$\theta_{t+1} = \theta_t - r_t \nabla L_t(\theta_t), \qquad t = 0, \dots, T - 1.$$
#
# How would the validation loss at the end, $V(\theta_T)$, change with each rate? With $g_t = \nabla L_t(\theta_t)$ and its Hessian $H_t$ there, go backwards from $\lambda = \nabla V(\theta_T)$:
#
# $$\frac{\partial V}{\partial r_t} = -\langle g_t, \lambda \rangle, \qquad \text{then} \quad \lambda \leftarrow \lambda - r_t H_t \lambda.$$
#
# You may write this recursion, or leave it to autograd: both are right.
#
# What right looks like: a regression trained for ten steps, first with one rate for all, then with ten rates that were learnt by gradient descent themselves.

# %%
FEATURES, NOISE = 6, 0.3
wanted = torch.randn(FEATURES, generator=make_rng(variant))
scales = torch.logspace(0, -1, FEATURES)


def points(seed, count=40):
    """Inputs of very different scales, and noisy answers."""
    rng = make_rng(seed)
    x = scales * torch.randn(count, FEATURES, generator=rng)
    return x, x @ (wanted / scales) + NOISE * torch.randn(count, generator=rng)


batches, held_out = [points(seed) for seed in range(10)], points(100, 400)


def train_loss(w, t):
    """The squared error on batch t."""
    x, y = batches[int(t)]
    return (x @ w - y).square().mean()


def valid_loss(w):
    """The squared error on points that were held out."""
    x, y = held_out
    return (x @ w - y).square().mean()


def schedule(hypergradient, rounds=40):
    """The rates before and after so many rounds of learning, and what the error is then."""
    w, first = torch.zeros(FEATURES), torch.full((10,), 0.2)
    rates = first
    for _ in range(rounds):
        rates = (rates - 0.05 * hypergradient(w, train_loss, valid_loss, rates)).clamp(min=0.0)
    before, after = (
        float(valid_loss(through_training.trajectory(w, train_loss, tried)[-1]))
        for tried in (first, rates)
    )
    said = f"The error after ten steps falls from {before:.2f} to {after:.2f}."
    lines = {"before": first, "learnt": rates}
    return lines_info(range(10), lines, x="step", y="learning rate", said=said)


info = schedule(through_training.hypergradient)
picture(plot_lines, info, caption=f"What right looks like. {info.said}")


# %% nbgrader={"grade": false, "grade_id": "hypergradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hypergradient(
    theta: Tensor, train_loss: Callable, valid_loss: Callable, rates: Tensor
) -> Tensor:
    """The derivative of the validation loss after training with respect to every rate: (steps,).

    theta: the weights before training, a tensor of any shape. rates: (steps,), at least one; a
    rate may be 0 or negative. Neither requires a gradient, both stay as they are.
    train_loss(theta, t): the scalar loss of step t = 0, ..., steps - 1. valid_loss(theta): scalar.
    The answer requires no gradient either.
    """
    ### BEGIN SOLUTION
    rates = rates.clone().requires_grad_()
    for t, rate in enumerate(rates):
        theta = theta - rate * grad(train_loss)(theta, t)
    return torch.autograd.grad(valid_loss(theta), rates)[0]
    ### END SOLUTION


# %% [markdown]
# Play: rates learnt with your gradient. How far can `schedule(hypergradient, rounds=200)` go? Are its rates smooth, and would they suit other batches?

# %%
with check.playground("hypergradient"):
    info = schedule(hypergradient)
    display(picture(plot_lines, info, caption=f"With your hypergradient. {info.said}"))

# %% nbgrader={"grade": true, "grade_id": "hypergradient_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a single step", variant),
    ("several steps on quadratics", variant),
    ("several steps where the curvature changes", variant),
    ("a network, beside differences", variant),
    ("theta and rates stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.hypergradient(hypergradient, cases, points=16)

# %% [markdown]
# ## 6 A written question
#
# Two students train a network with MAML, one inner step, on 5-way 1-shot episodes. In both runs the training error falls nearly to zero, and both networks are poor on new classes. Each has made one mistake:
#
# - Ada draws her episodes from few classes and sorts them by their old labels. So a class nearly always gets the same new label.
# - Ben uses the support as the query.
#
# **1. What does Ada's network learn? What does its inner step do on new classes?**
#
# **2. What does Ben's network learn? What does its inner step do on new classes?**
#
# **3. Which experiment, on training classes, tells the two networks apart? What comes out for each?**
#
# **4. Now nobody makes a mistake. When is MAML's start, after its first step, no better than the start of a network that was simply trained on all tasks together?**
#
# Answer in 8 to 15 sentences. Formulas are welcome. (10 points)
#
# *How it is graded.* Question 1, 3 points: two for what fixed labels make needless, and why; one for the step. Question 2, 2 points: one for what is never asked, one for the step. Question 3, 2 points: one for the experiment, one for what comes out in each case. Question 4, 3 points: one for a case, two for the reason, in the tasks or in the term that MAML adds.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** With fixed labels the support tells nothing that theta cannot know already: "this letter is a 2" can be learnt by heart, by ordinary training over all episodes. The query is then answered before the inner step, so its gradient through the step is nearly zero once the training classes are known, and nothing makes the step useful.
# New classes have no place in what was learnt by heart; the step from this theta is that of any network, and the answer stays near 1/5. Where the support is the query, labels may be drawn as they should be, and the step is needed. But it is asked only whether the five images that it has just been told come out right, and a step that is large enough does that. How phi does on other images of the class is never asked, so theta learns to
# separate five images by whatever differs, thickness or slant included. On new classes the support is fitted at once, and the query is answered better than by luck, but far worse than it could be. To tell them apart I take training classes with fresh images, and look before and after the step. With fixed labels the network is right before the step, and falls below 1/5 if I permute the labels of an episode. In the other run
# it is at luck before the step, right on the support after it, and wrong on many fresh images, whether I permute or not. Without a mistake: the gradient of MAML is (I - lr H) grad L at phi. If lr is tiny, phi is theta and I - lr H is I: then MAML is joint training. It is no better either if one theta solves all tasks, because there is nothing to adapt to. And if new tasks are of another kind than those of training, theta was made
# sensitive in directions that they do not need, and the first step may even hurt. MAML wins where tasks contradict each other, such as sinusoids of all phases: their mean is nearly 0, and the jointly trained network that answers with it is not made to move far in one step.
# *(3 + 2 + 2 + 3: two mechanisms, each with what the step does on new classes; one experiment with four outcomes; three cases with the formula.)*
#
# **Sample B, 5 of 10.** If the labels are always in the same order, the network can learn the classes by heart, so that it does not need the support, and this does not carry over to new classes. If the support is the query, the network is tested on what it has just seen, so the error is too low. One sees it by testing on new images of the training classes: there the first network is right and the second is not. If all tasks are similar, MAML is not better,
# because the same network is good for all of them.
# *(2: nothing of the step; 1: the query asks nothing new, and again nothing of the step; 1: an experiment that tells them apart for the wrong reason, it does not look before the step, or permute; 1: one case, without a reason in the term.)*
#
# **Sample C, 2 of 10.** Both networks overfit to the training classes. One should use more classes and a smaller network. MAML needs second derivatives, and without them it is only first order and therefore not better.
# *(1: overfitting to classes is near the first mistake, without a mechanism; 0; 0; 1: names the term as a reason, but first-order MAML does adapt, and no case is given.)*
# ### END SOLUTION

# %% [markdown]
# ## 7 Challenge: glyphs that nobody trained on (for more)
#
# Lecture: *Few-shot glyphs*. Learn a start for 5-way 1-shot tasks on characters, and hand it in. It is judged on scripts that are in no training set: Georgian, Hebrew, Tifinagh and Old Italic. To earn the 10 points, the mean accuracy over 300 episodes must reach 79 %. For comparison: an untrained network reaches about 35 %, nearest neighbour on pixels 46 %, and a network that is trained to tell all training classes apart, and then learns a new head in ten steps, 77 %. The solution takes 108 s of processor time for 800 steps of MAML, hands in three inner steps, and reaches 82 to 83 %. It stops early to be quick: more steps are worth a try.
#
# `meta_learn(train, rng)` gets the training images, a `FewShotImages`: `train.sample(rng, tasks=8, queries=5)` draws episodes, `train.images` and `train.labels` are all there is. It returns `(theta, rates, steps)`:
#
# - `theta`: the weights of the network `conv_network(rng, ways=5, channels=(16, 32, 48, 64))`, names and shapes as they are;
# - `rates`: for every name one number, the rate of its gradient steps in a task; 0 where nothing moves; or one number for all;
# - `steps`: how many steps the judge takes on the support, 0 to 10.
#
# The judge adapts by these steps down the cross-entropy, as your `inner_loop` does, and asks about each query by itself. How you find theta is up to you: MAML, Reptile, prototypes, or anything else that takes about five minutes. The library trains all tasks of a step at once: `meta_train` takes `partial(episode_objective, solve=by_gradient(predict, adapt))` as its objective. `check.few_shot_accuracy((theta, rates, steps))` measures on the validation scripts, Armenian and N'Ko.
#
# What you hand in is the file `lab10_glyphs.npz` beside this notebook, written by the cell below your function. Only weights, rates and steps count.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def meta_learn(train, rng: torch.Generator):
    """(theta, rates, steps) from the training images."""
    ### BEGIN SOLUTION
    outer, rate = 800, 0.4
    theta, predict = conv_network(rng, ways=5, channels=(16, 32, 48, 64))
    adapt = partial(maml.inner_loop, lr=rate, steps=1)

    def slower(weights):
        adam = torch.optim.Adam(weights, lr=3e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, outer)
        adam.register_step_post_hook(lambda *_: schedule.step())
        return adam

    theta, _ = meta_train(
        theta,
        partial(episode_objective, solve=by_gradient(predict, adapt)),
        partial(train.sample, tasks=8, queries=5),
        rng,
        steps=outer,
        optimizer=slower,
    )
    return theta, rate, 3
    ### END SOLUTION


# %%
with check.playground("meta_learn"):
    print(check.write_challenge(meta_learn, variant))

# %% artefacts=["lab10_glyphs.npz"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
judged_by = [variant]
### BEGIN HIDDEN TESTS
judged_by = [4242, 4243]
### END HIDDEN TESTS
check.challenge("lab10_glyphs.npz", judged_by, points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab10_meta_learning` (or `make submit LAB=lab10_meta_learning`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
