"""`lab`: no release ever costs a student a line, and JupyterLab opens as the course wants it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.teach import lab, places
from course_lib.teach.__main__ import COMMANDS, main

NOVEMBER, DECEMBER = date(2026, 11, 24), date(2026, 12, 1)
NAME = "lab01_rl_nas"


def release(course: Path, source: str) -> Path:
    """Write labs/lab01_rl_nas/lab01_rl_nas.ipynb with one cell and return its path."""
    path = course / "labs" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source, id="a")]), path)
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course with a space"
    (folder / "course_lib").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    release(folder, "first = 1")
    return folder


def work(course: Path) -> Path:
    return course / "work" / NAME / f"{NAME}.ipynb"


def beside(course: Path) -> list[Path]:
    return sorted((course / "work" / NAME).glob("*.release-*"))


def test_new_labs_are_copied_whole_and_a_second_call_does_nothing(course: Path) -> None:
    picture = course / "labs" / NAME / "pictures" / "target.png"
    picture.parent.mkdir()
    picture.write_bytes(b"\x89PNG")
    hidden = course / "labs" / NAME / ".ipynb_checkpoints" / "old.ipynb"
    hidden.parent.mkdir()
    hidden.write_text("{}", encoding="utf-8")

    messages = lab.copy_labs(course, NOVEMBER)

    assert work(course).read_bytes() == release(course, "first = 1").read_bytes()
    assert (course / "work" / NAME / "pictures" / "target.png").read_bytes() == b"\x89PNG"
    assert not (course / "work" / NAME / ".ipynb_checkpoints").exists()
    assert len(messages) == 2
    assert lab.copy_labs(course, DECEMBER) == []


def test_an_untouched_copy_is_updated(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    newer = release(course, "second = 2")
    (message,) = lab.copy_labs(course, DECEMBER)
    assert "updated" in message
    assert work(course).read_bytes() == newer.read_bytes()
    assert beside(course) == []


def test_a_copy_that_was_only_opened_counts_as_untouched(course: Path) -> None:
    """JupyterLab writes the kernel's name and version into a notebook that it opens."""
    lab.copy_labs(course, NOVEMBER)
    opened = json.loads(work(course).read_text(encoding="utf-8"))
    opened["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    work(course).write_text(json.dumps(opened), encoding="utf-8")
    newer = release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    assert work(course).read_bytes() == newer.read_bytes()


@pytest.mark.parametrize("part", ["source", "outputs", "metadata", "cells"])
def test_every_change_of_a_cell_counts_as_touched(course: Path, part: str) -> None:
    lab.copy_labs(course, NOVEMBER)
    notebook = nbformat.read(work(course), as_version=4)
    match part:
        case "source":
            notebook.cells[0].source += " "
        case "outputs":
            notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
        case "metadata":
            notebook.cells[0].metadata["tags"] = ["mine"]
        case "cells":
            notebook.cells.append(new_code_cell(""))
    nbformat.write(notebook, work(course))
    mine = work(course).read_bytes()
    release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    assert work(course).read_bytes() == mine
    assert len(beside(course)) == 1


def test_a_touched_copy_stays_and_each_newer_release_lies_beside_it_once(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    assert lab.copy_labs(course, NOVEMBER) == []  # no newer release: nothing to offer

    for number, day in ((2, DECEMBER), (3, date(2026, 12, 8))):
        newer = release(course, f"release = {number}")
        (message,) = lab.copy_labs(course, day)
        copy = next(path for path in beside(course) if day.isoformat() in path.name)
        assert copy.name in message
        assert copy.suffix == ".ipynb"
        assert copy.read_bytes() == newer.read_bytes()
        assert lab.copy_labs(course, date(2027, 1, 1)) == []
    assert len(beside(course)) == 2
    assert work(course).read_text(encoding="utf-8") == "my work"


def test_work_in_the_copy_beside_is_kept_and_a_deleted_one_does_not_return(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    release(course, "second = 2")
    lab.copy_labs(course, DECEMBER)
    (copy,) = beside(course)
    copy.write_text("my work in the newer release", encoding="utf-8")
    assert lab.copy_labs(course, DECEMBER) == []
    assert copy.read_text(encoding="utf-8") == "my work in the newer release"
    copy.unlink()
    assert lab.copy_labs(course, DECEMBER) == []
    assert beside(course) == []


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"lab01_rl_nas/lab01_rl_nas.ipynb": 3}', "\x00\xff", None]
)
def test_a_damaged_or_lost_record_loses_nothing(course: Path, damage: str | None) -> None:
    lab.copy_labs(course, NOVEMBER)
    work(course).write_text("my work", encoding="utf-8")
    newer = release(course, "second = 2")
    record = course / "work" / lab.RECORD
    if damage is None:
        record.unlink()
    else:
        record.write_bytes(damage.encode("latin-1"))

    lab.copy_labs(course, DECEMBER)

    assert work(course).read_text(encoding="utf-8") == "my work"
    assert [path.read_bytes() for path in beside(course)] == [newer.read_bytes()]
    assert json.loads(record.read_text(encoding="utf-8"))
    assert lab.copy_labs(course, DECEMBER) == []


def test_a_damaged_release_is_said_and_does_not_replace_a_copy(course: Path) -> None:
    lab.copy_labs(course, NOVEMBER)
    before = work(course).read_bytes()
    path = release(course, "second = 2")
    path.write_bytes(path.read_bytes()[:40])
    (message,) = lab.copy_labs(course, DECEMBER)
    assert "damaged" in message
    assert work(course).read_bytes() == before


def test_the_course_folder_is_found_from_inside_and_refused_outside(
    course: Path, tmp_path: Path
) -> None:
    inside = course / "work" / NAME
    inside.mkdir(parents=True)
    assert places.course_folder(inside) == course
    with pytest.raises(ValueError, match=r"pyproject\.toml and course_lib/"):
        places.course_folder(tmp_path)


def test_the_first_lecture_is_number_one_else_the_first_there_is(course: Path) -> None:
    assert lab.first_lecture(course) is None
    for name in ("02_weight_sharing", "00_automl", "01_rl_nas"):
        path = course / "lectures" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    assert lab.first_lecture(course) == course / "lectures" / "01_rl_nas.ipynb"
    (course / "lectures" / "01_rl_nas.ipynb").unlink()
    assert lab.first_lecture(course) == course / "lectures" / "00_automl.ipynb"


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_recognised(environ: dict[str, str], platform: str, expected: bool) -> None:
    assert lab.has_display(environ, platform) is expected


@pytest.mark.parametrize("writable", [True, False])
def test_jupyter_writes_into_work_only_if_the_home_cannot_be_written(
    course: Path, writable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"IPYTHONDIR": "my own"}
    home = course if writable else course / "no such folder"
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(os, "environ", environ)
    places.shun_read_only_home(course)
    assert environ.pop("IPYTHONDIR") == "my own"
    assert environ.keys() == (set() if writable else {*places.HOME_FOLDERS} - {"IPYTHONDIR"})
    assert all(Path(folder).parent == course / places.SETTINGS for folder in environ.values())


@pytest.mark.slow
def test_jupyterlab_starts_without_a_home_and_runs_a_kernel(course: Path) -> None:
    environ = {**os.environ, "HOME": str(course / "pyproject.toml" / "no folder")}
    environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    for variable in ("DISPLAY", *places.HOME_FOLDERS):
        environ.pop(variable, None)
    command = [sys.executable, "-m", "course_lib.teach", "lab", "--no-browser"]
    server = subprocess.Popen(command, cwd=course, env=environ, stderr=subprocess.PIPE)
    try:
        info = _wait_for_server(course / places.SETTINGS / "jupyter_runtime_dir", server)
        address = f"{info['url']}api/kernels?token={info['token']}"
        with urllib.request.urlopen(address, data=b"{}") as answer:
            assert json.loads(answer.read())["name"] == "python3"
    finally:
        server.terminate()
        said = server.communicate(timeout=30)[1].decode()
    assert environ["HOME"] not in said, "something was to be written into the home folder"


def test_the_server_is_allowed_as_root_only_to_root(course: Path) -> None:
    lecture = course / "lectures" / "01_rl nas.ipynb"
    student = lab.server_arguments(course, lecture, browser=True, root=False)
    assert student[:2] == [
        f"--ServerApp.root_dir={course}",
        "--LabApp.default_url=/lab/tree/lectures/01_rl%20nas.ipynb",
    ]
    assert not {"--no-browser", "--allow-root"} & set(student)
    container = lab.server_arguments(course, None, browser=False, root=True)
    assert {"--LabApp.default_url=/lab", "--no-browser", "--allow-root"} <= set(container)


def test_help_lists_the_commands_and_imports_none_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("lab", "doctor", "submit", "reset", "progress"))
    script = (
        "import sys\n"
        "from course_lib.teach.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {list(COMMANDS)} if f'course_lib.teach.{{name}}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_bad_input_is_answered_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lab, "course_folder", partial(places.course_folder, tmp_path))
    assert main(["lab", "--no-open"]) == 1
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err.startswith("lab: no course folder")


@pytest.mark.slow
def test_jupyterlab_starts_for_the_course_and_a_second_call_finds_it(
    course: Path, tmp_path: Path
) -> None:
    (course / "lectures").mkdir()
    nbformat.write(new_notebook(), course / "lectures" / "01_rl_nas.ipynb")
    private = {
        f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    environ = {**os.environ, **private, "PYTHONPATH": str(Path(__file__).parents[2])}
    environ.pop("DISPLAY", None)
    command = [sys.executable, "-m", "course_lib.teach", "lab", "--no-browser"]
    log = tmp_path / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(command, cwd=course, env=environ, stdout=file, stderr=file)
    try:
        info = _wait_for_server(tmp_path / "RUNTIME", server)
        again = subprocess.run(command, cwd=course, env=environ, capture_output=True, text=True)
        page = f"{info['url']}lab/tree/lectures/01_rl_nas.ipynb?token={info['token']}"
        assert page in log.read_text(encoding="utf-8")
        assert page in again.stdout
        assert again.returncode == 0
        assert info["root_dir"] == str(course)
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{info['url']}api/contents")
        page_config = _page_config(page)
        assert page_config["news"] == {"disabled": True}
        assert page_config["disabledExtensions"] == ["@jupyter/nbgrader"]
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for_server(runtime: Path, server: subprocess.Popen[bytes]) -> dict[str, str]:
    for _ in range(600):
        assert server.poll() is None, "the server stopped before it had started"
        for path in runtime.glob("jpserver-*.json"):
            info: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
            try:
                urllib.request.urlopen(f"{info['url']}api").close()
            except urllib.error.URLError:
                continue
            return info
        time.sleep(0.1)
    raise AssertionError("JupyterLab did not start within a minute")


def _page_config(address: str) -> dict[str, object]:
    with urllib.request.urlopen(address) as answer:
        html = answer.read().decode()
    start = html.index(">", html.index('id="jupyter-config-data"')) + 1
    config: dict[str, object] = json.loads(html[start : html.index("</script>", start)])
    return config
