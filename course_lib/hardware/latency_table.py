"""Tables of latencies, which say how noisy they are; other people's are in latency_others.py."""

from collections.abc import Collection, Mapping

import numpy as np
from scipy import stats

from course_lib.core import Arch, Space
from course_lib.hardware.latency_file import Measured, read_latency
from course_lib.nas.table import digits201, find_data


class LatencyTable:
    """How long each architecture of a space takes on each device, in seconds.

    rows: (architectures,) which entry answers each architecture, in the order of `space`.
    seconds: device -> (entries,), NaN where it was not measured, or was masked.
    noise: device -> Kendall's tau of two halves of its samples, where that is known.
    info: name -> (entries,) what else is known, such as macs. about: how it was measured.
    masked: device -> the architectures whose numbers were not believed.
    """

    def __init__(
        self,
        space: Space,
        rows: np.ndarray,
        seconds: Mapping[str, np.ndarray],
        *,
        noise: Mapping[str, float] | None = None,
        info: Mapping[str, np.ndarray] | None = None,
        about: str = "",
        masked: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.space, self.rows, self.about = space, rows, about
        self.seconds, self.noise, self.info = dict(seconds), dict(noise or {}), dict(info or {})
        self.masked = dict(masked or {})
        self._row: dict[Arch, int] = dict(zip(space, rows.tolist(), strict=True))

    @property
    def devices(self) -> tuple[str, ...]:
        """The names to ask for."""
        return tuple(self.seconds)

    def __repr__(self) -> str:
        counts = [f"{name}: {len(self.measured(name)):,}" for name in self.devices]
        return f"LatencyTable({', '.join(counts)} of {self.rows.max() + 1:,} networks)"

    def latency(self, arch: Arch, device: str) -> float:
        """Seconds of one call; ValueError: an unknown device, or one that never ran arch."""
        if arch not in self._row:
            self.space.validate(arch)
        found = float(self._column(device)[self._row[arch]])
        if found != found:
            raise ValueError(
                f"{self.space.describe(arch)} was not measured on {device}: only "
                f"{len(self.measured(device)):,} networks were, see measured({device!r})"
            )
        return found

    def measured(self, *devices: str) -> np.ndarray:
        """The entries that all of these devices have, ascending; of all devices without names."""
        columns = [self._column(name) for name in devices or self.devices]
        return np.flatnonzero(np.isfinite(columns).all(axis=0))

    def _column(self, device: str) -> np.ndarray:
        if device not in self.seconds:
            raise ValueError(f"no device {device!r}, expected one of {', '.join(self.devices)}")
        return self.seconds[device]


def latency201(
    name: str = "latency201", *, least_tau: float = 0.95, leave_out: Collection[str] = ()
) -> LatencyTable:
    """What `python -m data.make latency` measured: data/NAME.npz, described in data/README.md.

    ValueError: two halves of a device's samples rank the networks too differently (Kendall's tau
    below `least_tau`), and its name is not among those to leave out.
    """
    measured = read_latency(find_data(f"{name}.npz"))
    noise = {device: halves_tau(measured, device) for device in measured.devices}
    kept = [device for device in measured.devices if device not in leave_out]
    noisy = {device: noise[device] for device in kept if not noise[device] >= least_tau}
    if noisy:
        figures = ", ".join(f"{device} ({tau:.3f})" for device, tau in noisy.items())
        raise ValueError(
            f"{name} is too noisy on {figures}: two halves of the samples must rank the networks "
            f"with a Kendall's tau of at least {least_tau}. Measure again on a quieter machine, or "
            f"leave_out={list(noisy)}"
        )
    table = digits201()
    entries = int(table.rows.max()) + 1

    def spread(values: np.ndarray) -> np.ndarray:
        every = np.full(entries, np.nan)
        every[measured.networks] = values
        return every

    return LatencyTable(
        table.space,
        table.rows,
        {device: spread(measured.seconds[measured.devices.index(device)]) for device in kept},
        noise={device: noise[device] for device in kept},
        info={"macs": spread(measured.macs), "parameters": spread(measured.parameters)},
        about=_described(measured),
    )


def halves_tau(measured: Measured, device: str) -> float:
    """Kendall's tau between the rankings by two halves of a device's samples."""
    one, other = measured.halves[measured.devices.index(device)]
    known = np.isfinite(one) & np.isfinite(other)
    return float(stats.kendalltau(one[known], other[known]).statistic)


def drift(measured: Measured, device: str) -> float:
    """How far the anchors moved between blocks: standard deviation over mean, their average."""
    anchors = measured.anchors[measured.devices.index(device)]
    anchors = anchors[np.isfinite(anchors).all(axis=1)]
    return float((anchors.std(axis=0) / anchors.mean(axis=0)).mean())


def _described(measured: Measured) -> str:
    height, width = measured.image[1:]
    moved = ", ".join(f"{drift(measured, name):.0%} on {name}" for name in measured.devices)
    level = f"; between blocks the machine's speed moved by {moved}, which is divided out"
    return (
        f"{measured.machine}; {measured.threads} thread, batch {measured.batch}, "
        f"{measured.quantile:.0%} quantile of {measured.rounds} rounds or more"
        f"{', each divided by how slow the machine was in it' * measured.levelled}, in seconds; "
        f"channels {' and '.join(map(str, measured.channels))}, pictures of {height} x {width}"
        f"{level * (measured.anchors.shape[1] > 1)}"
    )
