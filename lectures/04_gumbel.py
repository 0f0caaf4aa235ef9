# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 04: The Gumbel trick
#
# DARTS computes all operations on every edge and mixes them. That costs as much as all of them together, and what it trains is a mixture, not a network. This lecture *draws* one operation instead, and still sends a gradient through the draw. Two tricks make it possible, both with the name of Emil Gumbel. They cost something too: a bias. We measure it.
#
# **After this lecture you can**
#
# 1. draw from a distribution by inverting its distribution function, and from a softmax by an argmax;
# 2. relax a draw with a temperature, and pass a hard choice forward with a soft gradient backward;
# 3. say how biased and how noisy a gradient estimate is, and when which kind is the better one;
# 4. explain what GDAS, SNAS and ProxylessNAS compute in one step, and what that step costs.
#
# **You need** lecture 03 (mixed operation, alpha, two levels) and from lecture 01 the score function with a baseline. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | Inverse transform sampling, the Gumbel-max trick | 15 |
# | Gumbel-softmax and straight-through | 20 |
# | Two gradient estimators | 12 |
# | GDAS, SNAS, binary paths, and what a step costs | 20 |
# | Bias and variance over the temperature, a wrong-answer gallery | 18 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. New words stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import time

import numpy as np
import torch
from IPython.display import Markdown
from torch.nn import functional as F

from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import curves_info, plot_lines
from course_lib.show.nas.cells import cell_info, plot_cell
from course_lib.show.nas.costs import costs_info, plot_costs
from course_lib.show.nas.draws import choices_info, draws_info, plot_choices, plot_draws
from course_lib.show.nas.estimators_demo import EstimatorsDemo
from course_lib.show.nas.gumbel import (
    gumbel_density,
    inverse_info,
    plot_backward,
    plot_forward,
    plot_inverse,
    straight_info,
)
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.policy import heat_info, plot_heat
from course_lib.show.nas.simplex_demo import SimplexDemo
from course_lib.show.nas.tradeoff import (
    bias_info,
    coldest_calm,
    errors_info,
    least_error,
    sd_info,
)

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Inverse transform sampling
#
# A computer gives us uniform numbers $u$ between 0 and 1. How do we get numbers of another kind out of them? Let $F(x)$ be the distribution function that we want, the probability of a number of at most $x$. Read it backward: $x = F^{-1}(u)$. Then
#
# $$P(F^{-1}(u) \le x) = P(u \le F(x)) = F(x),$$
#
# so $x$ has the distribution $F$. For the **standard Gumbel distribution** $F(x) = e^{-e^{-x}}$, and two logarithms undo it:
#
# $$g = -\log(-\log u).$$


# %% slideshow={"slide_type": "fragment"}
from course_lib.core import make_rng


def sample_gumbel(shape, rng):
    """Standard Gumbel numbers by inverse transform sampling."""
    u = torch.rand(shape, generator=rng, dtype=torch.float64)
    return -(-u.log()).log()


u = torch.rand(20_000, generator=make_rng(0), dtype=torch.float64)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
inverse = inverse_info(u)
draws = draws_info(
    sample_gumbel(len(u), make_rng(0)), gumbel_density, between=(-3, 8), name="x = F⁻¹(u)"
)
pictures(
    (plot_inverse, inverse),
    (plot_draws, draws),
    caption="Left: twelve uniform numbers go across to the curve and down. Where the curve is steep, "
    f"many of them land close together. Right: {len(u):,} draws and the density.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Both logarithms matter, and so do the ends. $u = 0$ gives $-\infty$, and a single infinity in a batch ruins every gradient. The deck adds $10^{-20}$ inside each logarithm; the library draws in double precision and keeps $u$ above 0. Single precision has a second flaw, which no $\varepsilon$ mends: its uniform numbers are coarse, and so the upper tail is cut: at 16.6, which one draw in 17 million exceeds.

# %% slideshow={"slide_type": "fragment"}
largest = 1 - 2.0**-24  # the largest number that torch.rand gives in single precision
zeros = int((torch.rand(20_000_000, generator=make_rng(0)) == 0).sum())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"In 20 million uniform numbers of single precision {20e6 / 2**24:.1f} zeros are to be expected; "
    f"with this seed we find {zeros}. "
    f"No Gumbel number made from them is larger than {-np.log(-np.log(largest)):.1f}; "
    f"in double precision that limit is {-np.log(-np.log(1 - 2.0**-53)):.1f}."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The Gumbel-max trick
#
# Now to a choice among $K$ operations with logits $\alpha_1, \dots, \alpha_K$ and probabilities $p = \mathrm{softmax}(\alpha)$. Add Gumbel noise to every logit and take the largest:
#
# $$k = \arg\max_i\, (\alpha_i + g_i) \qquad\text{has}\qquad P(k = i) = p_i \quad\text{exactly}.$$
#
# **Why?** Turn it round: $t_i = e^{-(\alpha_i + g_i)} = e^{-\alpha_i}\,(-\log u_i)$. The number $-\log u_i$ is exponentially distributed, so $t_i$ is the waiting time for an event of rate $e^{\alpha_i}$, and the largest $\alpha_i + g_i$ is the *first* event. Among independent events with rates $e^{\alpha_1}, \dots, e^{\alpha_K}$ number $i$ comes first with probability $e^{\alpha_i} / \sum_j e^{\alpha_j}$. That is the softmax. Nothing had to be normalised.
#
# > **Predict first.** Four operations, logits 1, 0, 0.5 and −1. Which share of 2,000 draws does the last one get? And what happens to the shares if 10 is added to all logits?


# %% slideshow={"slide_type": "fragment"}
def gumbel_max_sample(logits, rng):
    """One choice per row, drawn from softmax(logits)."""
    return (logits + sample_gumbel(logits.shape, rng)).argmax(-1)


logits = torch.tensor([1.0, 0.0, 0.5, -1.0])
drawn = gumbel_max_sample(logits.expand(2000, 4), make_rng(0))
moved = gumbel_max_sample((logits + 10).expand(2000, 4), make_rng(0))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
counts = choices_info(drawn, logits.softmax(-1), names=("skip", "1×1", "3×3", "pool"))
picture(
    plot_choices,
    counts,
    caption=f"The last operation got {counts.shares[-1]:.1%}; the largest deviation from softmax is "
    f"{counts.furthest:.1f} standard deviations. With 10 added to all logits, "
    f"{int((moved != drawn).sum())} of 2,000 draws change.",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# We have won something: the noise does not depend on $\alpha$. The draw is now a *fixed* function of $\alpha$ and of noise that comes from outside. This is called **reparametrisation**. If that function were differentiable, we could send a gradient through it. But it is an argmax, whose slope is zero almost everywhere.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Gumbel-softmax: a relaxed sample
#
# So replace the argmax by a softmax with a temperature $\tau > 0$ (Jang and others, 2017; Maddison and others, 2017, who call it the *concrete* distribution):
#
# $$z = \mathrm{softmax}\Bigl(\frac{\alpha + g}{\tau}\Bigr).$$
#
# $z$ has as many entries as there are operations; they are positive and sum to 1. As $\tau \to 0$ it becomes one-hot, as $\tau \to \infty$ all its entries become equal. Its largest entry is where the argmax was, at *every* temperature. The temperature divides logits **and** noise: if it divided only one of them, other probabilities would come out. And $\tau = 0$ is no number to divide by; the library refuses it.


# %% slideshow={"slide_type": "fragment"}
def gumbel_softmax_sample(logits, rng, *, tau=1.0):
    """A relaxed one-hot sample per row."""
    return ((logits + sample_gumbel(logits.shape, rng)) / tau).softmax(-1)


# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = [
    f"| {tau:g} | "
    + " | ".join(f"{w:.3f}" for w in gumbel_softmax_sample(logits, make_rng(4), tau=tau))
    + " |"
    for tau in (0.1, 0.5, 1.0, 5.0, 50.0)
]
Markdown(
    "The same noise at five temperatures:\n\n| temperature | skip | 1×1 | 3×3 | pool |\n"
    "|---|---|---|---|---|\n" + "\n".join(rows)
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# With three operations a sample is a point of a triangle. The demo has a loss as well: the squared distance to the diamond. Its gauges judge the gradient of that loss through *one* sample. **Bias** is the distance between the mean gradient and the exact one, which three corners give by enumeration. **sd** is how far a single gradient scatters.
#
# > **Predict first.** As the temperature falls, which gauge falls and which one rises? Does straight-through lower the bias? Drag π close to a corner: what happens to the gradient?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
simplex_demo = SimplexDemo(names=("skip", "1×1", "3×3"))
simplex_demo

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
gauges = {}
for tau in (0.1, 1.0, 5.0):
    simplex_demo.tau = tau
    gauges[tau] = simplex_demo.info().gradient
simplex_demo.reset()
cold, middle, hot = gauges.values()
Markdown(
    f"From temperature 5 to 0.1 the bias falls from {hot.bias:.3f} to {cold.bias:.3f}, and the "
    f"standard deviation rises from {hot.sd:.3f} to {cold.sd:.3f}; the exact gradient has length "
    f"{cold.exact:.3f}. One knob trades the one for the other. The spread rises everywhere; the bias "
    "does not fall evenly everywhere: at some places of the triangle two errors cancel at one "
    "temperature. Drag π towards *skip* and look for one."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Straight-through
#
# A relaxed sample is still a mixture: all operations must be computed. Can we pass a *hard* choice forward and keep the *soft* gradient backward? One line does it:
#
# $$z_\text{st} = z_\text{hard} + \bigl(z_\text{soft} - \mathrm{detach}(z_\text{soft})\bigr).$$
#
# The bracket is zero, so forward we get the hard choice. Backward the detached term counts as a constant, so the gradient is that of $z_\text{soft}$. This is a deliberate lie about the slope, told because the truth (zero) is of no use (Bengio and others, 2013).


# %% slideshow={"slide_type": "fragment"}
def straight_through(soft):
    """One-hot forward, the gradient of `soft` backward."""
    hard = F.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft)
    return hard + (soft - soft.detach())


# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
straight = straight_info(tau=0.5)
pictures(
    (plot_forward, straight),
    (plot_backward, straight),
    caption="One of two operations while its logit moves and the noise stands still. Forward, "
    "straight-through is a step; backward, both have the same slope, at most "
    f"{straight.slope_soft.max():.2f}, where argmax alone has none.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two gradient estimators
#
# We want the gradient of an expected loss, $J(\alpha) = \mathbb E_{z \sim p_\alpha}[L(z)]$, from samples. We now know two ways.
#
# | | score function (lecture 01) | reparametrised (this lecture) |
# |---|---|---|
# | one sample's estimate | $(L(z) - b)\, \nabla_\alpha \log p_\alpha(z)$ | $\nabla_\alpha L\bigl(\mathrm{relax}(\alpha, g)\bigr)$ |
# | needs | the loss of hard choices: a number | a loss between the choices, with a slope |
# | works on a table of accuracies | yes | no |
# | bias | none | that of the relaxation |
# | variance | that of the loss, less with a good baseline | that of the slope |
#
# The deck says of the second: **biased, but of low variance**. Let us look. Our toy cell has six edges with three operations each. Each operation adds a number to the cell's output, and the loss is the squared distance from a wanted output, so it has a value for mixtures too. All 729 choices can be enumerated, which gives the exact gradient. Here is the whole computation; after that we let the library do it.

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.estimators import exact_gradient, quality, toy_cell

alpha, loss = toy_cell()  # logits (6, 3); loss: (samples, 6, 3) -> (samples,)
p, rng, n = alpha.softmax(-1), make_rng(0), 2000

z = F.one_hot(gumbel_max_sample(alpha.expand(n, 6, 3), rng), 3).double()
by_score = loss(z)[:, None, None] * (z - p)  # grad log p of a softmax is one-hot minus p

noisy = alpha.expand(n, 6, 3).clone().requires_grad_()
loss(gumbel_softmax_sample(noisy, rng, tau=1.0)).sum().backward()
by_path = noisy.grad

exact = exact_gradient(alpha, loss)
score, path = quality(by_score, exact), quality(by_path, exact)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"{n:,} samples each. Exact gradient: length {exact.norm():.4f}. Score function without baseline: bias "
    f"{score.bias:.4f}, sd {score.sd:.3f}. Gumbel-softmax at τ = 1: bias {path.bias:.4f}, sd "
    f"{path.sd:.3f}. Here the deck is right: {path.bias / path.exact:.0%} of the gradient's length "
    f"is bias, and the scatter is {score.sd / path.sd:.0f} times smaller."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Is that so at every temperature? And we gave the score function no baseline, which is not a fair fight.
#
# > **Predict first.** Below which temperature is the reparametrised gradient the wilder of the two? And if the score function gets a baseline?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
estimators_demo = EstimatorsDemo()
estimators_demo

# %% [markdown] slideshow={"slide_type": "fragment"}
# Look at the shapes. The cold reparametrised gradient is nearly always close to zero and now and then huge: with a nearly one-hot sample the softmax is flat, except where two operations are almost equal. Its mean is made by rare events. From here on the relaxed sample comes from the library.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## GDAS: one operation per edge
#
# **GDAS** (Dong and Yang, 2019) puts the pieces together. On every edge, independently, draw an operation by straight-through; compute *only that one*; multiply its output by its weight, which is 1 but carries the gradient. This is an edge:
#
# ```python
# def gdas_edge(operations, x, logits, rng, tau):
#     weights = straight_through(gumbel_softmax_sample(logits, rng, tau=tau))
#     k = int(weights.argmax())
#     return weights[k] * operations[k](x)
# ```
#
# The temperature starts high, so that at first all *logits* of a row move, each by little, and is lowered during the search; the draw itself does not depend on it. The loop is that of DARTS: a step on alpha with a validation batch, a step on the weights with a training batch. So GDAS is DARTS with other functions in its places (the text above `course_lib.nas.one_shot` has the table of all methods), and it runs.
#
# > **Predict first.** The edge from input to output (0→3) gets one operation. Which one wins?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.datasets import cluttered_digits
from course_lib.nas.one_shot import (
    binary_paths,
    derive,
    gumbel_straight_through,
    nonzero_op,
    one_shot_search,
    sampled_path,
    single_level,
)
from course_lib.nas.relax import gumbel_softmax_sample  # from here on the library's
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op
from course_lib.nas.table import digits201

task = cluttered_digits(train=2000, valid=1000, test=500)
table = digits201()
space = table.space
EPOCHS = 8
ROWS = {  # relax, how an edge computes, and the gradient of alpha
    "GDAS": (sampled_op, {"relax": gumbel_straight_through, "tau": (10.0, 0.1)}),
    "SNAS": (
        mixed_op,
        {"relax": gumbel_softmax_sample, "tau": (1.0, 0.1), "alpha_gradient": single_level},
    ),
    "binary paths": (nonzero_op, {"relax": sampled_path, "alpha_relax": binary_paths}),
}


def search(name):
    """A one-shot search on the space of the table: the trained net, its alpha, its log."""
    edge, options = ROWS[name]
    net = Supernet(space, rng=make_rng(1), mixed_op=edge)
    found, log = one_shot_search(
        net, task.train, task.valid, make_rng(1),
        epochs=EPOCHS, alpha_learning_rate=0.03, log_every=20, **options,
    )  # fmt: skip
    return net, found, log


def looked_up(log):
    """What the table says of the cell that the alphas meant, at every entry of the log."""
    return [table.measure(derive(space, torch.tensor(a))).value for a in log["alpha"]]


values = np.array([table.measure(arch).value for arch in space])
gdas_net, gdas_alpha, gdas_log = search("GDAS")
edges, operations = choice_names(space)
found = table.measure(derive(space, gdas_alpha)).value

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_heat, heat_info(gdas_alpha.softmax(-1), edges, operations)),
    (plot_lines, curves_info({"valid": gdas_log["valid_loss"], "train": gdas_log["train_loss"]},
                              x="half epochs", y="cross-entropy of drawn paths")),
    caption=f"GDAS after {EPOCHS} epochs, one short search: blind guessing has cross-entropy "
    f"{np.log(10):.2f}. The table gives the derived cell {found:.1%} validation "
    f"accuracy when trained alone; {(values < found).mean():.0%} of the {space.size:,} cells are "
    "worse.",
    size=(13, 4.8),
)  # fmt: skip

# %% [markdown] slideshow={"slide_type": "slide"}
# ## SNAS and binary paths
#
# Two more methods from the same loop.
#
# **SNAS** (Xie and others, 2019) computes all operations and mixes them with relaxed samples, cooled down during the search. It has one level: weights and alphas descend the same training loss. At low temperature the mixture is nearly a drawn path, so little is lost when the cell is derived, if by then the distribution has made up its mind.
#
# **ProxylessNAS** (Cai and others, 2019) opens *binary gates*. A weight step takes one path. An alpha step draws two operations of each edge, computes both, lets one of them through, and its gradient touches only these two logits: one up, one down. (Our Adam carries a little of earlier gradients along; the paper instead rescales the pair, so that all other probabilities stay.) Memory is that of two paths, however many operations there are, and this made it possible to search on ImageNet itself, without a smaller proxy task.
#
# > **Predict first.** One of the three trains its alphas on the training data. Does that show in what it finds?

# %% slideshow={"slide_type": "fragment"}
_, _, snas_log = search("SNAS")

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"SNAS, one run, trained its mixture to a cross-entropy of {snas_log['train_loss'][-1]:.2f}; its "
    f"temperature ended at {snas_log['tau'][-1]:.1f}."
)

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
binary_log = search("binary paths")[2]
logs = {"GDAS": gdas_log, "SNAS": snas_log, "binary paths": binary_log}
finds = {name: looked_up(log) for name, log in logs.items()}
ends = {name: derive(space, torch.tensor(log["alpha"][-1])) for name, log in logs.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
final = ", ".join(f"{name} {curve[-1]:.1%}" for name, curve in finds.items())
picture(
    plot_lines,
    curves_info(
        finds | {"median of all cells": np.full(len(finds["GDAS"]), np.median(values))},
        x="half epochs", y="table's accuracy of the derived cell",
    ),
    caption=f"At the end: {final}; the best cell of the table has {values.max():.1%}. One run each: "
    "an anecdote about three methods, not a ranking. Lecture 05 compares over seeds.",
    size=(10, 4.6),
)  # fmt: skip

# %% [markdown] slideshow={"slide_type": "subslide"}
# Which networks are these? An edge is of use only if images pass it on their way from input to output: nothing comes out of a zero, and what flows into one is lost. Put zero on all other edges and the network is still the same, so the table must give it the same accuracy.
#
# > **Predict first.** How many of the six edges are left?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.cells import EDGES


def without_dead_ends(arch):
    """The same network, with zero on every edge that no way from input to output takes."""
    names = space.names(arch)
    alive = [edge for edge, name in zip(EDGES, names, strict=True) if name != "none"]
    from_input, to_output = {0}, {3}
    for start, end in alive:  # sorted by their ends
        if start in from_input:
            from_input.add(end)
    for start, end in reversed(alive):
        if end in to_output:
            to_output.add(start)
    zero = space.operations.index("none")
    return tuple(
        choice if start in from_input and end in to_output else zero
        for choice, (start, end) in zip(arch, EDGES, strict=True)
    )


left = {name: without_dead_ends(arch) for name, arch in ends.items()}
assert all(table.measure(left[name]).value == finds[name][-1] for name in ends)
networks = {space.canonical(arch) for arch in ends.values()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    *((plot_cell, cell_info(space, arch)) for arch in left.values()),
    caption="Edges that are left, from left to right: "
    + ", ".join(
        f"{name} {sum(choice != 'none' for choice in space.names(arch))}"
        for name, arch in left.items()
    )
    + f" of {space.edges}. Different networks among the three: {len(networks)}. One run each.",
    size=(15, 4.2),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Why so many zeros? One explanation: while every other edge is drawn anew from batch to batch, a convolution from input to output is a help in any company, and what an untrained edge beside it adds is noise. If that is it, a head start must help: train the weights on uniform paths first, and only then let alpha move. Write your guess down before you open the card.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "04_head_start",
    "GDAS puts zero on edges because its weights are not trained yet: with a head start on "
    "uniform paths it puts fewer.",
    predict="Does the head start make zeros fewer or more? Is the cell better?",
    sway="An interval on the other side of zero: with a longer head start, a larger network, or a "
    "validation loss in which hopeless paths weigh less.",
    shown="edges of the derived cell that hold zero, and its test accuracy in the table",
    axis="difference, edges or points",
    words=("More", "Less", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a step costs
#
# Now the price, in time and in memory. *Activation memory* is what the forward pass keeps for the backward pass. We do not estimate it: autograd hands over every tensor that it saves, and we add up their sizes.
#
# > **Predict first.** GDAS computes one operation of five. Is its step five times faster than that of DARTS? Which of the methods needs the memory of one path, of two, of all?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.memory import activation_bytes
from course_lib.nas.one_shot import one_shot_steps, softmax_relax, uniform_one_hot

METHODS = {
    "DARTS": (mixed_op, {"relax": softmax_relax}),
    **ROWS,
    "uniform path": (sampled_op, {"relax": uniform_one_hot, "alpha_gradient": None}),
}
x, y = task.train.x[:50], task.train.y[:50]


def kept(net, relax, seed):
    """MiB that the forward pass of one batch keeps, alpha being trained."""
    logits = torch.zeros(space.edges, len(space.operations), requires_grad=True)
    weights = relax(logits, make_rng(seed), tau=1.0)
    forward = lambda: F.cross_entropy(net(x, weights), y)  # noqa: E731
    return activation_bytes(forward, besides=[x, *net.parameters(), *net.buffers()]) / 2**20


searches, memory = {}, {}
for name, (edge, options) in METHODS.items():
    net = Supernet(space, rng=make_rng(0), mixed_op=edge)
    relax = options.get("alpha_relax", options["relax"])
    memory[name] = [kept(net, relax, seed) for seed in range(9)]  # draws differ in what they keep
    searches[name] = one_shot_steps(net, task.train, task.valid, make_rng(0), **options)
seconds = {name: [] for name in METHODS}
for _ in range(12):  # in turns, so that a busy moment of the machine hits all of them
    for name, steps in searches.items():
        started = time.process_time()
        next(steps)
        seconds[name].append(1000 * (time.process_time() - started))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
times = costs_info({name: row[1:] for name, row in seconds.items()}, "processor time per step, ms")
memories = costs_info(memory, "activations of a batch of 50, MiB")
pictures(
    (plot_costs, times),
    (plot_costs, memories),
    caption=f"One network each, {len(seconds['GDAS']) - 1} steps and {len(memory['GDAS'])} draws. GDAS: "
    f"{times.ratio('GDAS'):.2f} of the time and {memories.ratio('GDAS'):.2f} of the "
    "memory of a DARTS step; both move alpha and the weights. A uniform path moves the weights only. "
    "What an edge computes is not all of a step: stem, reduction and classifier are always there.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A claim of our own, over more seeds, with an interval.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "04_gdas_step",
    "A step of GDAS costs a fraction of a step of DARTS, in time and in memory.",
    predict="With five operations per edge, what fraction?",
    sway="A ratio whose interval reaches up to one: with cheaper operations beside a dearer skeleton, "
    "say.",
    shown="processor time of a step on alpha and a step on the weights, and memory that the forward "
    "pass of one of them keeps, both relative to DARTS (first order)",
    axis="GDAS / DARTS",
    words=("GDAS costs more", "GDAS costs less", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Bias and variance over the temperature
#
# Back to the deck's sentence. First the toy cell: three estimators that depend on the temperature and two that do not, 20,000 estimates each. The third is that of GDAS: it computes only the drawn operation, so only the drawn entry of a row carries a gradient. The others would need outputs that were never computed.
#
# > **Predict first.** Does it do harm to leave the other entries out?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.estimators import expected_loss, reparametrised, score_function


def only_drawn(logits, rng, *, tau):
    """Straight-through as GDAS has it: no gradient from operations that are not computed."""
    weights = gumbel_straight_through(logits, rng, tau=tau)
    return weights * weights.detach()


taus = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
kinds = {
    "Gumbel-softmax": gumbel_softmax_sample,
    "straight-through": gumbel_straight_through,
    "drawn entry only": only_drawn,
}
many = 20_000
relaxed = {
    name: [
        quality(reparametrised(alpha, loss, make_rng(0), samples=many, relax=relax, tau=tau), exact)
        for tau in taus
    ]
    for name, relax in kinds.items()
}
baselines = {"score function": 0.0, "with baseline": float(expected_loss(alpha, loss))}
fixed = {
    name: quality(score_function(alpha, loss, make_rng(0), samples=many, baseline=b), exact)
    for name, b in baselines.items()
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
spread = sd_info(taus, relaxed, fixed)
calm = {name: coldest_calm(spread, "Gumbel-softmax", name) for name in fixed}
pictures(
    (plot_lines, bias_info(taus, relaxed)),
    (plot_lines, spread),
    caption=f"{many:,} samples each. Low variance holds on the warm side. Of the temperatures shown, Gumbel-softmax scatters "
    f"less than the score function from τ = {calm['score function']:g} on, and less than the one "
    f"with a baseline from τ = {calm['with baseline']:g} on.",
    size=(13, 5),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Bias and variance are not equally bad: averaging removes the one and never the other. With $n$ samples the error is $\sqrt{\text{bias}^2 + \text{variance}/n}$.
#
# > **Predict first.** You may average 1,000 samples. Which estimator do you take?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
errors = errors_info(
    {
        "Gumbel-softmax, τ = 2": relaxed["Gumbel-softmax"][taus.index(2.0)],
        "Gumbel-softmax, τ = 0.2": relaxed["Gumbel-softmax"][taus.index(0.2)],
        **fixed,
    }
)
picture(
    plot_lines,
    errors,
    caption=f"From the same samples. Smallest error with one: {least_error(errors, 1)}. With 100: {least_error(errors, 100)}. With "
    f"10,000: {least_error(errors, 1e4)}. A bias is a floor.",
    size=(10, 5),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **And on a real network?** The supernet that GDAS has just trained, its weights held fixed; one validation batch; alpha all zero as at the start of a search. Of the five operations we take three on each edge: 729 paths are few enough to compute the loss of every one, so the exact gradient is known here too. The weights are those of a short search, and even the best of these paths is not far from guessing (2.30); weights that were trained for longer may give other numbers. *Signal* says how much of the exact gradient the mean estimate holds: 1 is all of it, 0 none.

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.estimators import corner_probabilities, corners, exact_from
from course_lib.nas.supernet import batch_statistics

three = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
places = [space.operations.index(operation) for operation in three]
x, y = task.valid.x[:50], task.valid.y[:50]
net = gdas_net.requires_grad_(False)


def network_loss(z):
    """Cross-entropy of the batch for every row of weights, (samples, edges, 3)."""
    weights = z.new_zeros(len(z), space.edges, len(space.operations))
    weights[..., places] = z
    with batch_statistics(net):
        return torch.stack([F.cross_entropy(net(x, one), y) for one in weights])


start = torch.zeros(space.edges, len(three))
paths = corners(start)
net.mixed_op = sampled_op
with torch.no_grad():
    path_losses = network_loss(paths)
truth = exact_from(start, paths, path_losses)
mean_loss = float(corner_probabilities(start, paths) @ path_losses)
scores = (paths - start.softmax(-1)).flatten(1)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"The losses of the {len(paths)} paths lie between {path_losses.min():.2f} and "
    f"{path_losses.max():.2f}, their mean is {mean_loss:.2f}. The exact gradient has length "
    f"{truth.norm():.3f}."
)


# %% slideshow={"slide_type": "fragment"}
def exact_score_function(baseline):
    """All paths are equally likely here: the list of all estimates is their distribution."""
    return quality((path_losses - baseline)[:, None] * scores, truth.flatten())


errors_of_signal = {}
judged = {
    "score function": exact_score_function(0.0),
    "score function with baseline": exact_score_function(mean_loss),
}
for name, edge, relax in (
    ("Gumbel-softmax", mixed_op, gumbel_softmax_sample),
    ("straight-through, all computed", mixed_op, gumbel_straight_through),
    ("GDAS, one computed", sampled_op, gumbel_straight_through),
):
    net.mixed_op = edge
    for tau in (0.3, 1.0):
        rng = make_rng(0)  # ten at a time: every sample keeps its activations
        tens = [
            reparametrised(start, network_loss, rng, samples=10, relax=relax, tau=tau)
            for _ in range(10)
        ]
        estimates = torch.cat(tens)
        along = (estimates * truth).sum((1, 2)) / truth.square().sum()
        errors_of_signal[f"{name}, τ = {tau:g}"] = float(along.std() / len(along) ** 0.5)
        judged[f"{name}, τ = {tau:g}"] = quality(estimates, truth)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = []
for name, q in judged.items():
    signal = f"{q.signal:.2f}"
    if name in errors_of_signal:
        signal += f" ± {errors_of_signal[name]:.2f}"
    rows.append(f"| {name} | {q.bias / q.exact:.2f} | {q.sd / q.exact:.1f} | {signal} |")
without, with_baseline = (q.sd / q.exact for q in list(judged.values())[:2])
gdas = judged["GDAS, one computed, τ = 1"]
Markdown(
    "In units of the exact gradient's length; the score function's rows are exact:\n\n"
    "| estimator | bias | sd | signal ± standard error |\n|---|---|---|---|\n"
    + "\n".join(rows)
    + f"\n\nAll of one network, one batch and, where there is a ±, {len(estimates)} samples. The spread "
    f"of one sample of the score function is {without:.0f} times the length of the "
    f"gradient that it estimates, with a baseline {with_baseline:.1f} times. GDAS at τ = 1 holds "
    f"{gdas.signal:.0%} of that gradient."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Why does a baseline matter so much here? Every path has a loss near the mean loss, and only the differences say which path is better. And why does GDAS keep no more? The weight of the one operation on an edge can only make its output larger or smaller, and the next batch normalisation undoes much of that. What should be compared, this operation *instead of* another, needs outputs that were not computed. GDAS saves time at this price.

# %% [markdown] slideshow={"slide_type": "fragment"}
# The claim over several seeds:

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "04_estimators",
    "The gradient through relaxed samples is biased, but its variance is so much lower than the "
    "score function's that it is the better estimate.",
    predict="At which temperatures is the relaxed gradient closer to the exact one than the score "
    "function with a baseline, with one draw, and with the mean of a hundred?",
    sway="Intervals on the other side of zero: for other losses, more operations, or a better "
    "baseline.",
    shown="length of bias and standard deviation (root of the trace of the covariance) of one estimate, "
    "divided by the length of the exact gradient",
    axis="log10 of error of relaxed / error of score function with baseline",
    words=(
        "The score function is closer to the exact gradient",
        "The relaxed gradient is closer",
        "Neither is shown to be closer",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Two bugs that raise no error, in the same search on the toy cell: Adam on alpha, one straight-through sample per step, the expected loss by enumeration.
#
# - **One noise for all edges.** Drawn once and broadcast, it makes the edges draw alike. Each edge alone still has the right probabilities, so a test of one edge passes. But most combinations are never tried.
# - **The wrong term detached.** `hard + soft.detach() - soft` gives the right one-hot vector forward, so a test of its values passes. Backward the sign is wrong: the search climbs.
#
# > **Predict first.** Draw the three curves. Which bug would you notice sooner?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
def shared_noise(logits, rng, *, tau):
    noise = sample_gumbel((*logits.shape[:-2], 1, logits.shape[-1]), rng)  # one row for all edges
    return straight_through(((logits + noise) / tau).softmax(-1))


def wrong_detach(logits, rng, *, tau):
    soft = gumbel_softmax_sample(logits, rng, tau=tau)
    return straight_through(soft).detach() + soft.detach() - soft


every = corners(alpha)
costs = loss(every)


def descend(relax, seed, steps=300):
    """Expected loss before each step, and how many different paths were drawn."""
    logits = torch.zeros_like(alpha).requires_grad_()
    adam, rng = torch.optim.Adam([logits], lr=0.1), make_rng(seed)
    curve, seen = [], set()
    for _ in range(steps):
        curve.append(float(corner_probabilities(logits, every) @ costs))
        z = relax(logits[None], rng, tau=1.0)
        seen.add(tuple(z[0].argmax(-1).tolist()))
        adam.zero_grad()
        loss(z).sum().backward()
        adam.step()
    return curve, len(seen)


bugs = {
    "right": gumbel_straight_through,
    "one noise for all": shared_noise,
    "wrong detach": wrong_detach,
}
runs = {name: [descend(relax, seed) for seed in range(5)] for name, relax in bugs.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
gallery = {name: np.mean([curve for curve, _ in row], axis=0) for name, row in runs.items()}
drawn = {name: np.mean([seen for _, seen in row]) for name, row in runs.items()}
y_name = "expected loss, mean of 5 seeds"
pictures(
    *(
        (
            plot_lines,
            curves_info({"right": gallery["right"], bug: gallery[bug]}, x="step", y=y_name),
        )
        for bug in ("wrong detach", "one noise for all")
    ),
    caption=f"Different paths drawn in 300 steps: {drawn['right']:.0f} of {len(every)} with right "
    f"code, {drawn['one noise for all']:.0f} with one noise for all edges. At the end: right "
    f"{gallery['right'][-1]:.3f}, one noise {gallery['one noise for all'][-1]:.3f}, wrong detach "
    f"{gallery['wrong detach'][-1]:.3f}. Mind the two scales.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - Adding Gumbel noise and taking the argmax draws from a softmax, exactly. The noise comes from outside, so the draw becomes a function of alpha.
# - A temperature makes that function smooth: cold is nearly unbiased and wild, hot is calm and wrong. Straight-through makes the forward pass hard and keeps the slope.
# - "Biased but of low variance" is half a sentence: it holds from some temperature on, against a score function without a baseline more than against one with it, and for few samples more than for many. The score function needs no slope and works on a table.
# - GDAS computes one operation per edge; the card of its section says what that saves of DARTS's time and memory. What it leaves out is part of the gradient.
#
# **Next.** Lab 04 asks you to write the kernels of this lecture: Gumbel numbers, the argmax draw, the relaxed draw, straight-through, the two estimators with their bias and variance, and an edge of GDAS. Lecture 05 puts all methods on one table and asks whether they beat random search.
#
# **Sources.** E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR 2017. C. J. Maddison, A. Mnih and Y. W. Teh, *The concrete distribution*, ICLR 2017. C. J. Maddison, D. Tarlow and T. Minka, *A\* sampling*, NIPS 2014. Y. Bengio, N. Léonard and A. Courville, *Estimating or propagating gradients through stochastic neurons for conditional computation*, 2013. R. J. Williams, *Simple statistical gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 1992. X. Dong and Y. Yang, *Searching for a robust neural architecture in four GPU hours*, CVPR 2019 (GDAS). S. Xie, H. Zheng, C. Liu and L. Lin, *SNAS: stochastic neural architecture search*, ICLR 2019. H. Cai, L. Zhu and S. Han, *ProxylessNAS*, ICLR 2019. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
