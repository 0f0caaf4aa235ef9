"""Checks of lab 02: `check.run_path(run_path)`, `check.hint("run_path")`, ... one per exercise."""

from course_lib.checks.engine import Exercise
from course_lib.checks.hints import Hints
from course_lib.checks.lab02 import challenge as _challenge
from course_lib.checks.lab02 import enas as _enas
from course_lib.checks.lab02 import path as _path
from course_lib.checks.lab02 import sections
from course_lib.checks.lab02 import sharing as _sharing
from course_lib.checks.lab02 import statistics as _statistics
from course_lib.checks.lab02 import tau as _tau
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "challenge",
    "enas_step",
    "hint",
    "kendall_tau",
    "playground",
    "problem",
    "recalibrate",
    "run_path",
    "sharing_epoch",
    "variant_of",
    "write_challenge",
]

LAB = "lab02_weight_sharing"

write_challenge = _challenge.CHALLENGE.write
challenge = _challenge.CHALLENGE.judge
problem = _challenge.CHALLENGE.problem

run_path = Exercise(
    LAB,
    "run_path",
    sections.PATH,
    (),
    _path.LAWS,
    (
        "Keep the nodes in a dictionary that starts as {0: x}. Walk through edges, operations and "
        "arch together: each edge reads one node and adds to another.",
        "for (source, target), choices, choice in zip(edges, operations, arch): the only operation "
        "that works on this edge is choices[choice], and it reads nodes[source].",
        "Where the target has no value yet the result is its value; otherwise add it: "
        "nodes[target] = nodes[target] + out. Not +=, which would write into a skip's input.",
        "The output is the node of the greatest number: nodes[max(nodes)].",
    ),
    basic="a sum over all walks",
)

sharing_epoch = Exercise(
    LAB,
    "sharing_epoch",
    sections.SHARING,
    ("course_lib.nas.one_shot:one_shot_search", "course_lib.nas.sharing:shared_step"),
    _sharing.LAWS,
    (
        "It is the usual training loop. One line is new: inside the loop, for every batch, draw "
        "a path.",
        "space.sample(rng) draws a path uniformly; net(x, arch) runs it; F.cross_entropy gives the "
        "loss. Then zero_grad, backward, step.",
        "optimizer.zero_grad() sets gradients to None, and the optimizer skips what has none. "
        "Gradients of zero it does not skip: momentum and weight decay go on.",
        "net.train() before the loop; append (arch, loss.item()) after each step.",
    ),
    basic="a step moves its path by the gradient",
)

recalibrate = Exercise(
    LAB,
    "recalibrate",
    sections.STATISTICS,
    ("course_lib.nas.supernet:recalibrate.__wrapped__",),
    _statistics.LAWS,
    (
        "Three parts: forget the old statistics, let the training images pass, score the "
        "validation images.",
        "[m for m in net.modules() if isinstance(m, nn.BatchNorm2d)] are the normalisations; each "
        "has reset_running_stats() and a momentum. With momentum None it takes plain means.",
        "net.train() and torch.no_grad(), then net(x, arch) for x in train.x.split(batch): a pass "
        "in training mode moves the statistics, and nothing else.",
        "net.eval() before the validation images; put each momentum back; the answer is the share "
        "of net(valid.x, arch).argmax(1) that equals valid.y.",
    ),
    basic="the path's statistics of the training images",
)

kendall_tau = Exercise(
    LAB,
    "kendall_tau",
    sections.INHERITED,
    ("course_lib.core.statistics:kendall_tau",),
    _tau.LAWS,
    (
        "Write tau as a small function of its own first: you need it once for the sample and once "
        "for every resample.",
        "np.sign(x[:, None] - x[None, :]) holds the order of all pairs by x. The sum of the "
        "product of both such matrices is 2 (concordant - discordant).",
        "Below the line stands a square root: pairs that differ in x, times pairs that differ in "
        "y. In the matrices these are the entries that are not zero.",
        "A resample: index = torch.randint(n, (n,), generator=rng), and the same index for x and "
        "y. The interval: np.quantile(taus, [(1 - level) / 2, (1 + level) / 2]).",
    ),
    basic="tau without ties",
)

enas_step = Exercise(
    LAB,
    "enas_step",
    sections.ENAS,
    ("course_lib.nas.enas:weight_step", "course_lib.nas.enas:controller_step"),
    _enas.LAWS,
    (
        "Two halves that look alike: each draws a path with policy(rng), runs a batch through it, "
        "and steps its own optimizer.",
        "First half, training batch: cross-entropy, weight_optimizer.zero_grad(), backward(), "
        "weight_optimizer.step(). The log-probability is not needed.",
        "Second half, validation batch, a new path: its accuracy under torch.no_grad() is the "
        "reward, a plain number.",
        "The policy descends -(reward - baseline) * log_prob with its own optimizer. Return the "
        "reward.",
    ),
    basic="weights descend on the training batch",
)

_EXERCISES = (run_path, sharing_epoch, recalibrate, kendall_tau, enas_step)
hint = Hints({e.name: e.hints for e in _EXERCISES} | {"challenge": _challenge.HINTS})
