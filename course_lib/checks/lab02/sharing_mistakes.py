"""How `sharing_epoch` goes wrong."""

from course_lib.checks.wrong import Misconception

ALL_PATHS = Misconception(
    "all paths are trained on every batch",
    "Weight sharing trains one path per batch: so an epoch costs as much as that of one network.",
)
SKIPPED = Misconception(
    "the batches are not passed once each, in their order",
    "`for x, y in batches:` with a single net(x, arch) inside. The batches come only once.",
)
ONCE = Misconception(
    "the path is drawn once per epoch",
    "Then one path learns and all others wait. Draw inside the loop, for every batch anew.",
)
UNIFORM = Misconception(
    "not all paths are equally likely",
    "space.sample(rng) draws a path uniformly.",
)
TOGETHER = Misconception(
    "one draw serves all edges",
    "Each edge draws its own operation: space.sample(rng), or one randint per edge.",
)
CYCLE = Misconception(
    "the paths follow each other in a fixed order",
    "Draw independently for every batch; going through the paths in turn is another method.",
)
ACCUMULATED = Misconception(
    "gradients of earlier batches are still there",
    "backward() adds to .grad. Clear the gradients for every batch before the step.",
)
ZEROS = Misconception(
    "gradients are set to zero instead of None",
    "For the optimizer a gradient of zeros is a gradient: momentum and weight decay then move "
    "weights that the path did not use. zero_grad(set_to_none=True), the default, skips them.",
)
NO_STEP = Misconception(
    "the weights do not move",
    "After backward() comes optimizer.step().",
)
ASCENT = Misconception(
    "the loss is climbed",
    "The optimizer descends what backward() was called on: the cross-entropy without a minus.",
)
EVALUATION = Misconception(
    "the net learns in evaluation mode",
    "net.train() first: batch normalisation learns with the statistics of the batch.",
)
GRAPH = Misconception(
    "the losses keep their graphs",
    "A list of such tensors keeps every batch's activations in memory: loss.item() is a number.",
)
GLOBAL_RNG = Misconception(
    "the paths do not come from rng alone",
    "Every draw takes rng: space.sample(rng), or generator=rng. Do not seed anything yourself.",
)
RESEEDED = Misconception(
    "the draws start anew from a seed of their own",
    "Use the rng that was given, as it is: a generator made inside always repeats itself.",
)
