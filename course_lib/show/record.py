"""Record the demos of lecture 01 on the digits201 table: `python -m course_lib.show.record`."""

from course_lib.nas.table import digits201
from course_lib.show.controller_demo import ControllerDemo
from course_lib.show.metropolis_demo import MetropolisDemo
from course_lib.show.recordings import Run, write_recording


def record(demo: ControllerDemo | MetropolisDemo, steps: int) -> list[Run]:
    """One run per preset, of so many steps."""
    runs = []
    for index, preset in enumerate(demo.presets):
        demo.choose(index)
        runs.append(demo.record(preset["name"], steps))
    return runs


def main() -> None:
    table = digits201()
    values = [table.measure(arch).value for arch in table.space]
    limits = (min(values), max(values))
    controller = ControllerDemo(table.space, table.measure, limits=limits)
    chain = MetropolisDemo(table.space, table.measure)
    demos: list[tuple[ControllerDemo | MetropolisDemo, int]] = [(controller, 100), (chain, 300)]
    for demo, steps in demos:
        print(write_recording(demo.recording, record(demo, steps)))


if __name__ == "__main__":
    main()
