"""What a machine is called."""

import pytest

from course_lib.hardware.machine import processor, vectors


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("fpu sse2 avx2 avx512f avx512_vnni", ["AVX-512 with VNNI"]),
        ("fpu sse2 avx avx2 fma", ["AVX2"]),
        ("fpu avx2 avx_vnni", ["AVX2 with VNNI"]),
        ("fp asimd", []),
    ],
)
def test_two_generations_of_one_name_are_told_apart(flags, said):
    assert vectors(flags) == said


def test_the_machine_is_one_line_that_names_versions():
    said = processor()
    assert "\n" not in said
    assert " cores, torch 2." in said
