"""`doctor`: what is wrong with this environment, in plain words, and how to mend it.

Packages are imported only when their turn comes, so that it runs in a broken environment too.
"""

import argparse
import importlib.metadata
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from course_lib.teach.places import course_folder, shun_read_only_home

NEEDED_BYTES = 2 * 10**9  # a lecture or lab stays below it, in memory as on disk
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", "jupyterlab-slideshow")
PIP = f"in the course folder: {sys.executable} -m pip install -c constraints.txt"
INSTALL = f"{PIP} -e ."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and how to mend it: empty if nothing is wrong."""

    subject: str
    said: str
    mend: str = ""

    def __str__(self) -> str:
        if not self.mend:
            return f"  ok   {self.subject}: {self.said}"
        return f"  BAD  {self.subject}: {self.said}\n       -> {self.mend}"


def packages(requirements: Iterable[str], installed: Callable[[str], str]) -> Iterator[Finding]:
    """Packages that are missing or outside pyproject.toml's ranges, or one line if all fit.

    installed: a distribution's version, or importlib.metadata.PackageNotFoundError.
    """
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in requirements]
    wrong = 0
    for requirement in wanted:
        try:
            version = installed(requirement.name)
            said = f"is {version}, the course needs {requirement.specifier}"
            fits = requirement.specifier.contains(version, prereleases=True)
        except importlib.metadata.PackageNotFoundError:
            said, fits = "is not installed", False
        if not fits:
            wrong += 1
            mend = {"python": "make the environment anew with such a Python"}
            yield Finding(requirement.name, said, mend.get(requirement.name, INSTALL))
    if not wrong:
        yield Finding("packages", f"all {len(wanted)} are there and fit")


def torch_threads(threads: int, cores: int) -> Finding:
    """More threads than cores make torch slower, often many times."""
    mend = f"set the environment variable OMP_NUM_THREADS to {cores}, or remove it"
    return Finding("torch threads", f"{threads} on {cores} cores", mend if threads > cores else "")


def room(subject: str, free: int, mend: str) -> Finding:
    """Whether so many free bytes are enough."""
    said = f"{free / 1e9:.1f} GB free, {NEEDED_BYTES / 1e9:.0f} GB needed"
    return Finding(subject, said, mend if free < NEEDED_BYTES else "")


def writable(folder: Path) -> Finding:
    """Whether files can be made in a folder, or where it is to be made if there is none yet."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        mend = f"give yourself the right to write to {place}, or move the course to your home"
        return Finding("folder", f"{folder} cannot be written ({error.strerror})", mend)
    return Finding("folder", f"{folder} can be written")


def extensions(folders: Iterable[str]) -> Iterator[Finding]:
    """Whether JupyterLab finds what draws widgets and slides in any of its folders."""
    places = [Path(folder) for folder in folders]
    for name in EXTENSIONS:
        there = any((place / name / "package.json").is_file() for place in places)
        said = f"{name} is {'installed' if there else 'not found by JupyterLab'}"
        package = "jupyterlab_widgets" if name.startswith("@") else name
        mend = f"{PIP} --force-reinstall --no-deps {package}"
        yield Finding("extension", said, "" if there else mend)


def kernel(command: str | None, executable: str) -> Finding:
    """Whether the kernel `python3` runs this interpreter. command: its argv[0], None if none."""
    generic = re.fullmatch(r"python(3(\.\d+)?)?", command or "")  # Jupyter puts its own here
    same = generic or os.path.normcase(command or "") == os.path.normcase(executable)
    said = f"runs {executable if generic else command or 'nothing'}"
    mend = f"{executable} -m ipykernel install --sys-prefix"
    return Finding("kernel python3", said, "" if same else mend)


def library(found: str, course: Path) -> Finding:
    """Whether notebooks import this folder's course_lib. found: its file there, or empty."""
    where = Path(found).resolve().parents[1] if found else "nowhere"
    said = f"notebooks import it from {where}"
    return Finding("course_lib", said, "" if where == course.resolve() else INSTALL)


def shadows(folders: Iterable[Path], names: Iterable[str]) -> Iterator[Finding]:
    """Files and packages in the folders that hide a real package of the same name."""
    hidden = set(names)
    for path in sorted(path for folder in folders for path in folder.glob("*")):
        if path.stem in hidden and (path.suffix == ".py" or (path / "__init__.py").is_file()):
            mend = f"rename or move {path.name}, then restart the kernels"
            yield Finding("stray file", f"{path} hides the real `{path.stem}`", mend)


def table(path: Path) -> Finding:
    """Whether a table of trained networks can be read to its last byte."""
    from course_lib.nas.table_file import read_records

    mend = f"fetch it again: git checkout -- data/{path.name}, or unpack the course anew"
    try:
        records = read_records(path)
    except (OSError, ValueError) as error:
        return Finding("table", str(error), mend)
    return Finding("table", f"{path.name} holds {len(records.rows)} architectures")


def diagnose(course: Path) -> Iterator[Finding]:
    """Everything about this machine and this folder; what cannot be looked at is a finding too."""
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [f"python{project['requires-python']}", *project["dependencies"]]
    modules = {re.split("[^a-z_]", text.replace("-", "_"))[0] for text in wanted} | {"sklearn"}
    starts = [course, course / "lectures", *(course / "work").glob("*/")]
    yield from shadows(starts, modules | sys.stdlib_module_names)
    command = [sys.executable, "-c", "import course_lib; print(course_lib.__file__)"]
    done = subprocess.run(command, cwd=course / "course_lib", capture_output=True, text=True)
    yield library(done.stdout.strip(), course)
    yield writable(course / "work")
    yield room("disk", shutil.disk_usage(course).free, "delete what you no longer need")
    looks: list[Callable[[], Iterable[Finding]]] = [
        lambda: packages(wanted, _installed),
        _jupyter,
        _machine,
        lambda: [table(course / "data" / "digits201.npz")],
    ]
    for look in looks:
        try:
            yield from look()
        except (ImportError, OSError, AttributeError) as error:
            yield Finding("not checked", f"{type(error).__name__}: {error}", INSTALL)


def _installed(name: str) -> str:
    return platform.python_version() if name == "python" else importlib.metadata.version(name)


def _jupyter() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_core.paths import jupyter_path, jupyter_runtime_dir

    found = KernelSpecManager().get_all_specs().get("python3")
    yield kernel(found["spec"]["argv"][0] if found else None, sys.executable)
    yield from extensions(jupyter_path("labextensions"))
    yield writable(Path(jupyter_runtime_dir()))


def _machine() -> Iterator[Finding]:
    import psutil
    import torch

    yield torch_threads(torch.get_num_threads(), os.cpu_count() or 1)
    yield room("memory", psutil.virtual_memory().available, "close other programs and notebooks")


def rehearse(notebook: Any, folder: Path, *, seconds: float = 20.0) -> Iterator[Finding]:
    """Run a lecture once, imports included, and judge each demo: a code cell tagged `demo`.

    It must end without an error within the seconds, and the picture of its last run must be in
    the notebook, in its outputs or in those of the collapsed cell below, to be shown if it fails.
    """
    demos = [n for n, cell in enumerate(notebook.cells) if "demo" in cell.metadata.get("tags", [])]
    drawing = {n for n, cell in enumerate(notebook.cells) if "jupyter" in cell.metadata}
    shown = {n: [notebook.cells[m].outputs for m in {n} | {n + 1} & drawing] for n in demos}
    recorded = [n for n in demos if re.search("image/(png|svg)|<(img|svg)", str(shown[n]))]
    took = _execute(notebook, folder, dict.fromkeys(demos, 3 * seconds))
    yield Finding("lecture", f"ran in {sum(took):.0f} s")
    for n, cell in enumerate(notebook.cells):
        name = f"demo in cell {n + 1}" if n in demos else f"cell {n + 1}"
        for error in (out for out in cell.get("outputs", []) if out["output_type"] == "error"):
            yield Finding(name, f"{error['ename']}: {error['evalue']}", "mend the cell")
        if n in demos:
            slow = "shorten it" if took[n] > seconds else ""
            yield Finding(name, f"{took[n]:.1f} of {seconds:g} s", slow)
        if n in demos and n not in recorded:
            yield Finding(name, "has no recorded picture to fall back on", "build the lecture")
    yield Finding("demos", f"{len(demos)} in all", "" if demos else "tag their cells `demo`")


def _execute(notebook: Any, folder: Path, limits: dict[int, float]) -> list[float]:
    """Run all cells, interrupt one at its limit (by index; else 600 s), return their seconds."""
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, resources=resources, allow_errors=True, interrupt_on_timeout=True
    )
    took = []
    with client.setup_kernel():
        for n, cell in enumerate(notebook.cells):
            client.timeout = int(limits.get(n, 600))
            start = perf_counter()
            client.execute_cell(cell, n)
            took.append(perf_counter() - start)
    return took


def _rehearsal(course: Path, lecture: str) -> Iterator[Finding]:
    import nbformat

    path = next((course / "lectures").glob(f"{lecture}*.ipynb"), None)
    if path is None:
        raise ValueError(f"no lecture lectures/{lecture}*.ipynb; is it built? (teach build)")
    yield from rehearse(nbformat.read(path, as_version=4), path.parent)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lecture", metavar="NN", help="rehearse this lecture's demos as well")


def run(args: argparse.Namespace) -> int:
    course, wrong = course_folder(), 0
    shun_read_only_home(course)
    rehearsal = _rehearsal(course, args.lecture) if args.lecture else ()
    for finding in itertools.chain(diagnose(course), rehearsal):
        print(finding, flush=True)
        wrong += bool(finding.mend)
    print(f"{wrong} to mend" if wrong else "All is well.")
    return int(wrong > 0)
