"""A hub that runs: deploy/hub, a real proxy, free ports, one instructor and two students."""

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.hub.person import PATIENCE, Person, ask

ROOT = Path(__file__).resolve().parents[2]
PROXY = "configurable-http-proxy@5.1.0"
"""The newest that runs with the Node.js 18 of Debian 12."""
SETTINGS = """
c = get_config()
c.Exchange.root = {exchange!r}
c.ExchangeCollect.check_owner = False  # all files belong to the user who runs this test
"""


@pytest.fixture(scope="session")
def proxy(require: Callable[..., str], not_run: Callable[[str], None]) -> str:
    """The program configurable-http-proxy; npm brings it into node_modules/."""
    if importlib.util.find_spec("jupyterhub") is None:
        not_run("jupyterhub is missing: make setup")
    require("node", how="apt-get install nodejs")
    npm = require("npm", how="apt-get install npm")
    program = ROOT / "node_modules/.bin/configurable-http-proxy"
    if not program.exists():
        words = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(ROOT)]
        done = subprocess.run([*words, PROXY], capture_output=True, text=True)
        if done.returncode:
            not_run(f"configurable-http-proxy is missing: npm install {PROXY}\n{done.stderr}")
    return str(program)


class Hub:
    """A hub and who is on it: `ada` and `bob` are students, `prof` teaches."""

    def __init__(self, folder: Path, url: str, password: str) -> None:
        self.folder, self.url = folder, url
        people = (Person.logged_in(url, name, password) for name in ("ada", "bob", "prof"))
        self.ada, self.bob, self.prof = people

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    def home(self, person: Person) -> Path:
        return self.folder / "home" / person.name


@pytest.fixture(scope="module")
def hub(proxy: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub, with everybody's server running."""
    folder = tmp_path_factory.mktemp("hub")
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    (folder / "settings").mkdir()
    text = SETTINGS.format(exchange=str(folder / "exchange"))
    (folder / "settings/nbgrader_config.py").write_text(text, encoding="utf-8")
    url, password = f"http://127.0.0.1:{_free_port()}", secrets.token_hex(16)
    environment = {
        **os.environ,
        "HUB_FOLDER": str(folder),
        "HUB_URL": url,
        "HUB_PORT": str(_free_port()),
        "HUB_PROXY_API": f"http://127.0.0.1:{_free_port()}",
        "HUB_PROXY": proxy,
        "HUB_PASSWORD": password,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "SHELL": "/bin/bash",
    }
    log = folder / "hub.log"
    words = [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "tests/hub/jupyterhub_config.py")]
    with log.open("w") as said, ExitStack() as stack:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=said, stderr=said)
        stack.callback(_end, process)
        _wait(process, url, log)
        made = Hub(folder, url, password)
        for person in (made.ada, made.bob, made.prof):
            person.start_server()
        yield made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < end, log.read_text(encoding="utf-8")
        try:
            ask(f"{url}/hub/api/")
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C's gentler sister: the hub ends proxy and servers, too."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
