"""`lab`: bring new labs into work/ without touching a student's, and open JupyterLab."""

import argparse
import hashlib
import json
import os
import sys
import urllib.request
import webbrowser
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course_lib.teach.files import write_atomically
from course_lib.teach.places import SETTINGS, course_folder, shun_read_only_home

RECORD = ".releases.json"
SERVER_SETTINGS: dict[str, dict[str, Any]] = {
    "jupyter_server_config.json": {
        "ServerApp": {
            "log_level": "WARN",
            # the formgrader would create a gradebook in the student's home
            "jpserver_extensions": {
                f"nbgrader.server_extensions.{name}": False
                for name in ("formgrader", "assignment_list", "course_list", "validate_assignment")
            },
        },
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
        },
    },
    "labconfig/page_config.json": {"disabledExtensions": {"@jupyter/nbgrader": True}},
    "labconfig/default_setting_overrides.json": {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    },
}
"""JupyterLab's settings for this course: no news, no update checks, no grading menus."""


def copy_labs(course: Path, today: date) -> list[str]:
    """Bring the files of labs/ into work/ and say, one sentence each, what was done.

    A file that is as it was copied is updated; one that the student changed stays, and the newer
    release is put beside it once, as NAME.release-DATE-HASH. work/.releases.json remembers what
    was copied; without it every file counts as changed, so that nothing can be lost.
    """
    work = course / "work"
    record, messages = _read_record(work / RECORD)
    for source in _released_files(course / "labs"):
        name = source.relative_to(course / "labs").as_posix()
        data = source.read_bytes()
        if source.suffix == ".ipynb" and _cells(data) is None:
            messages.append(f"labs/{name} is damaged and was not copied: fetch the course again")
            continue
        entry = record.setdefault(name, {"copied": "", "offered": []})
        messages += _bring(data, work / name, entry, today)
    write_atomically(work / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    return messages


def _bring(data: bytes, target: Path, entry: dict[str, Any], today: date) -> Iterator[str]:
    shown = f"work/{target.parent.name}/{target.name}"
    release = _fingerprint(data)
    current = _fingerprint(target.read_bytes()) if target.exists() else None
    if current in (None, release, entry["copied"]):
        entry["copied"] = release
        if current != release:
            write_atomically(target, data)
            yield f"{shown}: {'new' if current is None else 'updated to the newest release'}"
    elif release != entry["copied"] and release not in entry["offered"]:
        entry["offered"].append(release)
        beside = f"{target.stem}.release-*-{release[:8]}{target.suffix}"
        if not any(target.parent.glob(beside)):
            beside = beside.replace("*", today.isoformat())
            write_atomically(target.with_name(beside), data)
            yield f"{shown}: yours is kept as it is; a newer release lies beside it as {beside}"


def _released_files(labs: Path) -> Iterator[Path]:
    for path in sorted(labs.glob("*/**/*")):
        parts = path.relative_to(labs).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path


def _cells(data: bytes) -> list[Any] | None:
    """The cells of a notebook, each source as one string; None if it is no whole notebook."""
    try:
        cells: list[Any] = json.loads(data)["cells"]
        return [{**cell, "source": "".join(cell["source"])} for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def _fingerprint(data: bytes) -> str:
    """A hash of the content; of a notebook's cells only, since opening one rewrites the rest."""
    cells = _cells(data)
    content = data if cells is None else json.dumps(cells, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _read_record(path: Path) -> tuple[dict[str, Any], list[str]]:
    if not path.exists():
        return {}, []
    try:
        record = json.loads(path.read_bytes())
        for entry in record.values():
            if not (isinstance(entry["copied"], str) and isinstance(entry["offered"], list)):
                raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}, [f"work/{path.name} was damaged and is made anew; all your files stay"]
    return record, []


def first_lecture(course: Path) -> Path | None:
    """lectures/01_*.ipynb, else the first notebook of lectures/, else None."""
    lectures = sorted((course / "lectures").glob("*.ipynb"))
    first = [path for path in lectures if path.name.startswith("01_")]
    return next(iter(first + lectures), None)


def has_display(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser window can open: always on Windows and macOS, else with X or Wayland."""
    return platform in ("win32", "darwin") or bool(
        environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    )


def running_server(course: Path) -> dict[str, Any] | None:
    """The running Jupyter server of this very folder, if one answers."""
    from jupyter_server.serverapp import list_running_servers

    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == course and not server["sock"]:
            try:
                with direct.open(server["url"] + "api", timeout=2):
                    return dict(server)
            except OSError:
                continue
    return None


def server_arguments(course: Path, lecture: Path | None, *, browser: bool, root: bool) -> list[str]:
    """The words after `jupyter lab`: it listens on this machine only and its token stays on."""
    page = f"/tree/{quote(lecture.relative_to(course).as_posix())}" if lecture else ""
    words = [
        f"--ServerApp.root_dir={course}",
        f"--LabApp.default_url=/lab{page}",
        f"--LabApp.workspaces_dir={course / SETTINGS / 'workspaces'}",  # its own open tabs
    ]
    if not browser:
        words.append("--no-browser")
    if root:
        words.append("--allow-root")
    return words


def open_jupyterlab(course: Path, *, browser: bool) -> None:
    """Open the first lecture in JupyterLab: in the server of this folder if it runs, else anew.

    Without a browser the address is printed. Returns when the new server has stopped.
    """
    lecture = first_lecture(course)
    shun_read_only_home(course)
    if server := running_server(course):
        page = f"lab/tree/{quote(lecture.relative_to(course).as_posix())}" if lecture else "lab"
        print(f"JupyterLab already runs for this folder: {server['url']}{page}{_token(server)}")
        if browser:
            webbrowser.open(f"{server['url']}{page}")
        return
    from jupyterlab.labapp import main

    settings = course / SETTINGS
    for name, content in SERVER_SETTINGS.items():
        write_atomically(settings / name, json.dumps(content, indent=1).encode())
    _prepend("JUPYTER_CONFIG_PATH", settings)
    _prepend("PYTHONPATH", course)  # kernels start in work/LAB and must find this course_lib
    print("Starting JupyterLab; Ctrl-C here stops it.", flush=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    main(argv=server_arguments(course, lecture, browser=browser, root=root))


def _token(server: Mapping[str, Any]) -> str:
    return f"?token={server['token']}" if server["token"] else ""


def _prepend(variable: str, folder: Path) -> None:
    before = os.environ.get(variable)
    os.environ[variable] = os.pathsep.join([str(folder), *([before] if before else [])])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-open", action="store_true", help="copy the labs and start nothing")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def run(args: argparse.Namespace) -> int:
    course = course_folder()
    for message in copy_labs(course, date.today()):
        print(message)
    if not args.no_open:
        browser = not args.no_browser and has_display(os.environ, sys.platform)
        open_jupyterlab(course, browser=browser)
    return 0
