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
# # Lab 07: AMC, automated pruning
#
# A trained network has channels that it can do without. Which layer should give up how many of them is a question for a search. In this lab you write its parts: the cut itself, what it saves, a budget that no action can exceed, an episode as the agent remembers it, and the two formulas that keep its critic stable. The loops around your functions
# are in the library.
#
# **After this lab you can**
#
# - cut channels out of a network so that a smaller network remains, with the same output as a mask;
# - count multiply-accumulates, and say why half of the channels are not half of the operations;
# - bound an action so that every episode ends within its budget;
# - write an episode of AMC as transitions: states, executed actions, one reward for all;
# - write DDPG's targets and soft updates, and say why no gradient flows into them.
#
# **You need** Python with functions that are handed around, PyTorch with convolutions and batch normalisation (BN), and what a critic is. Lecture 07 comes first.
#
# | Section | Points | Minutes |
# |---|---|---|
# | Reading and setting up | | 5 |
# | 1 Cutting channels out | 14 | 17 |
# | 2 What a network costs | 13 | 12 |
# | 3 A budget for every layer | 14 | 15 |
# | 4 An episode | 13 | 13 |
# | 5 What the critic learns | 13 | 8 |
# | 6 The slow copies | 13 | 5 |
# | 7 A written question | 10 | 15 |
# | 8 Challenge: the best half (for more) | 10 | 40 |
#
# The minutes are a guess; the lecture shows ready-made forms of some of these functions, so close it while you write. Sections 1 to 7 are the lab: 90 minutes and 90 of the 100 points. Section 8 is for those who want more.
#
# **How it works.** Each exercise has a picture of what right looks like, a cell for your code, a cell to
# play in (no points), and a check. A check does not compare you with a model answer: it tests laws that every right
# answer obeys, and tells you which one is broken. There are four outcomes: passed, failed, error in your
# code, not attempted yet. Every case that holds earns its share of the points, and counts only
# if the first law, the basic one, holds, too. Grading adds cases of the same laws with other numbers.
#
# **Stuck?** Run `check.hint("prune_pair")` in a new cell: every call gives one more hint. Hints cost nothing.
# `check.hint()` lists what there are hints for.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
import math
from collections.abc import Callable

import torch
from IPython.display import display
from torch import Tensor, nn

from course_lib.checks import lab07_amc as check
from course_lib.core import make_rng
from course_lib.hardware import budget as budgets
from course_lib.hardware import ddpg, macs, prune
from course_lib.hardware.amc_env import Episode
from course_lib.hardware.amc_env import episode as library_episode
from course_lib.hardware.chain import Chain, mobilenet, vgg
from course_lib.show.figure import picture
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
# ## 1 Cutting channels out
#
# Lecture: *Cutting channels*. A block is convolution, BN, ReLU; then the next layer reads it. Whoever removes channel $c$ of the block removes filter $c$ of the convolution, entry $c$ of everything that BN holds, and the weights of the *next* layer that read channel $c$. What is left is a smaller network. Its output is exactly that of the whole one with channel $c$ set to 0 **behind ReLU**.
#
# It does not suffice to set filters to zero: BN still adds its shift, and ReLU lets it through if it is positive.
#
# What right looks like: two layers of eight channels, of which 1 to 8 are kept. The line is the largest difference between the output and that of the masked layers, once for layers that were cut, once where only filters were set to zero.


# %%
def block(seed, channels=8):
    """A convolution, its BN as after a training, and the next convolution."""
    rng = make_rng(seed)
    conv, norm = nn.Conv2d(3, channels, 3, padding=1), nn.BatchNorm2d(channels)
    following = nn.Conv2d(channels, 4, 3, padding=1)
    with torch.no_grad():
        for values in (*conv.parameters(), *following.parameters()):
            values.copy_(0.3 * torch.randn(values.shape, generator=rng))
        norm.bias.copy_(torch.rand(channels, generator=rng))
        norm.running_var.copy_(0.5 + torch.rand(channels, generator=rng))
    return conv.eval(), norm.eval(), following.eval()


def filters_to_zero(conv, norm, following, keep):
    """What does not suffice."""
    conv = copy.deepcopy(conv)
    gone = torch.ones(conv.out_channels, dtype=torch.bool).index_fill_(0, keep, False)
    with torch.no_grad():
        conv.weight[gone] = 0.0
        conv.bias[gone] = 0.0
    return conv, norm, following


def differences(prune_pair):
    """The largest difference from the masked layers, for 1 to 8 channels that are kept."""
    layers, found = block(variant), []
    x = torch.randn(16, 3, 8, 8, generator=make_rng(variant + 1))
    with torch.no_grad():
        for count in range(1, 9):
            keep = torch.randperm(8, generator=make_rng(count))[:count].sort().values
            conv, norm, following = prune_pair(*layers, keep)
            mask = torch.zeros(8).index_fill_(0, keep, 1.0)[:, None, None]
            masked = layers[2](torch.relu(layers[1](layers[0](x))) * mask)
            found.append((following(torch.relu(norm.eval()(conv(x)))) - masked).abs().max().item())
    return found


def compared(lines):
    return lines_info(range(1, 9), lines, x="channels kept of 8", y="largest difference")


lines = {
    name: differences(how)
    for name, how in (("cut out", prune.prune_pair), ("filters set to zero", filters_to_zero))
}
picture(plot_lines, compared(lines), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "prune_pair", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prune_pair(
    conv: nn.Conv2d, norm: nn.BatchNorm2d, following: nn.Conv2d | nn.Linear, keep: Tensor
) -> tuple[nn.Conv2d, nn.BatchNorm2d, nn.Conv2d | nn.Linear]:
    """New modules (conv, norm, following) with the channels `keep` of conv and norm only.

    conv -> norm -> ReLU -> following. Both convolutions have groups=1; a Linear reads the mean of
    every channel. conv and following may have a bias or none; norm has scale and shift.
    keep: (k,) int64, ascending, the channels that stay; at least one, perhaps all.

    All other settings stay: kernel, stride, padding, dilation and padding_mode, eps and momentum,
    and whether a module is in training or in evaluation mode.
    out_channels, num_features, in_channels or in_features say the new sizes. The given modules
    and keep stay as they are, and the new ones share no memory with them: every parameter can be
    trained by itself.
    """
    ### BEGIN SOLUTION
    conv, norm, following = (copy.deepcopy(module) for module in (conv, norm, following))
    conv.weight = nn.Parameter(conv.weight.detach()[keep])
    if conv.bias is not None:
        conv.bias = nn.Parameter(conv.bias.detach()[keep])
    norm.weight = nn.Parameter(norm.weight.detach()[keep])
    norm.bias = nn.Parameter(norm.bias.detach()[keep])
    norm.running_mean = norm.running_mean[keep]
    norm.running_var = norm.running_var[keep]
    following.weight = nn.Parameter(following.weight.detach()[:, keep])
    conv.out_channels = norm.num_features = len(keep)
    if isinstance(following, nn.Linear):
        following.in_features = len(keep)
    else:
        following.in_channels = len(keep)
    return conv, norm, following
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. In `block`, let `norm.bias` be 0: what becomes of the line of the filters that were set to zero, and why? What if `norm.running_mean` is negative as well?

# %%
with check.playground("prune_pair"):
    lines = {
        "yours": differences(prune_pair),
        "filters set to zero": differences(filters_to_zero),
    }
    display(picture(plot_lines, compared(lines), caption="With your prune_pair"))

# %% nbgrader={"grade": true, "grade_id": "prune_pair_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a convolution follows: the same output as with a mask", variant),
    ("a linear layer follows", variant),
    ("one channel, or all", variant),
    ("all other settings stay", variant),
    ("the given modules stay, and can be trained apart", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.prune_pair(prune_pair, cases, points=14)

# %% [markdown]
# ## 2 What a network costs
#
# Lecture: *Why prune, and what counts*. A multiply-accumulate, MAC, is one multiplication and the addition that takes it up: one MAC, not two operations. A layer has
#
# $$\text{rows} \cdot \text{columns} \cdot \text{kernel}^2 \cdot \text{inputs} \cdot \text{outputs}$$
#
# of them, rows and columns being those of its *output*; a depthwise layer, whose every output reads a single input, has a factor fewer. Biases and BN are not counted.
#
# A `Chain` describes a network without branches: `chain.layers` are `ConvLayer(channels, kernel, stride, depthwise)`, `chain.image` is `(channels, rows, columns)` of the pictures, `chain.classes` how many outputs the classifier has, which reads the mean of every channel of the last layer. Kernels are odd, the padding is `kernel // 2`: a side of $n$ pixels becomes $\lceil n / \text{stride} \rceil$.
#
# What right looks like: the same share of channels in every layer, and the share of the MACs that is left. Half of the MACs is far more than half of the channels.


# %%
def left(chain_macs, chain):
    """The share of the MACs, for shares of the channels from 1/8 to 1."""
    full, found = sum(chain_macs(chain, list(chain.channels))), []
    for eighths in range(1, 9):
        channels = [max(1, count * eighths // 8) for count in chain.channels]
        found.append(sum(chain_macs(chain, channels)) / full)
    return found


def shares(chain_macs):
    """Two chains whose channels are multiples of 8."""
    lines = {"VGG": left(chain_macs, vgg()), "MobileNet": left(chain_macs, mobilenet())}
    places = [eighths / 8 for eighths in range(1, 9)]
    return lines_info(places, lines, x="share of channels kept", y="share of MACs")


picture(plot_lines, shares(macs.chain_macs), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "chain_macs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def chain_macs(chain: Chain, channels: list[int]) -> list[int]:
    """MACs for one picture: a number for each convolution, and the classifier's last.

    channels: how many outputs each layer has now, at least 1; it may differ from what
    chain.layers say. A depthwise layer has as many as the layer before it, and is never the first.
    chain and channels stay as they are.
    """
    ### BEGIN SOLUTION
    inputs, rows, columns = chain.image
    found = []
    for layer, outputs in zip(chain.layers, channels, strict=True):
        rows, columns = math.ceil(rows / layer.stride), math.ceil(columns / layer.stride)
        read = 1 if layer.depthwise else inputs
        found.append(rows * columns * layer.kernel**2 * read * outputs)
        inputs = outputs
    return [*found, inputs * chain.classes]
    ### END SOLUTION


# %% [markdown]
# Play: which share of all channels keeps half of the MACs? Why is MobileNet's line less bent?

# %%
with check.playground("chain_macs"):
    display(picture(plot_lines, shares(chain_macs), caption="With your chain_macs"))
    print(chain_macs(vgg(), list(vgg().channels)))

# %% nbgrader={"grade": true, "grade_id": "chain_macs_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("one layer and the classifier", variant),
    ("each layer reads the one before", variant),
    ("only the given counts matter", variant),
    ("strides and odd sides", variant),
    ("depthwise layers", variant),
    ("MobileNet, as published", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.chain_macs(chain_macs, cases, points=13)

# %% [markdown]
# ## 3 A budget for every layer
#
# Lecture: *A budget, layer by layer*. The agent goes through the layers and wants a share of each. AMC carries out what it wants as far as the budget allows: enough must be left for all later layers **at their least**. So every episode ends within the budget, whatever the agent does, and the reward can be the accuracy alone.
#
# - The *least* count of layer $i$ is `lowest * channels[i]`, rounded up to a multiple of `multiple`, and at least one multiple.
# - Layer $t$ keeps the largest multiple that is at most `wanted * channels[t]`, and with which the total, all later layers at their least, is within the budget; but never fewer than its least.
# - `macs(counts)` is the total here, one number. (In section 4 it is a list, layer by layer.)
# - Rounding is always **down**, towards the budget. The published code of AMC bounds the ratio and then rounds channels up, and exceeds the budget.
#
# What right looks like: an agent that wants 90 % of every layer of a VGG, for three budgets. Early layers get what they want, the last ones what remains.

# %%
chain = vgg()
channels = list(chain.channels)


def total(counts):
    """The MACs of the whole network."""
    return sum(macs.chain_macs(chain, counts))


def greedy(bounded_channels, share, wanted=0.9):
    """What an agent that always wants the same gets, layer by layer, and the total."""
    kept = []
    for _ in channels:
        kept.append(
            bounded_channels(
                wanted, kept, channels, total, budget=share * total(channels), lowest=0.2
            )
        )
    return kept


def three_budgets(bounded_channels):
    """The share of each layer, for three budgets."""
    found = {share: greedy(bounded_channels, share) for share in (0.7, 0.5, 0.3)}
    lines = {
        f"{share:.0%} of the MACs": [k / n for k, n in zip(kept, channels, strict=True)]
        for share, kept in found.items()
    }
    spent = ", ".join(f"{total(kept) / total(channels):.1%}" for kept in found.values())
    return lines_info(
        range(len(channels)),
        lines,
        x="layer",
        y="share of channels kept",
        said=f"Spent: {spent} of the MACs.",
    )


info = three_budgets(budgets.bounded_channels)
picture(plot_lines, info, caption=f"What right looks like. {info.said}")


# %% nbgrader={"grade": false, "grade_id": "bounded_channels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bounded_channels(
    wanted: float,
    kept: list[int],
    channels: list[int],
    macs: Callable,
    *,
    budget: float,
    lowest: float,
    multiple: int = 1,
) -> int:
    """How many channels layer t = len(kept) keeps.

    wanted: a share of channels[t], above 0 and at most 1. kept: the counts of layers 0 to t - 1.
    channels: the full counts of all layers, all of them multiples of `multiple`.
    macs(counts): the total cost of the network, one number, for a list with one count for each
    layer; more channels never cost less, but may cost the same. The total may equal the budget.
    lowest: the least share of each layer, above 0 and at most 1.
    Raises ValueError if even the least counts of layer t and all later layers exceed the budget.
    kept and channels stay as they are.
    """
    ### BEGIN SOLUTION
    t = len(kept)
    least = [multiple * math.ceil(lowest * full / multiple) for full in channels]
    smallest = macs([*kept, *least[t:]])
    if smallest > budget:
        raise ValueError(f"the least that can be reached is {smallest:,}, the budget {budget:,}")
    count = max(least[t], int(wanted * channels[t]) // multiple * multiple)
    while macs([*kept, count, *least[t + 1 :]]) > budget:
        count -= multiple
    return count
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. How would you spend what is left over at the end?

# %%
with check.playground("bounded_channels"):
    info = three_budgets(bounded_channels)
    display(picture(plot_lines, info, caption=f"With your bounded_channels. {info.said}"))

# %% nbgrader={"grade": true, "grade_id": "bounded_channels_test", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("with a wide budget the wish decides", variant),
    ("the later layers at their least must still fit", variant),
    ("multiples, rounded down", variant),
    ("never below the least", variant),
    ("every episode ends within its budget", variant),
    ("costs that rise in steps", variant),
    ("a budget that cannot be met is refused", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.bounded_channels(bounded_channels, cases, points=14)

# %% [markdown]
# ## 4 An episode
#
# Lecture: *AMC: states, actions, rewards*. Once a network is pruned and its accuracy measured, the episode goes into the agent's memory: $T$ layers, $T$ transitions. What the agent saw at layer $t$ is
#
# $$s_t = (\text{features}_t,\ \text{reduced}_t,\ \text{rest}_t,\ a_{t-1}).$$
#
# - $\text{reduced}_t$: what the layers *before* $t$ save in the network of that moment, in which the layers before $t$ have the counts that they keep, and layer $t$ and all later ones are still full. (Layer $t$ reads fewer inputs by then; what that saves is not counted yet.)
# - $\text{rest}_t$: what the layers *after* $t$ cost in the full network.
# - Both are shares of the MACs of the whole full network, the classifier's included. The classifier itself is no layer: it counts neither as saved nor as rest.
# - $a_t$ is the share of the channels that layer $t$ keeps, **as carried out**, not as wanted; $a_{-1} = 1$.
#
# All $T$ transitions get the reward of the end. `done` marks the last one, after which comes a state of zeros.
#
# What right looks like: the three numbers of each state, for a VGG of which three quarters of each layer are kept.

# %%
features = torch.rand(len(channels), 2, generator=make_rng(variant))


def moments(episode):
    """reduced, rest and the ratio before, at every layer."""
    kept = [3 * count // 4 for count in channels]
    story = episode(features, channels, kept, lambda counts: macs.chain_macs(chain, counts), 0.6)
    columns = story[0][:, -3:].T.tolist()
    lines = dict(zip(("reduced", "rest", "the ratio before"), columns, strict=True))
    return lines_info(range(len(channels)), lines, x="layer", y="in the state")


picture(plot_lines, moments(library_episode), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "episode", "locked": false, "schema_version": 3, "solution": true, "task": false}
def episode(
    features: Tensor, channels: list[int], kept: list[int], macs: Callable, reward: float
) -> Episode:
    """The T transitions of a pruned network, as Episode(states, actions, rewards, next_states, done).

    features: (T, d). channels: T full counts. kept: T counts, as carried out; at least 1 each.
    macs(counts): a list here, of T + 1 numbers, what each layer costs and, last, the classifier,
    for a list of T counts. reward: of the end.
    states, next_states: (T, d + 3), the features first, then reduced, rest and the ratio before.
    actions: (T, 1). rewards: (T,). done: (T,) bool. All others are float32, as features is.
    Nothing that is given changes.
    """
    ### BEGIN SOLUTION
    full = macs(channels)
    rows, before = [], 1.0
    for t in range(len(channels)):
        now = macs([*kept[:t], *channels[t:]])
        reduced, rest = sum(full[:t]) - sum(now[:t]), sum(full[t + 1 : -1])
        rows.append([reduced / sum(full), rest / sum(full), before])
        before = kept[t] / channels[t]
    states = torch.cat([features, torch.tensor(rows)], 1)
    actions = torch.tensor(kept)[:, None] / torch.tensor(channels)[:, None]
    rewards = torch.full((len(kept),), float(reward))
    next_states = torch.cat([states[1:], torch.zeros_like(states[:1])])
    done = torch.arange(len(kept)) == len(kept) - 1
    return Episode(states, actions, rewards, next_states, done)
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. From which of the three numbers could an agent see that the budget is nearly spent?

# %%
with check.playground("episode"):
    display(picture(plot_lines, moments(episode), caption="With your episode"))

# %% nbgrader={"grade": true, "grade_id": "episode_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a chain of one layer", variant),
    ("what was executed, and what came before", variant),
    ("reduced: what the layers before save", variant),
    ("rest: what the layers after cost", variant),
    ("all transitions share the reward", variant),
    ("the next states, and the end", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.episode(episode, cases, points=13)

# %% [markdown]
# ## 5 What the critic learns
#
# Lecture: *DDPG*. The critic $Q(s, a)$ says what an action will be worth. It learns from transitions, towards targets that are made with slow copies of both networks, actor $\mu'$ and critic $Q'$:
#
# $$y = r + \gamma\, Q'\big(s', \mu'(s')\big), \qquad \text{and } y = r \text{ after the last transition.}$$
#
# A target is a number to be learnt: no gradient flows into the copies.
#
# What right looks like: six transitions in a row that share a reward of 0.6, as AMC's do. The critic is asked again and again, and believes its targets at once. With $\gamma = 1$ the first state is promised six times the reward, since each transition promises it once more.


# %%
def promised(ddpg_targets, discount, steps=6):
    """The targets of six steps, once the critic has learnt them all."""
    values = torch.zeros(steps + 1)
    places, done = torch.arange(1, steps + 1)[:, None], torch.arange(steps) == steps - 1
    for _ in range(steps):
        found = ddpg_targets(
            torch.full((steps,), 0.6),
            places.float(),
            done,
            lambda state: torch.zeros(len(state), 1),
            lambda state, action, values=values: values[state[:, 0].long()],
            discount=discount,
        )
        values = torch.cat([found, torch.zeros(1)])
    return values[:-1].tolist()


def three_discounts(ddpg_targets):
    lines = {f"discount {g:g}": promised(ddpg_targets, g) for g in (1.0, 0.5, 0.0)}
    return lines_info(range(6), lines, x="layer", y="target")


picture(plot_lines, three_discounts(ddpg.ddpg_targets), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "ddpg_targets", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ddpg_targets(
    reward: Tensor,
    next_state: Tensor,
    done: Tensor,
    actor: Callable,
    critic: Callable,
    *,
    discount: float,
) -> Tensor:
    """The critic's targets, (n,), without a graph.

    reward: (n,). next_state: (n, d). done: (n,) bool, True for the last transition of an episode.
    actor(state): (n, d) to (n, 1). critic(state, action): (n, d) and (n, 1) to (n,). Both are the
    slow copies. Nothing that is given changes.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        later = critic(next_state, actor(next_state))
        return torch.where(done, reward, reward + discount * later)
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. AMC takes $\gamma = 1$ and subtracts from each reward a moving mean of the rewards so far. What does that do to the line of $\gamma = 1$?

# %%
with check.playground("ddpg_targets"):
    info = three_discounts(ddpg_targets)
    display(picture(plot_lines, info, caption="With your ddpg_targets"))

# %% nbgrader={"grade": true, "grade_id": "ddpg_targets_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("before the end the critic is asked", variant),
    ("at the end only the reward counts", variant),
    ("every row by itself", variant),
    ("a walk: the discounted returns", variant),
    ("no graph, and nothing is changed", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.ddpg_targets(ddpg_targets, cases, points=13)

# %% [markdown]
# ## 6 The slow copies
#
# Lecture: *DDPG*. A critic that chases its own answers runs away. So the copies that make the targets follow slowly: after each step of learning
#
# $$\theta' \leftarrow \tau\, \theta + (1 - \tau)\, \theta', \qquad \tau \ll 1.$$
#
# What right looks like: the distance of a copy from an online network that stands still, for three values of $\tau$.


# %%
def distances(soft_update, updates=50):
    """How far the copy is, after each update."""
    lines = {}
    for tau in (0.01, 0.05, 0.2):
        target, online = {"weight": torch.zeros(3)}, {"weight": torch.ones(3)}
        lines[f"tau {tau:g}"] = found = []
        for _ in range(updates):
            target = soft_update(target, online, tau=tau)
            found.append((online["weight"] - target["weight"]).norm().item())
    return lines_info(range(1, updates + 1), lines, x="updates", y="distance", logarithmic="y")


picture(plot_lines, distances(ddpg.soft_update), caption="What right looks like")


# %% nbgrader={"grade": false, "grade_id": "soft_update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def soft_update(
    target: dict[str, Tensor], online: dict[str, Tensor], *, tau: float
) -> dict[str, Tensor]:
    """A new dictionary: the share tau of online and 1 - tau of target, for every name.

    target, online: the same names, perhaps in another order, with float tensors of the same
    shapes, perhaps of no dimension, which may require a gradient. Both stay as they are.
    tau: 0 to 1.
    The answer's tensors are new, share no memory with those that are given, and have no graph.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        return {name: tau * online[name] + (1 - tau) * slow for name, slow in target.items()}
    ### END SOLUTION


# %% [markdown]
# Play: the same with your function. After how many updates with $\tau = 0.01$ is half of the way done?

# %%
with check.playground("soft_update"):
    info = distances(soft_update, updates=100)
    display(picture(plot_lines, info, caption="With your soft_update"))

# %% nbgrader={"grade": true, "grade_id": "soft_update_test", "locked": true, "points": 13, "schema_version": 3, "solution": false, "task": false}
cases = [
    ("a step towards the online network", variant),
    ("tau 0 stays, tau 1 arrives", variant),
    ("parameters belong together by name", variant),
    ("many steps", variant),
    ("new tensors, without a graph", variant),
]
### BEGIN HIDDEN TESTS
cases += [(law, 4242 + shift) for law, _ in cases for shift in (0, 1)]
### END HIDDEN TESTS
check.soft_update(soft_update, cases, points=13)

# %% [markdown]
# ## 7 A written question
#
# A student prunes a network of 84 % accuracy and reports:
#
# *"AMC halves the FLOPs. Its best of 400 episodes, chosen on 500 validation pictures, keeps 49.4 % of the MACs and has 67 % on these pictures, without any fine-tuning. Uniform pruning, the same share of each layer, rounded down, keeps 45.2 % and has 52 %. So learned shares are worth 15 points, and the network is twice as fast."*
#
# BN was recalibrated for both: after pruning, its means and variances were taken anew from training pictures.
#
# **1. Name two faults of the comparison "67 against 52", before anything is fine-tuned. In which direction does each push, and how do you repair it?**
#
# **2. What does recalibration do, and what would have happened to both numbers without it?**
#
# **3. What do the numbers say about the networks after fine-tuning, and what would you measure?**
#
# **4. "Twice as fast": why is that not shown? Name two reasons for which half of the MACs may save much less than half of the time, and say how you would measure.**
#
# Answer in 8 to 15 sentences. (10 points)
#
# *How it is graded.* Question 1, 4 points: two for each fault, its direction and its repair. Three count, any two of them: unequal MACs; chosen and reported on the same pictures; 400 evaluations against one. Question 2, 2 points: one for what it does, one for what happens without. Question 3, 2 points: one for what does not follow, one for an experiment with several networks and seeds. Question 4, 2 points: one for two reasons, one for the measurement.

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Three sample answers with their grades, for whoever grades.**
#
# **Sample A, 10 of 10.** The budgets differ: 49.4 % against 45.2 % of the MACs. Rounding down has cost uniform pruning channels that it was allowed to keep, so a part of the 15 points is budget and not choice; I would give both the same rule to spend what is left, say single channels back to the layer that is pruned most, until none fits. And 67 % is the best of 400, read on the pictures by which it was chosen: the winner was also
# lucky on these 500, so its number is too high, while uniform pruning had one try. I would choose on validation pictures, and report both on test pictures that nobody looked at; and put random search with 400 evaluations beside it, since it had the same number of looks. Both faults push in favour of AMC. Recalibration replaces the running means and variances, which describe what the whole network fed into each BN, by those of the pruned one. Without
# it the inputs of every later layer are shifted and scaled wrongly, both networks would fall far below, perhaps near chance, and the order of the two would say little about the order after fine-tuning. Accuracy before fine-tuning is a stand-in for what one wants, accuracy after it. Fine-tuning may bring both to the same value, since what is left is learnt again; so the 15 points say nothing about it. I would fine-tune both with the same steps, over ten
# networks and a few seeds, and report the mean paired difference with its interval. Time was not measured. A channel count that is no multiple of what the runtime computes at once leaves its fast path, and small layers are ruled by overhead and memory traffic, which MACs do not count. I would time the physically smaller network in the runtime in which it will serve, against the whole one, in random order, many rounds after a warm-up, one thread, and with counts
# rounded down to multiples of 16 as well.
# *(4 + 2 + 2 + 2: unequal budgets and the flattered winner, each with direction and repair; the unequal number of looks would have been a third; recalibration and its absence; the stand-in and a paired experiment; two reasons and a measurement.)*
#
# **Sample B, 6 of 10.** AMC may use more FLOPs than uniform pruning, so of course it is better; both should have 50 %. The best of 400 is compared with a single try, so it is lucky. Recalibration adapts BN to the pruned network; otherwise accuracy would be very low. After fine-tuning the difference will be smaller, one has to fine-tune both. FLOPs are not time, because memory counts as well, and one should measure it on a phone.
# *(3: both faults, the repair of the second is missing; 2; 1: no word on seeds or networks; 0: one reason only, and no way to measure.)*
#
# **Sample C, 2 of 10.** 500 pictures are too few, and other data sets should be tried. Without recalibration the network would have to be trained again. AMC uses reinforcement learning, which needs much time, so uniform pruning is better in practice.
# *(1: few pictures are near the second fault; 1: recalibration saves some training; 0; 0.)*
# ### END SOLUTION

# %% [markdown]
# ## 8 Challenge: the best half (for more)
#
# Three trained VGGs, numbered 0 to 2, may keep half of their MACs each. How many channels does each layer keep? You hand in the counts; which channels these are is decided by their weights, the same way for everybody. The networks are judged **before fine-tuning**, with BN recalibrated on training pictures, on 2,000 pictures that are rendered when the check runs, of digits that are neither in the training nor in the validation pictures. To earn the 10 points, the accuracy must on average be 6 points above that of uniform pruning, which spends the same budget, filled up to the last channel. For comparison, as means over some runs: the best of 20 random shares, filled up, is 3.9 points above uniform pruning (6 of 40 runs reached 6), the best of 100 is 7.0; the solution, which changes the shares of the best so far, 8.8 after 100 changes (10 of 10 runs reached 6) and 9.7 after 300.
#
# `prune_network(problem, rng)` gets a problem and returns the counts, an integer for each layer. It is called once for each network. A problem has
#
# - `problem.channels`, the full counts, and `problem.features`, (T, 8), what AMC's agent knows of the layers;
# - `problem.total(counts)`, the MACs, and `problem.budget`, which no answer may exceed;
# - `problem.measure(counts).value`, the accuracy on 500 validation pictures, for a tuple of counts: about 20 ms on an idle laptop.
#
# `check.problem(0)` is the first one, to try; `check.hint("prune_network")` gives hints. How you search is up to you: at random, by evolution, by DDPG. `budgets.share_channels` and `budgets.fill_up` spend a budget; the lecture's agents take the same problems.
#
# What you hand in is the file `lab07_counts.json` beside this notebook, written by the cell below your function. Only the counts matter.


# %% nbgrader={"grade": false, "grade_id": "challenge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prune_network(problem, rng: torch.Generator) -> list[int]:
    """How many channels each layer of the network keeps, within problem.budget."""
    ### BEGIN SOLUTION
    settings = {"budget": problem.budget, "lowest": problem.lowest}

    def counts_of(shares):
        kept = budgets.share_channels(shares.tolist(), problem.channels, problem.total, **settings)
        full = problem.channels
        return tuple(budgets.fill_up(kept, full, problem.total, budget=problem.budget))

    shares = torch.ones(len(problem.channels))
    best = counts_of(shares)
    value = problem.measure(best).value
    for _ in range(300):
        some = torch.rand(shares.shape, generator=rng) < 0.5
        factors = torch.exp(0.3 * torch.randn(shares.shape, generator=rng) * some)
        tried = counts_of(shares * factors)
        found = problem.measure(tried).value
        if found >= value:
            shares, best, value = shares * factors, tried, found
    return list(best)
    ### END SOLUTION


# %%
with check.playground("prune_network"):
    print(check.write_challenge(prune_network, variant))

# %% artefacts=["lab07_counts.json"] nbgrader={"grade": true, "grade_id": "challenge_test", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
judged_by = [variant]
### BEGIN HIDDEN TESTS
judged_by = [4242, 4243]
### END HIDDEN TESTS
check.challenge("lab07_counts.json", judged_by, points=10)

# %% [markdown]
# **Done.** Save the notebook. In a terminal, in the course's folder, `python -m course_lib.teach submit lab07_amc` (or `make submit LAB=lab07_amc`) checks that it is complete and writes the
# file to hand in, a zip in `work/handins/`. It asks once for your student id, or takes it as `--student ID`: this id names the file, while `student` at the top of the notebook
# chooses your variant. They may be the same; neither follows from the other.
