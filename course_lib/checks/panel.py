"""A result as a panel: HTML for a notebook, text where there is no browser.

An icon and a word say the outcome, the colour only repeats it; text takes the notebook's own
colour, so that it is readable on a dark theme and on a projector.
"""

import html
from collections import Counter
from collections.abc import Iterator, Sequence

from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Misconception

_ICONS = {
    Outcome.PASSED: ("✔", "#029E73"),
    Outcome.FAILED: ("✘", "#D55E00"),
    Outcome.ERROR: ("⚠", "#CC78BC"),
    Outcome.NOT_ATTEMPTED: ("○", "#949494"),
}
_TAGS = {"strong": "<strong>{}</strong>", "code": "<code>{}</code>", "plain": "{}"}

Paragraph = tuple[str, str]
"""How it is set (strong, code or plain), and the text."""


def result_html(result: Result) -> str:
    """The panel of a check in a notebook."""
    rows = "".join(f"<li>{html.escape(row)}</li>" for row in _rows(result))
    laws = f'<ul style="list-style:none;padding:0;margin:.4em 0">{rows}</ul>'
    return box_html(*_ICONS[result.outcome], _title(result), laws, _paragraphs(result))


def result_text(result: Result) -> str:
    """The panel of a check in a terminal."""
    rows = [f"  {row}" for row in _rows(result)]
    title = f"{_ICONS[result.outcome][0]} {_title(result)}"
    return "\n".join([title, *rows, *(text for _, text in _paragraphs(result))])


def box_html(icon: str, colour: str, title: str, body: str, paragraphs: Sequence[Paragraph]) -> str:
    """A framed box; `body` is HTML, the title and the paragraphs are text."""
    told = "".join(
        f'<p style="margin:.4em 0">{_TAGS[kind].format(html.escape(text))}</p>'
        for kind, text in paragraphs
    )
    return (
        f'<div role="status" style="border:1px solid {colour};border-left:8px solid {colour};'
        "border-radius:4px;padding:.5em 1em;margin:.3em 0;line-height:1.5;max-width:60em;"
        'color:var(--jp-ui-font-color1, inherit)">'
        f'<strong style="font-size:1.15em">{icon} {html.escape(title)}</strong>{body}{told}</div>'
    )


def _title(result: Result) -> str:
    points = f"{result.points:g} of {result.max_points:g} points"
    return f"{result.exercise}: {result.outcome.value} ({points})"


def _rows(result: Result) -> list[str]:
    """One line per law; a law that was tried on several variants says how often it held."""
    tried = Counter(finding.law for finding in result.findings)
    passed = Counter(f.law for f in result.findings if f.outcome is Outcome.PASSED)
    worst = {f.law: f.outcome for f in result.findings if f.outcome is not Outcome.PASSED}
    return [
        f"{_ICONS[worst.get(law, Outcome.PASSED)][0]} {law}"
        + (f" ({passed[law]} of {count})" if count > 1 else "")
        for law, count in tried.items()
    ]


def _paragraphs(result: Result) -> list[Paragraph]:
    """What to do next: at most two different problems at a time."""
    if result.outcome is Outcome.PASSED:
        return [("plain", "Every law holds. Well done.")]
    if result.outcome is Outcome.NOT_ATTEMPTED:
        return [
            (
                "plain",
                "Replace `raise NotImplementedError()` by your own code, run that cell, then this "
                f"one. Stuck? Run check.hint({result.exercise!r}).",
            )
        ]
    findings = _distinct(result.findings)[:2]
    told = [line for finding in findings for line in _explained(finding)]
    places = [(f.misconception and f.misconception.where) or result.section for f in findings]
    where = " and ".join(f"“{place}”" for place in dict.fromkeys(places))
    last = f"Where to look: the lecture, {where}. For a hint: check.hint({result.exercise!r})."
    return [*told, ("plain", last)]


def _explained(finding: Finding) -> Iterator[Paragraph]:
    mistake = finding.misconception
    if mistake:
        yield "strong", f"This looks like a known mistake: {mistake.name}."
    if finding.lines:
        yield (
            "plain",
            "Python stopped inside your code, which happens to everybody. The last steps:",
        )
        for line in finding.lines:
            yield "code", line
    yield ("strong" if finding.lines else "plain"), f"{finding.law}: {finding.said}"
    if mistake:
        yield "plain", mistake.advice


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each recognised mistake; where there is none, of each error or law."""
    first: dict[Misconception | tuple[str, ...], Finding] = {}
    for finding in findings:
        if finding.outcome is not Outcome.PASSED:
            key = finding.misconception or (finding.lines or (finding.law,))
            first.setdefault(key, finding)
    recognised = [finding for finding in first.values() if finding.misconception]
    return recognised or list(first.values())
