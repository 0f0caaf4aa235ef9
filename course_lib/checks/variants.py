"""Variants: numbers that give a case its sizes, seeds and constants."""

from zlib import crc32

import torch

from course_lib.core import make_rng


def variant_of(student: str) -> int:
    """A variant number from 1 to 999, always the same for the same name or number of a student."""
    return 1 + crc32(student.strip().lower().encode()) % 999


def seeded(variant: int, salt: int = 0) -> torch.Generator:
    """The generator of a case: the variant's, with a salt where one law needs several."""
    return make_rng(1_000_003 * variant + salt)
