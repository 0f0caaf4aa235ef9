# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 07: AMC, automated pruning
#
# A network that is trained is usually wider than it needs to be. Which channels can go, and how many in each layer? People answered by rules of thumb; AMC (He and others, 2018) lets an agent answer, layer by layer, by reinforcement learning. This lecture builds the whole of it, and asks at every step what the answer is worth.
#
# **After this lecture you can**
#
# 1. count the operations of a convolutional network, and say what half of them means for its width;
# 2. cut channels out of a trained network so that it is really smaller, and know why zeroing them is not the same;
# 3. say what the statistics of batch normalization have to do with it;
# 4. write AMC: an action that keeps within its budget, states, rewards, and the agent that learns from them, DDPG;
# 5. judge a pruning method: against a fair uniform one, at equal operations, before and after fine-tuning, by measured time.
#
# **You need** convolutions and batch normalization in PyTorch, and what a reward is (lecture 01). No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | Why prune, and what counts | 10 |
# | Cutting channels; which channels | 20 |
# | A budget, layer by layer | 15 |
# | AMC: states, actions, rewards; DDPG | 25 |
# | Half the operations, half the time? | 10 |
# | Does it survive fine-tuning? A wrong-answer gallery | 15 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import copy
from functools import partial

import numpy as np
import torch
from IPython.display import Markdown
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.hardware.keep_demo import KeepDemo, Trained
from course_lib.show.lines import lines_info, plot_lines
from course_lib.show.measured import read_measured

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why prune, and what counts
#
# A network on a phone has a budget: so much memory, so many milliseconds, so much of the battery. The common measure of its work is the number of *multiply-accumulates* (MACs) for one image; FLOPs, which count the multiplication and the addition, are twice as many. A convolution with $c$ input and $k$ output channels, a kernel $f \times f$ and an output of $h \times w$ pixels has
#
# $$\text{MACs} = h\,w\,f^2\,c\,k, \qquad \text{depthwise: } h\,w\,f^2\,c .$$
#
# Our networks are *chains*: convolution, batch normalization, ReLU, one after the other. Two of them are trained on cluttered digits and kept with the course: a small VGG, whose widths double where its maps shrink, and one that is badly balanced on purpose.


# %% slideshow={"slide_type": "fragment"}
def chain_macs(chain, channels):
    before, macs = chain.image[0], []
    for layer, (rows, columns), after in zip(chain.layers, chain.maps, channels, strict=True):
        pairs = before if layer.depthwise else before * after
        macs.append(rows * columns * layer.kernel**2 * pairs)
        before = after
    return [*macs, before * chain.classes]  # the classifier is the last entry


from torch.utils.flop_counter import FlopCounterMode

from course_lib.hardware.trained_chains import trained_chain

chain, network, *_ = trained_chain("vgg", 0)  # 8, 8, 16, 16, 32, 32 channels
task = cluttered_digits(seed=0)
with FlopCounterMode(display=False) as counter, torch.no_grad():
    network(task.valid.x[:1])
assert counter.get_total_flops() == 2 * sum(chain_macs(chain, chain.channels))

# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Predict first.** Every layer keeps half of its channels. What share of the operations is left? And what share of its channels does every layer keep if half of the operations are to stay?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
full = sum(chain_macs(chain, chain.channels))
ratios = np.linspace(0.1, 1, 19)
wide = [1000 * width for width in chain.channels]  # so wide that no rounding is seen
whole = sum(chain_macs(chain, wide))
left = [sum(chain_macs(chain, [int(r * w) for w in wide])) / whole for r in ratios]
half_kept = sum(chain_macs(chain, [width // 2 for width in chain.channels])) / full
picture(
    plot_lines,
    lines_info(
        ratios,
        {"operations": left, "channels": ratios},
        x="share of its channels that every layer keeps",
        y="share that is left",
        marks={"half": 0.5},
    ),
    caption=f"A layer has fewer outputs, and the next one fewer inputs: nearly the square. Half of the channels leave {half_kept:.0%} of this "
    f"network's {full:,} MACs; half of the operations need about {np.interp(0.5, left, ratios):.0%} of the channels. So every ratio "
    "has to say of what.",
    size=(10, 4.4),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cutting channels
#
# To remove a channel, cut it out of everything that knows it: the filter in the convolution, four numbers in its batch normalization (scale, shift, mean, variance), and the *input* of the layer that reads it. What is left is a smaller network, not a masked one.


# %% slideshow={"slide_type": "fragment"}
@torch.no_grad()
def prune_pair(conv, norm, following, keep):
    conv, norm, following = (copy.deepcopy(module) for module in (conv, norm, following))
    for module, name in ((conv, "weight"), (norm, "weight"), (norm, "bias")):
        setattr(module, name, torch.nn.Parameter(getattr(module, name)[keep]))
    norm.running_mean, norm.running_var = norm.running_mean[keep], norm.running_var[keep]
    following.weight = torch.nn.Parameter(following.weight[:, keep])  # what it reads
    conv.out_channels = norm.num_features = following.in_channels = len(keep)
    return conv, norm, following


conv, norm, following = network[1][0], network[1][1], network[2][0]  # the second layer
gone = norm.bias.topk(2).indices  # two channels go
keep = torch.tensor([channel for channel in range(8) if channel not in gone])
smaller = prune_pair(conv, norm, following, keep)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The right oracle: in the full network, set the two channels to zero *behind* normalization and ReLU. The next layer must not notice a difference. Much code sets the filters to zero instead, and leaves the channel where it is.
#
# > **Predict first.** The filters of the two channels are all zero. What comes out of their ReLU?

# %% slideshow={"slide_type": "fragment"}
with torch.no_grad():
    x = network[0](task.valid.x[:100])
    masked = F.relu(norm(conv(x)))
    masked[:, gone] = 0
    expected = following(masked)

    cut = smaller[2](F.relu(smaller[1](smaller[0](x))))

    zeroed = copy.deepcopy(conv)
    zeroed.weight[gone] = 0
    shifted = following(F.relu(norm(zeroed(x))))
assert torch.allclose(cut, expected, atol=1e-5)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
spread = (norm.running_var + norm.eps).sqrt()
constant = F.relu(norm.bias - norm.weight * norm.running_mean / spread).detach()
Markdown(
    f"Cut: the next layer differs by at most {float((cut - expected).abs().max()):.0e}. Filters set to zero: by up to "
    f"{float((shifted - expected).abs().max()):.2f}. Batch normalization turns a constant 0 into its shift, here "
    f"{float(constant[gone[0]]):.2f} and {float(constant[gone[1]]):.2f} behind the ReLU, and the next layer reads it. And nothing got faster: a zero is "
    "multiplied like any other number."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which channels
#
# Which channels of a layer matter least? The usual answers look at the weights of a filter: their sum of magnitudes (L1), their length (L2), the largest one; or at what comes out of it on real images. Within a layer they agree more often than not. *Across* layers they do not: filters of different size have norms of different size, so a global ranking needs to be normalized, by the layer's mean, say.
#
# One step matters more than the choice. A network whose channels are cut sends other numbers into every later batch normalization, which still subtracts the *old* mean and divides by the *old* deviation. **Recalibration** lets it see some training images and takes the statistics anew. No weight is trained.


# %% slideshow={"slide_type": "fragment"}
@torch.no_grad()
def recalibrate(network, images):
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over batches
    network.train()
    network(images)  # every normalization sees the inputs that it has now
    network.eval()


# %% slideshow={"slide_type": "fragment"}
from course_lib.hardware.criteria import top_channels, weight_scores
from course_lib.hardware.prune import prune_chain
from course_lib.nas.training import accuracy

scores = weight_scores(network)  # L1 norms of the filters, over the layer's mean
seventy = [int(0.7 * width) for width in chain.channels]
pruned = prune_chain(network, top_channels(scores, seventy))
before = accuracy(pruned, task.valid)
recalibrate(pruned, task.train.x[:250])
after = accuracy(pruned, task.valid)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Seventy per cent of the channels of every layer, {sum(chain_macs(chain, seventy)) / full:.0%} of the operations. Validation accuracy of the "
    f"full network {accuracy(network, task.valid):.1%}; pruned {before:.1%}; recalibrated {after:.1%}. One network, no training."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Layers differ in what they can spare. **Sensitivity**: prune one layer alone, to every ratio, and watch the accuracy.
#
# > **Predict first.** Which layer's curve falls first, and which hardly at all? Is it the same with recalibration and without?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.hardware.sensitivity import sensitivity

shares, some = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0], task.valid.part(slice(500))
curves = {
    name: sensitivity(network, shares, some, calibration=calibration)
    for name, calibration in (
        ("old statistics", None),
        ("recalibrated", task.train.part(slice(250))),
    )
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    *(
        (
            plot_lines,
            lines_info(
                [1 - share for share in shares[::-1]],
                {f"layer {place + 1}": row.flip(0) for place, row in enumerate(rows)},
                x=f"share of its channels that one layer loses\n{name}",
                y="validation accuracy",
            ),
        )
        for name, rows in curves.items()
    ),
    caption="One layer pruned at a time, the others whole; left with the statistics of the full network, right recalibrated. "
    f"With half of its channels a layer costs {float((curves['old statistics'][:, -1] - curves['old statistics'][:, 3]).mean()):.1%} of accuracy "
    f"on average, and {float((curves['recalibrated'][:, -1] - curves['recalibrated'][:, 3]).mean()):.1%} recalibrated. One network, "
    "500 images.",
    size=(13, 4.6),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A budget, layer by layer
#
# Now all layers together, under a limit on the operations. If one layer keeps more, the others must give. Nobody can see six layers' curves at once and add them up: the ratios interact, since a pruned layer makes the next one cheaper, and its errors add to those of the others.
#
# Drag the bars. First by hand: can you beat *uniform*, the same share of every layer?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
keep_demo = KeepDemo(
    {
        "small VGG": Trained(chain, network, task),
        "badly balanced": Trained(*trained_chain("unbalanced", 0)[:2], task),
        "MobileNet": Trained(*trained_chain("mobilenet", 0)[:2], task),
    }
)
keep_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two things are to be had cheaply, and a comparison that leaves them out is not fair. Channels are whole numbers: rounding down leaves some budget over, different for every method. **Fill up**: give single channels back to the layer that is pruned most, until none fits. And uniform has to be the *largest* ratio that keeps within the budget, filled up as well.

# %% slideshow={"slide_type": "fragment"}
from course_lib.hardware.budget import uniform_channels

macs = lambda channels: sum(chain_macs(chain, channels))  # noqa: E731
budget = 0.5 * full
plain = [int(0.5**0.5 * width) for width in chain.channels]
fair = uniform_channels(chain.channels, macs, budget=budget, lowest=0.2)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Half of the operations. The square root of one half everywhere, rounded down: channels {plain}, {macs(plain) / full:.1%} of the operations. "
    f"Filled up: {fair}, {macs(fair) / full:.1%}."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## AMC: states, actions, rewards
#
# AMC walks through the network once per episode. At layer $t$ it sees a **state**: what is known of the layer (its place, channels, size, stride, kernel, operations), how many operations the layers before have saved, how many the layers behind still have, and its own last ratio. It answers with one number, the **action**: the share of channels that the layer keeps. When the last layer is done, the network is pruned, recalibrated and evaluated; its validation accuracy is the **reward**, of all steps alike.
#
# The budget is not in the reward. The action is *bounded*: a layer may keep only so much that the layers behind it, at their least, still fit.


# %% slideshow={"slide_type": "fragment"}
def bounded_channels(wanted, kept, channels, macs, *, budget, lowest):
    least = [max(1, int(np.ceil(lowest * width))) for width in channels]
    own, later = least[len(kept)], least[len(kept) + 1 :]
    count = max(own, int(wanted * channels[len(kept)]))
    while count > own and macs([*kept, count, *later]) > budget:
        count -= 1  # down, never up: the budget holds
    return count


greedy = []
for _ in chain.channels:  # a policy that would like to keep everything
    greedy.append(bounded_channels(1.0, greedy, chain.channels, macs, budget=budget, lowest=0.2))
assert macs(greedy) <= budget

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"A policy that wants every channel gets {greedy} of {list(chain.channels)}: {macs(greedy) / full:.1%} of the operations. The first layers take what they "
    "like, the last ones get what is left."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# That is a property of the paper's map, and we can change it without changing anything else. In the second map, *share*, the actions are only **relative** ratios: at the end one factor scales all of them, so that the network spends its budget. Same states, same agent, same rewards.

# %% slideshow={"slide_type": "subslide"}
from course_lib.hardware.pruning import Pruning, chain_cost, layer_features, share
from course_lib.hardware.sliced_accuracy import SlicedAccuracy

judged_by = task.valid.part(slice(500))
judge = SlicedAccuracy(chain, network, task.train.part(slice(250)), judged_by)
problem = Pruning(layer_features(chain), chain.channels, judge, chain_cost(chain), budget)
shares_of_all = share(problem, [1.0] * len(chain.channels))  # equal actions: nearly uniform

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
from course_lib.hardware.amc_env import episode

walk = episode(problem.features, chain.channels, greedy, problem.cost, judge(tuple(greedy)))
Markdown(
    "The greedy walk as the agent meets it; shares are of the full network's operations.\n\n"
    "| layer | channels | saved before | left behind | last ratio | carried out | reward |\n|---|---|---|---|---|---|---|\n"
    + "\n".join(
        f"| {t + 1} | {chain.channels[t]} | {state[-3]:.2f} | {state[-2]:.2f} | {state[-1]:.2f} | {float(action):.2f} | {float(reward):.3f} |"
        for t, (state, action, reward) in enumerate(
            zip(walk.states.tolist(), walk.actions, walk.rewards, strict=True)
        )
    )
    + f"\n\n{len(walk.rewards)} transitions, one reward. With *share* and equal actions the channels would be {list(shares_of_all)}."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## DDPG
#
# The action is a real number, so the arg max of Q-learning (lecture 01) is a problem of its own. Deep deterministic policy gradient (Lillicrap and others, 2016) trains a second network to solve it: the **actor** $\mu(s)$ proposes, the **critic** $Q(s, a)$ judges, and the actor goes up the critic's slope:
#
# $$y = r + \gamma\,(1 - \text{done})\; Q'\bigl(s', \mu'(s')\bigr), \qquad \min_Q\; \bigl(Q(s, a) - y\bigr)^2, \qquad \max_\mu\; Q\bigl(s, \mu(s)\bigr).$$
#
# $Q'$ and $\mu'$ are slow copies, which follow by $\theta' \leftarrow \tau\theta + (1 - \tau)\theta'$: a target that moves with every step is no target. Experiences are kept and used again. What is stored is the ratio that was *carried out*, after bounding and rounding, not the one that was wished.


# %% slideshow={"slide_type": "fragment"}
def ddpg_targets(reward, next_state, done, actor, critic, *, discount):
    with torch.no_grad():  # the target is a number, not a way for gradients
        later = critic(next_state, actor(next_state))
        return torch.where(done, reward, reward + discount * later)


def soft_update(target, online, *, tau):
    with torch.no_grad():
        return {name: tau * online[name] + (1 - tau) * slow for name, slow in target.items()}


# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Predict first.** Three searches of as many evaluations each: random ratios, DDPG with the paper's map, DDPG with shares. In which order do they end, and how far are they apart?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.core import Oracle
from course_lib.hardware.amc import amc
from course_lib.hardware.ratio_space import RatioSpace
from course_lib.nas.search import random_search

episodes, relative = 200, RatioSpace(problem, share)
search = partial(amc, problem, episodes=episodes, warmup=50)
histories = {
    "random, share": random_search(
        relative, Oracle(relative.measure, budget=episodes), make_rng(0)
    ),
    "DDPG, bounded": search(make_rng(0)),
    "DDPG, share": search(make_rng(0), act=share),
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
best = (
    relative.channels(histories["random, share"].best().arch),
    histories["DDPG, share"].best().arch,
)
picture(
    plot_lines,
    lines_info(
        range(1, episodes + 1),
        {name: history.best_so_far() for name, history in histories.items()},
        x="networks that were evaluated",
        y="best validation accuracy so far",
        marks={"uniform, filled up": judge(fair)},
    ),
    caption=f"Half of the operations, recalibrated, no fine-tuning. The first 50 episodes of DDPG are random, the same draws for both "
    f"maps. Best of {episodes}: "
    + ", ".join(f"{name} {history.best().value:.1%}" for name, history in histories.items())
    + f"; uniform {judge(fair):.1%}; the full network {judge(chain.channels):.1%}. Values are counts of {len(judged_by)} images, so two searches can end "
    f"at the same one with different channels: random {list(best[0])}, DDPG with shares {list(best[1])}. One network, one seed: the cards below have "
    "more of both.",
    size=(11, 5),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Half the operations, half the time?
#
# Operations are what the agent is rewarded for. Time is what the user waits for. A processor works on blocks of channels, of 8 or 16 in today's libraries; a count that is no multiple leaves the fast path, and a depthwise convolution suffers most. Two more things do not shrink with the operations: each layer has a fixed cost, its call, however few channels it has; and its maps must be read and written, which with half of the operations are about 0.7 times as large, not half. So measure the small network itself, in the library and on the device in which it will serve.
#
# > **Predict first.** MobileNet with half of its operations, on ONNX Runtime: how much faster with channel counts as the search likes them, and with multiples of 16?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "07_channel_multiple",
    "Half of the operations take half of the time.",
    predict="Which of the two networks comes nearer to the promise, on which device, with which multiples?",
    sway="Rows of free counts whose intervals hold 1: on a processor or in a library that does not work in blocks of channels.",
    shown="measured speed-up divided by the factor by which the operations fell, for one image; 1 is what the operations promise, and at "
    "half of them 0.5 is no gain at all",
    axis="Speed-up / fall of the operations",
    words=(
        "Faster than the operations promise",
        "Less than the operations promise",
        "Neither more nor less is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# So the multiple belongs into the search: the library's `bounded_channels` has an argument for it, and rounds down. In the demo above, press *Measure the time here* with multiples of 1 and of 8.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does it survive fine-tuning?
#
# A pruned network is not shipped as it is: it is trained a little more. Then a better start may be worth nothing. The card compares the methods at equal operations, before and after two epochs of fine-tuning; ratios are chosen on validation images, accuracies are those of test images.
#
# > **Predict first.** Before fine-tuning: is the agent ahead of random search, of evolution, of the largest weights? And what is left of it afterwards?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "07_amc",
    "Ratios that an agent has learnt are better than the same ratio for every layer.",
    predict="Before fine-tuning, by how many points? Is the agent ahead of random search with as many evaluations?",
    sway="Rows after fine-tuning whose intervals lie above zero; other networks, a larger budget of evaluations.",
    shown="test accuracy at equal operations minus that of fair uniform ratios, network by network; the last rows: AMC minus random "
    "search under the same action map",
    axis="Minus fair uniform, points of test accuracy",
    words=("Better than uniform, or than random search", "Worse", "No difference is shown"),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "07_balanced",
    "Where widths are badly balanced, a search pays even after fine-tuning.",
    predict="This network's layers are in turn narrow and wide. By how many points is uniform beaten now, before and after? By whom?",
    sway="Rows after fine-tuning that hold zero.",
    shown="same as before, for the badly balanced network",
    axis="Minus fair uniform, points of test accuracy",
    words=("Better than uniform, or than random search", "Worse", "No difference is shown"),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
even, uneven = (
    {row.label: row.mean for row in read_measured(name).estimates.rows}
    for name in ("07_amc", "07_balanced")
)
chosen = ("global magnitude", "random, share", "evolution, share", "AMC, share")
Markdown(
    "After fine-tuning, points over fair uniform: "
    + "; ".join(
        f"{name} {even[f'{name}, after']:+.1f} on the even network, {uneven[f'{name}, after']:+.1f} on the badly balanced one"
        for name in chosen
    )
    + ". Whoever looks at the weights at all sees that the wide layers of the second can give; how long one searches matters less."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Is the accuracy before fine-tuning, which every search here looks at, a good forecast of the one after it? Random ratios, all at equal operations, fine-tuned one by one.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "07_before_after",
    "Accuracy before fine-tuning foretells accuracy after it.",
    predict="How well do the two orders agree, as Kendall's tau? What does recalibration add to it?",
    sway="Rows near 1, or intervals that hold zero; other budgets, longer fine-tuning.",
    shown="Kendall's tau between test accuracy before and after fine-tuning over {policies} random policies at equal operations, network by "
    "network; the last rows are differences of tau",
    axis="Kendall's tau",
    words=("The two agree, or recalibration adds", "They disagree", "No agreement is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Three ways to look better than one is. None of them needs a lie.

# %% slideshow={"slide_type": "fragment"}
rounded_up = [-(-int(0.5**0.5 * width) // 4) * 4 for width in chain.channels]  # to multiples of 4
judge_on = partial(SlicedAccuracy, chain, network, task.train.part(slice(250)))
on_test = judge_on(task.test.part(slice(2000)))
tried = [relative.channels(one.arch) for one in histories["random, share"]][:20]
promised, kept_word = [], []
for start in range(0, 1000, 100):  # ten times the best of 20, each chosen by 100 other images
    few = judge_on(task.valid.part(slice(start, start + 100)))
    winner = max(tried, key=few)
    promised.append(few(winner) - few(fair))
    kept_word.append(on_test(winner) - on_test(fair))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "| what is reported | and what it hides |\n|---|---|\n"
    f"| “half of the operations”, channels rounded **up** to multiples of 4 | it has {macs(rounded_up) / full:.0%} of them; the accuracy is that of a larger "
    "network |\n"
    f"| uniform ratios rounded **down** as the opponent, {judge(plain):.1%} | at {macs(plain) / full:.0%} of the operations; filled up to the same budget it has "
    f"{judge(fair):.1%} |\n"
    f"| the best of {len(tried)} random networks, chosen by 100 images, leads uniform by {100 * np.mean(promised):+.1f} points | read on the images "
    f"that it was chosen by; on 2,000 test images {100 * np.mean(kept_word):+.1f} |\n\n"
    "One network; the last row is the mean of ten choices, each by other images. The fewer images choose, the more they flatter."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - Say of what a ratio is: channels, operations, time. Half of the channels are a quarter of the operations; half of the operations can be more time than before.
# - Cutting is not masking. What is left has to be a smaller network, and its normalization has to be recalibrated before anything is compared.
# - AMC is a search like others: an environment, a bounded action, a reward at the end. It deserves opponents with as many evaluations, and equal operations to the last channel.
# - Fine-tuning levels much of what a search has found, and not everything: report both numbers, on more than one network.
#
# **Lab 07**: cut a pair of layers, count operations, bound an action, write the transitions of an episode, the targets and the slow copies of DDPG; and a challenge: a network under a budget.
#
# **Sources.** Y. He, J. Lin, Z. Liu, H. Wang, L.-J. Li and S. Han, *AMC: AutoML for model compression and acceleration on mobile devices*, ECCV 2018. T. P. Lillicrap and others, *Continuous control with deep reinforcement learning*, ICLR 2016. H. Li, A. Kadav, I. Durdanovic, H. Samet and H. P. Graf, *Pruning filters for efficient ConvNets*, ICLR 2017. B. Li, B. Wu, J. Su and G. Wang, *EagleEye: fast sub-net evaluation for efficient neural network pruning*, ECCV 2020. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
