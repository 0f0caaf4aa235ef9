"""One Jupyter kernel, watched from outside: its cells run within limits, and it can be ended."""

import stat
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil
from nbformat import NotebookNode

from course_lib.teach.grade.limits import Limits
from course_lib.teach.grade.outputs import Outputs
from course_lib.teach.grade.wire import Wire

START = 120.0
"""Seconds that a kernel may take to start."""
GRACE = 5.0
"""Seconds that a cell may compute, or be silent, after it was asked to stop, before its kernel is
ended; and to wait for late output."""
LOOK = 0.2
"""Seconds between two looks at what the kernel uses."""


class Process(Protocol):
    """A kernel's process, wherever it runs."""

    def roots(self) -> list[int]:
        """The processes that, with their children, are the kernel."""

    def poll(self) -> int | None:
        """Its exit code, None while it lives."""

    def wait(self) -> None:
        """Wait until it has ended."""


Starter = Callable[[Path], Process]
"""Starts a kernel for a connection file; NoKernel where it cannot."""


class NoKernel(Exception):
    """No kernel could be started, which is no hand-in's fault; the message says why."""


class KernelEnded(Exception):
    """The kernel is gone: it died, or had to be ended; the message says why."""


@dataclass
class Ran:
    """What became of a cell; `stopped` says why it was interrupted."""

    outputs: list[NotebookNode] = field(default_factory=list)
    stopped: str = ""


class Kernel:
    """A running kernel; use it in a `with`, which leaves no process behind.

    folder: with a short path; it is made, and the sockets in it.
    """

    def __init__(self, start: Starter, folder: Path, limits: Limits, end: float) -> None:
        self.limits, self.end, self._folder = limits, end, folder
        folder.mkdir()
        self._wire = Wire(folder)
        try:
            self._process = start(self._wire.file)
        except BaseException as error:
            self._wire.close()
            if isinstance(error, NoKernel):
                raise KernelEnded(f"could not be graded: {error}") from error
            raise
        self._seen: set[psutil.Process] = set()

    def __enter__(self) -> "Kernel":
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        _end({*self._seen, *self.tree()})
        self._process.wait()
        self._wire.close()

    def tree(self) -> list[psutil.Process]:
        """The kernel's processes; they are remembered, should the first of them be killed."""
        found = [process for root in self._process.roots() for process in _with_children(root)]
        self._seen.update(found)
        return found

    def run(self, source: str) -> Ran:
        """Run a cell; KernelEnded if the kernel did not survive it."""
        outputs, watch = Outputs(self.limits.output), _Watch(self)
        asked = self._wire.execute(source)
        stopped, reply = "", None
        heard = looked = time.monotonic()
        while True:
            message = self._wire.output(asked, LOOK)
            now = time.monotonic()
            if message:
                heard = now
                if outputs.take(message):
                    break
            if message and now - looked < LOOK:
                continue
            looked = now
            reply = reply or self._wire.reply(asked, 0)
            if reply and now - heard > GRACE:
                outputs.fail("OutputLost", "some of the output did not arrive")
                break
            why = watch.look() or outputs.too_much()
            if why and not stopped:
                stopped = why
                watch.interrupted()
                self._wire.interrupt()
            if stopped and watch.goes_on(heard):
                raise KernelEnded(stopped)
        watch.alive()
        stopped = stopped or outputs.too_much()
        if stopped:
            _end(set(self.tree()) - watch.before)  # they would go on in the cells that follow
        reply = reply or self._wire.reply(asked, GRACE)
        outputs.finish(reply["content"] if reply else {}, stopped)
        return Ran(outputs.all, stopped)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START
        while self._process.poll() is None and time.monotonic() < end:
            asked = self._wire.ask("kernel_info_request")
            if self._wire.reply(asked, 1) and self._wire.output(asked, 1):
                self.tree()
                return
        raise KernelEnded(
            f"could not be graded: no kernel could be started (exit code {self._process.poll()})"
        )


class _Watch:
    """Looks at the processes of a kernel while one cell runs."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._computed = 0.0
        self.before = set(kernel.tree())
        self._start = self._moved = (_processor_time(self.before), time.monotonic())
        self._interrupted = self._active = self._start

    def look(self) -> str:
        """Why the cell must be interrupted, '' if it may go on; KernelEnded if nothing helps."""
        kernel, limits = self._kernel, self._kernel.limits
        now = time.monotonic()
        self.alive()
        if now > kernel.end:
            raise TimeoutError(f"the notebook ran longer than {limits.notebook:g} s")
        tree = kernel.tree()
        if len(tree) > limits.processes:
            raise KernelEnded(f"crashed: ended at more than {limits.processes} processes")
        if sum(map(_memory, tree)) > limits.memory:
            raise KernelEnded(f"out of memory: more than {limits.memory / 10**9:g} GB")
        if any(map(_foreign, kernel._folder.iterdir())):
            raise KernelEnded("crashed: it wrote where only the kernel's sockets may be")
        computed = _processor_time(tree)
        if computed - self._start[0] > limits.cell:
            return f"timed out: computed for more than {limits.cell:g} s"
        if computed - self._moved[0] > 0.01 * limits.cell:
            self._moved = computed, now
        if now - self._moved[1] > limits.cell:
            return f"timed out: stood still for {limits.cell:g} s"
        return ""

    def interrupted(self) -> None:
        """Remember when the cell was asked to stop, and what it had computed."""
        self._interrupted = self._active = (self._used(), time.monotonic())

    def goes_on(self, heard: float) -> bool:
        """Whether a cell that was asked to stop computes on, or shows no life at all.

        heard: when the last message came. On a busy machine both take longer, and so does this.
        """
        used, now = self._used(), time.monotonic()
        if used - self._active[0] > 0.01 * GRACE:
            self._active = used, now
        return used - self._interrupted[0] > GRACE or now - max(self._active[1], heard) > GRACE

    def _used(self) -> float:
        return _processor_time(self._kernel.tree())

    def alive(self) -> None:
        """KernelEnded if the kernel is gone."""
        if (code := self._kernel._process.poll()) is not None:
            raise KernelEnded(f"crashed: {_said(code)}")


def _foreign(path: Path) -> bool:
    """Whether a file is neither a socket of the kernel's nor the description of them."""
    try:
        kind = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISSOCK(kind) and path.name != "connection.json"


def _with_children(number: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(number)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _processor_time(tree: Collection[psutil.Process]) -> float:
    """Seconds of the processes and of their children that have ended."""
    total = 0.0
    for process in tree:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _end(processes: Collection[psutil.Process]) -> None:
    """Kill processes and what they have started; one whose number is another's now is spared."""
    running = [one for one in processes if one.is_running()]
    for one in {below for root in running for below in _with_children(root.pid)}:
        try:
            one.kill()
        except psutil.Error:
            continue


def _said(code: int) -> str:
    """What an exit code says; a process in a sandbox that dies of signal n gives 128 + n."""
    number = -code if code < 0 else code - 128
    names = {4: "illegal instruction", 6: "abort", 7: "bus error", 9: "killed", 11: "segfault"}
    return f"the kernel died ({names.get(number, f'exit code {code}')})"
