import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the golden files of the prompts anew.")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    # Absent when the run did not start at this folder: options of a nested conftest are not known then.
    return bool(request.config.getoption("--update-golden", default=False))
