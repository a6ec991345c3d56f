"""One browser for all of these tests, and for each a house of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.rig import FLAGS, Rig, chromium, prepare, rig

HERE = Path(__file__).parent
Open = Callable[..., AbstractAsyncContextManager[Rig]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            # The browser is one for all tests, and lives in one event loop.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        expect.set_options(timeout=15_000)
        yield found
        await found.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.fixture
def open_rig(browser: Browser, prepared: Path, tmp_path: Path) -> Open:
    return partial(rig, browser, prepared, tmp_path)
