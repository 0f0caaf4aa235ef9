"""data/recordings/bridge.json: famous networks, counted, modelled and measured one at a time."""

from collections.abc import Sequence
from pathlib import Path

from course_lib.core import make_rng
from course_lib.hardware.bridge import FAMOUS, Facts, Famous, bridge, facts, picture, write_bridge
from course_lib.hardware.machine import processor
from course_lib.hardware.measure import low_quantile
from course_lib.hardware.runtimes import COMPILED, DEVICES, Device, measure_networks
from data import FOLDER
from data.make.latency_settings import present

ROUNDS, QUANTILE = 10, 0.1


def main() -> Path:
    """Measure all, minutes; a device that this machine lacks is left out by name.

    ValueError if the file that is there knows it: a later one must not hold less.
    """
    devices = present((*DEVICES, COMPILED))
    path = FOLDER / "recordings" / "bridge.json"
    known = {name for one in (bridge() if path.exists() else ()) for name in one.measured}
    if lost := known - {device.name for device in devices}:
        raise ValueError(
            f"{path} holds times on {' and '.join(sorted(lost))}, which this machine lacks: get "
            "them, as said above, or move the file away and begin anew"
        )
    write_bridge([measured(famous, devices) for famous in FAMOUS], processor(), path)
    return path


def measured(famous: Famous, devices: Sequence[Device]) -> Facts:
    """One network, alone in memory, with random weights, on these devices."""
    network = famous.build().eval()
    seconds = {}
    for device in devices:
        x, rng = picture(famous), make_rng(0)
        samples = measure_networks([network], x, device, rng, rounds=ROUNDS)
        seconds[device.name] = float(low_quantile(samples, QUANTILE)[0])
    return facts(famous, network, seconds)
