"""How `decode` goes wrong."""

from course_lib.checks.wrong import Misconception

NO_PADDING = Misconception(
    "the padding is left out",
    "Every convolution is padded by (k - 1) // 2 on each side, rows and columns by their own k.",
)
ROUNDING = Misconception(
    "rows / stride rounded down",
    "Of 5 rows a stride of 2 takes the first, the third and the fifth: three, not two. Use the "
    "whole formula of the convolution.",
)
FILTER_SWAPPED = Misconception(
    "filter height and width are exchanged",
    "The height belongs to the rows and comes first in the string.",
)
STRIDE_SWAPPED = Misconception(
    "the strides of rows and columns are exchanged",
    "The stride's height belongs to the rows and comes first in the string.",
)
NO_STRIDE = Misconception(
    "the strides do not reach the shape",
    "A stride of s keeps every s-th row or column.",
)
CHANNELS_LAST = Misconception(
    "the channels come last",
    "torch's order is (channels, rows, columns).",
)
CHANNELS_IN = Misconception(
    "the channels of the input instead of the output",
    "A convolution has as many output channels as filters: count.",
)
SMALLEST = Misconception(
    "maps are cropped to the smallest instead of padded to the largest",
    "Smaller maps are padded with zeros before they are stacked along the channels.",
)
ONE_MAP = Misconception(
    "only one of the maps that are stacked gives the size",
    "The input is as tall as the tallest and as wide as the widest map that feeds the layer.",
)
INDEX = Misconception(
    "the index of a choice instead of its value",
    "A decision says which entry of the list of possible values was chosen.",
)
NOT_STEPPED_OVER = Misconception(
    "the anchors are not stepped over",
    "Did you step over the anchors? Layer number n has n yes-or-no decisions after its five; the "
    "next layer begins after them.",
)
PREVIOUS = Misconception(
    "a layer without anchors reads the previous layer",
    "Zoph and Le: a layer that no earlier layer feeds reads the image, so its inputs are ().",
)
ONE_BASED = Misconception(
    "layers are counted from 1",
    "inputs are indices into the list of layers: the first one is 0. (Only the readable text, "
    "`skip 1`, counts from 1.)",
)
REVERSED = Misconception(
    "the anchors are read in reverse",
    "The first yes-or-no belongs to layer 0.",
)
