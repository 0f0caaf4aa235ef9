"""Lab 02: plausible wrong answers with the words that the check must answer, and other right ones.

WRONG: exercise -> pairs (answer, words). RIGHT: exercise -> answers that must get all points.
"""

import copy
import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
import torch
from torch import nn
from torch.nn import functional as F

# --- run_path --------------------------------------------------------------------------------


def _pather(
    *,
    pick: Callable[..., Any] = lambda choices, choice, x: choices[choice](x),
    read: Callable[..., Any] = lambda nodes, source, _: nodes[source],
    join: Callable[..., Any] = lambda old, out: out if old is None else old + out,
    order: Callable[..., Any] = list,
    finish: Callable[..., Any] = lambda nodes: nodes[max(nodes)],
) -> Callable[..., Any]:
    """A right walk unless a part is exchanged."""

    def run_path(operations, edges, arch, x):
        nodes, out = {0: x}, x
        for (source, target), choices, choice in zip(order(edges), operations, arch, strict=True):
            out = pick(choices, choice, read(nodes, source, out))
            nodes[target] = join(nodes.get(target), out)
        return finish(nodes)

    return run_path


def path_by_recursion(operations, edges, arch, x):
    """Right: from the output back, every node once, as a sum over its edges; a list of edges."""
    edges = [tuple(edge) for edge in edges]
    known = {0: x}

    def node(target):
        if target not in known:
            parts = [
                operations[k][arch[k]](node(i)) for k, (i, j) in enumerate(edges) if j == target
            ]
            known[target] = torch.stack(parts).sum(0)
        return known[target]

    last = max(j for _, j in edges)
    return node(last)


def path_with_list(operations, edges, arch, x):
    """Right: nodes as a list that starts with zeros."""
    nodes = [x] + [torch.zeros_like(x) for _ in range(max(j for _, j in edges))]
    for k, choice in enumerate(arch):
        i, j = edges[k]
        nodes[j] = operations[k][choice](nodes[i]) + nodes[j]
    return nodes[-1]


def path_in_place(operations, edges, arch, x):
    nodes = {0: x}
    for (source, target), choices, choice in zip(edges, operations, arch, strict=True):
        out = choices[choice](nodes[source])
        if target in nodes:
            nodes[target] += out
        else:
            nodes[target] = out
    return nodes[max(nodes)]


def path_by_sources(operations, edges, arch, x):
    """Two loops of its own, by the node that an edge leaves."""
    count = max(j for _, j in edges) + 1
    own = [(i, j) for i in range(count) for j in range(i + 1, count)]
    nodes = {0: x}
    for (source, target), choices, choice in zip(own, operations, arch, strict=False):
        out = choices[choice](nodes[source])
        nodes[target] = nodes[target] + out if target in nodes else out
    return nodes[count - 1]


def path_computes_all(operations, edges, arch, x):
    def pick(choices, choice, value):
        return [operation(value) for operation in choices][choice]

    return _pather(pick=pick)(operations, edges, arch, x)


def path_by_walks(operations, edges, arch, x):
    """Every walk by itself: right sums of linear operations, and far too many calls."""
    table = {tuple(edge): operations[k][arch[k]] for k, edge in enumerate(edges)}
    last = max(j for _, j in edges)

    def reach(node):
        if node == 0:
            return x
        return sum(operation(reach(i)) for (i, j), operation in table.items() if j == node)

    return reach(last)


def path_forgets_return(operations, edges, arch, x):
    out = path_by_recursion(operations, edges, arch, x)  # noqa: F841


def path_detaches_nothing_returned(operations, edges, arch, x):
    return path_with_list(operations, edges, arch, x).numpy()


def _all_nodes(nodes):
    return sum(nodes.values())


RUN_PATH_WRONG = [
    (path_by_sources, "another order than the one given"),
    (_pather(order=lambda edges: edges[::-1], read=lambda n, s, _: n.get(s, n[0])), ""),
    (_pather(pick=lambda choices, _, x: sum(o(x) for o in choices)), "off the path are active"),
    (
        _pather(pick=lambda choices, _, x: sum(o(x) for o in choices) / len(choices)),
        "off the path are active",
    ),
    (path_computes_all, "computed and thrown away"),
    (path_by_walks, "more than once"),
    (_pather(read=lambda nodes, source, out: out, finish=lambda n: n[max(n)]), ""),
    (_pather(join=lambda old, out: out), "only the last edge into a node counts"),
    (_pather(join=lambda old, out: out if old is None else old), "only the last edge"),
    (_pather(join=lambda old, out: out if old is None else (old + out) / 2), ""),
    (_pather(finish=_all_nodes), "all nodes are added up"),
    (_pather(finish=lambda n: sum(list(n.values())[1:])), "all nodes are added up"),
    (_pather(finish=lambda n: torch.cat(list(n.values())[1:], 1)), "the output is one node"),
    (_pather(finish=lambda n: n[max(n)] + n[0]), "input is added to the output"),
    (_pather(finish=lambda n: n[max(n) - 1]), ""),
    (path_in_place, "changed in place"),
    (path_forgets_return, "`return` missing"),
    (path_detaches_nothing_returned, "expected a tensor"),
]
RUN_PATH_RIGHT = [path_by_recursion, path_with_list]

# --- sharing_epoch ---------------------------------------------------------------------------


def _trainer(
    *,
    draw: Callable[..., Any] = lambda space, rng, _: space.sample(rng),
    loss: Callable[..., Any] = F.cross_entropy,
    clear: Callable[..., Any] = lambda optimizer: optimizer.zero_grad(),
    step: Callable[..., Any] = lambda optimizer: optimizer.step(),
    tell: Callable[..., Any] = lambda arch, value: (arch, value.item()),
    train: bool = True,
    listed: bool = False,
) -> Callable[..., Any]:
    """A right epoch unless a part is exchanged."""

    def sharing_epoch(net, space, batches, optimizer, rng):
        if train:
            net.train()
        told = []
        for k, (x, y) in enumerate(list(batches) if listed else batches):
            arch = draw(space, rng, k)
            value = loss(net(x, arch), y)
            clear(optimizer)
            value.backward()
            step(optimizer)
            told.append(tell(arch, value))
        return told

    return sharing_epoch


def epoch_edge_by_edge(net, space, batches, optimizer, rng):
    """Right: one randint per edge, gradients cleared after the step, a generator's list."""
    net.train()

    def one(x, y):
        arch = tuple(int(torch.randint(n, (), generator=rng)) for n in space.choices)
        loss = nn.CrossEntropyLoss()(net(x, arch), y)
        torch.autograd.backward(loss)
        optimizer.step()
        for weight in net.parameters():
            weight.grad = None
        return arch, float(loss)

    return [one(x, y) for x, y in batches]


def epoch_with_tensors(net, space, batches, optimizer, rng):
    """Right: the path as a list, the loss as a detached tensor, set_to_none said aloud."""
    net.train(True)
    told = []
    for x, y in batches:
        arch = list(space.sample(rng))
        log_p = net(x, arch).log_softmax(1)
        loss = -log_p[torch.arange(len(y)), y].mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        told.append([arch, loss.detach()])
    return tuple(told)


def epoch_one_path(net, space, batches, optimizer, rng):
    arch = space.sample(rng)
    return _trainer(draw=lambda *_: arch)(net, space, batches, optimizer, rng)


def epoch_all_paths(net, space, batches, optimizer, rng):
    net.train()
    told = []
    for x, y in batches:
        optimizer.zero_grad()
        losses = [F.cross_entropy(net(x, arch), y) for arch in space]
        torch.stack(losses).mean().backward()
        optimizer.step()
        told.append((space.sample(rng), losses[0].item()))
    return told


def epoch_in_turn(net, space, batches, optimizer, rng):
    paths = itertools.cycle(space)
    return _trainer(draw=lambda *_: next(paths))(net, space, batches, optimizer, rng)


def epoch_averages_outputs(net, space, batches, optimizer, rng):
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        outputs = [net(x, other) for other in space]
        loss = F.cross_entropy(torch.stack(outputs).mean(0), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append((arch, loss.item()))
    return told


def _own_seed(space, rng, k):
    return space.sample(torch.Generator().manual_seed(k))


def _global(space, rng, k):
    return tuple(int(torch.randint(n, ())) for n in space.choices)


def _pythons(space, rng, k):
    return tuple(random.Random(k).randrange(n) for n in space.choices)


def _shared_draw(space, rng, k):
    number = int(torch.randint(min(space.choices), (), generator=rng))
    return (number,) * len(space.choices)


def _mostly_first(space, rng, k):
    arch = space.sample(rng)
    return arch if k % 2 else (0,) * len(arch)


def _keep_zeros(optimizer):
    optimizer.zero_grad(set_to_none=False)


def epoch_step_first(net, space, batches, optimizer, rng):
    """Two passes per batch: the loss is computed anew for the report."""
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        optimizer.zero_grad()
        F.cross_entropy(net(x, arch), y).backward()
        optimizer.step()
        told.append((arch, F.cross_entropy(net(x, arch), y).item()))
    return told


def epoch_only_losses(net, space, batches, optimizer, rng):
    return [loss for _, loss in _trainer()(net, space, batches, optimizer, rng)]


def epoch_forgets_return(net, space, batches, optimizer, rng):
    _trainer()(net, space, batches, optimizer, rng)


SHARING_WRONG = [
    (epoch_all_paths, "all paths are trained"),
    (epoch_averages_outputs, "all paths are trained"),
    (epoch_one_path, "once per epoch"),
    (epoch_in_turn, "fixed order"),
    (_trainer(clear=lambda optimizer: None), "earlier batches are still there"),
    (_trainer(clear=_keep_zeros), "set to zero instead of None"),
    (_trainer(step=lambda optimizer: None), "weights do not move"),
    (_trainer(loss=lambda scores, y: -F.cross_entropy(scores, y)), "loss is climbed"),
    (_trainer(loss=lambda scores, y: F.cross_entropy(scores, y, reduction="sum")), "another step"),
    (_trainer(train=False), "evaluation mode"),
    (_trainer(tell=lambda arch, value: (arch, value)), "keep their graphs"),
    (_trainer(draw=_own_seed), "seed of their own"),
    (_trainer(draw=_global), "do not come from rng alone"),
    (_trainer(draw=_pythons), "seed of their own"),
    (_trainer(draw=_shared_draw), "one draw serves all edges"),
    (_trainer(draw=_mostly_first), "not all paths are equally likely"),
    (_trainer(draw=lambda space, *_: (0,) * len(space.choices)), "not all paths"),
    (epoch_step_first, "not passed once each"),
    (epoch_only_losses, "not a pair (path, loss)"),
    (epoch_forgets_return, "`return` missing"),
]
SHARING_RIGHT = [epoch_edge_by_edge, epoch_with_tensors, _trainer(listed=True)]

# --- recalibrate -----------------------------------------------------------------------------


def _norms(net):
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


def _calibrator(
    *,
    reset: bool = True,
    momentum: float | None = None,
    restore: bool = True,
    source: Callable[..., Any] = lambda train, valid: train,
    path: Callable[..., Any] = lambda net, arch: arch,
    size: Callable[..., Any] = lambda batch, n: batch,
    train_mode: bool = True,
    eval_mode: bool = True,
    early: bool = False,
    judged: Callable[..., Any] = lambda train, valid: valid,
    answer: Callable[..., Any] = lambda right: right.double().mean().item(),
) -> Callable[..., Any]:
    """A right recalibration unless a part is exchanged."""

    def recalibrate(net, arch, train, valid, *, batch=250):
        images = judged(train, valid)

        def score():
            return answer(net(images.x, arch).argmax(1) == images.y)

        before = [norm.momentum for norm in _norms(net)]
        net.eval()
        with torch.no_grad():
            first = score() if early else None
            for norm in _norms(net):
                if reset:
                    norm.reset_running_stats()
                norm.momentum = momentum
            net.train(train_mode)
            fed = source(train, valid)
            for x in fed.x.split(size(batch, len(fed.x))):
                net(x, path(net, arch))
            if eval_mode:
                net.eval()
            found = first if early else score()
        if restore:
            for norm, value in zip(_norms(net), before, strict=True):
                norm.momentum = value
        return found

    return recalibrate


def calibrate_by_counting(net, arch, train, valid, *, batch=250):
    """Right: momenta 1, 1/2, 1/3, ... and statistics forgotten by hand; a numpy number."""
    kept = {norm: norm.momentum for norm in _norms(net)}
    net.train()
    with torch.inference_mode():
        for k in range(len(train.x) // batch):
            for norm in kept:
                norm.momentum = 1 / (k + 1)
            net(train.x[k * batch : (k + 1) * batch], arch)
    for norm, momentum in kept.items():
        norm.momentum = momentum
    net.train(False)
    with torch.no_grad():
        scores = torch.cat([net(x, arch) for x in valid.x.split(7)])
    return np.mean((scores.argmax(1) == valid.y).numpy())


def calibrate_on_a_copy(net, arch, train, valid, *, batch=250):
    """Right: a copy passes the images, its statistics are loaded; a tensor of shape ()."""
    copied = copy.deepcopy(net)
    for norm in _norms(copied):
        norm.reset_running_stats()
        norm.momentum = None
    copied.train()
    for x in torch.split(train.x, batch):
        copied(x, arch)
    net.load_state_dict(copied.state_dict())
    net.eval()
    return (net(valid.x, arch).argmax(1) == valid.y).float().mean()


def calibrate_and_learn(net, arch, train, valid, *, batch=250):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for x, y in zip(train.x.split(batch), train.y.split(batch), strict=True):
        optimizer.zero_grad()
        F.cross_entropy(net(x, arch), y).backward()
        optimizer.step()
    return _calibrator()(net, arch, train, valid, batch=batch)


def calibrate_returns_in_training_mode(net, arch, train, valid, *, batch=250):
    found = _calibrator()(net, arch, train, valid, batch=batch)
    net.train()
    return found


def calibrate_forgets_return(net, arch, train, valid, *, batch=250):
    _calibrator()(net, arch, train, valid, batch=batch)


def _other_path(net, arch):
    return tuple((choice + 1) % 3 for choice in arch)


RECALIBRATE_WRONG = [
    (_calibrator(source=lambda train, valid: valid), "come from the validation images"),
    (_calibrator(eval_mode=False), "training mode is left on"),
    (_calibrator(reset=False), "not reset"),
    (_calibrator(reset=False, momentum=0.1), "not reset"),
    (_calibrator(momentum=0.1), "momentum instead of the plain mean"),
    (_calibrator(train_mode=False), "not recalibrated at all"),
    (_calibrator(size=lambda batch, n: n), "pass as one batch"),
    (_calibrator(path=_other_path), "another path than arch"),
    (calibrate_and_learn, "weights are changed"),
    (_calibrator(restore=False), "momentum is not put back"),
    (_calibrator(judged=lambda train, valid: train), "accuracy is that of the training images"),
    (_calibrator(early=True), "before the recalibration"),
    (_calibrator(answer=lambda right: right.sum().item()), "classified rightly"),
    (_calibrator(answer=lambda right: right), "expected"),
    (calibrate_returns_in_training_mode, "comes back in training mode"),
    (calibrate_forgets_return, "`return` missing"),
]
RECALIBRATE_RIGHT = [calibrate_on_a_copy, calibrate_by_counting]

# --- kendall_tau -----------------------------------------------------------------------------


def _signs(x):
    return np.sign(x[:, None] - x[None, :])


def tau_b(x, y):
    return (_signs(x) * _signs(y)).sum() / np.sqrt(
        np.abs(_signs(x)).sum() * np.abs(_signs(y)).sum()
    )


def _both(x, rng):
    index = torch.randint(len(x), (len(x),), generator=rng).numpy()
    return index, index


def _ends(taus, level, tau):
    return np.quantile(taus, [(1 - level) / 2, (1 + level) / 2])


def _ranker(
    *,
    tau: Callable[..., Any] = tau_b,
    resampled: Callable[..., Any] | None = None,
    index: Callable[..., Any] = _both,
    ends: Callable[..., Any] = _ends,
) -> Callable[..., Any]:
    """A right tau and interval unless a part is exchanged."""

    def kendall_tau(x, y, rng, *, level=0.95, resamples=1000):
        taus = []
        for _ in range(resamples):
            one, two = index(x, rng)
            taus.append((resampled or tau)(x[one], y[two]))
        low, high = ends(np.array(taus), level, tau(x, y))
        return tau(x, y), low, high

    return kendall_tau


def _pairs(x, y, rule):
    found = [
        rule(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])) for i in range(len(x)) for j in range(i)
    ]
    return sum(found), len(found)


def tau_a(x, y):
    return (_signs(x) * _signs(y)).sum() / (len(x) * (len(x) - 1))


def gamma(x, y):
    return (_signs(x) * _signs(y)).sum() / np.abs(_signs(x) * _signs(y)).sum()


def one_side(x, y):
    return (_signs(x) * _signs(y)).sum() / np.abs(_signs(x)).sum()


def ties_agree(x, y):
    total, count = _pairs(x, y, lambda sign: 1 if sign >= 0 else -1)
    return total / count


def share(x, y):
    total, count = _pairs(x, y, lambda sign: sign > 0)
    return total / count


def neighbours(x, y):
    return np.mean(np.sign(np.diff(x)) * np.sign(np.diff(y)))


def halved(x, y):
    return np.triu(_signs(x) * _signs(y)).sum() / np.sqrt(
        np.abs(_signs(x)).sum() * np.abs(_signs(y)).sum()
    )


def with_itself(x, y):
    return (_signs(x) * _signs(y)).sum() / len(x) ** 2


def _apart(x, rng):
    return _both(x, rng)[0], _both(x, rng)[0]


def _permuted(x, rng):
    index = torch.randperm(len(x), generator=rng).numpy()
    return index, index


def _numpys(x, rng):
    index = np.random.randint(0, len(x), len(x))
    return index, index


def _torchs(x, rng):
    index = torch.randint(len(x), (len(x),)).numpy()
    return index, index


class _Seeded:
    """A generator of its own, made anew in every call of the answer."""

    def __call__(self, x, y, rng, *, level=0.95, resamples=1000):
        own = torch.Generator().manual_seed(0)
        return _ranker()(x, y, own, level=level, resamples=resamples)


def _full_tails(taus, level, tau):
    return np.quantile(taus, [1 - level, level])


def _crossed(taus, level, tau):
    return np.quantile(taus, [(1 + level) / 2, (1 - level) / 2])


def _normal(taus, level, tau):
    reach = scipy.stats.norm.ppf((1 + level) / 2) * taus.std() * 1.5
    return tau - reach, tau + reach


def tau_sorts_in_place(x, y, rng, *, level=0.95, resamples=1000):
    found = _ranker()(x, y, rng, level=level, resamples=resamples)
    x.sort()
    return found


def tau_only(x, y, rng, *, level=0.95, resamples=1000):
    return tau_b(x, y)


def tau_with_scipy(x, y, rng, *, level=0.95, resamples=1000):
    """Right, if it were not slow: only for few resamples."""
    return _ranker(tau=lambda x, y: scipy.stats.kendalltau(x, y).statistic)(
        x, y, rng, level=level, resamples=resamples
    )


def tau_all_at_once(x, y, rng, *, level=0.95, resamples=1000):
    """Right: all resamples as one array, numpy numbers, a list."""
    index = torch.randint(len(x), (resamples, len(x)), generator=rng).numpy()
    in_x = np.sign(x[index][:, :, None] - x[index][:, None, :])
    in_y = np.sign(y[index][:, :, None] - y[index][:, None, :])
    below = np.sqrt((in_x**2).sum((1, 2)) * (in_y**2).sum((1, 2)))
    taus = np.sort((in_x * in_y).sum((1, 2)) / below)
    cut = (1 - level) / 2
    return [tau_b(x, y), taus[int(cut * resamples)], taus[int((1 - cut) * resamples) - 1]]


def tau_in_torch(x, y, rng, *, level=0.95, resamples=1000):
    """Right: loops over pairs where n is small, torch tensors of shape ()."""

    def tau(x, y):
        sign_x, sign_y = (torch.sign(v[:, None] - v) for v in (x, y))
        concordant = ((sign_x * sign_y) > 0).sum()
        discordant = ((sign_x * sign_y) < 0).sum()
        return (concordant - discordant) / ((sign_x != 0).sum() * (sign_y != 0).sum()).sqrt()

    x, y = torch.tensor(x), torch.tensor(y)
    index = [torch.randint(len(x), (len(x),), generator=rng) for _ in range(resamples)]
    taus = torch.stack([tau(x[i], y[i]) for i in index])
    return tau(x, y), taus.quantile((1 - level) / 2), taus.quantile((1 + level) / 2)


TAU_WRONG = [
    (_ranker(tau=tau_a), "tau-a"),
    (_ranker(tau=gamma), "gamma"),
    (_ranker(tau=one_side), "one side only"),
    (_ranker(tau=lambda x, y: one_side(y, x)), "one side only"),
    (_ranker(tau=ties_agree), "ties count as agreement"),
    (_ranker(tau=lambda x, y: -tau_b(x, y)), "sign is flipped"),
    (_ranker(tau=lambda x, y: np.corrcoef(x, y)[0, 1]), "Pearson"),
    (_ranker(tau=lambda x, y: scipy.stats.spearmanr(x, y).statistic), "Spearman"),
    (_ranker(tau=share), "share of concordant pairs"),
    (_ranker(tau=neighbours), "only neighbours"),
    (_ranker(tau=halved), "once above the line and twice below"),
    (_ranker(tau=with_itself), "compared with itself"),
    (_ranker(resampled=tau_a), "ties are ignored in the resamples"),
    (_ranker(index=_apart), "resampled independently"),
    (_ranker(index=_permuted), "all the same sample"),
    (_ranker(index=_numpys), "do not come from rng alone"),
    (_ranker(index=_torchs), "do not come from rng alone"),
    (_Seeded(), "seed of their own"),
    (_ranker(ends=_full_tails), "each end cuts off"),
    (_ranker(ends=_crossed), "exchanged"),
    (_ranker(ends=_normal), "plus and minus something"),
    (tau_sorts_in_place, "arguments are changed"),
    (tau_only, "expected (tau, low, high)"),
]
TAU_RIGHT = [tau_all_at_once, tau_in_torch]

# --- enas_step -------------------------------------------------------------------------------


def _accuracy(scores, y):
    return (scores.argmax(1) == y).double().mean().item()


def _stepper(
    *,
    batches: Callable[..., Any] = lambda train, valid: (train, valid),
    first: Callable[..., Any] = lambda policy, rng: policy(rng)[0],
    second: Callable[..., Any] = lambda policy, rng, arch: policy(rng),
    reward: Callable[..., Any] = _accuracy,
    objective: Callable[..., Any] = lambda reward, b, log_prob: -(reward - b) * log_prob,
    loss: Callable[..., Any] = F.cross_entropy,
    clear: Callable[..., Any] = lambda optimizer: optimizer.zero_grad(),
    weights_early: bool = False,
    weights_late: bool = False,
    reward_first: bool = False,
    policy_early: bool = False,
    told: Callable[..., Any] = lambda reward, value: reward,
) -> Callable[..., Any]:
    """A right step unless a part is exchanged."""

    def enas_step(net, policy, train, valid, of_weights, of_policy, baseline, rng):
        (x, y), (held, labels) = batches(train, valid)
        arch = first(policy, rng)
        if reward_first:
            scored, log_prob = second(policy, rng, arch)
            with torch.no_grad():
                found = reward(net(held, scored), labels)
        value = loss(net(x, arch), y)
        clear(of_weights)
        value.backward()
        of_weights.step()
        if policy_early:
            of_policy.step()
        if not reward_first:
            scored, log_prob = second(policy, rng, arch)
            with torch.no_grad():
                found = reward(net(held, scored), labels)
        clear(of_policy)
        objective(found, baseline, log_prob).backward()
        of_policy.step()
        if weights_late:
            of_weights.step()
        return told(found, value)

    return enas_step


def enas_reward_with_graph(
    net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng
):
    """The reward is minus the validation loss, and its gradient moves the weights as well."""
    arch, _ = policy(rng)
    weight_optimizer.zero_grad()
    F.cross_entropy(net(train[0], arch), train[1]).backward()
    weight_optimizer.step()
    arch, log_prob = policy(rng)
    loss = F.cross_entropy(net(valid[0], arch), valid[1])
    policy_optimizer.zero_grad()
    weight_optimizer.zero_grad()
    (loss + (loss.detach() - baseline) * log_prob).backward()
    policy_optimizer.step()
    weight_optimizer.step()
    return -loss.item()


def enas_both_drawn_first(
    net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng
):
    """Right: both paths drawn at the start, gradients by torch.autograd, a numpy reward."""
    (first, _), (second, log_prob) = policy(rng), policy(rng)
    loss = nn.CrossEntropyLoss()(net(train[0], first), train[1])
    for weight in net.parameters():
        weight.grad = None
    torch.autograd.backward(loss)
    weight_optimizer.step()
    right = net(valid[0], second).max(1).indices == valid[1]
    reward = np.float64(right.sum().item() / len(right))
    for weight in policy.parameters():
        weight.grad = None
    ((baseline - reward) * log_prob).backward()
    policy_optimizer.step()
    return reward


def enas_as_tensors(net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng):
    """Right: the reward as a tensor of shape (), gradients of zeros instead of None."""
    arch, _ = policy(rng)
    weight_optimizer.zero_grad()
    (-net(train[0], arch).log_softmax(1).gather(1, train[1][:, None]).mean()).backward()
    weight_optimizer.step()
    arch, log_prob = policy(rng)
    reward = (net(valid[0], arch).detach().argmax(1) == valid[1]).double().mean()
    policy_optimizer.zero_grad(set_to_none=False)
    (-(reward - baseline) * log_prob).backward()
    policy_optimizer.step()
    return reward


def enas_forgets_return(*arguments):
    _stepper()(*arguments)


def _uniform(policy, rng):
    return tuple(int(torch.randint(len(row), (), generator=rng)) for row in policy.logits)


def _likeliest(policy, rng):
    return tuple(int(row.argmax()) for row in policy.logits)


def _own_generator(policy, rng):
    return policy(torch.Generator().manual_seed(0))[0]


def _same_path(policy, rng, arch):
    log_prob = sum(
        row.log_softmax(0)[choice] for row, choice in zip(policy.logits, arch, strict=True)
    )
    return arch, log_prob


class _Mismatched:
    """The path that is scored is one, the log-probability that is raised that of the first."""

    def __init__(self) -> None:
        self.log_prob: Any = None

    def first(self, policy, rng):
        arch, self.log_prob = policy(rng)
        return arch

    def second(self, policy, rng, arch):
        return policy(rng)[0], self.log_prob


_mismatched = _Mismatched()

ENAS_WRONG = [
    (_stepper(batches=lambda train, valid: (train, train)), "reward comes from the training batch"),
    (_stepper(batches=lambda train, valid: (valid, valid)), "weights learn on the validation"),
    (_stepper(batches=lambda train, valid: (valid, train)), "weights learn on the validation"),
    (_stepper(loss=lambda s, y: -F.cross_entropy(s, y)), "weights climb"),
    (_stepper(objective=lambda r, b, log_prob: (r - b) * log_prob), "sign is flipped"),
    (_stepper(objective=lambda r, b, log_prob: -r * log_prob), "baseline is not used"),
    (_stepper(objective=lambda r, b, log_prob: -(r + b) * log_prob), "baseline is added"),
    (_stepper(objective=lambda r, b, log_prob: 0 * log_prob), "policy does not move"),
    (_stepper(reward=lambda s, y: -F.cross_entropy(s, y).item()), "loss is taken for the reward"),
    (_stepper(reward=lambda s, y: F.cross_entropy(s, y).item()), "loss is taken for the reward"),
    (_stepper(reward=lambda s, y: (s.argmax(1) == y).sum().item()), "number of right answers"),
    (_stepper(reward_first=True), "before the weights have moved"),
    (_stepper(clear=lambda optimizer: None), "step before are still there"),
    (_stepper(first=_mismatched.first, second=_mismatched.second), "belongs to another path"),
    (_stepper(weights_late=True), "moved by the policy step"),
    (enas_reward_with_graph, "moved by the policy step"),
    (_stepper(policy_early=True), "moved by the weight step"),
    (_stepper(second=_same_path), "just trained is the one that is scored"),
    (_stepper(first=_uniform), "not drawn from the policy"),
    (_stepper(first=_likeliest), "not drawn from the policy"),
    (_stepper(first=_own_generator), "seed of their own"),
    (_stepper(told=lambda reward, value: value), "validation accuracy of the path"),
    (enas_forgets_return, "`return` missing"),
]
ENAS_RIGHT = [enas_both_drawn_first, enas_as_tensors]

WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = {
    "run_path": RUN_PATH_WRONG,
    "sharing_epoch": SHARING_WRONG,
    "recalibrate": RECALIBRATE_WRONG,
    "kendall_tau": TAU_WRONG,
    "enas_step": ENAS_WRONG,
}
RIGHT: dict[str, list[Callable[..., Any]]] = {
    "run_path": RUN_PATH_RIGHT,
    "sharing_epoch": SHARING_RIGHT,
    "recalibrate": RECALIBRATE_RIGHT,
    "kendall_tau": TAU_RIGHT,
    "enas_step": ENAS_RIGHT,
}
