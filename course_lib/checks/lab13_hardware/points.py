"""Architectures with an accuracy and latencies, and who of them is beaten by nobody."""

import torch
from torch import Generator, Tensor


def drawn(
    rng: Generator, n: int, devices: int, *, levels: int = 0, copies: int = 0, twins: int = 0
) -> tuple[Tensor, Tensor]:
    """Points whose latencies grow with the accuracy, more or less.

    levels: so many different values of each quantity, and so ties. copies: points that stand
    there twice. twins: pairs of equal latencies and different accuracies.
    """
    accuracy = torch.rand(n, generator=rng, dtype=torch.float64)
    noise = torch.rand(n, devices, generator=rng, dtype=torch.float64)
    latency = 0.1 + accuracy[:, None] + noise
    if levels:
        accuracy, latency = (accuracy * levels).floor(), (latency * levels / 2).floor() + 1
    if copies:
        accuracy[-copies:], latency[-copies:] = accuracy[:copies], latency[:copies]
    if twins:
        latency[-twins:] = latency[:twins]
    mixed = torch.randperm(n, generator=rng)
    units = 10 ** (4 * torch.rand(devices, generator=rng, dtype=torch.float64) - 3)
    return accuracy[mixed] / (levels or 1), units * latency[mixed]


def by_definition(accuracy: Tensor, latency: Tensor) -> list[int]:
    """The places of those whom nobody beats, point by point."""
    points = list(zip(accuracy.tolist(), latency.tolist(), strict=True))

    def beats(one: tuple[float, list[float]], other: tuple[float, list[float]]) -> bool:
        better = [one[0] > other[0], *(a < b for a, b in zip(one[1], other[1], strict=True))]
        worse = [one[0] < other[0], *(a > b for a, b in zip(one[1], other[1], strict=True))]
        return any(better) and not any(worse)

    return [i for i, p in enumerate(points) if not any(beats(other, p) for other in points)]
