"""The two search challenges, each or one of them."""

import pytest

from tests.checks.search_cases import CASES, Case


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


@pytest.fixture(scope="module")
def lab01() -> Case:
    return CASES["lab01"]()


@pytest.fixture(scope="module")
def lab02() -> Case:
    return CASES["lab02"]()
