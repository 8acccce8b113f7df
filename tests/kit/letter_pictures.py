"""Letters in a real browser: `python -m tests.kit.letter_pictures docs/e-mails` draws pictures."""

import argparse
import asyncio
import base64
import tempfile
from pathlib import Path

from services.common.mail.message import Rendered
from tests.kit.browser import Browser, a_browser, installed
from tests.kit.sample_letters import KINDS, sample_letter

TELEPHONE_WIDTH = 390
DESKTOP_WIDTH = 900
LEAST_HEIGHT = 300
LANGUAGES = ("ro", "fr", "en")
# Each kind is drawn in one language, the first one in all.
LANGUAGE_OF = {kind: LANGUAGES[place % 3] for place, kind in enumerate(KINDS)}


def page_of(letter: Rendered, folder: Path) -> str:
    """Write the HTML as a mail program shows it, with its images; gives the address."""
    page = letter.html
    for image in letter.images:
        data = base64.b64encode(image.content).decode()
        page = page.replace(f"cid:{image.name}@letter", f"data:image/png;base64,{data}")
    file = folder / "letter.html"
    file.write_text(page, encoding="utf-8")
    return file.as_uri()


async def show(
    browser: Browser, address: str, width: int, *, dark: bool = False
) -> tuple[int, int]:
    """Open a letter on a screen of a width; gives the width and height that it takes."""
    await browser.look_as(width, LEAST_HEIGHT, dark=dark)
    await browser.open(address)
    sizes = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    taken_width, taken_height = await browser.evaluate(sizes)
    return int(taken_width), int(taken_height)


async def draw_all(folder: Path) -> None:
    """Draw every kind on a telephone and on a desktop, and the first one on a dark ground too."""
    executable = installed()
    if executable is None:
        raise SystemExit("There is no Chromium on this machine.")
    wanted = [(kind, LANGUAGE_OF[kind]) for kind in KINDS]
    wanted += [(KINDS[0], language) for language in LANGUAGES if language != LANGUAGE_OF[KINDS[0]]]
    with tempfile.TemporaryDirectory() as scratch:
        async with a_browser(executable, Path(scratch) / "profile") as browser:
            for kind, language in wanted:
                address = page_of(await sample_letter(kind, language), Path(scratch))
                for name, width in (("telephone", TELEPHONE_WIDTH), ("desktop", DESKTOP_WIDTH)):
                    await draw(browser, address, width, folder / f"{kind}.{language}.{name}.png")
            address = page_of(await sample_letter(KINDS[0], "ro"), Path(scratch))
            path = folder / f"{KINDS[0]}.ro.telephone-dark.png"
            await draw(browser, address, TELEPHONE_WIDTH, path, dark=True)


async def draw(
    browser: Browser, address: str, width: int, path: Path, *, dark: bool = False
) -> None:
    """Draw the whole letter."""
    _, height = await show(browser, address, width, dark=dark)
    await browser.look_as(width, height, dark=dark)
    await browser.screenshot(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    pictures: Path = parser.parse_args().folder
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw_all(pictures))
