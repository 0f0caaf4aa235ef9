"""`doctor`: every trouble is found and mended in words, a healthy machine passes."""

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.nas.table_file import Records, write_records
from course_lib.teach.__main__ import main
from course_lib.teach.student import doctor


def test_a_finding_is_one_line_and_says_how_to_mend_only_what_is_wrong() -> None:
    assert str(doctor.Finding("disk", "fine")).splitlines() == ["  ok   disk: fine"]
    told = str(doctor.Finding("disk", "full", "delete something")).splitlines()
    assert "BAD" in told[0]
    assert told[1].endswith("-> delete something")


def test_packages_outside_their_range_and_missing_ones_are_named() -> None:
    versions = {"torch": "2.3.0", "numpy": "2.1.0", "python": "3.10.4"}

    def installed(name: str) -> str:
        if name not in versions:
            raise PackageNotFoundError(name)
        return versions[name]

    wanted = ["python>=3.11", "torch>=2.4", "numpy>=1.26", "anywidget>=0.9"]
    found = {finding.subject: finding for finding in doctor.packages(wanted, installed)}
    assert found.keys() == {"python", "torch", "anywidget"}
    assert "2.3.0" in found["torch"].said
    assert ">=2.4" in found["torch"].said
    assert "pip install" in found["torch"].mend
    assert "pip" not in found["python"].mend
    assert "not installed" in found["anywidget"].said


@pytest.mark.parametrize("version", ["2.4", "2.14.1+cpu", "2.5.0rc1"])
def test_packages_that_fit_are_one_good_line(version: str) -> None:
    (finding,) = doctor.packages(["torch>=2.4"], lambda name: version)
    assert not finding.mend


def test_more_threads_than_cores_are_told_and_fewer_are_not() -> None:
    assert "OMP_NUM_THREADS" in doctor.torch_threads(8, 2).mend
    assert not doctor.torch_threads(2, 2).mend
    assert not doctor.torch_threads(1, 2).mend


def test_room_is_enough_from_two_gigabytes_on() -> None:
    assert not doctor.room("memory", 2 * 10**9, "close programs").mend
    assert doctor.room("memory", 2 * 10**9 - 1, "close programs").mend == "close programs"


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not doctor.writable(tmp_path / "not" / "made" / "yet").mend
    assert list(tmp_path.iterdir()) == []

    def refused(dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    finding = doctor.writable(tmp_path)
    assert "Permission denied" in finding.said
    assert str(tmp_path) in finding.mend


def test_extensions_are_looked_for_in_every_folder(tmp_path: Path) -> None:
    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert all(finding.mend for finding in doctor.extensions(folders))
    for place, name in zip("aba", doctor.EXTENSIONS, strict=True):
        (tmp_path / place / name).mkdir(parents=True)
        (tmp_path / place / name / "package.json").write_text("{}", encoding="utf-8")
    assert not any(finding.mend for finding in doctor.extensions(folders))


@pytest.mark.parametrize(
    ("command", "healthy"),
    [
        ("/course/.venv/bin/python", True),
        ("python", True),
        ("python3", True),
        ("python3.11", True),
        ("/usr/bin/python3", False),
        (None, False),
    ],
)
def test_the_kernel_must_run_this_interpreter(command: str | None, healthy: bool) -> None:
    finding = doctor.kernel(command, "/course/.venv/bin/python")
    assert (not finding.mend) is healthy
    assert healthy or "ipykernel install" in finding.mend


def test_another_course_lib_and_none_are_told(tmp_path: Path) -> None:
    here = tmp_path / "course_lib" / "__init__.py"
    elsewhere = tmp_path / "old" / "course_lib" / "__init__.py"
    assert not doctor.library(str(here), tmp_path).mend
    assert str(tmp_path / "old") in doctor.library(str(elsewhere), tmp_path).said
    assert doctor.library("", tmp_path).mend


def test_files_that_hide_packages_are_found_and_others_are_not(tmp_path: Path) -> None:
    for name in ("numpy.py", "my_numpy.py", "torch.txt"):
        (tmp_path / name).touch()
    (tmp_path / "random").mkdir()
    (tmp_path / "random" / "__init__.py").touch()
    (tmp_path / "data").mkdir()
    found = list(doctor.shadows([tmp_path], ["numpy", "torch", "random", "data"]))
    assert [finding.said.split("`")[1] for finding in found] == ["numpy", "random"]
    assert all("rename" in finding.mend for finding in found)


def test_a_table_is_read_to_its_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    assert "git checkout" in doctor.table(path).mend
    one = np.ones(1, int)
    write_records(
        Records(
            ("none", "skip_connect"),
            *(np.zeros(2**6, int), one.reshape(1, 1, 1), one.reshape(1, 1)),
            *(9, 9, one, one, one, "a laptop"),
        ),
        path,
    )
    assert doctor.table(path) == doctor.Finding("table", "table.npz holds 64 architectures")
    whole = path.read_bytes()
    for damaged in (whole[:-30], whole[:200] + b"\xff" * 20 + whole[220:], b"{}"):
        path.write_bytes(damaged)
        assert "not a whole table" in doctor.table(path).said
        assert doctor.table(path).mend


def test_this_environment_is_looked_at_and_a_missing_package_does_not_stop_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = Path(__file__).parents[2]
    subjects = [finding.subject for finding in doctor.diagnose(root) if not finding.mend]
    assert {"course_lib", "packages", "kernel python3", "extension", "memory"} <= set(subjects)
    monkeypatch.setitem(sys.modules, "psutil", None)
    broken = list(doctor.diagnose(root))
    assert any("psutil" in finding.said and finding.mend for finding in broken)
    assert broken[-1].subject == "table"


@pytest.mark.parametrize("mend", ["", "do something"])
def test_the_exit_code_says_whether_all_is_well(
    mend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda course: [doctor.Finding("x", "y", mend)])
    assert main(["doctor"]) == (1 if mend else 0)
    assert ("All is well" in capsys.readouterr().out) is not mend


def test_an_unbuilt_lecture_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "diagnose", lambda course: [])
    assert main(["doctor", "--lecture", "99"]) == 1
    assert "99" in capsys.readouterr().err


def test_an_old_python_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = SimpleNamespace(version_info=(3, 9, 18), version="3.9.18", argv=["teach"], stderr=None)
    old.stderr = sys.stderr
    monkeypatch.setattr("course_lib.teach.__main__.sys", old)
    assert main(["doctor"]) == 1
    assert "3.11 or newer, this is 3.9.18" in capsys.readouterr().err


@pytest.mark.notebooks
def test_a_rehearsal_finds_slow_broken_and_unrecorded_demos(tmp_path: Path) -> None:
    picture = new_output("display_data", {"image/png": "iVBORw0KGgo="})
    demo = {"tags": ["demo"]}
    notebook = new_notebook(
        cells=[
            new_code_cell("import time; wait = time.sleep"),
            new_code_cell("wait(0)", metadata=demo, outputs=[picture]),
            new_code_cell("wait(0)", metadata=demo),
            new_code_cell("wait(1.2)", metadata=demo, outputs=[picture]),
            new_code_cell("wait(60)", metadata=demo, outputs=[picture]),
            new_code_cell("1 / 0", metadata=demo, outputs=[picture]),
            new_code_cell("undefined_name"),
            new_code_cell("wait(0)", metadata=demo),
            new_code_cell(
                "'drawn'", metadata={"jupyter": {"source_hidden": True}}, outputs=[picture]
            ),
        ]
    )
    found = list(doctor.rehearse(notebook, tmp_path, seconds=1.0))
    wrong = {f.subject: f.said for f in found if f.mend}
    assert [f.subject for f in found if not f.mend and "demo in cell" in f.subject] == [
        "demo in cell 2",
        "demo in cell 3",
        "demo in cell 6",
        "demo in cell 8",
    ]
    assert "no recorded picture" in wrong["demo in cell 3"]
    assert "demo in cell 8" not in wrong
    assert wrong["demo in cell 4"].endswith(" s")
    interrupted = [f for f in found if f.subject == "demo in cell 5" and f.mend]
    assert len(interrupted) == 2
    assert "KeyboardInterrupt" in interrupted[0].said
    assert "ZeroDivisionError" in wrong["demo in cell 6"]
    assert "undefined_name" in wrong["cell 7"]


@pytest.mark.notebooks
def test_a_lecture_without_demos_is_told(tmp_path: Path) -> None:
    notebook = nbformat.from_dict(new_notebook(cells=[new_code_cell("1")]))
    assert [f.subject for f in doctor.rehearse(notebook, tmp_path) if f.mend] == ["demos"]
