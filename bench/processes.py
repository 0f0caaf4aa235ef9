"""What whole processes cost: importing the library, running a notebook."""

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.timing import Row, alternate

ROOT = Path(__file__).parents[1]


def import_row() -> Row:
    """Every module of course_lib.nas in a fresh interpreter, beside torch alone."""
    modules = sorted(path.stem for path in (ROOT / "course_lib/nas").glob("[!_]*.py"))
    libraries = ", ".join(f"course_lib.nas.{module}" for module in modules)
    own, torch_alone = alternate(
        lambda: python("-c", f"import {libraries}"),
        lambda: python("-c", "import torch"),
        repetitions=7,
    )
    extra = [whole - part for whole, part in zip(own, torch_alone, strict=True)]
    return Row(
        what="import all of course_lib.nas",
        against="import torch",
        unit="s",
        ours=own,
        peer=torch_alone,
        goal=f"0.3 s beyond torch (median now {statistics.median(extra):.2f} s)",
        met=statistics.median(extra) <= 0.3,
    )


def python(*words: str) -> str:
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def notebook_rows(source: str, minutes: float) -> list[Row]:
    """Seconds by the clock and peak memory of one notebook, executed once from its source."""
    measured = json.loads(python("-m", "bench.processes", source))
    name = Path(source).stem
    time = Row(
        what=f"{name} executes, by the clock",
        against="",
        unit="s",
        ours=[measured["seconds"]],
        peer=[],
        goal=f"{60 * minutes:g} s",
        met=measured["seconds"] <= 60 * minutes,
    )
    memory = Row(
        what=f"{name}, peak memory of its largest process",
        against="",
        unit="MB",
        ours=[measured["megabytes"]],
        peer=[],
        goal="2000 MB",
        met=measured["megabytes"] <= 2000,
    )
    return [time, memory]


def measure_notebook(source: Path) -> dict[str, float]:
    """Run the notebook in a kernel of its own; ru_maxrss is that of the largest child."""
    from course_lib.teach.build.execute import execute
    from course_lib.teach.build.sources import read_source

    notebook = read_source(source)
    start = time.perf_counter()
    execute(notebook, source)
    elapsed = time.perf_counter() - start
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"seconds": elapsed, "megabytes": kilobytes / 1000}


if __name__ == "__main__":
    print(json.dumps(measure_notebook(ROOT / sys.argv[1])))
