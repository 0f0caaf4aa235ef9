"""What can be handed over comes out as it went in; everything else is refused, in words."""

import base64
import json
import math
import pickle
import zlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_lib.checks.as_data import NUMBERS, NoData, from_text, to_text
from course_lib.checks.chance import Drawn
from course_lib.core import Trial
from course_lib.nas.string_network import Layer

MOST = 10**6
NAMES = sorted(NUMBERS)

numbers = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(), st.text(max_size=20)
)
shaped = st.sampled_from(NAMES).flatmap(
    lambda name: arrays(np.dtype(name), array_shapes(min_dims=0, min_side=0, max_side=4))
)
data = st.recursive(
    numbers | shaped | shaped.map(lambda array: torch.from_numpy(np.array(array))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=8,
)


def packed(plain: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(plain).encode())).decode()


def identical(one, other):
    """Same types, same values to the last bit, nan as well."""
    assert type(one) is type(other)
    if isinstance(one, torch.Tensor | np.ndarray | np.generic):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            identical(a, b)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        identical(list(one.values()), list(other.values()))
    elif isinstance(one, float) and math.isnan(one):
        assert math.isnan(other)
    else:
        assert one == other
        assert math.copysign(1, one) == math.copysign(1, other) if type(one) is float else True


@given(data)
def test_what_goes_in_comes_out(value):
    text = to_text(value, most=MOST)
    assert text.isascii()
    identical(from_text(text, most=MOST), value)


def test_scalars_sets_and_records_come_out_too():
    value = [
        np.float32(0.1),
        {3, 1, 2},
        Layer(3, 5, 1, 2, 8, (0, 1)),
        Trial((1, 2), 0.5, 2.0),
        (torch.Size((2, 3)), -0.0, math.inf),
    ]
    again = from_text(to_text(value, most=MOST), most=MOST)
    assert again[:4] == value[:4]
    assert again[4] == ((2, 3), -0.0, math.inf)
    drawn = from_text(to_text(Drawn(torch.arange(3.0)), most=MOST), most=MOST)
    assert drawn.draws.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "type object"),
        (lambda x: x, "type function"),
        (..., "type ellipsis"),
        (1 << 70, "71 bits"),
        (torch.ones(2, dtype=torch.complex64), "complex64"),
        (torch.ones(2).to_sparse(), "not a plain one"),
        (np.array([object()]), "array of object"),
        ([b"bytes"], "type bytes"),
        (torch.rand(400_000), "expected at most"),
    ],
)
def test_what_is_no_data_is_refused(value, why):
    with pytest.raises(NoData, match=why):
        to_text(value, most=MOST)


def test_a_list_that_holds_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NoData, match="without end"):
        to_text(endless, most=MOST)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged|cut off"),
        ("no base64!", "damaged"),
        ("é", "damaged"),
        (base64.b64encode(b"not packed").decode(), "damaged"),
        (base64.b64encode(zlib.compress(b"{]")).decode(), "damaged"),
        (base64.b64encode(zlib.compress(pickle.dumps([1]))).decode(), "damaged"),
        (base64.b64encode(zlib.compress(b"[" * 10**6)).decode(), "damaged"),
        (base64.b64encode(zlib.compress(b" " * 10**8)).decode(), "too long"),
        (to_text(list(range(1000)), most=MOST)[:-40], "damaged|cut off"),
        (packed(1.5), "expected one kind"),
        (packed({"float": "0x1p0", "more": 1}), "expected one kind"),
        (packed({"object": "os.system"}), "unknown kind"),
        (packed({"float": "seven"}), "damaged float"),
        (packed({"record": ["Exercise", {}]}), "damaged record"),
        (packed({"record": ["Trial", {"arch": 1, "evil": 2}]}), "damaged record"),
        (packed({"tensor": ["float32", [10**9], ""]}), "0 bytes"),
        (packed({"tensor": ["float32", [-1], ""]}), "list of sizes"),
        (packed({"tensor": ["object", [1], ""]}), "damaged tensor"),
        (packed({"tensor": ["bool", [1], "Ag=="]}), "bool that is neither"),
        (packed({"set": [[1]]}), "damaged set"),
        (packed({"dict": [[[1], 2]]}), "damaged dict"),
    ],
)
def test_a_text_that_is_no_data_is_refused(text, why):
    with pytest.raises(NoData, match=why):
        from_text(text, most=MOST)


def test_a_text_beyond_its_limit_is_refused_before_it_is_read():
    with pytest.raises(NoData, match="expected at most 10"):
        from_text(to_text([1, 2, 3], most=MOST), most=10)
