"""`soft_update`: beside the convex combination in numpy, once and many times."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, kind, same, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

GRAPH = Misconception(
    "the new target carries a graph",
    "The target follows, it does not learn: return tensors without a graph (torch.no_grad() or "
    ".detach()). Otherwise every update hangs on all updates before it.",
)
SHARED = Misconception(
    "the answer shares memory with what was given",
    "Networks learn in place: who changes a tensor of the answer, or of what was given, must not "
    "change the other with it. Also for tau = 0 or 1 the tensors are new, and so is the "
    "dictionary.",
)
SHAPES = {"0.weight": (4, 3), "0.bias": (4,), "1.weight": (1, 4), "scale": (), "1.bias": (1,)}
Named = dict[str, Tensor]


def drawn(rng: Generator, names: Mapping[str, tuple[int, ...]] = SHAPES) -> Named:
    """Parameters by name; each by itself is drawn anew."""
    return {name: torch.randn(shape, generator=rng) for name, shape in names.items()}


def asked(ask: Ask, target: Named, online: Named, tau: float) -> Named:
    """The answer, tested to have the target's names and shapes, and to have changed nothing."""
    before = [{name: value.detach().clone() for name, value in d.items()} for d in (target, online)]
    own = [dict(d) for d in (target, online)]
    answer = ask(target, online, tau=tau)
    for which, given, numbers, tensors in zip(
        ("target", "online"), (target, online), before, own, strict=True
    ):
        if given.keys() != tensors.keys() or any(given[n] is not v for n, v in tensors.items()):
            raise Wrong(f"the dictionary {which} holds other tensors after the call", CHANGED)
        for name, value in numbers.items():
            if not torch.equal(given[name].detach(), value):
                raise Wrong(f"{which}[{name!r}] has other numbers after the call", CHANGED)
    if not isinstance(answer, dict):
        raise Wrong(f"the answer is {kind(answer)}, expected a dictionary like target")
    if answer is target or answer is online:
        raise Wrong("the answer is a dictionary that was given, expected a new one", SHARED)
    if set(answer) != set(own[0]):
        raise Wrong(f"the answer has the names {[*answer]}, expected {[*own[0]]}")
    return {n: tensor(answer[n], tuple(v.shape), f"answer[{n!r}]") for n, v in own[0].items()}


def _exchanged(
    share: Callable[[float], float] = lambda tau: tau,
    whole: Callable[[float], float] = lambda tau: 1 - tau,
    by_name: bool = True,
) -> Callable[..., Named]:
    """An update with one part exchanged; whole: how much of the target stays."""

    def soft_update(target: Named, online: Named, *, tau: float) -> Named:
        others = dict(zip(target, online.values(), strict=False))
        return {
            name: whole(tau) * value + share(tau) * (online[name] if by_name else others[name])
            for name, value in target.items()
        }

    return soft_update


MISTAKES = (
    mistake(
        "tau is at the wrong place",
        "tau is small: a step takes the share tau of the online network, and leaves 1 - tau of the "
        "target.",
        _exchanged(share=lambda tau: 1 - tau, whole=lambda tau: tau),
    ),
    mistake(
        "the shares do not add up to 1",
        "What stays of the target is 1 - tau: where both networks agree, nothing changes.",
        _exchanged(whole=lambda tau: 1.0),
        _exchanged(share=lambda tau: 1.0),
        _exchanged(share=lambda tau: 1.0, whole=lambda tau: tau),
        _exchanged(share=lambda tau: 1.0, whole=lambda tau: 1.0),
    ),
    mistake(
        "the target is overwritten by the online network",
        "That would be a hard update. A soft one moves a little.",
        _exchanged(share=lambda tau: 1.0, whole=lambda tau: 0.0),
    ),
    mistake(
        "only a share of one network is left",
        "Two terms: tau * online + (1 - tau) * target.",
        _exchanged(whole=lambda tau: 0.0),
        _exchanged(share=lambda tau: 0.0),
    ),
    mistake(
        "the networks are matched by order, not by name",
        "The dictionaries hold the same names, perhaps in another order: online[name].",
        _exchanged(by_name=False),
    ),
    GRAPH,
    SHARED,
    CHANGED,
)


def _require(ask: Ask, target: Named, online: Named, tau: float) -> Named:
    found = asked(ask, target, online, tau)
    for name, value in found.items():
        one, other = (np.asarray(d[name].detach(), dtype=np.float64) for d in (target, online))
        expected = torch.as_tensor(one + tau * (other - one))
        if not same(value, expected, scale=3):
            right, wrong = apart(expected, value, 3)
            raise Wrong(f"tau = {tau:g}: answer[{name!r}] is {wrong}, expected {right}")
    return found


def probe(ask: Ask, variant: int) -> Named:
    """One update of equal shapes, the names in another order."""
    rng = seeded(variant, 9)
    names = dict.fromkeys(("a", "b", "c"), (3,))
    target, online = drawn(rng, names), drawn(rng, dict.fromkeys(("b", "c", "a"), (3,)))
    return {n: v.detach() for n, v in asked(ask, target, online, 0.3).items()}


def a_step(ask: Ask, variant: int) -> None:
    """A share tau of the way, for each tensor by itself."""
    rng = seeded(variant)
    for tau in (0.01, 0.25, 0.9):
        _require(ask, drawn(rng), drawn(rng), tau)


def both_ends(ask: Ask, variant: int) -> None:
    """tau 0 stays, 1 arrives; where both networks agree nothing changes."""
    rng = seeded(variant, 1)
    for tau in (0.0, 1.0):
        _require(ask, drawn(rng), drawn(rng), tau)
    both = drawn(rng)
    _require(ask, both, {name: value.clone() for name, value in both.items()}, 0.4)


def by_name(ask: Ask, variant: int) -> None:
    """The names in another order, some of them new; one parameter, or many."""
    rng = seeded(variant, 2)
    for count in (1, 3, 7):
        names = [f"layer{k}.weight" for k in range(count)]
        target = drawn(rng, dict.fromkeys(names, (2, 2)))
        _require(ask, target, drawn(rng, dict.fromkeys(names[::-1], (2, 2))), 0.3)


def many_steps(ask: Ask, variant: int) -> None:
    """Towards an online network that stands still, the distance falls by 1 - tau each time."""
    rng = seeded(variant, 3)
    target, online, tau = drawn(rng), drawn(rng), 0.1 + 0.05 * (variant % 5)
    now = {name: value.clone() for name, value in target.items()}
    for _ in range(8):
        now = {name: value.detach() for name, value in asked(ask, now, online, tau).items()}
    for name, value in now.items():
        expected = online[name] + (1 - tau) ** 8 * (target[name] - online[name])
        if not same(value, expected, scale=10):
            right, wrong = apart(expected, value, 3)
            raise Wrong(f"8 updates with tau = {tau:g}: {name} is {wrong}, expected {right}")


def apart_and_without_graph(ask: Ask, variant: int) -> None:
    """New tensors that require no gradient, also where the online ones do, and for tau 0 and 1."""
    rng = seeded(variant, 4)
    for tau in (0.2, 0.0, 1.0):
        for wants in ((False, True), (True, True)):
            target, online = (
                {name: value.requires_grad_(want) for name, value in drawn(rng).items()}
                for want in wants
            )
            found = _require(ask, target, online, tau)
            _require_free(found, target, online)


def _require_free(found: Named, target: Named, online: Named) -> None:
    for name, value in found.items():
        if value.requires_grad:
            raise Wrong(f"answer[{name!r}] requires a gradient", GRAPH)
        for which, given in (("target", target), ("online", online)):
            before = given[name].detach().clone()
            with torch.inference_mode():  # also what was made in it may be changed in it
                value += 1.0
            if not torch.equal(given[name].detach(), before):
                raise Wrong(f"who changes answer[{name!r}] changes {which}, too", SHARED)


soft_update = Exercise(
    lab="lab07_amc",
    name="soft_update",
    section=sections.DDPG,
    library=("course_lib.hardware.ddpg:soft_update",),
    laws={
        "a step towards the online network": a_step,
        "tau 0 stays, tau 1 arrives": both_ends,
        "parameters belong together by name": by_name,
        "many steps": many_steps,
        "new tensors, without a graph": apart_and_without_graph,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Which network moves, and by how much? For tau = 0.01 the answer is nearly the target.",
        "A dictionary comprehension over target.items(), with online[name] beside each value.",
        "Inside `with torch.no_grad():`, tau * online[name] + (1 - tau) * value is a new tensor "
        "without a graph.",
    ),
    basic="a step towards the online network",
)
