"""JupyterLab starts for the course, whoever starts it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from course_lib.teach import places
from course_lib.teach.__main__ import ROOMS, main
from course_lib.teach.student import lab
from tests.teach.small_course import small_course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return small_course(tmp_path)


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
        f"names = [f'course_lib.teach.{{r}}.{{n}}' for r, ns in {ROOMS}.items() for n in ns]\n"
        "print([name for name in names if name in sys.modules])"
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
