# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 03: DARTS, architecture search by gradient descent
#
# A controller learns from rewards because a choice cannot be differentiated. DARTS (Liu, Simonyan and Yang, 2019) changes the question: do not choose, *mix*. Every edge of the cell computes all of its operations at once and adds them up with weights. Weights can be differentiated, so the architecture is trained like everything else. At the end the mixture is rounded to one cell, and there lies the trouble.
#
# **After this lecture you can**
#
# 1. relax a choice of operations into a mixture, and round it back;
# 2. write the two-level problem, and its gradient in three degrees of honesty: first order, second order, exact;
# 3. run DARTS, read its alphas over the epochs, and derive cells in two spaces;
# 4. measure what the rounding costs, and recognise a search that has collapsed.
#
# **You need** lecture 02 (a supernet, shared weights, recalibration), the chain rule, and the idea of a Hessian. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | From a choice to a mixture; two levels | 15 |
# | First and second order, a toy to play with | 20 |
# | DARTS, live; deriving the cell; normal and reduction cells | 25 |
# | The discretization gap and the collapse | 15 |
# | Against random search; a wrong-answer gallery | 15 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
from functools import partial
from time import process_time

import numpy as np
import torch
from IPython.display import Markdown
from torch.func import functional_call
from torch.nn import functional as F

from course_lib.datasets import Images
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.images import grid_info, plot_grid
from course_lib.show.lines import curves_info, plot_lines
from course_lib.show.nas.alphas import alphas_info, plot_alphas
from course_lib.show.nas.bilevel_demo import BilevelDemo
from course_lib.show.nas.cells import cell_info, plot_cell, short_name
from course_lib.show.nas.collapse import counts_info, gap_info, plot_counts, plot_gap
from course_lib.show.nas.dag import dag_info, plot_dag
from course_lib.show.nas.dag_demo import AlphaDemo
from course_lib.show.nas.darts_demo import DartsDemo
from course_lib.show.nas.gradients import gradients_info, plot_gradients
from course_lib.show.nas.sharpening import plot_sharpening, sharpening_info
from course_lib.show.published import plot_published, published_info

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From a choice to a mixture
#
# On an edge of the cell one of $K$ operations $o_1, \dots, o_K$ is to be chosen. Give every operation a number, its logit $\alpha_k$, and let the edge compute
#
# $$\bar o(x) = \sum_{k=1}^K p_k\, o_k(x), \qquad p = \mathrm{softmax}(\alpha) .$$
#
# One-hot weights give back a choice. All weights in between are legal too, and $\bar o$ is smooth in $\alpha$: a small change of $\alpha$ changes the output, the loss, and so there is a gradient. The search space, a set of $K^{\text{edges}}$ points, has become a space of edges × $K$ real numbers.


# %% slideshow={"slide_type": "fragment"}
from course_lib.datasets import cluttered_digits


def mixed_op(operations, x, weights):
    """The weighted sum of what all operations compute."""
    return sum(weight * operation(x) for weight, operation in zip(weights, operations, strict=True))


search = cluttered_digits(train=600, valid=600, test=1)
digit = search.train.x[:1]
edges_of_image = torch.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]]) / 4
operations = {
    "zero": torch.zeros_like,
    "skip": lambda x: x,
    "pool": lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False),
    "conv": lambda x: F.conv2d(x, edges_of_image, padding=1),
}
alpha = torch.tensor([0.0, 1.0, 0.0, 2.0], requires_grad=True)
outputs = {name: operation(digit) for name, operation in operations.items()}
outputs["mixture"] = mixed_op(list(operations.values()), digit, alpha.softmax(0)).detach()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_grid,
    grid_info(
        Images(torch.cat(list(outputs.values())), torch.arange(5)), list(outputs), rows=1, columns=5
    ),
    caption="One digit after each of four operations, and after a mixture with the weights "
    + ", ".join(f"{p:.2f}" for p in alpha.softmax(0).tolist())
    + ".",
    size=(10, 2.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** The mixture goes through a loss and back. Which of the four logits get a gradient? What of *zero*, whose output does not depend on anything?
#
# The derivative in a *weight* is $\partial L / \partial p_k = \langle \partial L / \partial \bar o,\ o_k(x)\rangle$: it is zero for the operation that puts out zeros. The softmax then ties all logits together.

# %% slideshow={"slide_type": "fragment"}
weights = alpha.softmax(0)
weights.retain_grad()
loss = (mixed_op(list(operations.values()), digit, weights) ** 2).mean()
loss.backward()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = [
    f"| {name} | {p:.3f} | {dp:+.3f} | {da:+.3f} |"
    for name, p, dp, da in zip(operations, weights, weights.grad, alpha.grad, strict=True)
]
Markdown(
    "| operation | weight | gradient in the weight | gradient in the logit |\n|---|---|---|---|\n"
    + "\n".join(rows)
    + f"\n\nThe logit gradients sum to {alpha.grad.sum():+.1e}: softmax does not feel a constant added to all."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The supernet of lecture 02 takes our function as it is. Softmax weights make it the network that DARTS trains; a one-hot row per edge makes it a path.

# %% slideshow={"slide_type": "fragment"}
from course_lib.core import make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.supernet import Supernet

space = CellSpace()
net = Supernet(space, rng=make_rng(0), channels=(4, 8), mixed_op=mixed_op)
some = space.sample(make_rng(1))
flat = torch.zeros(space.edges, len(space.operations)).softmax(-1)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_dag, dag_info(space, flat)),
    (plot_dag, dag_info(space, arch=some)),
    caption=f"Left, the even mixture: {flat.numel()} numbers. Right, one of the {space.size:,} cells "
    f"that are its corners. Both go through the same network: logits "
    f"{tuple(net(search.valid.x[:5], flat).shape)} and "
    f"{tuple(net(search.valid.x[:5], space.one_hot(some)).shape)}.",
    size=(15, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two levels: weights and alphas
#
# Now there are two kinds of numbers to learn: the weights $w$ of the operations, and the alphas. DARTS gives them different data:
#
# $$\min_\alpha\ \mathcal L_{\mathrm{valid}}\bigl(w^*(\alpha), \alpha\bigr) \qquad\text{subject to}\qquad w^*(\alpha) = \arg\min_w\ \mathcal L_{\mathrm{train}}(w, \alpha).$$
#
# Why not train both on all the data? An operation with many weights can often lower the *training* loss by learning images by heart. The validation loss asks what an operation is worth on images that its weights have not seen.
#
# Training $w$ to its end after each step of $\alpha$ would take for ever. DARTS alternates: one step of $\alpha$ on a validation batch, one step of $w$ on a training batch.


# %% slideshow={"slide_type": "fragment"}
def alternate(net, alpha, train, valid, rng, *, steps, batch=50):
    """DARTS with the first-order gradient: alpha on validation batches, weights on training ones."""
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    adam = torch.optim.Adam([alpha], lr=0.03, betas=(0.5, 0.999))
    losses = {"train": [], "valid": []}
    for _ in range(steps):
        for name, images, optimizer in (("valid", valid, adam), ("train", train, sgd)):
            chosen = torch.randint(len(images), (batch,), generator=rng)
            loss = F.cross_entropy(net(images.x[chosen], alpha.softmax(-1)), images.y[chosen])
            sgd.zero_grad()
            adam.zero_grad()
            loss.backward()  # reaches both; only one of the two optimizers moves
            optimizer.step()
            losses[name].append(loss.item())
    return losses


alpha = torch.zeros(space.edges, len(space.operations), requires_grad=True)
losses = alternate(net, alpha, search.train, search.valid, make_rng(0), steps=60)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(losses, x="step", y="loss of the mixture"),
    caption="Sixty alternating steps, one run. Each loss is measured on a fresh batch, before the step that it causes.",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## First order and second order
#
# The step on $\alpha$ needs the gradient of $\mathcal L_{\mathrm{valid}}(w^*(\alpha), \alpha)$, and $w^*$ depends on $\alpha$. DARTS replaces $w^*$ by one step of training, $w' = w - \xi \nabla_w \mathcal L_{\mathrm{train}}(w, \alpha)$. The chain rule gives
#
# $$\frac{d}{d\alpha} \mathcal L_{\mathrm{valid}}(w', \alpha) = \nabla_\alpha \mathcal L_{\mathrm{valid}}(w', \alpha) - \xi\, \nabla^2_{\alpha, w} \mathcal L_{\mathrm{train}}(w, \alpha)\ \nabla_{w'} \mathcal L_{\mathrm{valid}}(w', \alpha) .$$
#
# - **First order**: set $\xi = 0$. The weights are taken as fixed. Cheap.
# - **Second order**: keep the second term, but never build the matrix. With the vector $v = \nabla_{w'} \mathcal L_{\mathrm{valid}}(w', \alpha)$ and a small $\varepsilon = 0.01 / \lVert v \rVert$,
#
# $$\nabla^2_{\alpha, w} \mathcal L_{\mathrm{train}}\, v \approx \frac{\nabla_\alpha \mathcal L_{\mathrm{train}}(w + \varepsilon v, \alpha) - \nabla_\alpha \mathcal L_{\mathrm{train}}(w - \varepsilon v, \alpha)}{2 \varepsilon} .$$
#
# - **Exact** for this one step: let autograd go backward through its own backward pass.
#
# Mind the details: the vector is taken at $w'$ and on *validation* data; the difference is taken at $w$ and on *training* data; the sign is minus; and afterwards the weights are what they were.


# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.one_shot import second_order


def slopes(loss, params, alpha):
    """The gradient of a loss in alpha, and in every weight."""
    alpha = alpha.detach().requires_grad_()
    weights = {name: value.detach().requires_grad_() for name, value in params.items()}
    in_alpha, *in_weights = torch.autograd.grad(
        loss(weights, alpha), [alpha, *weights.values()], materialize_grads=True
    )
    return in_alpha, dict(zip(weights, in_weights, strict=True))


def moved(params, direction, length):
    return {name: value + length * direction[name] for name, value in params.items()}


def second_order_by_hand(train_loss, valid_loss, params, alpha, *, xi):
    unrolled = moved(params, slopes(train_loss, params, alpha)[1], -xi)  # w'
    direct, v = slopes(valid_loss, unrolled, alpha)
    small = 0.01 / torch.cat([part.flatten() for part in v.values()]).norm()
    ahead, _ = slopes(train_loss, moved(params, v, small), alpha)
    behind, _ = slopes(train_loss, moved(params, v, -small), alpha)
    return direct - xi * (ahead - behind) / (2 * small)


def loss_on(images, chosen):
    """The cross-entropy on one batch as a function of weights and alpha."""
    buffers = {name: value.clone() for name, value in net.named_buffers()}

    def loss(params, alpha):
        scores = functional_call(net, {**params, **buffers}, (images.x[chosen], alpha.softmax(-1)))
        return F.cross_entropy(scores, images.y[chosen])

    return loss


params = {name: value.detach() for name, value in net.named_parameters()}
alpha = alpha.detach()
batches = loss_on(search.train, slice(0, 50)), loss_on(search.valid, slice(0, 50))
ours = second_order_by_hand(*batches, params, alpha, xi=0.1)
theirs = second_order(*batches, params, alpha, xi=0.1)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Ours and the library's differ by {(ours - theirs).abs().max():.1e} at most, where the largest "
    f"entry is {theirs.abs().max():.1e}. From here on the library's `first_order`, `second_order` "
    "and `exact_second_order` serve."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** How many times does second order pass through the network, forward and backward, for one pass of first order? How far are the gradients from the exact one: a percent of its length, a tenth, all of it? And does the finite difference get better if $\varepsilon = R / \lVert v \rVert$ gets smaller?

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.one_shot import exact_second_order, first_order

ways = {
    "first order": first_order,
    "second order, R = 0.1": partial(second_order, radius=0.1),
    "second order, R = 0.01": second_order,
    "second order, R = 0.001": partial(second_order, radius=0.001),
    "double backward": exact_second_order,
}
found, seconds = {name: [] for name in ways}, {name: [] for name in ways}
rng = make_rng(1)
for _ in range(8):
    train_loss = loss_on(search.train, torch.randint(600, (50,), generator=rng))
    valid_loss = loss_on(search.valid, torch.randint(600, (50,), generator=rng))
    for name, way in ways.items():
        start = process_time()
        found[name].append(way(train_loss, valid_loss, params, alpha, xi=0.1).numpy())
        seconds[name].append(process_time() - start)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
compared = gradients_info(
    found, {name: float(np.median(s)) for name, s in seconds.items()}, exact="double backward"
)
cosines = {name: float(np.median(cosine)) for name, cosine in compared.cosines.items()}
picture(
    plot_gradients,
    compared,
    caption="Eight pairs of batches, one network, inner step 0.1; a bar at the median. Median cosine to the exact "
    f"gradient: first order {cosines['first order']:.2f}, second order as in the paper (R = 0.01) "
    f"{cosines['second order, R = 0.01']:.2f}.",
    size=(12, 4.2),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# On a smooth loss a smaller $\varepsilon$ is better, until rounding spoils it. This network is not smooth: it is full of ReLUs. Wherever one of them switches between $w - \varepsilon v$ and $w + \varepsilon v$, the gradient *jumps*, and the jump is divided by $2\varepsilon$. Double backward looks at a single point and never sees a jump. So do not take a finite difference on trust: compare it, as here, before you pay for it. On a smooth loss such as the toy that comes next it agrees with the exact gradient to many digits.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A bilevel toy
#
# Two losses with one weight and one alpha, from the DARTS paper:
#
# $$\mathcal L_{\mathrm{train}} = (w - \alpha)^2, \qquad \mathcal L_{\mathrm{valid}} = \alpha w - 2\alpha + 1 .$$
#
# The weight's answer is $w^*(\alpha) = \alpha$, so what is really to be minimised is $F(\alpha) = \alpha^2 - 2\alpha + 1$, with its minimum at $\alpha = 1$. First order sees $\partial \mathcal L_{\mathrm{valid}} / \partial \alpha = w - 2$ and nothing else.
#
# > **Predict first.** Stand on the line $w = \alpha$. Between which two values of $\alpha$ does the first-order arrow point away from the minimum? Where do you end if you follow it?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
bilevel_demo = BilevelDemo()
bilevel_demo

# %% [markdown] slideshow={"slide_type": "fragment"}
# The same without a browser: the preset *the wrong way*, followed for forty steps.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
toy = BilevelDemo()
toy.choose(0)
toy.follow()
toy.picture()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
ends = {name: points[-1, 0] for name, points in toy.info().trails.items()}
Markdown(
    f"Followed to rest, exact ends at $\\alpha$ = {ends['exact']:.2f}, one step at "
    f"{ends['one step']:.2f}, first order at {ends['first order']:.2f}. At rest $w = \\alpha$ and the "
    "one-step gradient $\\alpha - 2 + 2\\xi\\alpha$ is zero: $\\alpha = 2 / (1 + 2\\xi)$, from 2 at "
    "$\\xi = 0$ to the right answer 1 at $\\xi = 1/2$, where one inner step is all that it takes."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## DARTS, live
#
# Now on digits: the cell of NAS-Bench-201 with its five operations on six edges, all mixed. Weights learn on one set of cluttered digits, alphas on another.
#
# > **Predict first.** Which operation leads after a third of the epochs? Which at the end? Will the two losses stay together?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
darts_demo = DartsDemo(space, search.train, search.valid)
darts_demo

# %% [markdown] slideshow={"slide_type": "fragment"}
# The same run without a browser. What follows in this lecture looks at this search.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
finished = DartsDemo(space, search.train, search.valid)
finished.run()
finished.picture()

# %% [markdown] slideshow={"slide_type": "subslide"}
# All alphas over all epochs. A row is an operation, a block is an edge; in each block time runs from left to right.

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.one_shot import entropy

log = finished.log
mixing = entropy(torch.as_tensor(log["alpha"]).softmax(-1)).mean(-1)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_alphas,
    alphas_info(space, log),
    caption=f"The edges make up their minds: the mean entropy of an edge falls from {mixing[0]:.2f} to "
    f"{mixing[-1]:.2f} nats; an even mixture of five has {np.log(5):.2f}. One search.",
    size=(13, 4.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The same search on the graph. The wider and the more opaque a curve, the larger its weight; bold is the cell that would be derived at that epoch. Move the slider.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
alpha_demo = AlphaDemo(space, log)
alpha_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Deriving the cell
#
# A mixture is no architecture. Two rules turn one into the other.
#
# - **NAS-Bench-201 space**: on every edge the operation with the largest alpha. Zero may win: then the edge is gone.
# - **DARTS space**: a node there reads exactly two of its incoming edges. An edge is as strong as its best operation *other than zero*; the two strongest edges of each node stay, each with that operation. Edges of different nodes never compete.
#
# Zero is left out in the second rule because its weight says little. What zero gets is taken from the other operations; where it rises on all edges of a node alike, the node only shrinks, and the next batch normalisation undoes that (the paper's argument). On one edge alone it does weaken that edge.


# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.one_shot import derive


def argmax_per_edge(alpha):
    """The rule of the NAS-Bench-201 space: alpha (edges, operations) -> one choice per edge."""
    return tuple(row.argmax().item() for row in alpha)


def two_strongest(alpha, zero):
    """The rule of the DARTS space at one node: alpha (incoming edges, operations)."""
    weights = alpha.softmax(-1).clone()
    weights[:, zero] = -1  # never chosen
    strength, operation = weights.max(-1)
    chosen = sorted(strength.topk(2).indices.tolist())
    return [(edge, operation[edge].item()) for edge in chosen]


last = finished.alpha
cell = argmax_per_edge(last)
assert cell == derive(space, last)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_cell,
    cell_info(space, cell),
    caption=f"The cell that the live search, one seed, ends with: {space.describe(cell)}",
    size=(9, 4.2),
)

# %% slideshow={"slide_type": "subslide"}
names = ("zero", "skip", "conv")
node = torch.tensor([[3.0, 0.5, 0.0], [0.0, 0.2, 0.1], [0.0, 2.0, 0.3]])  # a node with three inputs
kept = two_strongest(node, zero=0)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = [
    f"| {edge} | " + " | ".join(f"{p:.2f}" for p in row) + " |"
    for edge, row in enumerate(node.softmax(-1).tolist())
]
Markdown(
    "| edge | " + " | ".join(names) + " |\n|---|---|---|---|\n" + "\n".join(rows)
    + "\n\nKept: " + " and ".join(f"edge {edge} with {names[k]}" for edge, k in kept)
    + ". Edge 0 holds the largest weight of all, but it is the weight of zero."
)  # fmt: skip

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Normal and reduction cells
#
# The DARTS paper searches two cells at once. The *normal* cell keeps the size of the map, the *reduction* cell halves it (its operations on the inputs have stride two). Each cell reads the outputs of the two cells before it; its output is all of its nodes, stacked.
#
# > **Predict first.** The two cells see the same digits, at different sizes. Will they come out alike?

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.one_shot import one_shot_search

darts_space = DartsSpace()
rng = make_rng(0)
darts_net = Supernet(darts_space, rng=rng, channels=(4, 8))
darts_alpha, darts_log = one_shot_search(
    darts_net,
    search.train,
    search.valid,
    rng,
    epochs=6,
    alpha_learning_rate=0.05,
    log_every=5,
    progress=False,
)
darts_cell = derive(darts_space, darts_alpha)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"{darts_space.edges} edges with {len(darts_space.operations)} operations each, "
    f"{darts_space.size:,} architectures. Derived after a short search, one seed: {darts_space.describe(darts_cell)}"
)

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
both_cells = AlphaDemo(darts_space, darts_log)
both_cells

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The discretization gap
#
# The weights were trained inside a mixture. Nobody ever asked whether one operation *alone* does well there. So rounding costs something, and how much can be measured: the validation accuracy of the mixture minus that of the derived path with the same weights (batch normalisation recalibrated for each, on training images).
#
# A fair fear, but is it fatal? The derived cell is trained from scratch afterwards, with weights of its own.
#
# > **Predict first.** How many points does rounding cost? Does retraining win them back?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.one_shot import discretization_gap
from course_lib.nas.training import TrainingMeasure

task = cluttered_digits(train=2000, valid=1000, test=1000)
measure = TrainingMeasure(space, task, identity=space.canonical)
darts_measure = TrainingMeasure(darts_space, task)
gap = discretization_gap(finished.net, last, search.train, search.valid)
darts_gap = discretization_gap(darts_net, darts_alpha, search.train, search.valid)
retrained, darts_retrained = measure(cell), darts_measure(darts_cell)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_gap,
    gap_info(
        {
            "NAS-Bench-201 space": (gap.mixture, gap.derived, retrained.value),
            "DARTS space": (darts_gap.mixture, darts_gap.derived, darts_retrained.value),
        }
    ),
    caption=f"Rounding costs {100 * gap.gap:.1f} points in the first space and "
    f"{100 * darts_gap.gap:.1f} in the second. Chance is 10 %. Retraining has more images. "
    "One search and one training each.",
    size=(11, 3.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The gap would be small if the mixture were nearly one-hot already. It is not. Sharpen it by hand: divide the alphas by a temperature and watch the accuracy on the way from the mixture to the corner.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
sharpening = sharpening_info(finished.net, last, search.train, search.valid)
picture(
    plot_sharpening,
    sharpening,
    caption=f"From {sharpening.accuracy[0]:.1%} at an entropy of {sharpening.entropy[0]:.2f} nats to "
    f"{sharpening.accuracy[-1]:.1%} at {sharpening.entropy[-1]:.2f}, for one search.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Collapse to skip connections
#
# On NAS-Bench-201 and CIFAR-10, DARTS ends with a skip connection on all six edges: a cell that computes nothing. The space is the same here, but our networks are small and the digits are easy: does it happen to us, too? The live search had few images on purpose, so that its weights can learn them by heart within seconds. Beware: it is one seed, and its size was chosen because the collapse is plain there; other sizes ended with fewer skip connections, or with zero and pooling in their place. The card at the end of this section has several seeds. Derive the cell at *every* epoch of the live search, and count operations. Hatched are those that have nothing to train: skip, pooling, zero.
#
# > **Predict first.** Draw the number of hatched edges over the epochs.
#
# Why should it happen at all? One explanation: in the beginning convolutions are worth having. Later their weights have begun to learn training images by heart, which does not help on validation images, while an operation without weights passes on what the others have found and cannot overfit.
#
# **A remedy** is to stop in time: before operations without weights take over.


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
def stop_early(weightless, *, rise=2, warm_up=4):
    """The last entry before the count has risen by `rise` above its smallest value so far."""
    for entry in range(warm_up, len(weightless)):
        if weightless[entry] - weightless[warm_up : entry + 1].min() >= rise:
            return entry - 1
    return len(weightless) - 1


counts = counts_info(space, [log])
weightless = counts.weightless[0]
stop = stop_early(weightless)
early_cell = derive(space, torch.as_tensor(log["alpha"][stop]))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_counts,
    counts_info(space, [log], stop=log["epoch"][stop]),
    caption=f"One search. Edges with nothing to train: {weightless.min():.0f} at the best moment, "
    f"{weightless[-1]:.0f} of {space.edges} at the end, {counts.of('skip_connect')[0, -1]:.0f} of "
    f"them skip connections. Stopped at epoch {log['epoch'][stop]:g}: {space.describe(early_cell)}",
    size=(11, 4.8),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# What is the remedy worth? Train both cells from scratch, and two random ones beside them, each with one seed.

# %% slideshow={"slide_type": "fragment"}
rng = make_rng(5)
candidates = {
    "last epoch": cell,
    "stopped early": early_cell,
    "random": space.sample(rng),
    "another random": space.sample(rng),
}
trained = {name: retrained if arch == cell else measure(arch) for name, arch in candidates.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = [
    f"| {name} | {trained[name].value:.1%} | {trained[name].info['test_accuracy']:.1%} | "
    f"{trained[name].info['parameters']:,} | {', '.join(map(short_name, space.names(arch)))} |"
    for name, arch in candidates.items()
]
Markdown(
    "| which | validation | test | parameters | operations on the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3 |\n|---|---|---|---|---|\n"
    + "\n".join(rows)
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# One search is an anecdote. The same over several seeds, with longer searches and all training images, is a claim. If the card says less than the picture, believe the card. Write your guess down before you open it.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "03_collapse",
    "The longer DARTS searches, the more edges of its cell become skip connections; stopping "
    "early helps.",
    predict="How many of the six edges are skip connections after the first epoch and after {epochs}? "
    "Does the cell that early stopping takes become the better network?",
    sway="An interval on the other side of zero: with more data, larger networks, or weights that are "
    "decayed more.",
    shown="number of edges of the derived cell that hold a skip connection, and that hold any operation "
    "without weights (skip, none, pooling), and test accuracy of derived cells that were trained "
    "from scratch",
    axis="difference, edges or points",
    words=("More", "Less", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does DARTS beat random search?
#
# First what is published. On NAS-Bench-201 every cell has been trained, so that searches can be compared without any doubt about retraining.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
nasbench = published_info("cifar10_nasbench201")
worst = nasbench.rows[-1]
random_row = next(row for row in nasbench.rows if row.model == "Random search")
picture(
    plot_published,
    nasbench,
    caption=f"{worst.model} has {worst.shown:.2f} % error, random search {random_row.shown:.2f} %. "
    "Dong and Yang 2020.",
    size=(11, 4.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# In its own space the method does better: the paper reports the two orders beside random search.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
own = [
    row
    for row in published_info("cifar10_random_search").rows
    if "DARTS" in row.model and "rerun" not in row.model
]
Markdown(
    "| CIFAR-10, DARTS space | test error, % | GPU days |\n|---|---|---|\n"
    + "\n".join(
        f"| {row.model} | {row.error:.2f} ± {row.error_std:.2f} | {row.gpu_days:g} |" for row in own
    )
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now on our own table, at equal cost. How many networks can random search train in the time of one DARTS search? Write your guess down before you open the card. Then look at the single searches, the dots: a mean hides what kind of accident befalls a method. The card also names the network that each method found most often. Draw it, and take away what lies behind or before a zero.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "03_darts_vs_random",
    "DARTS finds a better cell than random search does at the same cost.",
    predict="Who is ahead, by how many points: DARTS, GDAS, random search with shared weights, or random "
    "search that trains its few networks one by one?",
    sway="An interval on the other side of zero: in a larger space, with another number of epochs, or "
    "in second order.",
    shown="test accuracy, in the table, of the cell that a search returns",
    axis="difference in test accuracy, points",
    words=("Ahead", "Behind", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# And in the space of normal and reduction cells: is the derived cell better than a random one of the same size?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "03_darts_space",
    "In the space of DARTS, with a normal and a reduction cell, the cell that the search derives "
    "is better than a random cell of the same size.",
    predict="By how many points? And how much accuracy does rounding the mixture to one cell cost before "
    "retraining?",
    sway="An interval on the other side of zero: with longer searches, or more random cells.",
    shown="test accuracy of cells trained from scratch (derived, random), and validation accuracy with "
    "the search's own weights (mixture, derived)",
    axis="difference in accuracy, points",
    words=("Ahead", "Behind", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Bugs that raise no error.
#
# - **The plus sign.** In the second-order gradient the correction is *subtracted*. Added, it pushes the wrong way: on the toy farther from the truth than first order.
# - **Alphas stepped on the training batch.** Everything runs, the training loss falls even faster. But now nothing tells an operation that generalises from one that learns by heart.
#
# > **Predict first.** On the toy, first order ends at $\alpha = 2$ and the truth is 1. Where does the plus sign end with $\xi = 0.1$?


# %% slideshow={"slide_type": "fragment"}
def follow(gradient, *, alpha=0.5, w=0.5, steps=80):
    """Alternate steps of w and alpha on the toy; alpha after each."""
    path = []
    for _ in range(steps):
        w -= 0.2 * 2 * (w - alpha)
        alpha -= 0.1 * gradient(w, alpha)
        path.append(alpha)
    return path


xi = 0.1


def second(w, alpha, sign=-1):
    unrolled = w - xi * 2 * (w - alpha)
    direct = unrolled - 2  # derivative of alpha w' - 2 alpha + 1 with w' held
    mixed, vector = -2, alpha  # of the training loss in (alpha, w); of the validation loss in w'
    return direct + sign * xi * mixed * vector


gallery = {
    "second order": follow(second),
    "first order": follow(lambda w, alpha: w - 2),
    "plus sign": follow(lambda w, alpha: second(w, alpha, sign=+1)),
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(gallery, x="step", y="α"),
    caption=", ".join(f"{name} ends at {path[-1]:.2f}" for name, path in gallery.items())
    + "; the best α is 1.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** The same live search as above, but the alphas are stepped on the batch that trains the weights. Will the cell have more convolutions or fewer? Which loss will be lower than before, and which higher?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
one_level = DartsDemo(space, search.train, search.valid, two_levels=False)
one_level.run()
wrong = one_level.log
right_count, wrong_count = (counts_info(space, [one]) for one in (log, wrong))
pictures(
    (
        plot_lines,
        curves_info(
            {
                "alphas on validation data": log["valid_loss"],
                "alphas on training data": wrong["valid_loss"],
            },
            x="entry of the log, half an epoch each",
            y="validation loss of the mixture",
        ),
    ),
    (plot_counts, wrong_count),
    caption="Left, both searches, one run each; right, what would be derived from the wrong one. Over the last "
    f"fifth the validation loss is {wrong['valid_loss'][-10:].mean():.2f} with the bug and "
    f"{log['valid_loss'][-10:].mean():.2f} without, the training loss "
    f"{wrong['train_loss'][-10:].mean():.2f} and {log['train_loss'][-10:].mean():.2f}; edges with nothing to train at the end: "
    f"{wrong_count.weightless[0, -1]:.0f} and {right_count.weightless[0, -1]:.0f}.",
    size=(15, 4.8),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# No error was raised, and a low training loss even looks like success. That is why the library refuses a training and a validation set that share pictures, and why a law in the lab compares the alpha gradient with that of the *validation* loss, known on paper there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - A choice becomes a mixture, and the mixture has a gradient. The price: all operations are computed at every step.
# - Two levels: weights on training data, alphas on validation data. First order forgets that the weights follow; second order remembers one step of it, at several times the cost.
# - The mixture has to be rounded, and rounding costs accuracy. What the weights learned in the mixture need not work alone.
# - A search may run too long, and one run proves little either way. Look at the alphas over the epochs, count what would be derived, repeat it with other seeds, and keep random search beside it.
#
# **Next.** Lab 03 asks you to write the kernels of this lecture: the mixed operation, both gradients, the derivation, the entropy and the gap. Lecture 04 removes the gap at its root: draw one operation per step, and still have a gradient.
#
# **Sources.** H. Liu, K. Simonyan and Y. Yang, *DARTS: Differentiable architecture search*, ICLR 2019. X. Dong and Y. Yang, *NAS-Bench-201*, ICLR 2020. L. Li and A. Talwalkar, *Random search and reproducibility for neural architecture search*, UAI 2019. A. Zela and others, *Understanding and robustifying differentiable architecture search*, ICLR 2020. H. Liang and others, *DARTS+: Improved differentiable architecture search with early stopping*, 2019. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
