"""Answers to `maml_objective`."""

import torch
from torch.func import grad

from course_lib.meta import maml


def by_loop(theta, tasks, *, predict, loss, inner_loop):
    """Right: a running sum, divided in the end."""
    total = 0.0
    for support_x, support_y, query_x, query_y in tasks:
        phi = inner_loop(theta, lambda at, x=support_x, y=support_y: loss(predict(at, x), y))
        total = total + loss(predict(phi, query_x), query_y)
    return total / len(tasks)


def by_stack(theta, tasks, *, predict, loss, inner_loop):
    """Right: a function of one task, on a copy of theta that stays in the graph."""

    def after(task):
        def support_loss(phi):
            return loss(predict(phi, task[0]), task[1])

        phi = inner_loop({name: value.clone() for name, value in theta.items()}, support_loss)
        return loss(predict(phi, task[2]), task[3])

    return torch.stack(list(map(after, tasks))).mean()


def backwards(theta, tasks, *, predict, loss, inner_loop):
    """Right: the last task first, each loss divided at once."""
    losses = []
    while len(losses) < len(tasks):
        x, y, query_x, query_y = tasks[-1 - len(losses)]
        phi = inner_loop(theta, lambda phi, x=x, y=y: loss(predict(phi, x), y))
        losses.append(loss(predict(phi, query_x), query_y) / len(tasks))
    return sum(losses)


def _objective(
    support=lambda task: task[:2],
    query=lambda task: task[2:],
    begin=lambda theta: theta,
    end=lambda theta, phi: phi,
    following=lambda theta, phi: theta,
    together=lambda losses, tasks: torch.stack(losses).mean(),
    adapt=lambda inner_loop, theta, support_loss: inner_loop(theta, support_loss),
):
    """A right objective unless a part is exchanged."""

    def maml_objective(theta, tasks, *, predict, loss, inner_loop):
        losses = []
        for task in tasks:
            x, y = support(task)
            phi = adapt(inner_loop, begin(theta), lambda at, x=x, y=y: loss(predict(at, x), y))
            x, y = query(task)
            losses.append(loss(predict(end(theta, phi), x), y))
            theta = following(theta, phi)
        return together(losses, tasks)

    return maml_objective


def fresh(phi):
    return {name: value.detach().requires_grad_() for name, value in phi.items()}


def late_lambdas(theta, tasks, *, predict, loss, inner_loop):
    """The closures are asked after the loop: all see the last task."""
    parts = []
    for x, y, query_x, query_y in tasks:
        parts.append((lambda phi: loss(predict(phi, x), y), query_x, query_y))  # noqa: B023
    losses = [loss(predict(inner_loop(theta, s), qx), qy) for s, qx, qy in parts]
    return torch.stack(losses).mean()


def only_last(theta, tasks, *, predict, loss, inner_loop):
    """`return` stands inside the loop's end: the last task alone."""
    for x, y, query_x, query_y in tasks:
        phi = inner_loop(theta, lambda at, x=x, y=y: loss(predict(at, x), y))
        value = loss(predict(phi, query_x), query_y)
    return value


def only_first(theta, tasks, *, predict, loss, inner_loop):
    return by_loop(theta, tasks[:1], predict=predict, loss=loss, inner_loop=inner_loop)


def for_good(theta, tasks, *, predict, loss, inner_loop):
    """The inner step is taken on the outer parameters."""
    losses = []
    for x, y, query_x, query_y in tasks:
        theta.update(inner_loop(theta, lambda at, x=x, y=y: loss(predict(at, x), y)))
        losses.append(loss(predict(theta, query_x), query_y))
    return torch.stack(losses).mean()


def for_good_and_back(theta, tasks, *, predict, loss, inner_loop):
    """Right numbers; the numbers of theta itself are moved by each task but its own start."""
    before = {name: value.detach().clone() for name, value in theta.items()}
    value = by_loop(theta, tasks, predict=predict, loss=loss, inner_loop=inner_loop)
    with torch.no_grad():
        for name in theta:
            theta[name] += 0.01 * before[name]
    return value


def pooled_queries(theta, tasks, *, predict, loss, inner_loop):
    outputs, answers = [], []
    for x, y, query_x, query_y in tasks:
        phi = inner_loop(theta, lambda at, x=x, y=y: loss(predict(at, x), y))
        outputs.append(predict(phi, query_x))
        answers.append(query_y)
    return loss(torch.cat(outputs), torch.cat(answers))


def pooled_support(theta, tasks, *, predict, loss, inner_loop):
    """One phi for all tasks."""
    x, y = (torch.cat([task[i] for task in tasks]) for i in range(2))
    phi = inner_loop(theta, lambda at: loss(predict(at, x), y))
    return torch.stack([loss(predict(phi, task[2]), task[3]) for task in tasks]).mean()


def steps_itself(theta, tasks, *, predict, loss, inner_loop):
    """The inner loop that was handed in is ignored."""

    def own(theta, support_loss):
        slopes = grad(support_loss)(theta)
        return {name: value - 0.3 * slopes[name] for name, value in theta.items()}

    return by_loop(theta, tasks, predict=predict, loss=loss, inner_loop=own)


def calls_backward(theta, tasks, *, predict, loss, inner_loop):
    value = by_loop(theta, tasks, predict=predict, loss=loss, inner_loop=inner_loop)
    value.backward(retain_graph=True)
    return value


def empties(theta, tasks, *, predict, loss, inner_loop):
    losses = []
    while tasks:
        x, y, query_x, query_y = tasks.pop()
        phi = inner_loop(theta, lambda at, x=x, y=y: loss(predict(at, x), y))
        losses.append(loss(predict(phi, query_x), query_y))
    return torch.stack(losses).mean()


def item(theta, tasks, *, predict, loss, inner_loop):
    return by_loop(theta, tasks, predict=predict, loss=loss, inner_loop=inner_loop).item()


def listed(theta, tasks, *, predict, loss, inner_loop):
    values = [by_loop(theta, [t], predict=predict, loss=loss, inner_loop=inner_loop) for t in tasks]
    return torch.stack(values)


def calls_library(theta, tasks, *, predict, loss, inner_loop):
    tasks = [torch.stack(part) for part in zip(*tasks, strict=True)]
    value, _ = maml.maml_objective(theta, tasks, predict=predict, loss=loss, inner_loop=inner_loop)
    return value


SUM = "the losses are summed instead of averaged"
SUPPORT = "the support takes the place of the query"
QUERY = "the task adapts to its query"
MULTI_TASK = "nothing is adapted"
NEXT = "the next task starts where the last one ended"
SIZES = "large tasks count more"
CUT = "the way from theta to the query loss is cut"
MEAN = "✘ the mean of the query losses after adaptation"
WRONG = [
    (_objective(together=lambda losses, tasks: sum(losses)), SUM),
    (_objective(query=lambda task: task[:2]), SUPPORT),
    (_objective(support=lambda task: task[2:]), QUERY),
    (_objective(end=lambda theta, phi: theta), MULTI_TASK),
    (_objective(adapt=lambda inner_loop, theta, support_loss: theta), MULTI_TASK),
    (_objective(following=lambda theta, phi: phi), NEXT),
    (for_good, NEXT),
    (pooled_queries, SIZES),
    (_objective(end=lambda theta, phi: fresh(phi)), CUT),
    (_objective(begin=fresh), CUT),
    (_objective(together=lambda losses, tasks: torch.tensor(losses).mean()), CUT),
    (
        _objective(end=lambda theta, phi: {n: v + (phi[n] - v).detach() for n, v in theta.items()}),
        CUT,
    ),
    (_objective(support=lambda task: task[2:], query=lambda task: task[:2]), QUERY),
    (_objective(adapt=lambda loop, theta, loss: loop(loop(theta, loss), loss)), MEAN),
    (_objective(together=lambda losses, tasks: torch.stack(losses).max()), MEAN),
    (_objective(together=lambda losses, tasks: torch.stack(losses).median()), MEAN),
    (_objective(together=lambda losses, tasks: -torch.stack(losses).mean()), MEAN),
    (_objective(together=lambda losses, tasks: sum(losses) / len(tasks[0][2])), MEAN),
    (late_lambdas, MEAN),
    (only_last, MEAN),
    (only_first, MEAN),
    (pooled_support, MEAN),
    (steps_itself, "three classes, another inner loop"),
    (for_good_and_back, "the function changes its arguments"),
    (empties, "the function changes its arguments"),
    (calls_backward, "accumulated into .grad"),
    (item, "the objective is of type float, expected a tensor"),
    (listed, "the objective has shape"),
    (_objective(together=lambda losses, tasks: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_loop, by_stack, backwards]
POINTLESS = (
    lambda theta, tasks, *, predict, loss, inner_loop: sum(v.sum() for v in theta.values()),
)
PARTICULAR = {
    SIZES: {"tasks of any size count the same"},
    "three classes, another": {"any network, loss and inner loop", "a network, beside differences"},
}
