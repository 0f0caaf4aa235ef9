# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 02: Weight sharing
#
# In lecture 01 every architecture was trained from nothing and then thrown away. Two architectures that differ on one edge learnt the same filters twice. This lecture trains *one* network that holds all architectures, and asks it what each of them is worth. The price is that the answer is only an estimate. How good an estimate it is, we measure.
#
# **After this lecture you can**
#
# 1. see every architecture of a space as a path through one graph, and run a path;
# 2. train shared weights on uniformly drawn paths, and judge a path with the right statistics of batch normalisation;
# 3. say with an interval how well inherited accuracy ranks architectures;
# 4. explain ENAS, one-shot models with path dropout, PARSEC and hypernetworks as variations of one loop;
# 5. say what the supergraph costs in memory, and why.
#
# **You need** lecture 01 (cells, the table, controller and REINFORCE), PyTorch modules, batch normalisation. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | One graph, a path, one step, a real supernet | 25 |
# | Inherited against stand-alone accuracy, batch normalisation | 20 |
# | ENAS, PARSEC, one-shot models, memory, hypernetworks | 25 |
# | Does it rank? Published results, a wrong-answer gallery | 15 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
from functools import partial

import numpy as np
import torch
from IPython.display import Markdown, display
from torch import nn
from torch.nn import functional as F

from course_lib.core import Log
from course_lib.nas.cells import OPERATIONS
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.images import grid_info, plot_grid
from course_lib.show.lines import curves_info, lines_info, plot_lines
from course_lib.show.nas.dag import dag_info, plot_dag
from course_lib.show.nas.dag_demo import AlphaDemo
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.path_demo import PathDemo
from course_lib.show.nas.policy import heat_info, plot_heat
from course_lib.show.nas.tau import plot_pairs, plot_tau, tau_info
from course_lib.show.nas.tau_demo import TauDemo
from course_lib.show.published import plot_published, plot_published_points, published_info
from course_lib.show.tables import plot_sorted, sorted_info
from course_lib.show.watch import watched

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One graph, all architectures
#
# Take the cell of lecture 01 and put *all* operations on every edge, side by side. What results is one directed acyclic graph. An architecture picks one operation per edge: it is a path through the graph, or rather a sub-graph, and all of them run over the same nodes. Pham and others (2018) drew the conclusion: if architectures are sub-graphs of one graph, then let them *share its weights*.
#
# > **Predict first.** A path uses one operation per edge. How many of all sub-graphs share at least one convolution with it: few, half, nearly all? And how does that change if you put a 3×3 convolution on every edge?
#
# Click an operation to lead the path over it.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.cells import CellSpace

space = CellSpace()
path_demo = PathDemo(space)
path_demo

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.supernet import Supernet
from course_lib.nas.table import digits201

table = digits201()
apart = int(table.info["parameters"].sum())
together = sum(weight.numel() for weight in Supernet(table.space).parameters())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"The table of this course holds {len(table.curves):,} distinct networks, trained one by one: "
    f"{apart:,} weights in all. The supernet over the same space has {together:,}."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A path is a network
#
# A node adds up what its edges bring. To run a path, ask each edge for the one operation that the path chose. That is all there is to it:


# %% slideshow={"slide_type": "fragment"}
from course_lib.core import make_rng
from course_lib.nas.canonical import EDGES


def run_path(operations, x, path):
    """The output of a cell; `operations[edge]` is the list of modules that lie on that edge."""
    nodes = [x]
    for target in (1, 2, 3):
        incoming = [edge for edge, (_, end) in enumerate(EDGES) if end == target]
        nodes.append(sum(operations[edge][path[edge]](nodes[EDGES[edge][0]]) for edge in incoming))
    return nodes[-1]


net = Supernet(space, rng=make_rng(0))  # has a module for every operation of every edge
inner = net.body.fine  # its first cell
operations = [
    [
        torch.zeros_like,
        nn.Identity(),
        nn.Sequential(nn.ReLU(), convolutions["nor_conv_1x1"]),
        nn.Sequential(nn.ReLU(), convolutions["nor_conv_3x3"]),
        inner.pool,
    ]
    for convolutions in inner.edges
]
path = space.parse(
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_1x1~2|"
)
maps = torch.randn(4, 8, 12, 12, generator=make_rng(0))
ours = run_path(operations, maps, path)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_dag,
    dag_info(space, arch=path, text=f"maps {tuple(maps.shape)} in, {tuple(ours.shape)} out"),
    caption="One path through the cell. The other operations lie beside it and are not computed.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# `Supernet` is this cell twice, in the skeleton of lecture 01: stem, cell, reduction, cell, classifier. It takes the path as a matrix of weights, one row per edge and one column per operation. A row with a single 1 picks an operation; any other row *mixes* them, which lecture 03 is about.

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.supernet import Subnet, mixed_op

theirs = inner(maps, space.one_hot(path), mixed_op, [True] * 4)
scores = Subnet(net, space.one_hot(path))(torch.randn(4, 1, 12, 12, generator=make_rng(1)))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"`run_path` and the library's forward pass through the same modules differ by at most "
    f"{(ours - theirs).abs().max():g}. A supernet at fixed weights is a network like any other: "
    f"4 images give scores of shape {tuple(scores.shape)}."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Sharing weights: one step
#
# How do you train weights that belong to everybody? Draw a path, take a batch, make one ordinary step on that path. Draw a new path for the next batch.


# %% slideshow={"slide_type": "fragment"}
from course_lib.datasets import cluttered_digits
from course_lib.nas.supernet import sampled_op


def sharing_step(net, optimizer, x, y, rng):
    """One step on one uniformly drawn path; the path."""
    path = net.space.sample(rng)
    loss = F.cross_entropy(net(x, net.space.one_hot(path)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return path


task = cluttered_digits(train=2000, valid=500, test=500)
net = Supernet(space, rng=make_rng(0), mixed_op=sampled_op)
before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
path = sharing_step(net, optimizer, task.train.x[:50], task.train.y[:50], make_rng(1))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
moved = np.zeros((len(EDGES), len(OPERATIONS)))
for name, weight in net.named_parameters():
    if ".edges." in name:
        edge, operation = name.split(".edges.")[1].split(".")[:2]
        moved[int(edge), OPERATIONS.index(operation)] += (weight - before[name]).norm().item()
picture(
    plot_heat,
    heat_info(
        moved,
        *choice_names(space),
        quantity="distance that the weights moved",
        high=moved.max(),
    ),
    caption=f"After one step on {space.describe(path)}: only convolutions on the path have moved.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Repeat that some thousand times and the supernet is trained. With $k$ operations per edge every convolution is on one path in $k$, so on average its turn comes every $k$-th batch, always in other company. And where zeros cut it off from input or output it learns nothing even then.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.one_shot import one_shot_steps, uniform_one_hot

epochs, batch = 30, 50
net = Supernet(space, rng=make_rng(0), mixed_op=sampled_op)
steps = one_shot_steps(
    net,
    task.train,
    task.valid,
    make_rng(0),
    relax=uniform_one_hot,
    alpha_gradient=None,  # no preference is learnt: the paths stay uniform
    epochs=epochs,
    batch=batch,
)
losses = [
    step.train_loss
    for step in watched(
        steps, epochs * len(task.train) // batch, lambda step: f"loss {step.train_loss:.2f}"
    )
]
per_epoch = np.reshape(losses, (epochs, -1))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(
        {
            "worst path": per_epoch.max(1),
            "mean": per_epoch.mean(1),
            "best path": per_epoch.min(1),
        },
        y="training loss of a batch",
    ),
    caption="Every batch meets another path, so the losses of one epoch scatter widely: "
    "some paths are good, some hopeless. One supernet, one seed.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Inherited or stand-alone accuracy
#
# Now a path can be judged without training it: put it on, measure the validation accuracy with the weights that are there. That is its *inherited* accuracy. The table knows the *stand-alone* accuracy, after a training of its own.
#
# A search does not need the accuracy itself. It needs the *order*. Kendall's $\tau$ counts pairs of architectures:
#
# $$\tau = \frac{\text{pairs in the same order} - \text{pairs in opposite order}}{\text{pairs}},$$
#
# 1 for the same order, 0 for no connection, $-1$ for the reverse. Where pairs are tied, $\tau_b$ counts them for neither side and divides by $\sqrt{n_x n_y}$, the pairs not tied in the one and in the other.
#
# > **Predict first.** Will inherited accuracies be higher or lower than stand-alone ones? And $\tau$: nearer to 0, to a half, or to 1?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.supernet import InheritedAccuracy

rng = make_rng(5)
archs = sorted({space.sample(rng) for _ in range(60)})
archs = [archs[i] for i in torch.randperm(len(archs), generator=rng)]
stand_alone = [table.measure(arch).value for arch in archs]
some = task.train.part(slice(500))  # images to recalibrate on
# what training accumulated has to be looked at first: recalibration overwrites it
as_trained = InheritedAccuracy(net, task.train, task.valid, calibrate=None)
accumulated = [as_trained(arch).value for arch in archs]
measure = InheritedAccuracy(net, some, task.valid)  # recalibrates for every path
recalibrated = [measure(arch).value for arch in archs]

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
tau = tau_info(recalibrated, stand_alone, make_rng(0))
pictures(
    (plot_pairs, tau),
    (plot_tau, tau),
    caption=f"{len(archs)} architectures, one supernet: inherited accuracy {np.mean(recalibrated):.2f} on "
    f"average, stand-alone {np.mean(stand_alone):.2f}. Kendall's tau {tau.tau[-1]:.2f}, "
    f"95 % interval {tau.low[-1]:.2f} to {tau.high[-1]:.2f}.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A correlation from a dozen architectures is a rumour. Drag the number of architectures and watch the interval; then change the seed at a dozen, and again at all of them. (What you drag is recorded, from a supernet that was trained for longer.)

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
tau_demo = TauDemo()
tau_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Statistics of batch normalisation
#
# Batch normalisation subtracts a mean and divides by a standard deviation. In training they come from the batch. For testing, running averages are kept, and here those are averages over *all paths that came along*. No single path has these statistics. Two remedies:
#
# - **batch statistics**: normalise by the test batch itself. This needs a large batch, and the answer for one image then depends on its neighbours;
# - **recalibration**: before a path is judged, run *training* images through it and keep its own averages.
#
# > **Predict first.** How much accuracy do the wrong statistics cost: a point, ten, half of it all?


# %% slideshow={"slide_type": "fragment"}
from course_lib.core.statistics import kendall_tau
from course_lib.nas.supernet import batch_statistics
from course_lib.nas.training import accuracy


def recalibrate_path(net, weights, images):
    """Own statistics for one path: forget, then average over training images."""
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()  # without this the other paths stay in the average
        norm.momentum = None  # a plain average of all batches
    net.train()  # statistics are recorded in training mode only
    with torch.no_grad():
        for x in images.x.split(250):
            net(x, weights)
    net.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def inherited(arch):
    return accuracy(Subnet(net, space.one_hot(arch)), task.valid)


by_hand = []
for arch in archs[:5]:
    recalibrate_path(net, space.one_hot(arch), some)
    by_hand.append(inherited(arch))
with batch_statistics(net):
    of_batch = [inherited(arch) for arch in archs]
ways = {"recalibrated": recalibrated, "batch": of_batch, "accumulated": accumulated}
taus = {name: kendall_tau(row, stand_alone, make_rng(0)) for name, row in ways.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "| statistics | mean accuracy | Kendall's tau with stand-alone, 95 % interval |\n|---|---|---|\n"
    + "\n".join(
        f"| {name} | {np.mean(row):.3f} | {t.estimate:.2f} ({t.low:.2f} to {t.high:.2f}) |"
        for (name, row), t in zip(ways.items(), taus.values(), strict=True)
    )
    + f"\n\n`recalibrate_path` and the library's `recalibrate` differ by at most "
    f"{np.abs(np.subtract(by_hand, recalibrated[:5])).max():.3f} in the accuracies of "
    f"{len(by_hand)} paths. All rows are of one supernet: the intervals are over its "
    f"{len(archs)} architectures."
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = {"stand-alone": stand_alone, **ways}
picture(
    plot_sorted,
    sorted_info(rows, by="stand-alone"),
    caption="Each column is an architecture of one supernet. The wrong statistics cost "
    f"{100 * (np.mean(recalibrated) - np.mean(accumulated)):.0f} points on average, and not the "
    "same for everyone.",
    size=(12, 5),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ENAS: a controller and shared weights
#
# Pham and others (2018) put the controller of lecture 01 on top. Two things take turns:
#
# 1. **shared weights**, on training batches: draw an architecture from the controller, make a step on its weights. The controller stands still;
# 2. **controller**, on validation batches: draw architectures, take their *inherited* accuracy on the batch as reward, make a REINFORCE step. The weights stand still.
#
# What cost a training in lecture 01 costs one batch here. Both halves of the data matter: a reward from the training batch would pay for memorising it.
#
# > **Predict first.** The controller soon prefers some paths, and those get more training. Where may that lead?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.enas import enas

shared = Supernet(space, rng=make_rng(1), mixed_op=sampled_op)
controller, enas_log = enas(
    shared, task.train, task.valid, make_rng(1), epochs=8, controller_steps=8
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_lines, curves_info({"reward": enas_log["reward"]}, y="inherited accuracy, one batch")),
    (plot_lines, curves_info({"entropy": enas_log["entropy"]}, y="entropy of the policy, nats")),
    caption=f"The reward goes from {enas_log['reward'][0]:.2f} to {enas_log['reward'][-1]:.2f}, for "
    "the weights learn as well; the entropy of the controller falls from "
    f"{enas_log['entropy'][0]:.1f} to {enas_log['entropy'][-1]:.1f} nats. One run.",
    size=(13, 4.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# What the controller prefers, epoch by epoch: width and opacity of an operation are its probability, the likeliest of each edge is in bold. Drag the epoch.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
preferences = Log()
for epoch, probabilities in zip(enas_log["epoch"], enas_log["probabilities"], strict=True):
    preferences.append(epoch=epoch, alpha=np.log(np.clip(probabilities, 1e-6, 1)))
AlphaDemo(space, preferences)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **PARSEC** (Casale and others, 2019) needs no recurrent controller. It keeps one categorical distribution per edge, $p_\alpha(\text{path})$, and climbs the likelihood of the data under a random path, $\log \mathbb E_{p_\alpha}[\,p(\text{data} \mid \text{path})\,]$. With $M$ drawn paths the gradient is about
#
# $$\sum_{k=1}^{M} w_k\, \nabla_\alpha \log p_\alpha(\text{path}_k),
# \qquad w_k = \frac{p(\text{data} \mid \text{path}_k)}{\sum_j p(\text{data} \mid \text{path}_j)} .$$
#
# Compare REINFORCE: there the reward weighs each sample, here its share of the likelihood. Paths that explain the data badly hardly count.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.one_shot import derive
from course_lib.nas.parsec import parsec

shared = Supernet(space, rng=make_rng(2), mixed_op=sampled_op)
alpha, parsec_log = parsec(shared, task.train, task.valid, make_rng(2), samples=3, epochs=4)
likeliest = derive(space, alpha)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_dag,
    dag_info(space, alpha.softmax(-1), arch=likeliest),
    caption=f"PARSEC, one run of {len(parsec_log)} epochs: entropy {parsec_log['entropy'][-1]:.2f} nats "
    f"per edge. Its likeliest cell has the stand-alone accuracy {table.measure(likeliest).value:.3f}; "
    f"{len(archs)} random cells have {np.mean(stand_alone):.3f} on average, the table's best "
    f"{table.best().value:.3f}.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One-shot models and path dropout
#
# Bender and others (2018) do without any controller. Train the *whole* supergraph once, all operations together. Then remove operations and see how much accuracy is lost: what can go without harm was not needed. But a network that always saw everything bears small losses only: take more away and it falls apart, for its parts have adapted to each other. A remedy is *path dropout*: while training, drop operations at random, at a rate that grows. Look for its price, too, at the other end of the curves.
#
# > **Predict first.** Two supergraphs, one trained with all operations on, one with path dropout. Draw accuracy against the share of operations that are removed.


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.one_shot import nonzero_op, path_dropout
from course_lib.nas.supernet import recalibrate


def accuracy_without(net, share, rng):
    """Mean accuracy after operations were removed at random; every edge keeps at least one."""
    answers = []
    for _ in range(3):
        kept = (torch.rand(space.edges, len(space.operations), generator=rng) >= share).float()
        kept = torch.where(kept.sum(1, keepdim=True) > 0, kept, uniform_one_hot(kept, rng))
        weights = kept / kept.sum(1, keepdim=True)
        recalibrate(net, weights, some.part(slice(250)))
        answers.append(accuracy(Subnet(net, weights), task.valid))
    return np.mean(answers)


def trained_supergraph(relax):
    """A supergraph whose weights per edge come from `relax`, in which a dropout rate grows from 0.

    With it, after every epoch, the mean training loss and what four paths inherit, on average.
    """
    epochs, shared = 8, Supernet(space, rng=make_rng(3), mixed_op=nonzero_op)
    judge = InheritedAccuracy(shared, task.train.part(slice(250)), task.valid)
    even = torch.zeros(space.edges, len(space.operations))
    steps = one_shot_steps(
        shared, task.train, task.valid, make_rng(3),
        relax=relax, alpha_gradient=None, alpha=even, epochs=epochs, tau=(1e-3, 1.0),
    )  # fmt: skip
    losses, inherited_by_four = [], []
    for step in steps:
        losses.append(step.train_loss)
        if step.epoch.is_integer():
            inherited_by_four.append(np.mean([judge(arch).value for arch in archs[:4]]))
    return shared, np.reshape(losses, (epochs, -1)).mean(1), inherited_by_four


def everything_on(logits, rng, *, tau):
    return logits.softmax(-1)


all_on = trained_supergraph(everything_on)
with_dropout = trained_supergraph(partial(path_dropout, rate=0.2))
shares = np.linspace(0, 1, 6)
left = {
    name: [accuracy_without(model, share, make_rng(6)) for share in shares]
    for name, (model, *_) in {"all on": all_on, "path dropout": with_dropout}.items()
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    lines_info(
        shares,
        left,
        x="probability that an operation is removed (one per edge stays)",
        y="accuracy, not retrained",
    ),
    caption=f"One training each, means of three draws. With nothing removed {left['all on'][0]:.2f} (all on) and "
    f"{left['path dropout'][0]:.2f} (path dropout); on single paths {left['all on'][-1]:.2f} and "
    f"{left['path dropout'][-1]:.2f}.",
    size=(10, 4.6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the supergraph costs in memory
#
# The backward pass needs what the forward pass computed, so these *activations* are kept. A mixture computes, and keeps, every operation of every edge. A path keeps one per edge. On a large space this is what fills the memory of a graphics card first.
#
# > **Predict first.** From one operation per edge to five: by which factor does the memory of a mixture grow? And that of a single path?


# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.memory import activation_bytes


def kept_megabytes(net, weights, images):
    """What a forward pass keeps for the backward pass; images and weights are there anyway."""
    compute = partial(net, images, weights)
    return activation_bytes(compute, besides=[images, *net.parameters()]) / 1e6


joining = ("nor_conv_3x3", "avg_pool_3x3", "nor_conv_1x1", "skip_connect", "none")
images = task.train.x[:50]
megabytes = {"mixture": [], "one path": []}
for count in range(1, 6):
    growing = CellSpace(joining[:count])
    supergraph = Supernet(growing).train()
    even = torch.full((growing.edges, count), 1 / count, requires_grad=True)
    megabytes["mixture"].append(kept_megabytes(supergraph, even, images))
    supergraph.mixed_op = sampled_op
    convolutions = growing.one_hot((0,) * growing.edges)  # 3x3 convolutions everywhere
    megabytes["one path"].append(kept_megabytes(supergraph, convolutions, images))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    lines_info(range(1, 6), megabytes, x="operations per edge", y="activations kept, megabytes"),
    caption=f"{len(images)} images. With five operations per edge the mixture keeps "
    f"{megabytes['mixture'][-1]:.1f} MB, a path of 3×3 convolutions {megabytes['one path'][-1]:.1f} "
    f"MB: a factor of {megabytes['mixture'][-1] / megabytes['one path'][-1]:.1f}. Convolutions cost "
    "most. Even alone an operation costs more in a mixture: its output is kept for the gradient "
    "of its weight.",
    size=(10, 4.4),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "02_memory",
    "The memory of a step on the whole supergraph grows with the number of operations per edge; "
    "that of a single path does not.",
    predict="How many times the memory of one path does the supergraph with five operations need? Five "
    "times?",
    sway="A ratio whose interval reaches down to one with five operations: with activations that are "
    "computed again instead of kept, say.",
    shown="memory that one forward pass keeps for the backward pass",
    axis="memory of the mixture / memory of a path",
    words=("The mixture needs more", "The mixture needs less", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Hypernetworks
#
# Shared weights are the same for every path. Must they be? A *hypernetwork* is a network whose outputs are weights: it reads a description of the architecture and predicts the weights that suit it. SMASH (Brock and others, 2018) reads a code of the architecture, graph hypernetworks (Zhang and others, 2019) read its graph. Ours adds to the shared weights a correction that depends on the cell $a$:
#
# $$\text{code} = \tanh(A\,\mathrm{onehot}(a) + b), \qquad \text{weights of a convolution} = W\,\text{code} + w .$$
#
# With $W = 0$ this is plain weight sharing. It is trained like a supernet: a random architecture per batch, and the gradient runs through the predicted weights.
#
# > **Predict first.** Weights made to measure for every cell: will they rank the cells better than shared ones?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.hypernetwork import PredictedAccuracy, train_hypernetwork

small = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))  # learnt within seconds
shared = Supernet(small, rng=make_rng(4), mixed_op=sampled_op)
hyper, hyper_log = train_hypernetwork(shared, task.train, make_rng(4), epochs=12)
predicted_accuracy = PredictedAccuracy(hyper, shared, some, task.valid)
rng = make_rng(9)
cells = sorted({small.sample(rng) for _ in range(50)})
same_cells = [space.parse(small.describe(cell)) for cell in cells]  # as the table names them
alone = [table.measure(cell).value for cell in same_cells]
predicted = [predicted_accuracy(cell).value for cell in cells]
hyper_tau = tau_info(predicted, alone, make_rng(0), how="accuracy with predicted weights")
shared_tau = kendall_tau([measure(cell).value for cell in same_cells], alone, make_rng(0))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_lines, curves_info({"train": hyper_log["train_loss"]}, y="training loss")),
    (plot_pairs, hyper_tau),
    caption=f"Predicted weights rank {len(cells)} cells with tau {hyper_tau.tau[-1]:.2f} "
    f"({hyper_tau.low[-1]:.2f} to {hyper_tau.high[-1]:.2f}), the supernet above ranks the same cells "
    f"with {shared_tau.estimate:.2f} ({shared_tau.low:.2f} to {shared_tau.high:.2f}). No fair fight: "
    "three operations to learn there, five here, and trainings of different length. Where the "
    "intervals, which are over cells of one training each, overlap, no winner is shown.",
    size=(13, 4.6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does the supernet rank like the table?
#
# A trained supernet answers like a table: architecture in, accuracy out. So every search of lecture 01 runs on it unchanged. Random search on inherited accuracy is *random search with weight sharing* (Li and Talwalkar, 2019), the yardstick of this field.
#
# > **Predict first.** Each search may ask the supernet 40 times. Is the architecture with the highest inherited accuracy also the one with the highest stand-alone accuracy?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.core import Oracle
from course_lib.nas.controller import reinforce
from course_lib.nas.search import random_search, regularized_evolution

searches = {
    "random": random_search,
    "evolution": partial(regularized_evolution, population=15, tournament=5),
    "controller": partial(reinforce, batch=5, learning_rate=0.03),
}
best = {
    name: search(space, Oracle(measure, 40), make_rng(7)).best()
    for name, search in searches.items()
}
every = np.array([table.measure(arch).value for arch in space])

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
rows = "\n".join(
    f"| {name} | {trial.value:.3f} | {(own := table.measure(trial.arch).value):.3f} "
    f"| {(every < own).mean():.0%} |"
    for name, trial in best.items()
)
display(
    Markdown(
        "| search on the supernet | inherited | stand-alone | better than so many cells |\n"
        f"|---|---|---|---|\n{rows}"
    )
)
pictures(
    (plot_dag, dag_info(space, arch=best["evolution"].arch, text="found by evolution")),
    (plot_dag, dag_info(space, arch=table.best().arch, text="the table's best")),
    caption=f"Found on one supernet in 40 questions, one run each. The table reaches from {every.min():.3f} to "
    f"{every.max():.3f}, its mean is {every.mean():.3f}. A search is only as good as the ranking "
    "that it follows.",
    size=(14, 4.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# One supernet is an anecdote. The claim card has several, three kinds of statistics, and asks the hard question too: does the ranking hold *among the best tenth*, where a search must choose? Write your guess down first.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "02_supernet_ranking",
    "A supernet trained on uniformly drawn paths ranks architectures as training each of them "
    "would.",
    predict="How large is Kendall's tau over the whole space, and how large among the best tenth, where a "
    "search must choose? Which statistics of batch normalisation do you take?",
    sway="An interval that lies on the other side of zero: with longer training, a larger network, or "
    "architectures that differ more.",
    shown="Kendall's tau-b between the validation accuracy with shared weights and the table's test "
    "accuracy",
    axis="Kendall's tau",
    words=(
        "The ranking agrees with the table",
        "The ranking is turned round",
        "No agreement is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Published results with weight sharing
#
# On CIFAR-10 weight sharing brought the cost of a search from thousands of GPU days down to a few. Many rows of the table were trained with *Cutout*: while training, a square of every image is blanked (DeVries and Taylor, 2017). That is a trick of training, not of search, and must be kept apart when methods are compared.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
published = published_info("cifar10_weight_sharing", searched=("",), against="gpu_days")
errors = {row.model: row.error for row in published.rows}
gain = errors["ENAS"] - errors["ENAS + Cutout"]
picture(
    plot_published_points,
    published,
    caption=f"Error against the cost of the search. The same search, ENAS, with Cutout: {gain:.2f} "
    "points less error. That is as much as separates many methods.",
    size=(11, 5.6),
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
picture(
    plot_published,
    published,
    caption="The same table row by row, with parameters. Sources: data/published_results.csv.",
    size=(11, 5.4),
)

# %% slideshow={"slide_type": "subslide"} tags=["demo"]
from course_lib.datasets import Images, cutout

blanked = Images(cutout(task.train.x[:24], make_rng(0)), task.train.y[:24])

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_grid,
    grid_info(blanked, task.classes),
    caption="Cutout on our digits: 4 × 4 pixels are blanked, elsewhere in every image and batch.",
    size=(10, 4.2),
)

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.training import train

curves = {}
for name, augment in (("plain", None), ("cutout", partial(cutout, size=4))):
    network = space.build(table.best().arch, rng=make_rng(0))
    curves[name] = train(network, task, make_rng(0), epochs=5, augment=augment).curve

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(curves),
    caption=f"The table's best cell, one seed each: {curves['plain'][-1]:.3f} without and "
    f"{curves['cutout'][-1]:.3f} with Cutout after {len(curves['plain'])} epochs. It makes the "
    "images harder, and pays where a network has the time to learn them by heart.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Two bugs that raise no error. All three supernets start alike and take the same number of steps; every epoch the same four paths are judged, each recalibrated.
#
# - **The generator is made anew in every step.** Then every step draws the same path. One architecture is trained, the others are not.
# - **The mixture is trained, paths are asked.** With equal weights on all operations every step trains everything, and no path ever runs alone. It is the supergraph above that never missed anything.
#
# > **Predict first.** Draw the three curves of the training loss, then the three of the inherited accuracy. Which picture shows the bugs?


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
def always_the_same(logits, rng, *, tau):
    return uniform_one_hot(logits, make_rng(0))  # the bug: rng is not used


gallery = {
    "right": trained_supergraph(uniform_one_hot),
    "same path": trained_supergraph(always_the_same),
    "mixture": all_on,
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (
        plot_lines,
        curves_info({name: losses for name, (_, losses, _) in gallery.items()}, y="training loss"),
    ),
    (
        plot_lines,
        curves_info(
            {name: answers for name, (*_, answers) in gallery.items()},
            y="inherited accuracy, four paths",
        ),
    ),
    caption="One training each. At the end, loss and inherited accuracy: "
    + ", ".join(
        f"{name} {losses[-1]:.2f} and {answers[-1]:.2f}"
        for name, (_, losses, answers) in gallery.items()
    )
    + ". The loss alone would have praised the bugs.",
    size=(14, 4.8),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - All architectures of a space are sub-graphs of one graph. Train that graph once, on drawn paths, and every architecture can be judged at the price of a few batches.
# - Inherited accuracy is not the accuracy of the trained network. What counts is the ranking: state it as Kendall's tau, with an interval, and among the best architectures too.
# - A path must get its own statistics of batch normalisation, from training images. The averages of training belong to no path.
# - ENAS, PARSEC, one-shot models and hypernetworks have one loop in common. They differ in who draws the path, and in what is shared.
# - A mixture keeps the activations of every operation, a path those of one. That restricts the size of the supergraph.
# - A search is only as good as the ranking that it follows: random search with weight sharing is the yardstick.
#
# **Next.** Lab 02 asks you to write the kernels of this lecture: run a path, an epoch of sharing, recalibration, Kendall's tau with its interval, a step of ENAS. Lecture 03 replaces the drawn path by a mixture and follows its gradient.
#
# **Sources.** H. Pham, M. Guan, B. Zoph, Q. Le and J. Dean, *Efficient neural architecture search via parameter sharing*, ICML 2018. G. Bender, P.-J. Kindermans, B. Zoph, V. Vasudevan and Q. Le, *Understanding and simplifying one-shot architecture search*, ICML 2018. L. Li and A. Talwalkar, *Random search and reproducibility for neural architecture search*, UAI 2019. F. P. Casale, J. Gordon and N. Fusi, *Probabilistic neural architecture search*, 2019. A. Brock, T. Lim, J. Ritchie and N. Weston, *SMASH: one-shot model architecture search through hypernetworks*, ICLR 2018. C. Zhang, M. Ren and R. Urtasun, *Graph hypernetworks for neural architecture search*, ICLR 2019. T. DeVries and G. Taylor, *Improved regularization of convolutional neural networks with Cutout*, 2017. M. G. Kendall, *The treatment of ties in ranking problems*, Biometrika 1945. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
