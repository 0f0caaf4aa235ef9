from pathlib import Path

import pytest

from data.make.digits201 import build
from tests.data_make.tiny import TINY


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything is trained."""
    folder = tmp_path_factory.mktemp("whole")
    build(TINY, folder, progress=False)
    return folder
