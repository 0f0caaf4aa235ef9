"""A result as a panel: HTML for a notebook, text where there is no browser.

An icon and a word say the outcome, the colour only repeats it; text takes the notebook's own
colour, so that it is readable on a dark theme and on a projector.
"""

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Misconception

_ICONS = {
    Outcome.PASSED: ("✔", "#029E73"),
    Outcome.FAILED: ("✘", "#D55E00"),
    Outcome.ERROR: ("⚠", "#CC78BC"),
    Outcome.NOT_ATTEMPTED: ("○", "#949494"),
}
_TAGS = {
    "strong": "<strong>{}</strong>",
    "law": "<em>{}</em>",
    "code": "<code>{}</code>",
    "plain": "{}",
}

Paragraph = tuple[str, str]
"""How it is set (strong, law, code or plain), and the text."""


@dataclass(frozen=True, repr=False)
class Panel(Result):
    """A result that shows itself: as a box in a notebook, as text where it is printed."""

    def __str__(self) -> str:
        return result_text(self)

    def _repr_html_(self) -> str:
        return result_html(self)


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
    title = f"{result.exercise}: {result.outcome.value}"
    if result.max_points is None:
        return title
    return f"{title} ({round(result.points, 1):g} of {result.max_points:g} points)"


def _rows(result: Result) -> list[str]:
    """One line per law: how often it held of several variants, and what it waits for."""
    tried = Counter(finding.law for finding in result.findings)
    passed = Counter(f.law for f in result.findings if f.outcome is Outcome.PASSED)
    worst = {f.law: f.outcome for f in result.findings if f.outcome is not Outcome.PASSED}
    waits = {f.law: f.waits_for for f in result.findings if f.waits_for}
    return [
        f"{_ICONS[worst.get(law, Outcome.PASSED)][0]} {law}"
        + (f" ({passed[law]} of {count})" if count > 1 else "")
        + (f" (counts once “{waits[law]}” holds)" if law in waits else "")
        for law, count in tried.items()
    ]


def _paragraphs(result: Result) -> list[Paragraph]:
    """What to do next: at most two different problems at a time."""
    if result.outcome is Outcome.PASSED:
        facts = dict.fromkeys(finding.said for finding in result.findings if finding.said)
        return [*(("plain", said) for said in facts), ("plain", "Every law holds. Well done.")]
    if result.outcome is Outcome.NOT_ATTEMPTED:
        todo = result.findings[0].said or (
            "Replace `raise NotImplementedError()` by your own code, run that cell, then this one."
        )
        return [("plain", f"{todo} Stuck? Run check.hint({result.exercise!r}).")]
    findings = _first_two(result.findings)
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
    yield "law", finding.law
    yield ("strong" if finding.lines else "plain"), finding.said
    if mistake:
        yield "plain", mistake.advice


def _first_two(findings: Sequence[Finding]) -> list[Finding]:
    """The first of each recognised mistake; where there is none, of each law that is broken; and
    one of the two is an error, where Python stopped anywhere."""
    first: dict[Misconception | tuple[str, ...], Finding] = {}
    for finding in findings:
        if finding.outcome is not Outcome.PASSED:
            told = finding.said if finding.outcome is Outcome.ERROR else finding.law
            key = finding.misconception or finding.lines or (told,)
            first.setdefault(key, finding)
    recognised = [finding for finding in first.values() if finding.misconception]
    others = [finding for finding in first.values() if not finding.misconception]
    errors = [finding for finding in others if finding.outcome is Outcome.ERROR]
    failed = recognised or [finding for finding in others if finding not in errors]
    return [*failed[: 1 if errors else 2], *errors][:2]
