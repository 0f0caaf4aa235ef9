"""Hostile and unlucky hand-ins: what each does, the honest points for it, and what is said of it.

The lab asks to double a number, for 8 points. A wrong answer is worth none, whatever is around it.
"""

from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return 'no'"

NO_POINTS = None


@dataclass(frozen=True)
class Attack:
    """A cell that runs before the answer, the answer, the points, words that must be said.

    shows: what the attacking cell must print, where it looks for something that is not there.
    """

    first: str = ""
    answer: str = RIGHT
    points: float | None = 8
    said: str = ""
    shows: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def change(self, notebook: NotebookNode) -> None:
        """Put the attacking cell before all others."""
        if self.first:
            notebook.cells.insert(0, new_code_cell(self.first))


def _tampering(first: str) -> Attack:
    return Attack(first, WRONG, NO_POINTS, "tampered: ")


def _tries(*lines: str) -> str:
    """Code that prints how often its lines were refused."""
    attempts = "".join(f"    lambda: {line},\n" for line in lines)
    return (
        f"import ctypes, os, pathlib, shutil, signal, socket, sys\nrefused = 0\n"
        f"for attempt in (\n{attempts}):\n    try:\n        attempt()\n"
        "    except Exception:\n        refused += 1\nprint('refused', refused)"
    )


FINDS = """
import os, sys
elsewhere = ("/proc", "/usr", "/sys", sys.prefix)  # nbgrader comes with an example
found = []
for top, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if not os.path.join(top, name).startswith(elsewhere)]
    found += {"gradebook.db", "lab90_tiny.ipynb", "lab90_tiny.py"}.intersection(names)
print("found", found)
"""
FORGES = """
def double(x):
    shell = get_ipython()
    kernel = shell.kernel
    content = {"data": {"text/plain": "8.0"}, "metadata": {}, "execution_count": 1}
    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent())
    return "no"
"""
TRANSFORMS = """
import ast
class Eight(ast.NodeTransformer):
    def visit_Expr(self, node):
        return ast.copy_location(ast.Expr(ast.Constant(8.0)), node)
get_ipython().ast_transformers.append(Eight())
"""
SWALLOWS = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
ENORMOUS = """
class Much:
    def __radd__(self, _):
        return 396.0
    __eq__ = lambda self, _: self
def double(x):
    return Much()
"""
WORDS = """
class Word:
    __add__ = __radd__ = __rmul__ = __truediv__ = __eq__ = lambda self, *_: self
    __repr__ = lambda self: "full marks"
def double(x):
    return Word()
"""
FORMATTER = "get_ipython().display_formatter.formatters['text/plain']"
CONNECTION = "pathlib.Path(sys.argv[sys.argv.index('-f') + 1]).parent"

ATTACKS = {
    # what a kernel in the cage cannot reach
    "finds_files": Attack(FINDS, shows="found []"),
    "reads_environment": Attack("import os; print('INSTRUCTOR' in os.environ)", shows="False"),
    "writes_into_python": Attack(
        _tries(
            "open(os.path.join(sys.prefix, 'x'), 'w')",
            "open(os.path.join(os.environ['PYTHONPATH'], 'sitecustomize.py'), 'w')",
            "open('/etc/x', 'w')",
            "open('/x', 'w')",
            "open('/dev/x', 'w')",
        ),
        shows="refused 5",
    ),
    "uses_the_network": Attack(
        _tries(
            "socket.create_connection(('127.0.0.1', 22), 2)",
            "socket.create_connection(('192.0.2.1', 80), 2)",
            "socket.getaddrinfo('example.org', 80)",
        ),
        shows="refused 3",
    ),
    "kills_its_parent": Attack(
        _tries("os.kill(os.getppid(), 9)", "os.kill(1, 9)"), said="", points=8
    ),
    "kills_everything": Attack("import os; os.kill(-1, 9)"),
    "makes_links": Attack("import os; os.symlink('/etc/shadow', 'twice.json')"),
    "shadows_numpy": Attack(files={"numpy.py": "raise SystemExit"}, said="left out numpy.py"),
    # what would use up the machine
    "forks": Attack(
        "import os, time\nfor _ in range(400):\n    if os.fork() == 0:\n        time.sleep(60)",
        said="cell 1",
    ),
    "takes_memory": Attack("much = bytearray(3 * 10**9)", said="out of memory: cell 1"),
    "takes_memory_in_parts": Attack(
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
        "        b = bytearray(os.urandom(1000) * 250_000)\n        time.sleep(60)\ntime.sleep(60)",
        said="out of memory: cell 1",
    ),
    "fills_the_disk": Attack(
        _tries(
            "open('/tmp/a', 'wb').write(bytes(200 * 10**6))",
            "open('/dev/shm/a', 'wb').write(bytes(200 * 10**6))",
        ),
        shows="refused 2",
    ),
    "fills_the_socket_folder": Attack(
        f"import pathlib, sys, time\n({CONNECTION} / 'a').write_bytes(bytes(10**6))\ntime.sleep(5)",
        said="crashed: cell 1",
    ),
    "loops": Attack("while True:\n    pass", said="timed out: cell 1: computed"),
    "swallows_interrupts": Attack(SWALLOWS, said="timed out: cell 1: computed"),
    "sleeps": Attack("import time; time.sleep(10**6)", said="timed out: cell 1: stood still"),
    "prints_200_MB": Attack("for _ in range(200):\n    print('x' * 10**6)", said="too much output"),
    "raises_30_MB": Attack("raise ValueError('x' * 30 * 10**6)", said="too much output"),
    "leaves_a_process": Attack(
        "import subprocess\n_ = subprocess.Popen(['sleep', '987654'], start_new_session=True)"
    ),
    "leaves_a_thread": Attack(
        "import threading, time\ndef chat():\n    while True:\n        time.sleep(0.01)\n"
        "        print('still here')\nthreading.Thread(target=chat, daemon=True).start()"
    ),
    # what ends or asks
    "exits": Attack("exit()"),
    "quits_by_name": Attack("quit"),
    "asks": Attack("input('whose? ')"),
    "exits_at_once": Attack("import os; os._exit(0)", said="crashed: cell 1"),
    "segfaults": Attack("import ctypes; ctypes.string_at(0)", said="(segfault)"),
    "interrupts_itself": Attack(answer="def double(x):\n    raise KeyboardInterrupt", points=0),
    "prints_half_a_letter": Attack(r"print('\ud800')"),
    # what makes a wrong answer look right
    "skips_tests": Attack(answer=WRONG, points=0),
    "shows_8": _tampering(f"{FORMATTER}.for_type(float, lambda x, p, c: p.text('8.0'))"),
    "transforms_syntax": _tampering(TRANSFORMS),
    "transforms_input": _tampering(
        "get_ipython().input_transformers_post.append("
        "lambda lines: ['8.0\\n'] if 'cases' in ''.join(lines) else lines)"
    ),
    "patches_sum": _tampering("import builtins; builtins.sum = lambda *_: 4"),
    "shows_nothing": _tampering("get_ipython().ast_node_interactivity = 'none'"),
    "silent_errors": Attack("get_ipython().showtraceback = lambda *_, **__: None", WRONG, 0),
    "forges_a_message": Attack(answer=FORGES, points=0),
    "earns_396": Attack(answer=ENORMOUS, points=NO_POINTS, said="tampered: "),
    "earns_words": Attack(answer=WORDS, points=0, said="its value is not a number"),
    # what only looks strange
    "formats_numbers": Attack("%precision 3"),
    "formats_briefly": Attack(f"{FORMATTER}.for_type(float, lambda x, p, c: p.text(f'{{x:.1f}}'))"),
}
