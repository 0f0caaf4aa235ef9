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
# # Lab 01: Neural architecture search by reinforcement learning
#
# In this lab you write the five steps that turn a search for neural networks into reinforcement
# learning, and into a Markov chain. The loops around them are in the library: each of your functions is put into
# the library's loop as soon as it works.
#
# **After this lab you can**
#
# - read a configuration string as a network and predict the shape of every layer;
# - let a recurrent controller write such strings, and say how probable each string was;
# - turn rewards into a gradient, and explain what a baseline changes and what it does not;
# - write the backup of Q-learning;
# - for more: write the acceptance rule of a Metropolis chain, and a search that beats random search at equal budget.
#
# **You need** Python with functions and loops, PyTorch tensors (indexing, `softmax`, gradients), and the
# expectation of a random variable. Lecture 01 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 From a string to a network | 16 | 20 |
# | 2 The controller writes strings | 16 | 30 |
# | 3 Rewards become a gradient | 16 | 10 |
# | 4 The backup of Q-learning | 16 | 10 |
# | 5 The acceptance rule of a chain (for more) | 16 | 15 |
# | 6 A written question | 10 | 15 |
# | 7 Challenge: beat random search (for more) | 10 | 25 |
#
# The minutes are a guess. Sections 1 to 4 and 6 are the lab: 90 minutes and 74 of the 100 points. Sections 5 and 7 are
# for those who want more: another 40 minutes for the other 26 points; no other section needs them.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points. From exercise 2 on, the first
# law is the basic one: the others are easily kept without it (a rule that always says 1 does return a probability), so a
# case counts only if the basic law holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("decode")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from IPython.display import display

from course_lib.checks import lab01_rl_nas as check
from course_lib.core import History, Oracle, Space, make_rng, randint
from course_lib.nas.controller import reinforce, reinforce_steps
from course_lib.nas.q_learning import q_learning
from course_lib.nas.search import metropolis_steps, random_search
from course_lib.nas.strings import Layer, StringSpace
from course_lib.nas.table import digits201
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import plot_lines
from course_lib.show.nas import policy as heat
from course_lib.show.nas.chain import chain_info, plot_trace, plot_visits
from course_lib.show.nas.names import choice_names
from course_lib.show.nas.networks import network_info, plot_network
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
# ## 1 From a string to a network
#
# Lecture: *A network as a configuration string*. Zoph and Le (2017) write a convolutional network as a string of small integers. Layer
# number $l = 0, 1, 2, \dots$ takes five decisions, in this order:
#
# filter height, filter width, stride height, stride width, count (the number of filters),
#
# and then $l$ *anchors*, one for each earlier layer: 1 if that layer feeds this one, 0 if not. Each of the five is an index into the list of
# values that the space allows, which is in the dictionary `space.options` (print it).
#
# - A layer that no earlier layer feeds reads the image.
# - A layer that several layers feed stacks their maps along the channels; smaller maps are padded with zeros (below and on the right) to the
#   most rows and the most columns among them.
# - A convolution with filter height $k$ is padded by $p = (k - 1)/2$ rows above and below; columns likewise. With the stride $s$ it turns $n$
#   rows into $\lfloor (n + 2p - k)/s \rfloor + 1$.
#
# This is a string of three layers, and the network that it stands for. (The readable text after `skip` counts layers from 1, while indices count from 0.) Check a shape or two by hand before you go on.

# %%
space = StringSpace(layers=3)
text = (
    "filter 3x5, stride 2x1, count 8"
    " | filter 5x3, stride 1x2, count 16, skip 1"
    " | filter 3x3, stride 1x1, count 24, skip 1 2"
)
arch = space.parse(text)
print(arch, space.options, sep="\n")
picture(plot_network, network_info(space, arch), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "decode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decode(
    space: StringSpace, arch: tuple[int, ...], image: tuple[int, int, int] = (1, 12, 12)
) -> list[tuple[Layer, tuple[int, int, int]]]:
    """The layers of a string, each with the shape of its output.

    space: has .layers (their number) and .options, a dictionary of tuples with the keys "filter
        height", "filter width", "stride height", "stride width" and "count", in this order.
    arch: the decisions of all layers, one after the other.
    image: (channels, rows, columns).
    Returns one pair per layer: Layer(filter_height, filter_width, stride_height, stride_width,
    count, inputs), where inputs is a tuple of indices of earlier layers, () for the image;
    and the shape (channels, rows, columns) of what the layer puts out.
    """
    decisions = iter(arch)  # next(decisions) is the first decision, then the second, ...
    found: list[tuple[Layer, tuple[int, int, int]]] = []
    ### BEGIN SOLUTION
    for number in range(space.layers):
        height = space.options["filter height"][next(decisions)]
        width = space.options["filter width"][next(decisions)]
        down = space.options["stride height"][next(decisions)]
        across = space.options["stride width"][next(decisions)]
        count = space.options["count"][next(decisions)]
        inputs = tuple(earlier for earlier in range(number) if next(decisions) == 1)
        sources = [found[earlier][1] for earlier in inputs] or [image]
        rows = max(shape[1] for shape in sources)
        columns = max(shape[2] for shape in sources)
        out_rows = (rows + 2 * ((height - 1) // 2) - height) // down + 1
        out_columns = (columns + 2 * ((width - 1) // 2) - width) // across + 1
        layer = Layer(height, width, down, across, count, inputs)
        found.append((layer, (count, out_rows, out_columns)))
    return found
    ### END SOLUTION


# %% [markdown]
# Play: edit the string, or draw one with `space.sample(make_rng(0))`. Your `decode` builds the network.

# %%
with check.playground("decode"):
    mine = space.parse(
        "filter 5x1, stride 1x2, count 8"
        " | filter 1x5, stride 2x1, count 16"
        " | filter 3x3, stride 1x1, count 24, skip 1 2"
    )
    display(
        picture(
            plot_network, network_info(space, mine, decode=decode), caption="Built with your decode"
        )
    )

# %% nbgrader={"grade": true, "grade_id": "decode_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("filters, strides and counts are read", variant),
    ("inputs are read", variant),
    ("shapes of a chain are torch's", variant),
    ("shapes of merged maps are torch's", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.decode(decode, cases, points=16)

# %% [markdown]
# ## 2 The controller writes strings
#
# Lecture: *The controller writes token by token*. The controller is a recurrent network that has seen the tokens so far and says how likely each choice of
# the next one is. A string $a = (a_1, \dots, a_n)$ therefore has the probability
#
# $$p(a) = \prod_{i=1}^n p(a_i \mid a_1, \dots, a_{i-1}), \qquad \log p(a) = \sum_{i=1}^n \log p(a_i \mid a_1, \dots, a_{i-1}).$$
#
# Besides, we want each string's entropy, the sum over its decisions of $-\sum_c p(c \mid \dots) \log p(c \mid \dots)$.
#
# Some spaces have strings of varying length: there `controller.stop` is a token that ends the string (otherwise it is `None`). After a stop only stops follow. They
# are padding, so they add nothing to $\log p$ and nothing to the entropy. The stop itself is a decision like any other and counts; only what follows it is padding.
#
# The picture shows what a controller that draws well learns on the table of measured cells: for each of the six decisions, how likely it has come to find each operation.


# %%
def final_policy(**parts):
    """The last step of a controller's training on the table, with `parts` in the library's loop."""
    *_, step = reinforce_steps(table.space, Oracle(table.measure, 400), make_rng(variant), **parts)
    return step


edges, names = choice_names(table.space)
picture(
    heat.plot_heat,
    heat.heat_info(final_policy().probabilities, edges, names),
    caption="What right looks like: the policy after 400 rewards",
)


# %% nbgrader={"grade": false, "grade_id": "sample_strings", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_strings(controller, batch: int, rng: torch.Generator):
    """Draw a batch of strings token by token.

    controller: has .choices (number of choices of each decision), .stop (a token or None),
        .start(batch) -> state, and .step(position, previous, state) -> (logits, state), where
        previous holds the tokens (batch,) of the decision before (None at position 0) and
        logits are (batch, choices[position]).
    Every draw takes its randomness from rng.
    Returns tokens (batch, decisions) int64, log_prob (batch,), entropy (batch,). The gradient
    of log_prob and of entropy reaches the controller's parameters. Logits may be of any size,
    also hundreds apart: take their log_softmax rather than the logarithm of a softmax.
    The check draws batches of up to 10,000 strings; whoever draws them one by one waits.
    """
    ### BEGIN SOLUTION
    state, previous = controller.start(batch), None
    columns = []
    log_prob, entropy = 0.0, 0.0
    ended = torch.zeros(batch, dtype=torch.bool)
    for position in range(len(controller.choices)):
        logits, state = controller.step(position, previous, state)
        log_p = logits.log_softmax(dim=1)
        p = log_p.exp()
        drawn = torch.multinomial(p.detach(), 1, generator=rng)
        picked = log_p.gather(1, drawn).squeeze(1)
        spread = -(p * log_p).sum(dim=1)
        log_prob = log_prob + torch.where(ended, 0.0, picked)
        entropy = entropy + torch.where(ended, 0.0, spread)
        previous = drawn.squeeze(1)
        if controller.stop is not None:
            previous = torch.where(ended, controller.stop, previous)
            ended = ended | (previous == controller.stop)
        columns.append(previous)
    return torch.stack(columns, dim=1), log_prob, entropy
    ### END SOLUTION


# %% [markdown]
# Play: the same training, with your `sample_strings` in the library's loop.

# %%
with check.playground("sample_strings"):
    step = final_policy(sample=sample_strings)
    display(
        picture(
            heat.plot_heat,
            heat.heat_info(step.probabilities, edges, names),
            caption="With your sample_strings",
        )
    )

# %% nbgrader={"grade": true, "grade_id": "sample_strings_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("frequencies match probabilities", variant),
    ("log-probability of what was drawn", variant),
    ("entropy of each decision, added up", variant),
    ("nothing after a stop", variant),
    ("gradients reach the controller", variant),
    ("all draws come from rng", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.sample_strings(sample_strings, cases, points=16)

# %% [markdown]
# ## 3 Rewards become a gradient
#
# Lecture: *Learning from rewards: REINFORCE*. We want to raise the expected reward $J = \mathbb{E}[R]$ of the strings that the controller writes. Its gradient is an expectation, too, and a mean over a batch of
# strings estimates it without bias, for **any** baseline $b$ that was known before the batch was drawn:
#
# $$\nabla J = \mathbb{E}\big[(R - b)\, \nabla \log p(a)\big].$$
#
# Write the scalar that an optimiser should *descend*: its gradient is minus that estimate.
#
# What the baseline does change is the variance. The picture is exact, computed over all strings of a small policy; the fourth case of the check, *variance least at the best baseline*, asks this parabola of your loss.

# %%
preferences = torch.tensor([0.5, 0.0, -0.5, 1.0], dtype=torch.float64)
rewards = torch.tensor([0.55, 0.70, 0.85, 0.60], dtype=torch.float64)
p = preferences.softmax(0)
scores = torch.eye(4, dtype=torch.float64) - p
picture(heat.plot_baseline, heat.baseline_info(p, scores, rewards), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "reinforce_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reinforce_loss(log_prob: torch.Tensor, reward: torch.Tensor, baseline: float) -> torch.Tensor:
    """The loss whose gradient estimates minus the gradient of the expected reward.

    log_prob: (batch,), attached to the controller. reward: (batch,), only numbers: no gradient
    may flow through it. Both stay as they are. baseline: a number, known before the batch was
    drawn.
    Returns a scalar tensor, shape ().
    """
    ### BEGIN SOLUTION
    advantage = reward.detach() - baseline
    return -(advantage * log_prob).mean()
    ### END SOLUTION


# %% [markdown]
# Play: the library's controller learns with your loss, beside random search at the same budget, three seeds each. (Three seeds prove nothing; the
# lecture uses more.)


# %%
def three_runs(search):
    """Histories of three seeds at a budget of 300 answers from the table."""
    return [search(table.space, Oracle(table.measure, 300), make_rng(seed)) for seed in range(3)]


def learn_with(loss):
    """The library's loop with this loss, as a search."""
    return lambda space, oracle, rng: reinforce(space, oracle, rng, loss=loss)


with check.playground("reinforce_loss"):
    runs = {
        "reinforce": three_runs(learn_with(reinforce_loss)),
        "random search": three_runs(random_search),
    }
    display(picture(plot_lines, progress_info(runs), caption="With your reinforce_loss"))

# %% nbgrader={"grade": true, "grade_id": "reinforce_loss_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("mean gradient = exact policy gradient", variant),
    ("one number, a mean over the batch", variant),
    ("any constant baseline, same mean gradient", variant),
    ("variance least at the best baseline", variant),
    ("the reward is only a number", variant),
    ("log_prob and reward stay as they are", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.reinforce_loss(reinforce_loss, cases, points=16)

# %% [markdown]
# ## 4 The backup of Q-learning
#
# Lecture: *MetaQNN: Q-learning over layers*. Baker et al. (2017) let an agent choose layer after layer. $Q(s, a)$ is what choosing $a$ in state $s$ is worth in the end. After an experience with
# reward $r$ that led to state $s'$ the value should move towards the *target*
#
# $$r + \gamma \max_{a'} Q(s', a'), \qquad\text{or } r \text{ alone if the string has ended.}$$
#
# Strings end with a stop and are padded: for a terminal experience `next_q` holds values that mean nothing (finite numbers, never infinite or nan).
#
# What right looks like, for strings of two choices: the four rewards are given, and a first choice is worth the best that can follow it.

# %%
after_0, after_1 = [0.3, 0.9], [0.6, 0.5]
values = torch.tensor([[max(after_0), max(after_1)], after_0, after_1])
picture(
    heat.plot_heat,
    heat.heat_info(
        values,
        ("first choice", "second, after 0", "second, after 1"),
        [("0", "1")] * 3,
        quantity="value Q",
    ),
    caption="What right looks like: two backups, from the end to the start",
)


# %% nbgrader={"grade": false, "grade_id": "q_backup", "locked": false, "schema_version": 3, "solution": true, "task": false}
def q_backup(
    reward: torch.Tensor, next_q: torch.Tensor, terminal: torch.Tensor, *, discount: float = 1.0
) -> torch.Tensor:
    """The targets of a batch of experiences.

    reward: (batch,), what each choice earned at once. next_q: (batch, choices), the values of
    the choices that come next. terminal: (batch,) bool, True where the string has ended and
    nothing comes next. discount: what a reward one step later counts, from 0 to 1.
    Returns the targets, (batch,). The arguments stay as they are.
    """
    ### BEGIN SOLUTION
    future = discount * next_q.max(dim=1).values
    return reward + torch.where(terminal, torch.zeros_like(future), future)
    ### END SOLUTION


# %% [markdown]
# Play: Q-learning with your backup, beside random search.


# %%
def q_learn_with(backup):
    """The library's loop with this backup, as a search."""
    return lambda space, oracle, rng: q_learning(space, oracle, rng, backup=backup)


with check.playground("q_backup"):
    runs = {
        "q-learning": three_runs(q_learn_with(q_backup)),
        "random search": three_runs(random_search),
    }
    display(picture(plot_lines, progress_info(runs), caption="With your q_backup"))

# %% nbgrader={"grade": true, "grade_id": "q_backup_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("before the end the best next choice counts", variant),
    ("at the end only the reward counts", variant),
    ("what comes later is discounted", variant),
    ("swept back, the exact best rewards", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.q_backup(q_backup, cases, points=16)

# %% [markdown]
# ## 5 The acceptance rule of a chain (for more)
#
# Lecture: *View 2: a Metropolis chain*. Instead of learning where to look, a chain walks from architecture $x$ to a proposed neighbour $y$ and accepts the step with a probability chosen so that in the
# long run it visits $x$ in proportion to $\pi(x) \propto \exp(\text{value}(x) / \text{temperature})$. It suffices that every pair is in *detailed balance*:
#
# $$\pi(x)\, \text{forward}\; \alpha(x \to y) = \pi(y)\, \text{backward}\; \alpha(y \to x),$$
#
# where *forward* is the probability of proposing $y$ from $x$, and *backward* that of proposing $x$ from $y$. Of all rules that do so, take the one
# that accepts most: for each pair one direction is accepted surely.
#
# What right looks like: on the left the first 300 steps of a walk on the table, on the right where all its steps went, beside where they must.

# %%
every_value = np.array([table.measure(arch).value for arch in table.space])


def chain(temperature: float = 0.02, steps: int = 4000, **parts):
    """A walk on the table with `parts` in the library's loop: its start, and all of it."""
    oracle = Oracle(table.measure, steps + 1)
    walked = list(
        metropolis_steps(table.space, oracle, make_rng(variant), temperature=temperature, **parts)
    )
    start, whole = (
        chain_info(part, every_value, temperature=temperature) for part in (walked[:300], walked)
    )
    return (plot_trace, start), (plot_visits, whole)


pictures(*chain(), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "acceptance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def acceptance(
    value: float,
    proposed: float,
    *,
    temperature: float,
    forward: float = 1.0,
    backward: float = 1.0,
) -> float:
    """The probability of accepting a step from an architecture to a proposed one.

    value, proposed: what the two are worth; larger is better. temperature > 0, in the unit of
    the values; it may be very small. forward: how likely the step was to be proposed;
    backward: how likely the way back would be (0: there is none). Returns a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    if backward <= 0.0:
        return 0.0
    exponent = (proposed - value) / temperature + math.log(backward) - math.log(forward)
    return math.exp(min(exponent, 0.0))
    ### END SOLUTION


# %% [markdown]
# Play: the same chain with your rule. What happens at a temperature of 0.2? At 0.002? Change it here.

# %%
with check.playground("acceptance"):
    display(pictures(*chain(temperature=0.02, accept=acceptance), caption="With your acceptance"))

# %% nbgrader={"grade": true, "grade_id": "acceptance_test", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("detailed balance", variant),
    ("detailed balance when coming back is harder", variant),
    ("one of the two ways is accepted surely", variant),
    ("a probability", variant),
    ("hot, cold, equal", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.acceptance(acceptance, cases, points=16)

# %% [markdown]
# ## 6 A written question
#
# **Why does subtracting a baseline reduce the variance of the policy gradient without biasing it, and why may a controller with a good baseline still
# not beat random search when both may train only a few dozen networks?** Answer in 5 to 10 sentences. Formulas are welcome. (10 points)
#
# *How it is graded.* 3 points: why there is no bias, with the condition on the baseline. 2 points: why the variance falls, and that it can also grow. 3 points: at least
# two reasons why a controller may not beat random search at an equal, small budget, specific to architecture search. 2 points: what one would measure to find out, fairly.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** The expected score is zero: summed over all strings, $\sum_a p(a) \nabla \log p(a) = \nabla \sum_a p(a) = \nabla 1 = 0$. A
# constant $b$ therefore adds $b \cdot 0$ to the expected gradient. This needs $b$ to be independent of the string that it is compared with; the mean of the current batch contains it and
# shrinks the estimate by a factor. The variance is a parabola in $b$, least at the average reward weighted with the squared score. Near it, rewards that are all about 0.8 no longer push every drawn string upwards, so
# most of the noise goes. A baseline far away makes the variance larger than none. A controller may still not win: within a few dozen evaluations its policy is hardly away from uniform, so that
# most of the budget is spent like random search; many cells in the space are nearly equally good, so the best of a few dozen random ones is within a few points of the optimum; rewards carry training noise, to which the policy fits; once it does concentrate,
# it asks for the same cells again and pays for them. To find out I would run both with the same number of trainings, over many seeds, with the controller's learning rate tuned on another task, choose by validation accuracy, and
# report test accuracy with an interval for the difference.
# *(3 + 2 + 3 + 2: all there, with the condition on b and a fair protocol.)*
#
# **Sample B, 6 of 10.** The baseline is subtracted from the reward. Because the gradient of log p has expectation zero, this does not change the mean. The reward minus the
# average is smaller than the reward, so the gradient is less noisy. It may still lose against random search, since random search explores more and RL needs many samples before it learns something. One should compare them with several seeds.
# *(2: no condition on the baseline; 1: does not say that the variance can grow; 2: two reasons, of which one is vague; 1: seeds, but neither equal cost nor validation and test.)*
#
# **Sample C, 2 of 10.** The baseline makes the rewards smaller so that training is more stable, and it makes learning faster. If the learning rate is badly chosen, RL gets
# stuck in a local optimum and random search does not.
# *(0: bias is not mentioned; 1: something about variance; 1: one reason, not specific to architecture search; 0.)*
# ### END SOLUTION

# %% [markdown]
# ## 7 Challenge: beat random search (for more)
#
# Write any search you like. It plays thirty problems, on each with a budget of 60 answers, and is judged by the mean of the thirty best values that it finds. To earn the 10 points it must reach what random
# search exceeds in only 5 % of its attempts. The threshold is computed from the table when you run the check.
#
# Every problem is the measured table of cells in disguise: on each of the six edges the operations are numbered anew, so that only the
# answers tell which choice is good. `space` is a plain `Space` with `sample(rng)`, `mutate(arch, rng)` and `neighbours(arch)`; `oracle(arch)` gives a trial with its `arch` and its `value`; `randint(rng, n)` draws a
# number from 0 to n - 1. A repeated question is charged again. Every search must spend all 60 answers; `with oracle:` ends quietly when they are spent. Random search, for example, is
#
# ```python
# def random_search(space, oracle, rng):
#     with oracle:
#         while True:
#             oracle(space.sample(rng))
#     return oracle.history
# ```
#
# To try yours on the first of the problems:
# `measure = check.problem(variant, 0); my_search(measure.space, Oracle(measure, 60), make_rng(0)).best()`
#
# What you hand in is the file `challenge.json` beside this notebook: the histories of the thirty problems, written by the cell below your search. It is graded by looking up every answer in the table.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_search(space: Space, oracle: Oracle, rng: torch.Generator) -> History:
    """Spend the oracle's budget on finding an architecture of high value."""
    ### BEGIN SOLUTION
    with oracle:
        population = [oracle(space.sample(rng)) for _ in range(15)]
        asked = {trial.arch for trial in population}
        while True:
            parents = sorted(population, key=lambda trial: trial.value)[-5:]
            child = space.mutate(parents[randint(rng, len(parents))].arch, rng)
            while child in asked:
                child = space.mutate(child, rng)
            asked.add(child)
            population.append(oracle(child))
    return oracle.history
    ### END SOLUTION


# %%
with check.playground("my_search"):
    print(check.write_challenge(my_search, variant))

# %% artefacts=["challenge.json"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check.challenge("challenge.json", [variant], points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab01_rl_nas` (or `make submit LAB=lab01_rl_nas`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
