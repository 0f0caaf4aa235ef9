"""What gradients through training find: learned rates, and how fast they are learnt."""

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters
from course_lib.show.lines import LinesInfo, lines_info


def rates_info(learned: Parameters, tuned: Parameters | None = None) -> LinesInfo:
    """The learning rate of every step, as learnt, and beside it one that was tuned."""
    thetas = {"learned": learned} | ({"tuned": tuned} if tuned is not None else {})
    rates = {name: theta["log rates"].exp().numpy() for name, theta in thetas.items()}
    steps = range(1, len(rates["learned"]) + 1)
    return lines_info(steps, rates, x="step of training", y="learning rate")


def convergence_info(log: Log, *, tuned: float | None = None) -> LinesInfo:
    """Validation loss after training, against outer steps; tuned: what the tuned rate reaches."""
    loss = log["loss"]
    return lines_info(
        range(1, len(loss) + 1),
        {"validation loss": loss},
        x="outer step",
        y="validation loss\nafter training",
        said="Every outer step trains from new weights, on new batches.",
        marks={} if tuned is None else {"tuned constant rate": tuned},
    )
