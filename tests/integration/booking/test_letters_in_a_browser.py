"""Every letter in a real browser, in every language: nothing is cut off and nothing is missing.

Skipped where no Chromium is installed. `tests/kit/letter_pictures.py` draws the pictures of the docs.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.browser import Browser, a_browser, installed
from tests.kit.letter_pictures import DESKTOP_WIDTH, LANGUAGES, TELEPHONE_WIDTH, page_of, show
from tests.kit.sample_letters import KINDS, sample_letter

EXECUTABLE = installed()
pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium on this machine")

MISSING_IMAGES = "[...document.images].filter(image => !image.naturalWidth).length"
ASKED_ELSEWHERE = (
    "performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length"
)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with a_browser(EXECUTABLE or "", tmp_path / "profile") as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
async def test_letters_fit_a_telephone_and_a_desktop(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    too_wide, incomplete = [], []

    for kind in KINDS:
        address = page_of(await sample_letter(kind, language), tmp_path)
        for width in (TELEPHONE_WIDTH, DESKTOP_WIDTH):
            taken, _ = await show(browser, address, width)
            if taken > width:
                too_wide.append((kind, width, taken))
            if await browser.evaluate(f"{MISSING_IMAGES} + {ASKED_ELSEWHERE}"):
                incomplete.append((kind, width))

    assert too_wide == []
    assert incomplete == []
