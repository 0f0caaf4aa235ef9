"""The NAS-Bench-201 cell space: strings, identities, networks."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import make_rng
from course_lib.nas.cells import OPERATIONS, CellSpace

SPACE = CellSpace()
archs = st.tuples(*[st.integers(0, len(OPERATIONS) - 1)] * 6)


def test_the_space_has_15625_strings_all_different() -> None:
    assert SPACE.size == 15_625
    assert len({SPACE.describe(arch) for arch in SPACE}) == 15_625


@given(archs)
def test_parse_undoes_describe(arch) -> None:
    assert SPACE.parse(SPACE.describe(arch)) == arch


def test_describe_writes_the_benchmark_s_form() -> None:
    assert SPACE.describe((0, 1, 2, 3, 4, 0)) == (
        "|none~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2|"
    )


def test_a_subspace_speaks_the_same_strings() -> None:
    subspace = CellSpace(("nor_conv_3x3", "skip_connect"))
    assert subspace.size == 64
    for arch in subspace:
        assert subspace.canonical(arch) == SPACE.canonical(SPACE.parse(subspace.describe(arch)))


def test_the_benchmark_counts_6466_unique_strings() -> None:
    assert len({SPACE.nasbench201_string(arch) for arch in SPACE}) == 6466


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("|none~0|+|none~0|none~1|", "has 2 nodes joined by"),
        ("|none~0|+|none~0|+|none~0|none~1|none~2|", "expected 2 operation(s)"),
        ("none~0+|none~0|none~1|+|none~0|none~1|none~2|", "node 1 is 'none~0'"),
        ("|none~0|+|none~1|none~0|+|none~0|none~1|none~2|", 'written "op~0"'),
        ("|none|+|none~0|none~1|+|none~0|none~1|none~2|", "the edge 'none'"),
        (
            "|nor_conv3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|",
            "unknown operation 'nor_conv3x3', did you mean 'nor_conv_3x3'?",
        ),
        ("", "has 1 nodes"),
    ],
)
def test_a_wrong_string_is_told_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        SPACE.parse(text)


def test_an_operation_outside_the_subspace_is_refused() -> None:
    subspace = CellSpace(("none", "skip_connect"))
    with pytest.raises(ValueError, match="expected one of none, skip_connect"):
        subspace.parse("|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|")


@pytest.mark.parametrize(
    ("operations", "said"),
    [(("skip",), "did you mean 'skip_connect'"), (("none", "none"), "once"), ((), "choices")],
)
def test_wrong_operations_are_refused(operations: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CellSpace(operations)


@pytest.mark.parametrize("method", ["describe", "canonical", "nasbench201_string"])
def test_an_architecture_outside_the_space_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="decision 5 is 5"):
        getattr(SPACE, method)((0, 0, 0, 0, 0, 5))


def test_build_draws_from_its_generator_alone() -> None:
    arch = (3, 1, 2, 4, 3, 2)
    before = torch.get_rng_state()
    one, same, other = (SPACE.build(arch, rng=make_rng(seed)).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["stem.0.weight"], other["stem.0.weight"])


def test_cells_of_one_form_become_one_network() -> None:
    x = torch.randn(2, 1, 12, 12, generator=make_rng(0))
    swapped = (3, 2, 0, 1, 4, 2), (2, 3, 0, 1, 2, 4)
    one, other = (SPACE.build(arch, rng=make_rng(0))(x) for arch in swapped)
    assert torch.equal(one, other)
