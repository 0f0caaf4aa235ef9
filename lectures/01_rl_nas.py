# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 01: Neural architecture search by reinforcement learning
#
# A person who designs a network tries something, looks at the validation accuracy and tries again. This lecture hands that loop to a program. The program is itself a small network, the *controller*; it writes descriptions of networks, and the accuracy of what it wrote is its reward.
#
# **After this lecture you can**
#
# 1. write a network as a string of decisions, and read such a string back;
# 2. sample strings from a recurrent controller and train it with REINFORCE and a baseline;
# 3. do the same with Q-learning over layers, and with a Metropolis chain;
# 4. say, with an interval, whether any of this beats random search at the same cost.
#
# **You need** Python, PyTorch tensors and autograd, and the idea of a convolution. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | The problem, and a network as a string | 15 |
# | The controller and REINFORCE | 25 |
# | Cells and a table of all of them | 10 |
# | MetaQNN and the Metropolis chain | 20 |
# | Does it beat random search? Published results, a wrong-answer gallery | 15 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run: a wrong guess teaches more than no guess. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import numpy as np
import torch
from IPython.display import Markdown

from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.images import grid_info, plot_grid
from course_lib.show.lines import curves_info, plot_lines
from course_lib.show.nas.cells import cell_info, plot_cell
from course_lib.show.nas.chain import plot_trace, plot_visits
from course_lib.show.nas.controller_demo import ControllerDemo
from course_lib.show.nas.landscape import early_info, locality_info, plot_locality
from course_lib.show.nas.metropolis_demo import MetropolisDemo
from course_lib.show.nas.networks import network_info, plot_network
from course_lib.show.nas.policy import baseline_info, plot_baseline, plot_schedule, schedule_info
from course_lib.show.nas.string_demo import StringDemo
from course_lib.show.published import plot_published, plot_published_points, published_info
from course_lib.show.searches import progress_info
from course_lib.show.tables import noise_info, plot_noise, plot_spread, spread_info

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## View 1: search as constrained optimization
#
# Let $\mathcal A$ be a set of architectures. Architecture search asks for
#
# $$\max_{a \in \mathcal A}\ \mathrm{accuracy}_{\mathrm{valid}}\bigl(w^*(a), a\bigr)
# \qquad\text{subject to}\qquad w^*(a) = \arg\min_w\ \mathcal L_{\mathrm{train}}(w, a).$$
#
# Three things make it hard. The outer variable is discrete, so there is no gradient. Each answer costs a whole training run. And the answer is noisy: another seed gives another accuracy.
#
# So a search method is judged by one question: **how good is the best architecture that it has found after $n$ trainings?** Everywhere in this course a search asks an `Oracle`, which answers, keeps the record, and refuses once the budget is spent.
#
# Our images are small enough to train a network on them while you watch: handwritten digits at random places, among fragments of other digits.

# %% slideshow={"slide_type": "fragment"}
from course_lib.datasets import cluttered_digits

task = cluttered_digits(train=2000, valid=500, test=500)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_grid,
    grid_info(task.train, task.classes),
    caption="Cluttered digits: 12 × 12 pixels, ten classes. No source image serves two splits.",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A network as a configuration string
#
# Zoph and Le (2017) describe a convolutional network as a string of decisions. Every layer takes five: the height and width of its filters, the two strides, and how many filters there are. Then comes one yes-or-no decision per earlier layer, its *anchor*: does that layer feed this one?
#
# Three rules turn every string into a network that works:
#
# - a layer that no earlier layer feeds reads the image;
# - several inputs are stacked along the channels; where their maps differ in size, the smaller ones are padded with zeros;
# - layers that feed nobody are stacked before the classifier, so that no work is thrown away.
#
# Along one axis a convolution with filter size $k$, stride $s$ and padding $p$ on each side turns $n$ positions into
#
# $$\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 .$$
#
# Our filters have odd sizes and the padding is $p = (k-1)/2$, so that with stride 1 the size stays.


# %% slideshow={"slide_type": "fragment"}
def positions(n: int, k: int, s: int) -> int:
    """How many outputs a convolution with padding (k - 1) / 2 has along one axis."""
    return (n + 2 * ((k - 1) // 2) - k) // s + 1


rows = []
for k, s in ((1, 1), (3, 1), (5, 1), (3, 2), (5, 2)):
    layer = torch.nn.Conv2d(1, 1, k, stride=s, padding=(k - 1) // 2)
    measured = layer(torch.zeros(1, 1, 12, 12)).shape[-1]
    rows.append(f"| {k} | {s} | {positions(12, k, s)} | {measured} |")
Markdown("| filter | stride | by the formula | by PyTorch |\n|---|---|---|---|\n" + "\n".join(rows))

# %% slideshow={"slide_type": "subslide"}
from course_lib.core import make_rng
from course_lib.nas.strings import StringSpace

strings = StringSpace(layers=4)
arch = strings.sample(make_rng(7))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_network,
    network_info(strings, arch),
    size=(10, 3.4),
    caption=f"One of {strings.size:,} strings: {strings.describe(arch)}",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** You have a budget of parameters. Which single change to the string saves more of them: half as many filters in every layer, or a stride of two in the first layer?
#
# Now edit the string by hand. A word that does not belong there is refused with a reason, and the last network stays.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
string_demo = StringDemo(strings, text=strings.describe(arch))
string_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A real search, before your eyes
#
# The plainest search draws strings at random. This is all of it:
#
# ```python
# def random_search(space, oracle, rng):
#     with oracle:                      # ends quietly when the budget is spent
#         while True:
#             oracle(space.sample(rng))
#     return oracle.history
# ```
#
# Its measure here is the real thing: build the network that the string says, train it on cluttered digits, report its validation accuracy.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.core import Oracle
from course_lib.nas.search import random_search
from course_lib.nas.training import TrainingMeasure

small = StringSpace(layers=3, heights=(3, 5), widths=(3, 5), strides=(1,))
measure = TrainingMeasure(small, task, epochs=3)
children = random_search(small, Oracle(measure, budget=8), make_rng(1))
best = children.best()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(
        {"each child": children.values, "best so far": children.best_so_far()},
        x="child network",
    ),
    caption=f"{len(children)} child networks trained for 3 epochs each, from "
    f"{children.values.min():.0%} to {best.value:.0%}; one search, one seed per network. The best: "
    f"{small.describe(best.arch)}",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Strings differ, and a few blind tries already show it. But random search learns nothing from what it saw: its eighth draw is as blind as its first. Can a program do better that *remembers*?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The controller writes token by token
#
# The controller is a recurrent network. At step $i$ it reads the token that it has just written, updates its state, and gives a probability to every choice of the next decision. So the probability of a whole string is a product,
#
# $$p_\theta(a_1, \dots, a_n) = \prod_{i=1}^n p_\theta(a_i \mid a_1, \dots, a_{i-1}),
# \qquad
# \log p_\theta(a) = \sum_{i=1}^n \log p_\theta(a_i \mid a_1, \dots, a_{i-1}).$$
#
# Every token counts in the sum, the last one too, and each counts with the choice that was *drawn*, which need not be the likeliest. Here is how one string is written.


# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.controller import Controller


def write_string(controller, rng):
    """One string and its log-probability."""
    state, previous = controller.start(1), None  # a batch of one
    string, log_prob = [], 0.0
    for position in range(len(controller.choices)):
        logits, state = controller.step(position, previous, state)  # logits: (1, choices)
        log_probs = logits.log_softmax(-1)
        previous = torch.multinomial(log_probs.exp(), 1, generator=rng)[:, 0]
        log_prob = log_prob + log_probs[0, previous[0]]
        string.append(int(previous))
    return tuple(string), log_prob


rng = make_rng(0)
controller = Controller(strings, rng)
string, log_prob = write_string(controller, rng)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"An untrained controller writes: {strings.describe(string)}. It gives this string the "
    f"log-probability {log_prob.item():.2f}; a uniform draw would give it "
    f"{-np.log(strings.size):.2f}."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A policy is a distribution, so the probabilities of *all* strings must sum to one. For a small space that can be checked by writing down every string. It is the first thing to try on code of your own: a forgotten token or a wrong axis shows at once.
#
# Two details that you will meet in the lab. Some spaces have strings of different lengths: a *stop* token ends the string, and what follows is padding. Padding is certain, so it adds nothing to the log-probability. And the *entropy* of a policy, its uncertainty in nats, is also a sum over the tokens:
#
# $$H = \mathbb E\Bigl[\sum_i H\bigl(p_\theta(\cdot \mid a_1, \dots, a_{i-1})\bigr)\Bigr],
# \qquad H(p) = -\sum_c p(c) \log p(c).$$

# %% slideshow={"slide_type": "fragment"}
from course_lib.core import Space
from course_lib.nas.controller import score_strings

tiny = Space((3, 2, 4))
tiny_controller = Controller(tiny, make_rng(1))
everything = torch.tensor(list(tiny))
with torch.no_grad():
    all_log_probs, entropies = score_strings(tiny_controller, everything)
p = all_log_probs.double().exp()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"{len(everything)} strings, their probabilities sum to {p.sum():.6f}. "
    f"Entropy from the definition, $-\\sum_a p(a) \\log p(a)$: {-(p * p.log()).sum():.6f} nats. "
    f"Mean over strings of the per-token sums: {(p * entropies).sum():.6f} nats."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Learning from rewards: REINFORCE
#
# Let $R(a)$ be the validation accuracy of string $a$. We want to climb $J(\theta) = \mathbb E_{a \sim p_\theta}[R(a)]$. Nothing can be differentiated through $R$: training a network is no smooth function of its description. But $p_\theta$ can:
#
# $$\nabla_\theta J = \sum_a R(a)\, \nabla_\theta p_\theta(a) = \sum_a p_\theta(a)\, R(a)\, \nabla_\theta \log p_\theta(a)
# = \mathbb E\bigl[R(a)\, \nabla_\theta \log p_\theta(a)\bigr].$$
#
# The right-hand side is an expectation, so samples estimate it (Williams, 1992). The reward is a number here, not a function of $\theta$: no gradient flows through it (in PyTorch, `reward.detach()`).
#
# **A baseline.** Since probabilities sum to one, $\mathbb E[\nabla_\theta \log p_\theta(a)] = \nabla_\theta \sum_a p_\theta(a) = 0$. Hence for any number $b$ that does not depend on the sample,
#
# $$\nabla_\theta J = \mathbb E\bigl[(R(a) - b)\, \nabla_\theta \log p_\theta(a)\bigr].$$
#
# The mean stays, the variance does not. Zoph and Le take for $b$ a moving average of earlier rewards. *Earlier* matters: a baseline that contains the sample's own reward is no longer a constant.
#
# An optimizer descends, so the **loss** whose gradient autograd is to find is $-\frac1m \sum_k (R_k - b) \log p_\theta(a^{(k)})$ for a batch of $m$ strings.

# %% [markdown] slideshow={"slide_type": "subslide"}
# By hand, for the smallest policy there is: one decision, logits $\theta$, $p = \mathrm{softmax}(\theta)$. Then $\nabla_\theta \log p(c) = \mathrm{onehot}(c) - p$, and a step of learning takes two lines.

# %% slideshow={"slide_type": "fragment"}
rewards = torch.tensor([0.55, 0.60, 0.70])  # say, three architectures and their accuracies
theta, baseline, rng = torch.zeros(3), 0.6, make_rng(0)
shares = []
for _ in range(400):
    p = theta.softmax(0)
    choice = torch.multinomial(p, 1, generator=rng)
    score = torch.nn.functional.one_hot(choice[0], 3) - p
    theta += 0.5 * (rewards[choice] - baseline) * score
    baseline = 0.9 * baseline + 0.1 * rewards[choice].item()
    shares.append(p)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(
        {f"reward {r:.2f}": share for r, share in zip(rewards, torch.stack(shares).T.numpy(), strict=True)},
        x="step", y="probability",
    ),
    caption="Three choices, one policy, one run: what is better than the baseline becomes more likely.",
    size=(10, 4.2),
)  # fmt: skip

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** Accuracies lie between 0.5 and 0.9, all of them positive. Without a baseline every string that is drawn becomes more likely, only some more than others. How much variance does a good baseline save: a tenth, half, nine tenths?
#
# For a small policy the variance of the one-sample gradient can be computed exactly, by enumeration, for every constant baseline. The best constant is $b^* = \mathbb E[\lVert\nabla \log p\rVert^2 R] \,/\, \mathbb E[\lVert\nabla \log p\rVert^2]$.


# %% slideshow={"slide_type": "fragment"}
def scores(controller, strings):
    """Gradient of log p of every string, (strings, parameters)."""
    log_prob, _ = score_strings(controller, strings)
    parameters = list(controller.parameters())
    rows = [torch.autograd.grad(one, parameters, retain_graph=True) for one in log_prob]
    return torch.stack([torch.cat([g.flatten() for g in row]) for row in rows])


tiny_rewards = 0.5 + 0.4 * torch.rand(len(everything), generator=make_rng(2))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
variance = baseline_info(all_log_probs.exp(), scores(tiny_controller, everything), tiny_rewards)
saved = 1 - variance.least / variance.variances[0]
picture(
    plot_baseline,
    variance,
    caption=f"No baseline is the left end. The best constant removes {saved:.0%} of the variance; "
    "too large a baseline is as bad as none.",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cells, and a table of all of them
#
# A string for a whole network makes a huge space. A way out is to search for one small building block, the *cell*, and to repeat it. The cell of NAS-Bench-201 (Dong and Yang, 2020) has four nodes; each of its six edges carries one operation; a node adds up what arrives.
#
# Such a space is small enough to train *all* of it once and keep the results. Then a search takes a second instead of a week, and we know the best answer, so we can say how far each method stays behind it. The table of this course, `digits201`, was made by training every distinct cell on cluttered digits.

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.table import digits201

table = digits201()
space = table.space
champion = table.best()
worst = min((table.measure(a) for a in space), key=lambda trial: trial.value)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_cell, cell_info(space, champion.arch)),
    (plot_cell, cell_info(space, worst.arch)),
    caption=f"Left, the best cell of the table ({champion.value:.1%} validation accuracy); "
    f"right, the worst ({worst.value:.1%}).",
    size=(12, 4.2),
)

# %% slideshow={"slide_type": "subslide"}
values = np.array([table.measure(a).value for a in space])

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_spread, spread_info(values)),
    (plot_lines, curves_info({"best cell": table.curve(champion.arch), "worst cell": table.curve(worst.arch)})),
    caption=f"{space.size:,} strings. Half of them lie within {100 * (values.max() - np.median(values)):.1f} points "
    f"of the best, one in a hundred within {100 * (values.max() - np.quantile(values, 0.99)):.1f}: keep this picture "
    "in mind when methods are compared.",
    size=(13, 4.6),
)  # fmt: skip

# %% [markdown] slideshow={"slide_type": "subslide"}
# A training is a draw, too: another seed gives other first weights, another order of images, and another accuracy. Some of the cells were trained three times.
#
# > **Predict first.** Two trainings of one cell, or one training of each of two random cells: which accuracies lie farther apart? And who profits when the best of thousands is picked?

# %% slideshow={"slide_type": "fragment"}
from course_lib.nas.plan import Plan, chosen_again

final = table.curves[..., -1]  # (networks, seeds)
_, at_random = chosen_again(final[:, 0], Plan())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
noise = noise_info(final[at_random[:40]])
picture(
    plot_noise,
    noise,
    caption=f"Forty random cells, {final.shape[1]} seeds each. The spread between seeds is {noise.within / noise.between:.0%} of that "
    "between cells.",
    size=(12, 4.6),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_seed_noise",
    "The seed of a training matters less than the cell that is trained.",
    predict="How many points apart are two trainings of one cell, and two random cells? And two of the "
    "best cells?",
    sway="An interval on the other side of zero, with larger networks, longer training or more "
    "pictures to learn from.",
    shown="mean distance, in points of validation accuracy, of two trainings of one cell minus that of "
    "two cells trained once each",
    axis="Distance by seed minus distance by cell, points",
    words=(
        "Seeds differ more than cells do",
        "Seeds differ less than cells do",
        "No difference is shown",
    ),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_winners_curse",
    "The best values of a table flatter: its winners were lucky, too.",
    predict="How many points do the best cells lose when they are trained with two new seeds? And random "
    "cells?",
    sway="An interval of the best cells that holds zero.",
    shown="validation accuracy with seed 0, by which the best cells were chosen, minus the mean of two "
    "further seeds",
    axis="Seed 0 minus the mean of seeds 1 and 2, points",
    words=("Seed 0 flatters", "Seed 0 belittles", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two things decide how much a clever search can gain. If a few epochs already rank the networks, bad ones can be dropped early. If cells that differ in one edge are alike, a good cell shows the way to better ones.
#
# > **Predict first.** After half of the epochs, how well does the order of the networks agree with the final order? And how alike are two cells that differ in a single edge?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
early, neighbours = early_info(table), locality_info(table, make_rng(0))
pictures(
    (plot_lines, early),
    (plot_locality, neighbours),
    caption=f"Left: after {table.epochs // 2} of {table.epochs} epochs the rank correlation with the final order is "
    f"{early.lines['correlation'][table.epochs // 2 - 1]:.2f}. Right: one changed edge leaves a correlation of "
    f"{neighbours.found.correlation[0]:.2f}, all six changed {neighbours.found.correlation[-1]:.2f} (one draw "
    f"of {neighbours.found.pairs:,} pairs).",
    size=(13, 4.6),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# How sure are such numbers? And does the early order hold where it is needed, among the best?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_early_epochs",
    "A few epochs of training rank cells as the whole training does.",
    predict="How large is the rank correlation after one of {epochs} epochs? And among the best tenth, "
    "where a search must choose?",
    sway="An interval on the other side of zero: with another recipe, whose step size falls otherwise, "
    "or on other pictures.",
    shown="Spearman's rank correlation of the validation accuracy after so many epochs with that after "
    "the last, within groups of cells",
    axis="Spearman's correlation with the final order",
    words=("The order shows", "The order is turned round", "No order is shown yet"),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_neighbours",
    "Cells that differ in one edge have similar accuracies, so a good cell shows the way to "
    "better ones.",
    predict="How large is the correlation of two cells that differ in one edge? From how many edges on is "
    "nothing left of it?",
    sway="An interval on the other side of zero, in another space or with more seeds per cell.",
    shown="correlation of the validation accuracies of two cells that differ in so many edges",
    axis="Correlation of two cells' accuracies",
    words=("Alike", "Opposite", "No likeness is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The controller, live
#
# > **Predict first.** Which operation will the controller come to prefer on the edge from input to output? Will it still be exploring after 1,000 trials? What changes when the baseline is switched off?
#
# Start it, stop it, step it. Rows are operations, columns are edges; each number is the probability of that operation. Other cells stay usable while it runs.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
limits = float(np.quantile(values, 0.05)), float(values.max())  # of the chart's axis
controller_demo = ControllerDemo(space, table.measure, limits=limits)
controller_demo

# %% [markdown] slideshow={"slide_type": "fragment"}
# The same run without a browser: this is where it ends. It is one run, with one seed; the demo takes others.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
finished = ControllerDemo(space, table.measure, limits=limits)
finished.run()
finished.picture()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## MetaQNN: Q-learning over layers
#
# Baker and others (2017) let an agent build the network layer by layer and learn the *value* of each choice. State: which layer was chosen last, and at what depth. Action: the next layer, or stop. The only reward, the accuracy, comes at the end.
#
# $Q(s, a)$ estimates the final accuracy if $a$ is chosen in $s$ and the best known choices follow. After each finished network every transition $(s, a, r, s')$ pulls its value towards a target:
#
# $$Q(s,a) \leftarrow (1 - \eta)\, Q(s,a) + \eta \cdot \text{target},
# \qquad
# \text{target} = \begin{cases} r & \text{if the string has ended,} \\ r + \gamma \max_{a'} Q(s', a') & \text{otherwise.} \end{cases}$$
#
# The maximum runs over the choices of the *next* state. Past the end there is no next state, and whatever stands in the table there must not leak in.

# %% slideshow={"slide_type": "fragment"}
q = {"conv": 0.80, "pool": 0.65, "stop": 0.70}  # what the table holds for the next state
learning_rate, old = 0.1, 0.60
inner = 0.0 + 1.0 * max(q.values())  # not the end yet: no reward, the best next choice counts
last = 0.75  # the end: the accuracy itself
updated = [(1 - learning_rate) * old + learning_rate * target for target in (inner, last)]

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"A value of {old:.2f} moves to {updated[0]:.3f} in the middle of a string, and to "
    f"{updated[1]:.3f} at its end."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The agent first explores with $\varepsilon = 1$, every choice at random, then lowers $\varepsilon$ in stages and trusts its values more and more. Finished networks are kept and learned from again and again (*experience replay*), since each cost a training run.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.q_learning import metaqnn_epsilon, q_learning

budget = 2500
q_history = q_learning(space, Oracle(table.measure, budget), make_rng(0))
epsilons = [metaqnn_epsilon(i / budget) for i in range(budget)]

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
schedule = schedule_info(epsilons, q_history.values)
picture(
    plot_schedule,
    schedule,
    caption=f"One run of {budget:,} questions. Mean accuracy of the networks chosen: {schedule.middle[0]:.3f} when every choice is "
    f"random, {schedule.middle[-1]:.3f} when one in ten is, at best {schedule.middle.max():.3f}. A few "
    "dead networks pull a mean far down: look at the quartiles, too.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## View 2: a Metropolis chain
#
# Seen in another way, search is *sampling*. Give every architecture the probability $\pi(a) \propto \exp(R(a)/T)$. At high temperature $T$ all are alike; as $T \to 0$ only the best are left. To draw from $\pi$ no one needs its normalising constant: walk.
#
# From $a$, propose a neighbour $a'$ (change one decision). Accept it with probability
#
# $$\alpha = \min\Bigl(1,\ e^{(R(a') - R(a))/T}\Bigr),$$
#
# else stay. A better neighbour is always accepted, a worse one sometimes. This keeps **detailed balance**, $\pi(a)\, P(a \to a') = \pi(a')\, P(a' \to a)$: between any two architectures as much probability flows one way as the other, so $\pi$ stays what it is.
#
# The rule above takes for granted that $a'$ is proposed from $a$ as often as $a$ from $a'$. Where that is not so, as in strings that may end early, the flows balance only if the ratio is corrected (Hastings, 1970):
#
# $$\frac{\pi(a')}{\pi(a)} \quad\text{becomes}\quad \frac{\pi(a')\ q(a' \to a)}{\pi(a)\ q(a \to a')}.$$

# %% slideshow={"slide_type": "fragment"}
R, T = np.array([0.6, 0.7, 0.75]), 0.05  # three architectures, each a neighbour of the others
pi = np.exp(R / T) / np.exp(R / T).sum()
accept = np.minimum(1, np.exp((R[None, :] - R[:, None]) / T))
P = accept / 2  # one of the two others is proposed
np.fill_diagonal(P, 0)
np.fill_diagonal(P, 1 - P.sum(1))
flow = pi[:, None] * P

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Stationary: {np.round(pi, 3)}. After one step from it: {np.round(pi @ P, 3)}. Largest "
    f"difference between the flow one way and the other: {np.abs(flow - flow.T).max():.1e}."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# > **Predict first.** Lower the temperature step by step. Does the chain find better cells, or does it get stuck? Compare the best cell after 300 steps at a cold, a middle and a hot temperature.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
metropolis_demo = MetropolisDemo(space, table.measure)
metropolis_demo

# %% slideshow={"slide_type": "subslide"} tags=["demo"]
walked = MetropolisDemo(space, table.measure)
walked.run(2000)
chain = walked.info()
independent = np.random.default_rng(0).multinomial(len(chain.trace), chain.stationary)
apart = 0.5 * np.abs(independent / len(chain.trace) - chain.stationary).sum()

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_trace, chain),
    (plot_visits, chain),
    caption=f"One chain. After {len(chain.trace):,} steps the visited shares differ from the stationary ones "
    f"by {chain.distance:.3f} in total variation; as many independent draws differ by {apart:.3f}. "
    "Steps of a chain resemble each other, so it takes more of them to say as much. The axis begins "
    "above the lowest twentieth of all cells; what lies below is drawn at its end.",
    size=(13, 4.8),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does the controller beat random search?
#
# Four methods, the same table, the same number of trainings. *Regret* is how far the best cell so far stays behind the table's best.
#
# > **Predict first.** Rank them after 200 trainings.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.core import compare
from course_lib.nas.controller import reinforce
from course_lib.nas.search import metropolis

searches = {
    "random": random_search,
    "controller": reinforce,
    "q-learning": q_learning,
    "metropolis": metropolis,
}
histories = compare(searches, space, table.measure, budget=200, seeds=range(10), progress=False)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    progress_info(histories, optimum=champion.value),
    caption=f"Live, {len(histories['random'])} seeds each; bands are quartiles over seeds. Q-learning explores less as its "
    "budget is spent: before the end its line is a plan half done.",
    size=(10, 5.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Ten seeds are a glimpse. The claim deserves a test of its own: fresh seeds, several budgets, test accuracy reported, and an interval. Write your guess down before you open the card.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_controller_vs_random",
    "A controller that learns from the networks it tried finds a better network than random "
    "search with the same number of trainings.",
    predict="At which of these budgets is the controller ahead, and by how many points of test accuracy?",
    sway="An interval on the other side of zero, or one that holds zero where a difference is shown "
    "now: with other seeds, when the tuning has to be paid for, or on a table of larger networks.",
    shown="test accuracy of the network with the best validation accuracy so far, that of the controller "
    "minus that of random search",
    axis="controller minus random search, points of test accuracy",
    words=(
        "The controller is ahead",
        "The controller is behind",
        "No difference from random search is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# And the others? Beside the four above: regularized *evolution* (Real and others, 2019) mutates the best of a random handful and lets the oldest die; *local search* (White and others, 2021) moves to any better neighbour and starts anew where there is none; *successive halving* (Jamieson and Talwalkar, 2016) trains many cells for a few epochs and only the better half of them for longer. Each is tuned where it has something to tune, all on the same table.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_searches",
    "Every search of this lecture finds better cells than random search does with {budget} "
    "trainings.",
    predict="Which searches are ahead of random search, and which is the best of them? Does the order "
    "change with the budget?",
    sway="Intervals on the other side of zero: with other seeds, with wider choices of settings, or on "
    "a table of larger networks.",
    shown="regret of the best cell so far, in points of the table's validation accuracy: curves for "
    "every search, intervals for its difference from random search at {budget} trainings",
    axis="Regret minus that of random search, points, {budget} trainings",
    words=(
        "More regret than random search",
        "Less regret than random search",
        "No difference from random search is shown",
    ),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "01_rare_cells",
    "A search that learns meets one of the very best cells more often than uniform draws do.",
    predict="Of {architectures:,} strings the best {share:.1%} are {strings}. How often has a run met "
    "one of them after {budget} trainings, by uniform draws and by the best search?",
    sway="An interval on the other side of the line: with other seeds, or once more seeds per cell say "
    "which cells are the best.",
    shown="share of runs whose best cell so far is among the best {share:.1%} of the strings; the "
    "reference, {chance:.2f}, is computed for uniform draws",
    axis="Share of runs with a top cell after {budget} trainings",
    words=(
        "More often than uniform draws",
        "Less often than uniform draws",
        "No difference from uniform draws is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Published results on CIFAR-10
#
# The numbers that started the field: error rates of networks designed by hand and of networks found by a search, as printed in the papers.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
published = published_info("cifar10_rl", searched=("NAS", "MetaQNN"))
by_hand = min((row for row in published.rows if not row.searched), key=lambda row: row.error)
found = min((row for row in published.rows if row.searched), key=lambda row: row.error)
picture(
    plot_published_points,
    published,
    caption=f"Best by hand: {by_hand.model}, {by_hand.error} %. Best found by a search: "
    f"{found.model}, {found.error} %. Comparable in accuracy, at the price of "
    f"{found.gpu_days:,.0f} GPU days of search.",
    size=(11, 6.4),
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
picture(
    plot_published,
    published,
    caption="The same table row by row. Sources: data/published_results.csv.",
    size=(11, 6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Two bugs that raise no error. Both run here with everything else unchanged; only the loss differs.
#
# - **The sign.** An optimizer descends. Without the minus, the controller learns to write the *worst* networks.
# - **The baseline is the sample itself.** With a batch of one and $b = R$, the advantage is always zero: nothing is learned, and nothing complains.
#
# > **Predict first.** Draw the three curves: the right loss, the wrong sign, the vanished advantage.


# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.nas.controller import reinforce_steps


def loss_with(advantage, sign=-1):
    """A loss in which `advantage(reward, baseline)` weights the log-probabilities."""
    return lambda log_prob, reward, baseline: (
        sign * (advantage(reward.detach(), baseline) * log_prob).mean()
    )


losses = {
    "right loss": loss_with(torch.sub),
    "wrong sign": loss_with(torch.sub, sign=+1),
    "advantage zero": loss_with(lambda reward, _: reward - reward),
}


def batch_means(loss):
    steps = reinforce_steps(
        space, Oracle(table.measure, 1500), make_rng(3), loss=loss, batch=10, learning_rate=0.03
    )
    means = np.array([np.mean([trial.value for trial in step.trials]) for step in steps])
    return np.convolve(means, np.ones(10) / 10, mode="valid")  # smoothed over 10 updates


gallery = {name: batch_means(loss) for name, loss in losses.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    curves_info(gallery, x="update", y="mean accuracy of what is written"),
    caption=f"At the end the right loss writes cells of {gallery['right loss'][-1]:.3f}, the wrong sign "
    f"of {gallery['wrong sign'][-1]:.3f}; the table reaches from {values.min():.3f} to {values.max():.3f}. "
    "One run each, with one seed.",
    size=(10, 4.6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - A network can be written as a string of decisions; a policy over strings can be trained by the rewards of samples, without a gradient through training.
# - A baseline that is known before the sample leaves the mean of the gradient alone and can take most of its variance away.
# - Q-learning stores values of choices, the Metropolis chain stores nothing but where it stands. All of them ask the same kind of question and can be compared at the same cost.
# - Random search is the yardstick. How far ahead a clever method is depends on the budget and on how rare good networks are: look at the spread of the space before you believe a ranking.
#
# **Next.** Lab 01 asks you to write the five kernels of this lecture: decode a string, sample from the controller, the loss, the Q-learning target, the acceptance rule.
#
# **Sources.** B. Zoph and Q. V. Le, *Neural architecture search with reinforcement learning*, ICLR 2017. B. Baker, O. Gupta, N. Naik and R. Raskar, *Designing neural network architectures using reinforcement learning*, ICLR 2017. R. J. Williams, *Simple statistical gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 1992. W. K. Hastings, *Monte Carlo sampling methods using Markov chains and their applications*, Biometrika 1970. X. Dong and Y. Yang, *NAS-Bench-201*, ICLR 2020. E. Real, A. Aggarwal, Y. Huang and Q. V. Le, *Regularized evolution for image classifier architecture search*, AAAI 2019. C. White, S. Nolen and Y. Savani, *Exploring the loss landscape in neural architecture search*, UAI 2021. K. Jamieson and A. Talwalkar, *Non-stochastic best arm identification and hyperparameter optimization*, AISTATS 2016. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
