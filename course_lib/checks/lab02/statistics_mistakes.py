"""How `recalibrate` goes wrong."""

from course_lib.checks.wrong import Misconception

VALIDATION = Misconception(
    "the statistics come from the validation images",
    "Whatever is fitted is fitted on training images, statistics too; validation images are for "
    "comparing paths.",
)
LEFT_ON = Misconception(
    "training mode is left on while the validation images are scored",
    "net.eval() after the training images: otherwise each validation batch is normalised by "
    "itself, and moves the statistics that you have just measured.",
)
STILL_ON = Misconception(
    "the net comes back in training mode",
    "Leave it in evaluation mode: whoever uses it next would move the statistics.",
)
NO_RESET = Misconception(
    "the old statistics are not reset",
    "What other paths left there would be averaged in: reset_running_stats() of every "
    "normalisation first.",
)
MOMENTUM = Misconception(
    "a moving average with momentum instead of the plain mean",
    "With momentum 0.1 the last batches count most, and part of the start is left. With "
    "momentum = None a normalisation takes the plain mean of all batches since its reset.",
)
NOTHING = Misconception(
    "the statistics are not recalibrated at all",
    "In training mode a pass moves the running statistics, in evaluation mode it does not.",
)
ONE_BATCH = Misconception(
    "all training images pass as one batch",
    "Use batches of `batch` images: train.x.split(batch). A real training set has no room in "
    "memory as one.",
)
OTHER_PATH = Misconception(
    "another path than arch is recalibrated",
    "The statistics belong to the path: a normalisation sees other sums on every path.",
)
LEARNED = Misconception(
    "weights are changed",
    "Recalibration measures. No optimizer, no gradient: torch.no_grad().",
)
SETTING = Misconception(
    "momentum is not put back",
    "Whoever trains this net later would get plain means instead of moving ones. Remember each "
    "momentum and put it back.",
)
ON_TRAIN = Misconception(
    "the accuracy is that of the training images",
    "Paths are compared by their accuracy on validation images.",
)
EARLY = Misconception(
    "the accuracy is measured before the recalibration",
    "First the statistics, then the score.",
)
