"""Mutants that no law can tell from the solution, each with the reason."""

_ODD = "filters are odd, so k // 2 = (k - 1) // 2"

LAB01: dict[str, dict[str, str]] = {
    "decode": {"line 26: 1 -> 0": _ODD, "line 27: 1 -> 0": _ODD},
    "sample_strings": {
        "line 20: p.detach() -> p": "torch.multinomial is not differentiable: no gradient flows "
        "through the probabilities that it draws from"
    },
    "acceptance": {
        "line 18: min(exponent, 0.0) -> min(0.0, exponent)": "min does not depend on the order of "
        "its arguments"
    },
}

LAB02: dict[str, dict[str, str]] = {}

EQUIVALENT: dict[str, dict[str, dict[str, str]]] = {
    "lab01_rl_nas": LAB01,
    "lab02_weight_sharing": LAB02,
}
"""Per lab and exercise: the mutant's change, and the reason."""
