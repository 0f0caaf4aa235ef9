"""The tiny course that tests/teach grades."""

from tests.teach.conftest import make_course  # noqa: F401
