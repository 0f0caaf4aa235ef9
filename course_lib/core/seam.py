"""Where a function is handed to a loop: its answer is checked, and named where it is wrong."""

from collections.abc import Callable
from typing import Any

from torch import Tensor


def named(role: str, function: Callable[..., Any]) -> str:
    """How a message speaks of a function that was handed in, such as `loss=my_loss`."""
    return f"{role}={getattr(function, '__name__', type(function).__name__)}"


def expect_shape(subject: str, value: Any, shape: tuple[int, ...], hint: str = "") -> Tensor:
    """The value itself if it is a tensor of this shape; TypeError or ValueError says what it is.

    subject: what is spoken of, such as `loss=my_loss`; hint: what may have gone wrong.
    """
    wanted = f"a scalar {shape}" if shape == () else f"shape {shape}"
    hint = f"; {hint}" if hint else ""
    if not isinstance(value, Tensor):
        kind = type(value).__name__
        raise TypeError(f"{subject} returned {kind}, expected a tensor, {wanted}{hint}")
    if value.shape != shape:
        raise ValueError(f"{subject} returned shape {tuple(value.shape)}, expected {wanted}{hint}")
    return value
