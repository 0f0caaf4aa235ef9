"""Mutants that no law can tell from the solution, each with the reason."""

_ODD = "filters are odd, so k // 2 = (k - 1) // 2"

LAB01: dict[str, dict[str, str]] = {
    "decode": {"line 13: 1 -> 0": _ODD, "line 14: 1 -> 0": _ODD},
    "sample_strings": {
        "line 9: p.detach() -> p": "torch.multinomial is not differentiable: no gradient flows "
        "through the probabilities that it draws from"
    },
    "acceptance": {
        "line 4: min(exponent, 0.0) -> min(0.0, exponent)": "min does not depend on the order of "
        "its arguments"
    },
}

_SCALAR = "a tensor of shape () is a number, too"

LAB02: dict[str, dict[str, str]] = {
    "run_path": {
        "line 2: zip(edges, operations, arch, strict=True) -> zip(edges, operations, arch)": "the "
        "three are of one length"
    },
    "recalibrate": {
        "line 12: zip(norms, momenta, strict=True) -> zip(norms, momenta)": "one length",
        "line 14: right.double().mean().item() -> right.double().mean()": _SCALAR,
    },
    "kendall_tau": {
        "line 8: torch.randint(len(x), (len(x),), generator=rng).numpy() -> "
        "torch.randint(len(x), (len(x),), generator=rng)": "numpy takes a tensor as an index",
        "line 9: tau_b(x[index], y[index]) -> tau_b(y[index], x[index])": "tau is symmetric",
        "line 11: tau_b(x, y) -> tau_b(y, x)": "tau is symmetric",
    },
    "enas_step": {
        "line 11: (net(x, arch).argmax(1) == y).double().mean().item() -> "
        "(net(x, arch).argmax(1) == y).double().mean()": _SCALAR
    },
}

_ONE = "torch.autograd.grad of one input gives a tuple with one entry: first and last are the same"
_STRICT = "the lists are of equal length, so that `strict` has nothing to refuse"

LAB03: dict[str, dict[str, str]] = {
    "mixed_op": {
        "line 1: zip(weights, operations, strict=True) -> zip(weights, operations)": _STRICT
    },
    "first_order": {"line 1: 0 -> -1": _ONE},
    "second_order": {
        "line 4: zip(names, weights, direction, strict=True) -> "
        "zip(names, weights, direction)": _STRICT,
        "line 5: (w + length * d).detach() -> w + length * d": "the graph behind the moved "
        "weights stays attached, but every gradient is asked for at them or at alpha",
        "line 15: 0 -> -1": _ONE,
    },
    "derive": {
        "line 3: 1.0 -> 2.0": "any number below all weights keeps `none` out",
        "line 3: 1.0 -> 0.0": "weights of a softmax are positive, so that 0 is below them all",
    },
}

_DOUBLE = "in float64 an exact 0 comes once in 9e15 draws: the clamp is a belt beside braces"
_ROW = "logits of one edge or choice have one axis: 0 and -1 are the same"

LAB04: dict[str, dict[str, str]] = {
    "sample_gumbel": {
        "line 2: u = u.clamp(min=torch.finfo(torch.float64).tiny) -> (dropped)": _DOUBLE,
        "line 2: u.clamp(min=torch.finfo(torch.float64).tiny) -> u": _DOUBLE,
        "line 3: torch.log(-torch.log(u)).float() -> torch.log(-torch.log(u))": "any floating-"
        "point type may be returned",
    },
    "straight_through": {
        "line 2: torch.nn.functional.one_hot(index, soft.shape[-1]).to(sof... -> "
        "torch.nn.functional.one_hot(index, soft.shape[-1])": "integers plus the floating-point "
        "bracket give floating point, and the same sum",
    },
    "bias_and_variance": {
        "line 1: 0 -> -1": _ROW,
        "line 5: estimates - mean -> mean - estimates": "it is squared",
    },
    "gdas_edge": {"line 1: 1 -> 0": _ROW},
}

EQUIVALENT: dict[str, dict[str, dict[str, str]]] = {
    "lab01_rl_nas": LAB01,
    "lab02_weight_sharing": LAB02,
    "lab03_darts": LAB03,
    "lab04_gumbel": LAB04,
}
"""Per lab and exercise: the mutant's change, and the reason."""
