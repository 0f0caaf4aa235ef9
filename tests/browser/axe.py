"""axe-core on parts of a page: what it finds serious or critical."""

from importlib.resources import files
from typing import Any

AXE = files("axe_playwright_python") / "axe.min.js"


def serious(page: Any, selector: str) -> list[str]:
    """One line per finding within the elements, colours included; empty is good."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "selector => axe.run({include: [[selector]]}, {resultTypes: ['violations']})", selector
    )
    return [
        f"{kind['id']}: {node['failureSummary']} {node['html'][:150]}"
        for kind in found["violations"]
        if kind["impact"] in ("serious", "critical")
        for node in kind["nodes"]
    ]
