"""A claim of the lecture as a card: what to predict, what our own runs say, what would sway us."""

import html
from dataclasses import dataclass
from pathlib import Path

from course_lib.show.estimates import EstimatesInfo, plot_estimates, three_digits
from course_lib.show.figure import Picture, picture
from course_lib.show.measured import FOLDER, read_measured


def claim(
    name: str,
    statement: str,
    *,
    predict: str,
    sway: str,
    shown: str,
    axis: str,
    words: tuple[str, str, str],
    folder: Path = FOLDER,
) -> "Claim":
    """The card of these words and of what `make claims` measured under this name.

    predict: the question that stands open before the result. sway: what would change our mind.
    shown: which numbers the picture shows, "Shown is the ...". axis: the quantity and its unit.
    words: how the verdict speaks of rows whose interval lies above the reference, below it, or
        holds it.
    All words may name settings of the measurement in braces, such as "{budget}"; ValueError where
    there is no such setting or no such claim.
    """
    measured = read_measured(name, folder)

    def filled(text: str) -> str:
        try:
            return text.format(**measured.settings)
        except KeyError as unknown:
            known = ", ".join(measured.settings) or "none"
            raise ValueError(f"{name} has no setting {unknown}; its settings: {known}") from None

    above, below, undecided = map(filled, words)
    return Claim(
        statement=filled(statement),
        predict=filled(predict),
        sway=filled(sway),
        shown=filled(shown),
        words=(above, below, undecided),
        info=EstimatesInfo(filled(axis), measured),
    )


@dataclass(frozen=True)
class Claim:
    """The prediction stands open, the result waits behind a button that works without a kernel."""

    statement: str
    predict: str
    sway: str
    shown: str
    words: tuple[str, str, str]
    info: EstimatesInfo

    @property
    def verdict(self) -> str:
        return self.info.verdict(*self.words)

    @property
    def picture(self) -> Picture:
        measured = self.info.measured
        height = 4.4 if measured.curves else 1.5 + 0.4 * len(measured.estimates.rows)
        return picture(plot_estimates, self.info, caption=self.verdict, size=(10, height))

    @property
    def _table(self) -> str:
        """The estimates, where the picture shows curves in their place."""
        measured = self.info.measured
        if measured.curves is None:
            return ""
        rows = "".join(
            f'<tr><th scope="row">{html.escape(row.label)}</th><td>{three_digits(row.mean)}</td>'
            f"<td>{three_digits(row.low)} to {three_digits(row.high)}</td></tr>"
            for row in measured.estimates.rows
        )
        heads = "", self.info.axis, f"{100 * measured.estimates.level:.3g} % interval"
        columns = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
        return f"<table><tr>{columns}</tr>{rows}</table>"

    def __repr__(self) -> str:
        return (
            f"Claim: {self.statement}\nPredict: {self.predict}\nResult: {self.verdict}\n"
            f"{self.info.describe()}\n{self.info.measured.conditions}\n"
            f"What would change our mind: {self.sway}"
        )

    def _repr_html_(self) -> str:
        conditions = self.info.measured.conditions
        return (
            '<section style="border:2px solid #0173b2;border-radius:8px;padding:.6em 1em;'
            'max-width:960px"><p><b>Claim.</b> '
            f"{html.escape(self.statement)}</p><p><b>Predict first.</b> "
            f"{html.escape(self.predict)}</p><details><summary style='cursor:pointer'>"
            "<b>Show what our runs say</b></summary>"
            f"{self.picture.html}{self._table}<p>Shown is the {html.escape(self.shown)}. "
            f"{html.escape(conditions)} {html.escape(self.info.confidence)}</p>"
            f"<p><b>What would change our mind.</b> {html.escape(self.sway)}</p>"
            "</details></section>"
        )
