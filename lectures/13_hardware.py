# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 13: Hardware-aware search, learning and co-design
#
# A network is chosen on a workstation and lives elsewhere: on a phone, a camera, a chip that is not built yet. This lecture puts the machine into the loop, three times. First the machine is given and the *network* is searched for it; then the machine is given and the *learning algorithm* is made for it; at last the machine is searched as well.
#
# **After this lecture you can**
#
# 1. measure the time of small networks so that somebody else gets the same order;
# 2. say when operations rank networks rightly, and when they do not;
# 3. predict latency from a table, from a few measurements, from other devices, and say how wrong the prediction is;
# 4. search under a limit: by rejection, by a soft reward, by a differentiable latency;
# 5. take apart HALO, a learned optimizer that spares energy, and compute what its schedule saves;
# 6. measure what is lost when network and accelerator are designed one after the other.
#
# **You need** the cells of lecture 01 and the relaxation of lecture 03; lecture 04 for the supernet. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | Devices that are real here; measuring | 20 |
# | Predicting latency | 20 |
# | Searching under a limit; differentiable latency | 25 |
# | Learning on a device: HALO | 15 |
# | Co-design, a wrong-answer gallery | 25 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import numpy as np
import torch
from IPython.display import Markdown

from course_lib.core import make_rng
from course_lib.core.statistics import kendall_tau
from course_lib.datasets import cluttered_digits
from course_lib.hardware.bridge import bridge
from course_lib.hardware.latency_predictors import skill
from course_lib.hardware.latency_table import latency201
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.hardware.front_demo import FrontDemo
from course_lib.show.hardware.predicted import ridge_on
from course_lib.show.hardware.predicted_demo import PredictedDemo
from course_lib.show.hardware.roofline_demo import RooflineDemo
from course_lib.show.hardware.width import Width
from course_lib.show.hardware.width_demo import WidthDemo
from course_lib.show.lines import lines_info, plot_lines

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Devices that are real here
#
# Phones are not at hand, but one machine is several devices: the same network, run by different programs, is paid for in different coin. **PyTorch, eager**, pays for every operator that it is told. **ONNX Runtime** fuses operators and lays the memory out for the processor. In **int8** it multiplies small whole numbers, and pays for the conversions. **torch.compile** writes a program for one network and compiles it, which takes too long for a table of thousands: it is in the first picture only. A second thread is not another device: it changes the times, and hardly their order. Two more were measured for this lecture and lie in its data: **ncnn**, made for phones, and **OpenVINO**, made for Intel's processors; and some of the networks on two other processors (*AVX2* and *Xeon* below).
#
# The deck asks for a bridge between the models that everybody knows and the limits that devices have. Here are its two ends, one image each.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
famous = sorted(bridge(), key=lambda one: one.macs)
picture(
    plot_lines,
    lines_info(
        range(1, len(famous) + 1),
        {name: [1e3 * one.measured[name] for one in famous] for name in famous[0].measured},
        x="networks, by their multiply-accumulates",
        y="milliseconds a picture",
        marks={"30 pictures a second": 1000 / 30},
        logarithmic="y",
    ),
    caption="One machine, one thread, one picture at a time. "
    + ", ".join(f"{place} {one.name}" for place, one in enumerate(famous, 1)),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
models = list(famous[0].models)
quick = [[name for name, seconds in one.measured.items() if seconds <= 1 / 30] for one in famous]
told = ["all of them" if len(own) == len(famous[0].measured) else ", ".join(own) for own in quick]
Markdown(
    "| | network | year | parameters, M | MACs, M | memory, MB | "
    + " | ".join(f"{name}, ms (model)" for name in models)
    + " | 30 a second on |\n|"
    + "---|" * (7 + len(models))
    + "\n"
    + "\n".join(
        f"| {place} | {one.name} | {one.year} | {one.parameters / 1e6:.2f} | {one.macs / 1e6:,.1f} | "
        f"{4e-6 * (one.parameters + one.activations):,.1f} | "
        + " | ".join(
            "does not fit" if one.models[name] is None else f"{1e3 * one.models[name]:.3g}"
            for name in models
        )
        + f" | {told[place - 1] or 'none'} |"
        for place, one in enumerate(famous, 1)
    )
    + "\n\nMemory: parameters and the largest operator's inputs and outputs, in 32 bits. Milliseconds in this table are models of machines that are not here; the last column is measured."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# For machines that are not here there are *models*. A **roofline** says that an operator takes as long as its operations at peak speed, or its bytes at full bandwidth, whichever is longer; starting it costs something as well:
#
# $$t = \sum_{\text{operators}} \max\Bigl(\frac{\text{MACs}}{\text{peak}},\; \frac{\text{bytes}}{\text{bandwidth}}\Bigr) + t_{\text{start}} .$$


# %% slideshow={"slide_type": "fragment"}
def roofline(macs, bytes_moved, *, peak, bandwidth, start):
    return sum(max(m / peak, b / bandwidth) + start for m, b in zip(macs, bytes_moved, strict=True))


from course_lib.hardware.bridge import lenet
from course_lib.hardware.chain import chain_network, mobilenet, vgg
from course_lib.hardware.roofline import PHONE, layer_costs, moved_bytes, roofline_latency

digit = torch.zeros(1, 1, 12, 12)
networks = {
    "small VGG": layer_costs(chain_network(vgg()).eval(), digit),
    "small MobileNet": layer_costs(chain_network(mobilenet()).eval(), digit),
    "LeNet-5": layer_costs(lenet().eval(), torch.zeros(1, 1, 32, 32)),
}
costs = networks["small VGG"]
on_phone = roofline(
    [one.macs for one in costs], [moved_bytes(one, PHONE) for one in costs],
    peak=PHONE.peak, bandwidth=PHONE.bandwidth, start=PHONE.overhead,
)  # fmt: skip
assert np.isclose(on_phone, roofline_latency(costs, PHONE))

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
from torchvision.models import get_model

networks["MobileNetV2"] = layer_costs(get_model("mobilenet_v2").eval(), torch.zeros(1, 3, 224, 224))
networks["ResNet-50"] = layer_costs(get_model("resnet50").eval(), torch.zeros(1, 3, 224, 224))
roofline_demo = RooflineDemo(networks)
roofline_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Measuring
#
# A stop-watch around one call measures the wrong thing: the first call, which allocates and compiles; whatever else the machine does at that moment; the clock itself, where a call takes microseconds. Measuring one network after the other is worse: the machine gets warmer, and what came later looks slower.
#
# Protocol: all networks are alive at once. Each is called once unmeasured. In each round all are measured, in a **fresh random order**; a sample is several calls. Of the samples of a network a **low quantile** counts, since other programs make a measurement longer, and never shorter. On a machine whose speed comes and goes there is another way: what all samples of a round have in common is the machine's doing, so **divide it out**; then the median is read.


# %% slideshow={"slide_type": "fragment"}
def measure(candidates, rng, *, rounds, repeats, clock):
    for call in candidates:
        call()  # the first call is not like the others
    samples = torch.empty(rounds, len(candidates))
    for sample in samples:
        for i in torch.randperm(len(candidates), generator=rng).tolist():
            start = clock()
            for _ in range(repeats):
                candidates[i]()
            sample[i] = (clock() - start) / repeats
    return samples


def levelled(samples):
    """Each round divided by how much slower than usual it was."""
    return samples / (samples / samples.quantile(0.5, 0)).quantile(0.5, 1)[:, None]


class BusyMachine:
    """Thirty networks whose true times are known, on a machine that gets warm and is disturbed."""

    def __init__(self, rng):
        self.true, self.rng, self.now = 1 + torch.rand(30, generator=rng), rng, 0.0
        self.loaded = set()

    def call(self, i):
        if i not in self.loaded:  # a first call loads code and memory
            self.loaded.add(i)
            self.now += 10 * float(torch.rand((), generator=self.rng))
        warm = 1 + 0.3 * min(1.0, self.now / 4_000)
        disturbed, wait = torch.rand(2, generator=self.rng).tolist()
        self.now += warm * float(self.true[i]) + (disturbed < 0.15) * 10 * wait


# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Predict first.** Forty calls of each network on this machine. Which matters more for the order: to take turns, or what is read of the samples?


# %% slideshow={"slide_type": "fragment"}
def taus(rng):
    """Kendall's tau with the truth: one after the other or in turns, mean or low quantile."""
    found = {}
    for way in ("one after the other", "in turns"):
        machine = BusyMachine(rng)
        calls = [lambda i=i, machine=machine: machine.call(i) for i in range(30)]
        settings = {"rounds": 40, "repeats": 2, "clock": lambda machine=machine: machine.now}
        if way == "in turns":
            samples = measure(calls, rng, **settings)
        else:
            samples = torch.cat([measure([call], rng, **settings) for call in calls], 1)
        readings = {"mean": samples.mean(0), "10 % quantile": samples.quantile(0.1, 0)}
        if way == "in turns":  # only they have something in common
            readings["median of levelled rounds"] = levelled(samples).quantile(0.5, 0)
        for read, value in readings.items():
            found[f"{way}, {read}"] = kendall_tau(value.numpy(), machine.true.numpy(), rng).estimate
    return found


tried = [taus(make_rng(seed)) for seed in range(10)]

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
table, refused = latency201(), latency201("latency201_second", least_tau=0).noise["OpenVINO"]
tables_of = {
    "first": table,
    "AVX2": latency201("latency201_second", leave_out=["OpenVINO"]),
    "Xeon": latency201("latency201_third"),
}
Markdown(
    "| | Kendall's tau with the true order, mean of ten machines (least, most) |\n|---|---|\n"
    + "\n".join(
        f"| {name} | {np.mean([t[name] for t in tried]):.3f} ({min(t[name] for t in tried):.3f}, {max(t[name] for t in tried):.3f}) |"
        for name in tried[0]
    )
    + "\n\nOf a real machine nobody knows the true order. Then split the rounds into halves and compare *their* orders. For the tables of this lecture, with the number of networks:\n\n| processor | "
    + " | ".join(table.devices)
    + " |\n|"
    + "---|" * (1 + len(table.devices))
    + "\n"
    + "\n".join(
        f"| {name} | "
        + " | ".join(
            f"{one.noise[d]:.3f} ({len(one.measured(d)):,})" if d in one.devices else ""
            for d in table.devices
        )
        + " |"
        for name, one in tables_of.items()
    )
    + f"\n\nA device below 0.95 is refused, as OpenVINO is with {refused:.3f} on the second processor.\n\n"
    "<details><summary>How they were measured</summary>\n\n"
    + "\n".join(f"- *{name}*: {one.about}" for name, one in tables_of.items())
    + "\n\n</details>"
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The table: all networks of digits201 on three runtimes, and some of them on two more. Is it enough to count operations?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
named = {8: "latency201", 16: "latency201_c16", 32: "latency201_c32", 64: "latency201_c64"}
files = {width: latency201(name) for width, name in named.items()}
runtimes = files[64].devices  # that were measured at every width
short = dict(zip(runtimes, ("PyTorch", "ONNX Runtime", "int8"), strict=True))
common = sorted(set.intersection(*(set(one.measured(*runtimes)) for one in files.values())))
widths = {
    width: Width(
        one.info["macs"][common], {short[name]: one.seconds[name][common] for name in runtimes}
    )
    for width, one in files.items()
}
width_demo = WidthDemo(widths)
width_demo

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_rankings",
    "Devices agree on which network is the faster one.",
    predict="Which two columns agree least: operations, PyTorch, ONNX Runtime, int8? And what changes the order more, another runtime or another processor?",
    sway="Intervals near 1 for small networks too, or near 0 for one runtime on two processors.",
    shown="Kendall's tau of the orders of two columns, group of networks by group",
    axis="Kendall's tau",
    words=("The two agree to some degree", "They disagree", "No agreement is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predicting latency
#
# A search asks for thousands of latencies; nobody wants to measure them all. The oldest answer is a **look-up table**: measure a reference network, then each single change of it, and add up. It is exact on a device that is *additive*, and it is worth asking how additive a real one is.


# %% slideshow={"slide_type": "fragment"}
def lookup_table(latency, reference, choices):
    base = latency(reference)
    cost = torch.zeros(len(reference), choices, dtype=torch.float64)
    for position in range(len(reference)):
        for choice in range(choices):
            changed = (*reference[:position], choice, *reference[position + 1 :])
            cost[position, choice] = latency(changed) - base
    return base, cost


def lookup_latency(base, cost, archs):
    return base + cost[torch.arange(cost.shape[0]), archs].sum(1)


from course_lib.hardware.edge_samples import EVERY_EDGE, edges201
from course_lib.hardware.latency_features import count_features, live_edges, one_hot_features
from course_lib.nas.table import digits201

space, cells = digits201().space, {}
for arch, row in zip(space, table.rows.tolist(), strict=True):  # one cell of each network
    cells.setdefault(row, live_edges(space, arch))
measured = table.measured()  # on all devices
archs = [cells[row] for row in measured]
seconds = {device: own[measured] for device, own in table.seconds.items()}
edges = edges201()  # cells that differ from one of skip connections in one edge, measured together
tables = {}
for device in edges.devices:
    low = lambda arch, device=device: float(edges.of(device, [arch]).quantile(0.1))  # noqa: E731
    tables[device] = lookup_table(low, EVERY_EDGE, 5)
predicted = {
    device: lookup_latency(*found, torch.tensor(archs)) for device, found in tables.items()
}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
ranked = {
    device: skill(said, torch.from_numpy(seconds[device])).correlation
    for device, said in predicted.items()
}
costs_told = {device: 1e6 * cost.mean(0) for device, (_, cost) in tables.items()}
Markdown(
    f"What a choice adds to a cell of skip connections, mean over the six edges, in microseconds; and how well the sums rank {len(archs):,} networks:\n\n| device | "
    + " | ".join(space.operations)
    + " | rank correlation |\n|"
    + "---|" * (2 + len(space.operations))
    + "\n"
    + "\n".join(
        f"| {device} | "
        + " | ".join(f"{float(value):+.1f}" for value in row)
        + f" | {ranked[device]:.2f} |"
        for device, row in costs_told.items()
    )
    + "\n\nWithout an edge there is less to add up. An *operation* that costs less than a skip connection would be noise: the library refuses a table in which one does not stand out of its standard error."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The other answer is statistics: measure a few networks, fit a line. On *what* matters more than how. Edge by edge there are thirty unknowns; the counts of what really runs, convolutions, pools and sums of the simplified cell, are six.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
counts = count_features(space, archs)
methods = {
    "a line on 30 edges": ridge_on(one_hot_features(space, archs)),
    "a line on operations": ridge_on(
        torch.from_numpy(table.info["macs"][measured]).double()[:, None]
    ),
    "a line on 6 counts": ridge_on(counts),
}
predicted_demo = PredictedDemo(seconds, methods, counts[:, :2].sum(1).numpy().astype(int))
predicted_demo

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
claim(
    "13_lookup",
    "Operations rank networks worse than a look-up table does.",
    predict="On which device is the table most ahead? Where could counting operations be enough?",
    sway="Rows of differences that hold zero or lie below it; wide networks.",
    shown="difference of two rank correlations with measured latency, group of networks by group: the table minus operations, and a line on the counts, fitted to as many measurements as the table needs, minus the table",
    axis="Difference of rank correlations",
    words=(
        "The first of the two is ahead",
        "The second of the two is ahead",
        "No difference is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A new device, of which next to nothing is known, is not a new world: what is slow on one is often slow on another. HELP (Lee and others, 2021) meta-learns from known devices. The simplest form of its idea is to let the known devices' latencies be features. It has to be compared with the line on counts, which needs no other device.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_few_samples",
    "With a few measurements of a new device, known devices help to predict it.",
    predict="With five measurements, and with twenty: what do known devices add to a line on counts? Where more: for another runtime on the known machine, or for known runtimes on another processor?",
    sway="Intervals that hold zero at few measurements, or lie below it.",
    shown="rank correlation on all networks that were not measured, a ridge on counts and known devices minus one on counts alone, seed by "
    "seed",
    axis="What known devices add to the rank correlation",
    words=("Known devices help", "Known devices harm", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Whoever is chosen for its prediction is chosen for the error in it, too. Even where the errors of all networks have mean zero, those that look fastest, or that only just keep a limit, were underestimated more often than not: the **winner's curse** of lecture 01. How much it costs depends on how large the errors are beside the differences between networks; and a predictor that is too high for all fast networks can hide it. So measure whatever was chosen.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_winner",
    "The network that a predictor likes best is slower than predicted.",
    predict="By how many per cent do the {chosen} networks that look fastest exceed their predictions? And all {among} that they were chosen among?",
    sway="Rows of the chosen that are no higher than those of all.",
    shown="measured over predicted latency minus one, in per cent, on rounds of measurements that the predictor never saw",
    axis="Measured above predicted, per cent",
    words=("Slower than predicted", "Faster than predicted", "As predicted, as far as is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Searching under a limit
#
# Two ways. A **hard limit**: the search never asks about a cell that is too slow. A **soft reward** (MnasNet): accuracy times a power of the latency,
#
# $$r = \text{acc} \cdot \Bigl(\frac{t}{T}\Bigr)^{w}, \qquad w = -0.07,$$
#
# so that twice the time costs five per cent of the accuracy, and half of it earns as much. Every search of lecture 01 and 05 can be used as it is: the limit goes into the space, the reward into the measure.


# %% slideshow={"slide_type": "fragment"}
def latency_reward(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency / target) ** exponent


from course_lib.core import Oracle
from course_lib.hardware.latency_limits import LimitedSpace, rewarded
from course_lib.nas.search import regularized_evolution

device, accuracy = table.devices[1], digits201().measure
on_device = lambda arch: table.latency(arch, device)  # noqa: E731
limit = float(np.quantile(table.seconds[device], 0.25))
fast = LimitedSpace(space, lambda arch: on_device(arch) <= limit)
hard, soft = [], []
for seed in range(5):
    history = regularized_evolution(fast, Oracle(accuracy, budget=100), make_rng(seed))
    hard.append(history.best())
    asked = Oracle(rewarded(accuracy, on_device, target=limit), budget=100)
    soft.append(regularized_evolution(space, asked, make_rng(seed)).best())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
every = np.array([accuracy(cells[row]).value for row in sorted(cells)])
possible = every[table.seconds[device] <= limit].max()
Markdown(
    f"{device}, limit {1e3 * limit:.4f} ms, which a quarter of the {len(every):,} networks keep; 100 trainings, five seeds. Hard limit: accuracy "
    f"{np.mean([t.value for t in hard]):.2%} on average, always within the limit; the best that exists is {possible:.2%}. Soft reward: accuracy "
    f"{np.mean([t.objectives['accuracy'] for t in soft]):.2%}, but {sum(t.objectives['latency'] > limit for t in soft)} of {len(soft)} answers are "
    f"slower than the limit, the slowest by {max(t.objectives['latency'] for t in soft) / limit - 1:.0%}. The exponent sets a price, not a limit."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# One search for each device? With a supernet (lectures 02 and 04) the costly part is done once: train it, then read off the best cell for every device and every limit. One network *beats* another if it is at least as accurate and at least as fast, and better in one of the two; the **front** is the set of those that nobody beats. The fronts below use the table's accuracies.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
digit = cluttered_digits(train=1, valid=1, test=1).valid.x
front_demo = FrontDemo(
    every[measured], seconds, lambda place: space.build(archs[place], rng=make_rng(0)).eval(), digit
)
front_demo

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_one_supernet",
    "One supernet, trained once, serves every device.",
    predict="Is what it proposes better than luck that may train as many networks? Where more: under a tight limit, or a loose one?",
    sway="Rows that hold zero or lie below it.",
    shown="test accuracy of the network that is taken, the supernet's proposals minus random search within the same limit at the same cost, supernet by supernet",
    axis="Supernet minus luck, points of test accuracy",
    words=("The supernet is ahead", "Luck is ahead", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# **Several devices at once** need nothing new: the largest latency in units of its device's limit takes the place of the latency, and the target is 1. The lab's challenge is of this kind.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Differentiable latency
#
# A gradient search (lectures 03 and 04) holds probabilities. The latency of a *distribution* over cells is, on an additive device, the expectation over the table, and has a gradient:
#
# $$\mathbb E[t] = t_0 + \sum_{p} \sum_{c} \operatorname{softmax}(\alpha_p)_c\, t_{p,c}, \qquad \text{ProxylessNAS: } \min\; \text{CE} + \lambda\, \mathbb E[t], \qquad \text{FBNet: } \min\; \text{CE} \cdot a\, (\log \mathbb E[t])^{b}.$$
#
# The exponent stands *outside* the logarithm. Inside it would be only another factor, $\log t^b = b \log t$; a much used program has it there.


# %% slideshow={"slide_type": "fragment"}
def expected_latency(alpha, base, cost):
    return base + (alpha.softmax(-1) * cost).sum()


from course_lib.hardware.expected_latency import added, derived, priced
from course_lib.hardware.lookup import LookupTable
from course_lib.nas.bilevel import first_order
from course_lib.nas.one_shot import one_shot_search
from course_lib.nas.supernet import Supernet

task = cluttered_digits(train=1000, valid=500, test=1)
base, cost = tables[device]
in_limits = LookupTable(base / limit, (cost / limit).float())  # the unit: one limit
ends = {}
for weight in (0.0, 0.03, 0.3):
    alpha, _ = one_shot_search(
        Supernet(space, rng=make_rng(1)), task.train, task.valid, make_rng(1), epochs=3,
        alpha_learning_rate=0.05, alpha_gradient=priced(first_order, in_limits, added(weight)),
        progress=False,
    )  # fmt: skip
    ends[weight] = derived(space, alpha, in_limits)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "| weight of the latency | expected latency of the mixture | of the derived cell, by the look-up table | of the derived cell, measured | accuracy of the cell |\n|---|---|---|---|---|\n"
    + "\n".join(
        f"| {weight:g} | {end.expected:.2f} | {end.latency:.2f} | {on_device(end.arch) / limit:.2f} | {accuracy(end.arch).value:.1%} |"
        for weight, end in ends.items()
    )
    + "\n\nLatencies in units of the limit; one short search each. What the loss sees is the first column of latencies. What ships is the "
    "third: report that one."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Learning on a device: HALO
#
# So far the device ran a network that was trained elsewhere. Now it *learns*: a camera meets new classes and adapts, on its battery. Here the learning algorithm is what is designed. HALO (Li and others, 2020) meta-trains an optimizer (lecture 10's two loops) with three ingredients:
#
# 1. a **hierarchical recurrent optimizer**: one small recurrent network per parameter, one per layer above it, one for the whole, with shared weights;
# 2. a meta-loss that punishes steep places, $\frac{1}{n+1}\sum_t L(\theta_t) + \lambda \lVert \nabla L(\theta_t) \rVert^2$;
# 3. **random updates of layers**: layer $j$ takes part in a step with probability $p_j$, and deeper layers more often: 10, 30, 50 %.
#
# There is no price on energy in the loss; energy is measured afterwards. Where does a saving come from? The forward pass has to be paid. But the gradient is propagated only down to the *lowest* layer that is updated, and only updated layers need a gradient of their weights:
#
# $$\mathbb E[\text{energy}] = \sum_l F_l + \sum_l \Bigl(1 - \prod_{i<l}(1 - p_i)\Bigr) G_l + \sum_l p_l\,(W_l + U_l).$$
#
# > **Predict first.** Three equal layers, probabilities 10, 30, 50 %. Does it matter in which order?


# %% slideshow={"slide_type": "fragment"}
def expected_energy(p, forward, input_gradient, weight_gradient, update):
    total, none_below = 0.0, 1.0
    for share, f, g, w, u in zip(p, forward, input_gradient, weight_gradient, update, strict=True):
        total += f + (1 - none_below) * g + share * (w + u)
        none_below *= 1 - share
    return total


three, free = [1.0] * 3, [0.0] * 3  # as many operations forward, for inputs, for weights
dense = expected_energy([1.0] * 3, three, three, three, free)
schedules = {"10-30-50": (0.1, 0.3, 0.5), "30-30-30": (0.3,) * 3, "50-30-10": (0.5, 0.3, 0.1)}
saved = {n: 1 - expected_energy(p, three, three, three, free) / dense for n, p in schedules.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "Saved in each step, three equal layers, the update itself for nothing: "
    + ", ".join(f"{name} {value:.1%}" for name, value in saved.items())
    + ". The same number of updates on average, and a different bill: whoever updates the first layer pays for the way down to it."
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_skipped",
    "A step that leaves layers alone takes less time, as the formula says.",
    predict="Does a program really save what the formula promises? Which schedule is furthest from it?",
    sway="Measured savings that do not follow the formula's order.",
    shown="share of a full step's processor time that is saved, measured with autograd; what the formula says stands below",
    axis="Saved, per cent of a step",
    words=("Time is saved", "Time is lost", "No saving is shown"),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now the whole of it, small: three convolutions are trained on the odd digits and adapt to the even ones. The optimizer was meta-trained on turned and mirrored odd digits; it has never seen an even one. Energy is counted in operations, those of the optimizer's own networks included.
#
# > **Predict first.** Who is most accurate at the same energy: HALO, the same learned optimizer without HALO's parts, Adam, SGD? (What does a step of each cost?)

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from functools import partial

from course_lib.hardware import halo_training as adaptation
from course_lib.hardware.halo import RISING
from course_lib.hardware.hierarchical_optimizer import hierarchical_optimizer, macs_per_parameter

world = adaptation.worlds(make_rng(0))
theta = adaptation.learn_optimizer(
    world,
    adaptation.halo_objective(shares=RISING, flatness=1e-3),
    make_rng(1),
    steps=60,
    learned=hierarchical_optimizer(make_rng(2)),
)
task, energy = world.final, 60e6
adam = adaptation.hand_made_change(task, partial(torch.optim.Adam, lr=0.01))
runs = {
    "HALO": adaptation.adapt(
        task, adaptation.learned_change(theta, task), make_rng(3),
        per_parameter=macs_per_parameter(theta), energy=energy, shares=RISING,
    ),
    "Adam": adaptation.adapt(
        task, adam, make_rng(3), per_parameter=adaptation.ADAM_MACS, energy=energy,
    ),
}  # fmt: skip

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
places = np.linspace(energy / 20, energy, 39)
picture(
    plot_lines,
    lines_info(
        places / 1e6,
        {name: np.interp(places, run.energy, run.accuracy) for name, run in runs.items()},
        x="energy, millions of multiply-accumulates",
        y="test accuracy on the even digits",
    ),
    caption="One meta-training of 60 steps, one adaptation each; Adam's rate is not tuned here. "
    f"An update costs HALO {macs_per_parameter(theta)} multiply-accumulates for each parameter, Adam about {adaptation.ADAM_MACS}.",
    size=(10, 4.4),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_halo",
    "HALO is the better optimizer where energy counts.",
    predict="HALO minus the same learned optimizer without random updates, minus Adam, minus SGD: which differences are above zero?",
    sway="Rows against Adam and SGD above zero: for a network whose own operations cost more than the optimizer's.",
    shown="test accuracy of HALO minus that of the others that had spent the same energy, meta-seed by meta-seed",
    axis="HALO minus the other, points of test accuracy",
    words=("HALO is ahead", "HALO is behind", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Co-design
#
# The machine was given so far. Somebody designs it. The deck's last word on deployment is that isolated design is *never* optimal: architecture and accelerator should be searched together. Here that can be tested, since everything can be enumerated: the networks of digits201 on 64 accelerators, arrays of processing elements with a buffer, in 8 or 16 bits, with weights or outputs at rest. An analytic model says cycles and energy; it is checked against ZigZag's numbers, and a finer form of it against what the Eyeriss chip reports of its memory traffic.
#
# The heart of the model is a rounding. An array of $R \times Q$ elements takes $K$ output and $C$ input channels in $\lceil K/R \rceil \lceil C/Q \rceil$ passes, and whatever does not fill it, waits.


# %% slideshow={"slide_type": "fragment"}
def passes(outputs, inputs, array):
    return int(np.ceil(outputs / array) * np.ceil(inputs / array))


def filled(outputs, inputs, array):
    """The share of the processing elements that have something to do."""
    return outputs * inputs / (passes(outputs, inputs, array) * array**2)


from course_lib.hardware.accelerator import accelerators
from course_lib.hardware.accelerator import layer_costs as accelerator_costs
from course_lib.hardware.cell_layers import cell_layers
from course_lib.hardware.codesign import (
    architecture_first,
    hardware_first,
    joint_front,
    share_of_front,
)

chips = accelerators()
shapes, layers = cell_layers(digits201())  # the layer shapes, and how often each network has them
each = accelerator_costs(shapes, chips)
delay, joules = layers @ each.cycles, layers @ each.energy  # (networks, accelerators)
product = joules * delay
operations = layers @ np.array([s.inputs * s.outputs * s.size**2 * s.kernel**2 for s in shapes])
value = np.nanmean(digits201().curves, axis=1)[:, -1]
ways = {
    "together": joint_front(value, product),
    "architecture first": architecture_first(value, operations, product),
    "hardware first": hardware_first(value, product, int(np.median(np.argsort(operations)))),
}
shares = {name: share_of_front(value, product, pairs) for name, pairs in ways.items()}

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
sides = np.arange(4, 33)
pictures(
    (
        plot_lines,
        lines_info(
            sides,
            {f"{k} channels": [filled(k, k, side) for side in sides] for k in (8, 16, 32)},
            x="side of the array",
            y="share of it that works",
        ),
    ),
    (
        plot_lines,
        lines_info(
            np.arange(20, 101, 5),
            {
                name: [
                    value[pairs.network][
                        product[pairs.network, pairs.chip]
                        <= np.quantile(
                            product[ways["together"].network, ways["together"].chip], q / 100
                        )
                    ].max(initial=value.min())
                    for q in range(20, 101, 5)
                ]
                for name, pairs in ways.items()
            },
            x="limit on energy x delay\n(per cent of the joint front within it)",
            y="best validation accuracy",
        ),
    ),
    caption=f"Left, why channels and arrays must fit. Right, {len(value):,} networks x {len(chips)} accelerators, all of them. Share of the joint front's "
    "hypervolume: " + ", ".join(f"{name} {share:.3f}" for name, share in shares.items()) + ".",
    size=(13, 4.6),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "13_codesign",
    "Isolated design is never optimal.",
    predict="How many per cent of the joint front's hypervolume are lost: architecture first, hardware first, and by a joint search that may ask as "
    "often as the isolated ones?",
    sway="A way of isolated design whose loss is zero in every space and cost would refute the sentence; here look for losses whose "
    "interval holds zero.",
    shown="share of the true joint front's hypervolume that each way to design leaves out",
    axis="Lost, per cent of the joint hypervolume",
    words=("Something is lost", "Nothing can be gained", "No loss is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# All of these have been published, in programs that many people use.


# %% slideshow={"slide_type": "fragment"}
def single_calls(machine, rng):  # one call each, the first one at that
    once = []
    for i in range(30):
        start = machine.now
        machine.call(i)
        once.append(machine.now - start)
    return kendall_tau(np.array(once), machine.true.numpy(), rng).estimate


single = np.mean([single_calls(BusyMachine(make_rng(seed)), make_rng(0)) for seed in range(10)])
own = table.seconds[device]
milli, cap = 1e3 * own, limit  # a table in milliseconds, a limit in seconds
unit_mistake = int((milli <= cap).sum())
outside, inside = (torch.tensor(2.0).log() ** 3.0, (torch.tensor(2.0) ** 3.0).log())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "| what is done | what comes of it |\n|---|---|\n"
    f"| one call, timed, first call included | Kendall's tau with the truth {single:.2f}, mean of ten machines like the one above; in turns and with a low quantile "
    f"{np.mean([t['in turns, 10 % quantile'] for t in tried]):.2f} |\n"
    f"| a table in milliseconds, a limit in seconds | {unit_mistake} of {len(milli):,} networks keep the limit; the right unit has {int((own <= limit).sum()):,} |\n"
    f"| log(latency ** 3) for log(latency) ** 3 | at a latency of 2: {float(inside):.2f} in the place of {float(outside):.2f}; the gradient is only scaled, and nothing bends |\n"
    "| the expected latency of the mixture is reported | see the table in *Differentiable latency*: no cell has it |\n"
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - Time is a property of a network *on a device*. Small networks are ranked by how many operators are called, wide ones by operations.
# - In this lecture's tables another runtime changes the order of small networks, as a rule, more than another processor does.
# - Measure in turns, read a low quantile or level the rounds, and publish how well two halves of the measurements agree.
# - A table of single changes is a good predictor where the device is additive; a line on the right counts needs ten measurements. The winner of a search is measured again.
# - A limit is a limit only if the search refuses what breaks it; a reward sets a price.
# - Energy of learning is saved where nothing has to be propagated. Compare with Adam, which is cheap.
# - "Never optimal" is a claim like any other: say how much is lost, against the true front.
#
# **Lab 13**: measure in turns, a look-up table, a reward, the expected latency and its gradient, a front over several devices, the energy of a schedule; and a challenge with limits on three devices at once.
#
# **Sources.** S. Williams, A. Waterman and D. Patterson, *Roofline: an insightful visual performance model for multicore architectures*, Communications of the ACM 2009. M. Tan and others, *MnasNet: platform-aware neural architecture search for mobile*, CVPR 2019. H. Cai, L. Zhu and S. Han, *ProxylessNAS: direct neural architecture search on target task and hardware*, ICLR 2019. B. Wu and others, *FBNet: hardware-aware efficient ConvNet design via differentiable neural architecture search*, CVPR 2019. H. Lee, S. Lee, S. Chong and S. J. Hwang, *HELP: hardware-adaptive efficient latency prediction for NAS via meta-learning*, NeurIPS 2021. C. Li, T. Chen, H. You, Z. Wang and Y. Lin, *HALO: hardware-aware learning to optimize*, ECCV 2020. B. Jacob and others, *Quantization and training of neural networks for efficient integer-arithmetic-only inference*, CVPR 2018. Y.-H. Chen, J. Emer and V. Sze, *Eyeriss: a spatial architecture for energy-efficient dataflow for convolutional neural networks*, ISCA 2016. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
