"""A real JupyterLab in headless Chromium, with folders of its own and nothing from outside."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
]
KERNEL = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status"
HARMLESS = ("favicon", "ResizeObserver", "404 (Not Found)")
OVERRIDES = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


@dataclass
class Lab:
    """A running server: where it listens, which folder it shows."""

    url: str
    folder: Path


@dataclass
class Notebook:
    """An open notebook: `page` is playwright's; what went wrong is collected as it happens."""

    page: Any
    outside: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def run_all(self, timeout: float = 60) -> None:
        """Run every cell and wait until the kernel is idle again."""
        command = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
        self.page.evaluate(f"() => {{ window.done = 0; {command}.then(() => window.done = 1); }}")
        idle = f"() => window.done === 1 && {KERNEL} === 'idle'"
        self.page.wait_for_function(idle, timeout=1000 * timeout)

    def run_cell(self, index: int, timeout: float = 30) -> str:
        """Run one code cell, by its number among all cells; its text output."""
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        output = cell.locator(".jp-OutputArea-output pre").last
        output.wait_for(timeout=1000 * timeout)
        return str(output.inner_text())

    def errors(self) -> list[str]:
        """Tracebacks and standard error in the outputs."""
        kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
        chosen = ", ".join(f".jp-OutputArea [data-mime-type='{kind}']" for kind in kinds)
        return list(self.page.locator(chosen).all_inner_texts())

    def without_words(self) -> list[str]:
        """Images without alternative text and large SVGs without a label."""
        images = "es => es.filter(e => !(e.alt || '').trim()).map(e => e.outerHTML.slice(0, 200))"
        found = self.page.eval_on_selector_all(
            ".jp-OutputArea img, .jp-RenderedMarkdown img", images
        )
        large = (
            "es => es.filter(e => e.getBoundingClientRect().width > 120 && "
            "!e.getAttribute('aria-label') && !e.querySelector('title'))"
            ".map(e => e.outerHTML.slice(0, 200))"
        )
        return list(found) + list(self.page.eval_on_selector_all(".jp-OutputArea svg", large))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configure(home: Path, folder: Path, port: int) -> tuple[Path, dict[str, str]]:
    """The server's configuration file and environment, all below `home`."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTERLAB_SETTINGS_DIR": "user-settings",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    settings = home / "settings"
    for place in (*places.values(), "settings"):
        (home / place).mkdir(parents=True)
    (settings / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
    lines = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": str(folder),
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.app_settings_dir": str(settings),
    }
    file = home / "config" / "jupyter_server_config.py"
    file.write_text(
        "".join(f"c.{name} = {value!r}\n" for name, value in lines.items()), encoding="utf-8"
    )
    environment = {name: str(home / place) for name, place in places.items()}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "PATH": path}
    inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return file, inherited | environment


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, require: Any) -> Iterator[Lab]:
    """JupyterLab on a folder that has the course's library and data, and no notebooks yet."""
    require("chromium", "chromium-browser", "google-chrome", how="apt-get install chromium")
    home, folder = tmp_path_factory.mktemp("jupyter"), tmp_path_factory.mktemp("course")
    for name in ("course_lib", "data", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    port = free_port()
    file, environment = configure(home, folder, port)
    log = (home / "lab.log").open("wb")
    command = [sys.executable, "-m", "jupyterlab", f"--config={file}"]
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, server, home / "lab.log")
        yield Lab(url, folder)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/api/status", timeout=2).read()
            return
        except OSError:
            time.sleep(0.25)
    said = log.read_text(encoding="utf-8")[-3000:]
    pytest.fail(f"JupyterLab did not answer within {seconds:g} s:\n{said}")


@pytest.fixture(scope="session")
def browser(require: Any) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = require("chromium", "chromium-browser", "google-chrome", how="apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def open_notebook(lab: Lab, browser: Any) -> Any:
    """`with open_notebook("a/b.ipynb", source, dark=False) as notebook`: its kernel is idle.

    source: a path to copy, or a list of code cells (their text, or with stored outputs).
    """

    @contextmanager
    def opened(name: str, source: Path | list[Any], *, dark: bool = False) -> Iterator[Notebook]:
        place_notebook(lab.folder / name, source)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        notebook = Notebook(page)
        listen(notebook, lab.url)
        page.goto(f"{lab.url}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        page.wait_for_function(f"() => {KERNEL} === 'idle'", timeout=90_000)
        if dark:
            theme = "('apputils:change-theme', {theme: 'JupyterLab Dark'})"
            page.evaluate(f"() => window.jupyterapp.commands.execute{theme}")
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        yield notebook
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        context.close()

    return opened


def place_notebook(path: Path, source: Path | list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, Path):
        notebook = nbformat.read(source, as_version=4)
    else:
        cells = [nbformat.v4.new_code_cell(c) if isinstance(c, str) else c for c in source]
        notebook = nbformat.v4.new_notebook(cells=cells)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    nbformat.write(notebook, path)


def listen(notebook: Notebook, url: str) -> None:
    own = (url, url.replace("http", "ws"), "data:", "blob:")

    def request(seen: Any) -> None:
        if not seen.url.startswith(own):
            notebook.outside.append(seen.url)

    def message(seen: Any) -> None:
        if seen.type == "error" and not any(word in seen.text for word in HARMLESS):
            notebook.console.append(seen.text)

    notebook.page.on("request", request)
    notebook.page.on("console", message)
    notebook.page.on("pageerror", lambda error: notebook.console.append(str(error)))
