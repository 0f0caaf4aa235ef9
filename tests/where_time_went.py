"""The table at the end of a run: seconds by folder of the tests and by lab."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

_LAB = re.compile(r"(?:lab|\[)(\d\d)_")
REST = "rest"


def place(nodeid: str) -> tuple[str, str]:
    """(folder of the test, number of the lab or lecture that its name speaks of, or "rest")."""
    folder = "/".join(nodeid.split("::")[0].split("/")[:-1])
    match = _LAB.search(nodeid)
    return folder, match[1] if match else REST


def table(seconds: Mapping[tuple[str, str], float]) -> list[str]:
    """Rows of folders, the longest first, and columns of labs, each with its sum."""
    labs = sorted({lab for _, lab in seconds})
    by_folder, by_lab = Counter[str](), Counter[str]()
    for (folder, lab), spent in seconds.items():
        by_folder[folder] += spent
        by_lab[lab] += spent
    lines = [f"{'seconds':24}" + "".join(f"{lab:>8}" for lab in (*labs, "all"))]
    for folder, whole in by_folder.most_common():
        numbers = [*(seconds.get((folder, lab), 0) for lab in labs), whole]
        lines.append(f"{folder:24}" + "".join(f"{number:8.0f}" for number in numbers))
    numbers = [*(by_lab[lab] for lab in labs), sum(by_lab.values())]
    return [*lines, f"{'all':24}" + "".join(f"{number:8.0f}" for number in numbers)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seconds = Counter[tuple[str, str]]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                proven = [value[0] for key, value in report.user_properties if key == "proven"]
                seconds[place(" ".join([report.nodeid, *proven]))] += report.duration
    if sum(seconds.values()) > 60:
        terminalreporter.section("where the time went, over all workers")
        for line in table(seconds):
            terminalreporter.line(line)
