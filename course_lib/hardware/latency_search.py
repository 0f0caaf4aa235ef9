"""Accuracy and latency together: one number, a limit, or a front over several devices."""

import torch
from torch import Tensor

_UNITS = 300
"""A whole table that is this many times off its limit is in another unit."""


def latency_reward(
    accuracy: Tensor, latency: Tensor, *, target: float, exponent: float = -0.07
) -> Tensor:
    """accuracy * (latency / target) ** exponent, of any one shape.

    With the exponent -0.07, twice the latency costs 5 % of the accuracy; what is faster than the
    target is paid for it, too. latency and target: positive, in one unit, or ValueError.
    Source: Tan et al. 2019 (MnasNet), eq. 2, with alpha = beta: the soft constraint.
    """
    if accuracy.shape != latency.shape:
        raise ValueError(
            f"expected one latency per accuracy, got {tuple(accuracy.shape)} and "
            f"{tuple(latency.shape)}"
        )
    _check_unit(latency, torch.tensor(target))
    return accuracy * (latency / target) ** exponent


def within(latency: Tensor, limits: Tensor) -> Tensor:
    """Which architectures keep the limit of every device: (n, devices), (devices,) -> bool (n,).

    latency and limits: positive, in one unit per device, or ValueError.
    """
    _check_devices(latency, limits)
    for device, limit in zip(latency.T, limits, strict=True):
        _check_unit(device, limit)
    return (latency <= limits).all(1)


def worst_latency(latency: Tensor, limits: Tensor) -> Tensor:
    """Per architecture the largest latency in units of the device's limit: (n, devices) -> (n,).

    At most 1 is within all limits. With `latency_reward(..., target=1)` it makes a soft reward for
    several devices.
    """
    _check_devices(latency, limits)
    return (latency / limits).amax(1)


def best_within(accuracy: Tensor, latency: Tensor, limits: Tensor) -> Tensor:
    """Per device, the index of the most accurate architecture that keeps this device's limit.

    accuracy (n,), latency (n, devices), limits (devices,) -> int64 (devices,). One accuracy for all
    devices, such as a supernet's: trained once, chosen from per device.
    ValueError: no architecture keeps a limit; the smallest latency is named.
    """
    _check_devices(latency, limits)
    _check_accuracy(accuracy, latency)
    kept = latency <= limits
    if not kept.any(0).all():
        short = int((~kept.any(0)).nonzero()[0])
        raise ValueError(
            f"no architecture keeps the limit {float(limits[short]):g} of device {short}: the "
            f"fastest takes {float(latency[:, short].min()):g}"
        )
    return torch.where(kept, accuracy[:, None], -torch.inf).argmax(0)


def device_front(accuracy: Tensor, latency: Tensor) -> Tensor:
    """Which architectures no other one beats: accuracy (n,), latency (n, devices) -> bool (n,).

    One beats another where it is at least as accurate and on all devices at least as fast, and
    better in one of these. Equal points all stay.
    """
    _check_accuracy(accuracy, latency)
    points = torch.cat([-accuracy[:, None].to(latency.dtype), latency], 1)
    if points.isnan().any():
        raise ValueError("an accuracy or a latency is NaN: it has no place in an order")
    front = torch.empty(len(points), dtype=torch.bool)
    for start in range(0, len(points), 256):
        own = points[start : start + 256, None]
        beaten = (points <= own).all(2) & (points < own).any(2)
        front[start : start + 256] = ~beaten.any(1)
    return front


def _check_unit(latency: Tensor, limit: Tensor) -> None:
    if not (limit > 0 and (latency > 0).all()):
        raise ValueError(
            f"latencies and limits must be positive, got a limit of {float(limit):g} and a least "
            f"latency of {float(latency.min()) if latency.numel() else torch.nan:g}"
        )
    ratio = latency / limit
    if latency.numel() and (ratio.min() > _UNITS or ratio.max() < 1 / _UNITS):
        raise ValueError(
            f"the latencies are about {float(ratio.median()):.3g} times the limit "
            f"{float(limit):g}: are both in one unit (seconds, milliseconds)?"
        )


def _check_devices(latency: Tensor, limits: Tensor) -> None:
    if latency.ndim != 2 or limits.shape != latency.shape[1:]:
        raise ValueError(
            "expected latencies (n, devices) and one limit per device, got "
            f"{tuple(latency.shape)} and {tuple(limits.shape)}"
        )


def _check_accuracy(accuracy: Tensor, latency: Tensor) -> None:
    if latency.ndim != 2 or accuracy.shape != latency.shape[:1]:
        raise ValueError(
            "expected accuracies (n,) and latencies (n, devices), got "
            f"{tuple(accuracy.shape)} and {tuple(latency.shape)}"
        )
