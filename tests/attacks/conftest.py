"""The tiny course that tests/teach grades."""

from tests.teach.conftest import caged, make_course  # noqa: F401
