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
# # Lab 04: The Gumbel trick
#
# A network that chooses an operation at random cannot be differentiated through the choice. In this lab you write the trick that gets around it, from the noise up to the edge of
# a GDAS search, and you measure what the trick costs: how biased such a gradient is, and how noisy.
#
# **After this lab you can**
#
# - draw from a distribution by inverting its distribution function, and say where floating-point numbers spoil it;
# - draw from softmax(logits) with noise and an argmax, and relax the argmax to a softmax with a temperature;
# - pass a hard choice forward and a soft gradient backward;
# - measure bias and variance of a gradient estimator, and say which of two estimators to use;
# - search a cell while computing one operation per edge and step.
#
# **You need** PyTorch tensors and `autograd` (`detach`, shapes, broadcasting), softmax, and the mean and variance of a random variable. Lecture 04 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 Gumbel noise | 13 | 10 |
# | 2 An exact draw | 13 | 5 |
# | 3 A relaxed draw | 13 | 10 |
# | 4 Straight through | 13 | 8 |
# | 5 Bias and variance | 14 | 12 |
# | 6 The edge of GDAS | 14 | 12 |
# | 7 A written question | 10 | 13 |
# | 8 Challenge: a better gradient for the same money | 10 | 15 |
#
# The minutes are a guess.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right answer obeys, and tells you which one is broken. There are four
# outcomes: passed, failed, error in your code, not attempted yet. Every case that holds earns its share of the points, if the first law of the exercise holds, too: the others are easily kept without it. Grading adds cases of the same laws with other numbers. Laws about random draws
# are statistical tests that a right answer fails once in 100,000 times; the seeds are fixed, so the same answer always gets the same verdict.
#
# **Stuck?** Run `check.hint("sample_gumbel")` in a new cell: every call gives one more hint. Hints cost nothing. `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
from functools import partial

import numpy as np
import torch
from IPython.display import display

from course_lib.checks import lab04_gumbel as check
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas import relax
from course_lib.nas.estimators import (
    Quality,
    exact_gradient,
    quality,
    reparametrised,
    score_function,
)
from course_lib.nas.one_shot import derive, one_shot_search
from course_lib.nas.relax import sample_gumbel as gumbel_noise
from course_lib.nas.supernet import Supernet, sampled_op
from course_lib.nas.table import digits201
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import plot_lines
from course_lib.show.nas import policy as heat
from course_lib.show.nas.alphas import alphas_info, plot_alphas
from course_lib.show.nas.draws import choices_info, draws_info, plot_choices, plot_draws
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.tradeoff import bias_info, sd_info

torch.set_num_threads(1)

# %% [markdown]
# **Your variant.** Seeds and constants of the visible cases follow from a number. Put in your student number or name if your instructor asks for it, and leave it as it is otherwise.

# %%
student = ""
variant = check.variant_of(student)
variant

# %% [markdown]
# ## 1 Gumbel noise
#
# Lecture: *Inverse transform sampling*. If $F$ is a distribution function and $u$ is uniform on $(0, 1)$, then $F^{-1}(u)$ has the distribution $F$. A standard Gumbel number has
#
# $$F(g) = e^{-e^{-g}}.$$
#
# Invert it. Two things to think about: `torch.rand` draws from $[0, 1)$, with the 0; and both tails matter, since it is the rare large noise that lets an unlikely choice win. In 10 million draws every number must be finite, and both tails must reach beyond one draw in a million. (Single precision, kept off 0, does that. Its upper tail still ends at 16.6, which no $\varepsilon$ mends: double precision is better.) No draw may tell anything about another, of its row, its column or another call.


# %%
def gumbel_density(g):
    """The derivative of exp(-exp(-g))."""
    return np.exp(-g - np.exp(-g))


def noise_picture(sample, caption):
    """A histogram of 20,000 draws beside the density."""
    draws = sample((100, 200), make_rng(variant))
    info = draws_info(draws, gumbel_density, between=(-3, 8), name="Gumbel noise g")
    return picture(plot_draws, info, caption=caption, size=(9, 3.8))


noise_picture(gumbel_noise, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "sample_gumbel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_gumbel(shape: tuple[int, ...], rng: torch.Generator) -> torch.Tensor:
    """Independent standard Gumbel numbers.

    shape: of the result, such as (3, 4). Every draw takes its randomness from rng.
    Returns a floating-point tensor of this shape; every number is finite.
    """
    ### BEGIN SOLUTION
    u = torch.rand(shape, generator=rng, dtype=torch.float64)
    u = u.clamp(min=torch.finfo(torch.float64).tiny)
    return -torch.log(-torch.log(u)).float()
    ### END SOLUTION


# %% [markdown]
# Play: your draws beside the density.

# %%
with check.playground("sample_gumbel"):
    display(noise_picture(sample_gumbel, "With your sample_gumbel"))

# %% nbgrader={"grade": true, "grade_id": "sample_gumbel_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("the closed distribution function", variant),
    ("any shape, every entry its own draw", variant),
    ("all draws come from rng", variant),
    ("finite, and both tails there, over 10 million draws", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.sample_gumbel(sample_gumbel, cases, points=13)

# %% [markdown]
# ## 2 An exact draw
#
# Lecture: *The Gumbel-max trick*. Add Gumbel noise to the logits $\ell_1, \dots, \ell_k$ and take the largest sum: choice $i$ wins with probability $\operatorname{softmax}(\ell)_i$, exactly.
#
# From here on `gumbel_noise(shape, rng)` is the library's version of exercise 1. Use it, so that a slip there does not follow you.

# %%
odds = torch.tensor([1.2, -0.6, 0.0, 0.7])


def shares_picture(sample, caption):
    """Shares of 5,000 rows with the same logits, and softmax of them."""
    drawn = sample(odds.expand(5000, -1), make_rng(variant))
    return picture(
        plot_choices, choices_info(drawn, odds.softmax(0)), caption=caption, size=(9, 3.6)
    )


shares_picture(relax.gumbel_max_sample, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "gumbel_max_sample", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gumbel_max_sample(logits: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """One choice for each row, drawn from softmax(logits) by the Gumbel-max trick.

    logits: (..., choices), numbers of any magnitude, 1000 too; they stay as they are. Every row draws on its own.
    Returns indices int64 of shape (...), that is logits.shape without its last axis.
    """
    ### BEGIN SOLUTION
    return (logits + gumbel_noise(logits.shape, rng)).argmax(dim=-1)
    ### END SOLUTION


# %% [markdown]
# Play: change `odds` above and run both cells again.

# %%
with check.playground("gumbel_max_sample"):
    display(shares_picture(gumbel_max_sample, "With your gumbel_max_sample"))

# %% nbgrader={"grade": true, "grade_id": "gumbel_max_sample_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("frequencies are softmax(logits)", variant),
    ("one index for each row, whatever the shape", variant),
    ("every row draws on its own", variant),
    ("all draws come from rng", variant),
    ("the logits stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.gumbel_max_sample(gumbel_max_sample, cases, points=13)

# %% [markdown]
# ## 3 A relaxed draw
#
# Lecture: *Gumbel-softmax: a relaxed sample*. The argmax has no gradient. Put a softmax with a temperature $\tau > 0$ in its place:
#
# $$y = \operatorname{softmax}\big((\ell + g)/\tau\big).$$
#
# Cold ($\tau \to 0$) it is the one-hot vector of exercise 2, hot ($\tau \to \infty$) it is uniform, and the largest entry is drawn from $\operatorname{softmax}(\ell)$ at every temperature. A temperature that is not positive must be refused with a `ValueError`.
#
# For two choices the distribution of the first weight is known: $P(y_1 \le t) = \sigma\big(\tau \log\tfrac{t}{1-t} - (\ell_1 - \ell_2)\big)$ with the logistic function $\sigma$. Its density is the dashed line of the picture, cold on the left and hot on the right. Say before you look: where do
# the samples pile up?


# %%
def weight_density(tau, gap):
    """The derivative of P(y <= t) for two choices whose logits differ by `gap`."""

    def density(t):
        s = 1 / (1 + np.exp(gap - tau * np.log(t / (1 - t))))
        return tau * s * (1 - s) / (t * (1 - t))

    return density


def relaxed_pictures(sample, caption, gap=0.8):
    """Histograms of 20,000 samples at two temperatures."""
    logits = torch.tensor([gap, 0.0]).expand(20_000, -1)
    panels = []
    for tau in (0.5, 2.0):
        y = sample(logits, make_rng(variant), tau=tau)[:, 0]
        name = f"weight of the first choice, tau {tau:g}"
        info = draws_info(y, weight_density(tau, gap), between=(0, 1), name=name, bins=40)
        panels.append((plot_draws, info))
    return pictures(*panels, caption=caption, size=(11, 4))


relaxed_pictures(relax.gumbel_softmax_sample, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "gumbel_softmax_sample", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gumbel_softmax_sample(
    logits: torch.Tensor, rng: torch.Generator, *, tau: float = 1.0
) -> torch.Tensor:
    """A relaxed one-hot sample for each row.

    logits: (..., choices), numbers of any magnitude, 1000 too; they stay as they are.
    tau: temperature; ValueError unless it is positive.
    Returns weights (..., choices), positive, rows sum to 1, with a gradient in logits.
    """
    ### BEGIN SOLUTION
    if not tau > 0:
        raise ValueError(f"tau must be positive, got {tau}")
    return torch.softmax((logits + gumbel_noise(logits.shape, rng)) / tau, dim=-1)
    ### END SOLUTION


# %% [markdown]
# Play: your samples beside the closed density. What changes with `gap=3`?

# %%
with check.playground("gumbel_softmax_sample"):
    display(relaxed_pictures(gumbel_softmax_sample, "With your gumbel_softmax_sample", gap=0.8))

# %% nbgrader={"grade": true, "grade_id": "gumbel_softmax_sample_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("two choices: the closed distribution", variant),
    ("the largest weight is drawn with softmax(logits)", variant),
    ("rows sum to 1, each with its own noise", variant),
    ("cold it is one-hot, hot it is uniform", variant),
    ("gradient = finite differences, noise frozen", variant),
    ("tau of 0 or below is refused", variant),
    ("all draws come from rng", variant),
    ("the logits stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.gumbel_softmax_sample(gumbel_softmax_sample, cases, points=13)

# %% [markdown]
# ## 4 Straight through
#
# Lecture: *Straight-through*. A relaxed sample still mixes all choices. Straight-through passes the one-hot vector of its largest entry forward, and pretends on the way back that it was the soft sample: whatever slope the loss has in an entry of the result goes on to the same
# entry of `soft`. (Of two equal largest entries one is taken.)
#
# In the picture the loss is linear in the result, with the slopes 0.8, 0.3, 0.6 and 0.1.

# %%
soft_row = torch.tensor([0.15, 0.45, 0.3, 0.1])
slopes = torch.tensor([0.8, 0.3, 0.6, 0.1])


def through_picture(through, caption):
    """What comes in, what goes forward, what comes back."""
    soft = soft_row.clone().requires_grad_()
    hard = through(soft)
    (hard * slopes).sum().backward()
    rows = torch.stack([soft_row, hard.detach(), soft.grad])
    info = heat.heat_info(
        rows, ("soft, comes in", "result, goes forward", "gradient of soft"), ["abcd"] * 3,
        quantity="value",
    )  # fmt: skip
    return picture(heat.plot_heat, info, caption=caption, size=(8, 3.6))


through_picture(relax.straight_through, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "straight_through", "locked": false, "schema_version": 3, "solution": true, "task": false}
def straight_through(soft: torch.Tensor) -> torch.Tensor:
    """One-hot forward, soft backward.

    soft: (..., choices), rows sum to 1; it stays as it is.
    Returns (..., choices): 1 at the largest entry of each row, 0 elsewhere (to 1e-6); its gradient
    is passed on to soft unchanged.
    """
    ### BEGIN SOLUTION
    index = soft.argmax(dim=-1)
    hard = torch.nn.functional.one_hot(index, soft.shape[-1]).to(soft.dtype)
    return hard + (soft - soft.detach())
    ### END SOLUTION


# %% [markdown]
# Play: change `soft_row` and `slopes` above.

# %%
with check.playground("straight_through"):
    display(through_picture(straight_through, "With your straight_through"))

# %% nbgrader={"grade": true, "grade_id": "straight_through_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a loss sees the hard value, soft gets its gradient", variant),
    ("one 1 in every row, ties included", variant),
    ("the logits get the gradient of soft", variant),
    ("soft stays as it is", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.straight_through(straight_through, cases, points=13)

# %% [markdown]
# ## 5 Bias and variance
#
# Lecture: *Two gradient estimators*. A choice $z$, one-hot, is drawn from $p = \operatorname{softmax}(\ell)$ and costs $f(z)$. Wanted is the gradient of the expected cost in the logits. With few choices it can be had exactly, by enumeration:
#
# $$J = \sum_k p_k\, f(e_k), \qquad \frac{\partial J}{\partial \ell_k} = p_k\,\big(f(e_k) - J\big).$$
#
# Given many independent estimates of that gradient, say how good **one** of them is: its bias, $\mathbb{E}[\hat g] - \nabla J$, a vector with a sign; and its variance, $\mathbb{E}\,|\hat g - \mathbb{E}\hat g|^2$, one number, the entries' variances added up (divide by samples $-\,1$).
#
# In the picture the score function, $f(z)(z - p)$, stands beside the relaxed sample and straight-through; left the length of the bias, right the root of the variance. The cost is curved between the corners. Which one would you use at which temperature?

# %%
choice_logits = torch.tensor([0.6, 0.0, -0.4, 0.2], dtype=torch.float64)
choice_costs = torch.tensor([1.0, 0.4, 0.7, 0.2], dtype=torch.float64)
taus = (0.1, 0.2, 0.5, 1.0, 2.0)
exact = exact_gradient(choice_logits, lambda z: z @ choice_costs)


def cost(z):
    """choice_costs at the corners, lower between them."""
    return z @ choice_costs - 0.5 * (1 - z.square().sum(-1))


def estimates_of(name, tau, samples=8000):
    """(samples, choices): one gradient estimate in each row."""
    rng, expected = make_rng(variant), float(choice_logits.softmax(0) @ choice_costs)
    if name.startswith("score"):
        baseline = expected if "baseline" in name else 0.0
        return score_function(choice_logits, cost, rng, samples=samples, baseline=baseline)
    hard = name == "straight-through"
    way = relax.gumbel_straight_through if hard else relax.gumbel_softmax_sample
    return reparametrised(choice_logits, cost, rng, samples=samples, relax=way, tau=tau)


def tradeoff_pictures(judge, caption):
    """judge(estimates) -> (bias, variance), for four estimators over the temperature."""
    names = ("relaxed", "straight-through", "score function", "score, baseline J")
    length, found = float(exact.norm()), {}
    for name in names:
        judged = [judge(estimates_of(name, tau)) for tau in taus]
        found[name] = [
            Quality(float(bias.norm()), max(float(variance), 0) ** 0.5, exact=length, signal=np.nan)
            for bias, variance in judged
        ]
    panels = ((plot_lines, info) for info in (bias_info(taus, found), sd_info(taus, found)))
    return pictures(*panels, caption=caption, size=(12, 4.6))


def library_judge(estimates):
    """The same two numbers by the library."""
    found = quality(estimates, exact)
    return torch.tensor([found.bias]), found.sd**2


tradeoff_pictures(library_judge, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "bias_and_variance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bias_and_variance(
    estimates: torch.Tensor, f, logits: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Bias and variance of one gradient estimate.

    estimates: (samples, choices), independent, each meant to be the gradient of J in the logits.
    f: costs of the rows of z, (rows, choices) -> (rows,). logits: (choices,).
    estimates and logits stay as they are. The exact gradient is part of the exercise: compute it
    here, from the formula above, not by the library's exact_gradient.
    Returns the bias (choices,), mean estimate minus exact gradient, and the variance, shape ().
    """
    ### BEGIN SOLUTION
    p = logits.softmax(dim=0)
    costs = f(torch.eye(len(p), dtype=p.dtype))
    exact = p * (costs - p @ costs)
    mean = estimates.mean(dim=0)
    variance = (estimates - mean).square().sum() / (len(estimates) - 1)
    return mean - exact, variance
    ### END SOLUTION


# %% [markdown]
# Play: the same curves from your function. (Where there is no bias, yours ends a little above 0: the mean of 8,000 samples is noisy, and the target picture has subtracted that.) Then add 3 to all `choice_costs` above: which curves move, and why does $J$'s gradient not?

# %%
with check.playground("bias_and_variance"):
    display(
        tradeoff_pictures(
            partial(bias_and_variance, f=cost, logits=choice_logits), "With your bias_and_variance"
        )
    )

# %% nbgrader={"grade": true, "grade_id": "bias_and_variance_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("bias = mean estimate - exact gradient", variant),
    ("variance of one estimate", variant),
    ("a constant moves the bias, not the variance", variant),
    ("the score function has no bias", variant),
    ("estimates and logits stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.bias_and_variance(bias_and_variance, cases, points=14)

# %% [markdown]
# ## 6 The edge of GDAS
#
# Lecture: *GDAS: one operation per edge*. DARTS computes every operation on every edge. Dong and Yang (2019) draw one operation per edge and step, and compute only that one. With a relaxed sample $y$ of the edge's logits and its largest entry $k$,
#
# - forward the edge gives $o_k(x)$, and no other operation is called;
# - backward all logits learn, as if the output had been $y_k\, o_k(x)$: a weight of value 1 that has the gradient of $y_k$;
# - every edge draws noise of its own, and the same noise that chose is differentiated.
#
# The picture counts: how often was each operation computed, in 200 steps over six edges, and how often should it be?

# %%
edge_logits = torch.randn(6, 5, generator=make_rng(variant))
edges, operation_names = choice_names(digits201().space)


def computed_pictures(edge, caption, steps=200):
    """Share of the steps in which each operation of each edge was computed, and softmax."""
    counts, rng, x = torch.zeros(6, 5), make_rng(variant), torch.ones(1)

    def counted(row, column):
        def operation(x):
            counts[row, column] += 1
            return x

        return operation

    table_of = [[counted(row, column) for column in range(5)] for row in range(6)]
    for _ in range(steps):
        for row, operations in enumerate(table_of):
            edge(operations, x, edge_logits[row], rng, tau=1.0)
    panels = [
        (heat.plot_heat, heat.heat_info(shares, edges, operation_names, quantity=quantity))
        for shares, quantity in (
            (counts / steps, "share of steps, computed"),
            (edge_logits.softmax(1), "softmax(logits)"),
        )
    ]
    return pictures(*panels, caption=caption, size=(13, 4))


def library_edge(operations, x, logits, rng, *, tau):
    """The library takes the same step in two parts."""
    return sampled_op(operations, x, relax.gumbel_straight_through(logits, rng, tau=tau))


computed_pictures(library_edge, "What right looks like")


# %% nbgrader={"grade": false, "grade_id": "gdas_edge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gdas_edge(
    operations, x: torch.Tensor, logits: torch.Tensor, rng: torch.Generator, *, tau: float = 1.0
) -> torch.Tensor:
    """One edge in one step: the output of one drawn operation, with a gradient in all logits.

    operations: list of functions of x, the candidates. logits: (len(operations),). x and logits
    stay as they are.
    rng: handed on from edge to edge. tau > 0: temperature of the relaxed sample.
    Calls exactly one of the operations, once, and returns a tensor of the shape of its output.
    Your own functions and the library's gumbel_noise may help; its GDAS edge is the exercise.
    """
    ### BEGIN SOLUTION
    soft = torch.softmax((logits + gumbel_noise(logits.shape, rng)) / tau, dim=-1)
    chosen = int(soft.argmax())
    weight = 1 + soft[chosen] - soft[chosen].detach()
    return weight * operations[chosen](x)
    ### END SOLUTION


# %% [markdown]
# Play: which operations your edge computes.

# %%
with check.playground("gdas_edge"):
    display(computed_pictures(gdas_edge, "With your gdas_edge"))

# %% nbgrader={"grade": true, "grade_id": "gdas_edge_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one operation is computed, its output comes out", variant),
    ("operations are drawn with softmax(logits)", variant),
    ("every edge draws on its own", variant),
    ("every logit gets a gradient", variant),
    ("it is the relaxed sample's gradient", variant),
    ("the operation learns as if it were alone", variant),
    ("x and logits stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.gdas_edge(gdas_edge, cases, points=14)

# %% [markdown]
# ### All together: a short GDAS search
#
# Your `gumbel_softmax_sample` and `straight_through` are now the *relax* of the library's search: each step draws one operation for every edge, computes only those, and moves the logits of all. The temperature falls from 2 to 0.5. The table of
# measured cells says what the cell that the logits name is worth when trained on its own. (No points. One run this short proves nothing; how such searches compare is the subject of the lectures.)


# %%
def my_relax(logits, rng, *, tau):
    """GDAS from your two functions."""
    return straight_through(gumbel_softmax_sample(logits, rng, tau=tau))


table = digits201()
task = cluttered_digits(train=1000, valid=1000, test=1)
with check.playground("straight_through"):
    net = Supernet(table.space, rng=make_rng(0), mixed_op=sampled_op)
    alpha, log = one_shot_search(
        net, task.train, task.valid, make_rng(variant), relax=my_relax,
        epochs=12, tau=(2.0, 0.5), alpha_learning_rate=0.1,
    )  # fmt: skip
    display(picture(plot_alphas, alphas_info(table.space, log), caption="Your GDAS search"))
    cell = derive(table.space, alpha)
    every = np.array([table.measure(arch).value for arch in table.space])
    value = table.measure(cell).value
    print(table.space.describe(cell))
    print(
        f"validation accuracy in the table: {value:.3f}, better than {(every < value).mean():.0%}"
    )
    print(f"of its cells (mean {every.mean():.3f}, best {every.max():.3f})")

# %% [markdown]
# ## 7 A written question
#
# **The relaxed gradient is called "biased, but of low variance". Biased against what, low compared with what, and where does the sentence hold?** Answer in 8 to 15 sentences. Use the curves of exercise 5; formulas are welcome. (10 points)
#
# *How it is graded.* 3 points: of which quantity the relaxed gradient is an unbiased estimate, of which it is a biased one, and why. 3 points: what it is compared with, and what changes the variance of that. 2 points: the role of the temperature in both, with the limit $\tau \to 0$. 2 points: a
# case where you would use the score function instead, and what you would measure to decide.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** The relaxed sample is a smooth function of the logits with noise that does not depend on them, so its gradient is an unbiased estimate of the gradient of $J_\tau = \mathbb{E} f(y_\tau)$, the expected cost of *relaxed* samples. We want the gradient of $J = \mathbb{E} f(z)$, the
# cost of hard choices, and $J_\tau \ne J$: f is asked between the corners, where it may be anything, and even for a linear f the mean of $y_\tau$ is not softmax(logits). Straight-through asks f at a corner but uses its slope there and the soft Jacobian, so it is biased, too. The
# "low variance" is meant against the score function $f(z)\,\nabla \log p(z)$, which has no bias at any number of samples. But that variance is no constant of nature: adding a constant c to f leaves the exact gradient alone and adds a term of order $c^2$; a baseline near the mean cost takes it away. In
# my curves the score function without a baseline was the noisiest at tau 1, and with a baseline it came close to the relaxed one. As tau falls, the bias goes to 0 with it, but the Jacobian of the softmax carries 1/tau: most samples are saturated with a gradient near 0 and a few are huge,
# so the variance grows like 1/tau. Hot samples are the other way round. So the sentence holds for moderate tau, a smooth f and a score function without a good baseline. I would use the score function with a baseline if f is a black box (a latency, an accuracy) that has no gradient or is not defined
# between the corners, or if many evaluations are averaged, because averaging removes variance and never bias. To decide I would compare squared bias + variance/n at my n with the exact gradient on a small problem, over several tau.
# *(3 + 3 + 2 + 2.)*
#
# **Sample B, 6 of 10.** The relaxed gradient is the true gradient of the relaxed objective, but the network is used with hard samples in the end, so it is biased against the gradient of the discrete objective. Compared with REINFORCE its variance is lower because it uses the gradient of f and not
# only its value. If tau is small, the bias is small, but the variance is high; if tau is large, it is the other way round. In practice one anneals tau. REINFORCE is needed if f is not differentiable.
# *(2: right quantities, but not why they differ; 1: the comparison, without what changes it: constant, baseline; 2; 1: a case, nothing to measure.)*
#
# **Sample C, 2 of 10.** Gumbel-softmax is biased because it adds noise, which changes the probabilities. It has low variance, since softmax is smooth. One should choose a small tau to make it exact. REINFORCE is slower.
# *(0: the noise does not change the probabilities of the largest entry; 0: compared with nothing; 1: tau and bias, not the variance; 1: hints at an alternative.)*
# ### END SOLUTION

# %% [markdown]
# ## 8 Challenge: a better gradient for the same money
#
# Often f is expensive: each evaluation is a training run. You get a cost `f` over 48 choices, logits, and 32 evaluations. Write the best estimate you can of $\nabla J$, $J = \sum_k p_k f(e_k)$.
#
# - `f(z)` takes one-hot or relaxed rows, (rows, 48), and gives their costs, (rows,). It is differentiable. Every row counts as one evaluation, with or without its gradient; a row too many raises `BudgetExhausted`.
# - You are judged by the squared error $|\hat g - \nabla J|^2$, averaged over 30 problems with 15 estimates each. To earn the points it must be at most a quarter of the error that plain REINFORCE, the mean of 32 terms $f(z)(z - p)$, has with the same evaluations. That error is computed exactly.
# - A little bias is allowed: only the squared error counts. But what f does between the corners says little about its values there.
# - The estimate may depend on `logits`, `rng` and what `f` says, and on nothing else. The judge asks each problem a second time with the same logits, the same rng and the same costs, but through another function `f`: the estimate must come out the same. (That nobody rebuilds the judge's problem from its number is left to trust.)
#
# Each problem is drawn from a variant; grading adds two others. To try yours: `f = check.problem(variant, 0)` has `f.logits` and, for once, `f.exact`.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def estimate(f, logits: torch.Tensor, rng: torch.Generator, evaluations: int) -> torch.Tensor:
    """One estimate of the gradient of E[f(z)] in the logits, (choices,), within the budget.

    f: (rows, choices) -> (rows,), at most `evaluations` rows in all. logits: (choices,).
    """
    ### BEGIN SOLUTION
    p = logits.softmax(dim=0)
    likeliest = p.topk(evaluations - 4).indices
    rest = p.clone()
    rest[likeliest] = 0.0
    drawn = torch.multinomial(rest, 4, generator=rng)
    corners = torch.eye(len(p))
    costs = f(corners[torch.cat([likeliest, drawn])])
    known, sampled = costs[:-4], costs[-4:]
    level = (p[likeliest] @ known) / p[likeliest].sum()
    exact = (p[likeliest] * (known - level)) @ (corners[likeliest] - p)
    return exact + rest.sum() * ((sampled - level) @ (corners[drawn] - p)) / 4
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
cases = [("within the budget, and closer than REINFORCE", variant)]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.challenge(estimate, cases, points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab04_gumbel` (or `make submit LAB=lab04_gumbel`) checks that it is complete and writes the file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names
# the file, while `student` at the top of the notebook chooses your variant. They may be the same; neither follows from the other.
