"""Answers to `soft_update`."""

import copy

import torch

from course_lib.hardware import ddpg


def by_lerp(target, online, *, tau):
    """Right: torch.lerp of detached tensors."""
    return {n: torch.lerp(v.detach(), online[n].detach(), tau) for n, v in target.items()}


def a_step_towards(target, online, *, tau):
    """Right: the target and a share of the difference, detached at the end."""
    answer = {}
    for name in online:
        answer[name] = (target[name] + tau * (online[name] - target[name])).detach()
    return answer


def on_copies(target, online, *, tau):
    """Right: in place, but on a copy."""
    answer = {name: value.detach().clone() for name, value in target.items()}
    for name, value in answer.items():
        value.mul_(1 - tau).add_(online[name].detach(), alpha=tau)
    return answer


@torch.inference_mode()
def in_inference_mode(target, online, *, tau):
    """Right: no graph can begin in there."""
    return {name: tau * online[name] + (1 - tau) * value for name, value in target.items()}


def in_double(target, online, *, tau):
    """Right: through double precision."""
    with torch.no_grad():
        return {
            name: ((1 - tau) * value.double() + tau * online[name].double()).to(value.dtype)
            for name, value in target.items()
        }


def sorted_names(target, online, *, tau):
    """Right: another order of the names."""
    return {name: by_lerp(target, online, tau=tau)[name] for name in sorted(target)}


def _mixed(
    mix=lambda slow, fast, tau: tau * fast + (1 - tau) * slow,
    partner=lambda target, online, name: online[name],
    end=lambda found: {name: value.detach() for name, value in found.items()},
):
    """Right unless a part is exchanged."""

    def soft_update(target, online, *, tau):
        return end({n: mix(v, partner(target, online, n), tau) for n, v in target.items()})

    return soft_update


def by_order(target, online, *, tau):
    pairs = zip(target.items(), online.values(), strict=True)
    return {n: (tau * fast + (1 - tau) * slow).detach() for (n, slow), fast in pairs}


def into_target(target, online, *, tau):
    with torch.no_grad():
        for name, value in target.items():
            value.mul_(1 - tau).add_(tau * online[name])
    return target


def into_data(target, online, *, tau):
    for name, value in target.items():
        value.data.copy_(tau * online[name].data + (1 - tau) * value.data)
    return {name: value.detach().clone() for name, value in target.items()}


def into_targets_dict(target, online, *, tau):
    target.update(by_lerp(target, online, tau=tau))
    return dict(target)


def into_online(target, online, *, tau):
    """The wrong network is moved."""
    with torch.no_grad():
        for name, value in online.items():
            value.mul_(tau).add_((1 - tau) * target[name])
    return dict(online)


def shallow_copy(target, online, *, tau):
    """dict(target) copies no tensors."""
    answer = dict(target)
    with torch.no_grad():
        for name, value in answer.items():
            value += tau * (online[name] - value)
    return answer


def shortcut_at_one(target, online, *, tau):
    """Right numbers; for tau = 1 the online tensors themselves."""
    if tau == 1:
        return {name: value.detach() for name, value in online.items()}
    return by_lerp(target, online, tau=tau)


def shortcut_at_zero(target, online, *, tau):
    if tau == 0:
        return {name: value.detach() for name, value in target.items()}
    return by_lerp(target, online, tau=tau)


def given_back_at_zero(target, online, *, tau):
    return target if tau == 0 else by_lerp(target, online, tau=tau)


@torch.inference_mode()
def shared_in_inference_mode(target, online, *, tau):
    if tau == 1:
        return dict(online)
    return {name: torch.lerp(value, online[name], tau) for name, value in target.items()}


def same_dict(target, online, *, tau):
    return target


def hard(target, online, *, tau):
    return {name: value.detach().clone() for name, value in online.items()}


def weights_only(target, online, *, tau):
    """Biases are copied whole."""
    return {
        name: by_lerp(target, online, tau=tau)[name]
        if value.ndim > 1
        else online[name].detach().clone()
        for name, value in target.items()
    }


def parameters_of_two(target, online, *, tau):
    """Vectors and scalars stay."""
    found = by_lerp(target, online, tau=tau)
    return {n: found[n] if v.ndim > 1 else v.detach().clone() for n, v in target.items()}


def first_only(target, online, *, tau):
    answer = copy.deepcopy({name: value.detach() for name, value in target.items()})
    name = next(iter(answer))
    answer[name] = by_lerp(target, online, tau=tau)[name]
    return answer


def prefixed(target, online, *, tau):
    return {f"target.{n}": value for n, value in by_lerp(target, online, tau=tau).items()}


def calls_library(target, online, *, tau):
    return ddpg.soft_update(target, online, tau=tau)


SWAPPED = "tau is at the wrong place"
SUM = "the shares do not add up to 1"
HARD = "the target is overwritten by the online network"
ONE = "only a share of one network is left"
ORDER = "the networks are matched by order, not by name"
GRAPH = "the new target carries a graph"
SHARED = "the answer shares memory with what was given"
CHANGED = "the function changes its arguments"
STEP = "✘ a step towards the online network"
WRONG = [
    (_mixed(mix=lambda slow, fast, tau: (1 - tau) * fast + tau * slow), SWAPPED),
    (_mixed(mix=lambda slow, fast, tau: slow + tau * fast), SUM),
    (_mixed(mix=lambda slow, fast, tau: fast + (1 - tau) * slow), SUM),
    (_mixed(mix=lambda slow, fast, tau: slow + fast), SUM),
    (_mixed(mix=lambda slow, fast, tau: (slow + fast) / 2), STEP),
    (_mixed(mix=lambda slow, fast, tau: slow - tau * (fast - slow)), STEP),
    (_mixed(mix=lambda slow, fast, tau: slow + 0.01 * (fast - slow)), STEP),
    (_mixed(mix=lambda slow, fast, tau: slow + tau**2 * (fast - slow)), STEP),
    (_mixed(mix=lambda slow, fast, tau: fast.clone()), HARD),
    (hard, HARD),
    (_mixed(mix=lambda slow, fast, tau: tau * fast), ONE),
    (_mixed(mix=lambda slow, fast, tau: (1 - tau) * slow), ONE),
    (_mixed(mix=lambda slow, fast, tau: tau * fast.mean() + (1 - tau) * slow), STEP),
    (by_order, ORDER),
    (_mixed(end=lambda found: found), GRAPH),
    (into_target, CHANGED),
    (into_data, CHANGED),
    (into_targets_dict, CHANGED),
    (into_online, CHANGED),
    (shallow_copy, CHANGED),
    (shortcut_at_one, SHARED),
    (shortcut_at_zero, SHARED),
    (given_back_at_zero, SHARED),
    (shared_in_inference_mode, "✘ new tensors, without a graph"),
    (same_dict, "a dictionary that was given"),
    (weights_only, STEP),
    (parameters_of_two, STEP),
    (first_only, STEP),
    (prefixed, "the answer has the names"),
    (_mixed(end=lambda found: list(found.values())), "expected a dictionary like target"),
    (_mixed(end=lambda found: {n: v.detach().tolist() for n, v in found.items()}), "answer["),
    (_mixed(end=lambda found: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_lerp, a_step_towards, on_copies, in_inference_mode, in_double, sorted_names]
POINTLESS = (lambda target, online, *, tau: {n: v.detach().clone() for n, v in target.items()},)
PARTICULAR = {
    ORDER: {"parameters belong together by name"},
    GRAPH: {"new tensors, without a graph"},
    SHARED: {"new tensors, without a graph"},
}
