"""Images of tickets' codes: unguessable links, the picture itself, what is kept."""

import base64
import zlib
from dataclasses import dataclass, field
from struct import unpack
from uuid import UUID, uuid4

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.adapters.qr_codes import MAX_PAYLOAD_BYTES, VERSION
from services.booking.adapters.qr_images import MODULE_PIXELS, QUIET_MODULES, qr_png
from services.booking.adapters.ticket_links import TOKEN_CHARACTERS, TicketLinks
from services.booking.use_cases.get_ticket_image import MAX_CACHED_IMAGES, GetTicketImage
from tests.kit.booking_orders import SIGNER, TOKENS

SECRET = b"a secret for tests, thirty-two bytes"
LINKS = TicketLinks(SECRET, "https://img.example/")
SCREENING, TICKET = uuid4(), uuid4()


@dataclass
class OneTicket:
    """Knows one ticket's code, and counts how often it was read."""

    payload: bytes | None = b"\x01" * 101
    reads: int = 0

    async def __call__(self, screening_id: UUID, ticket_id: UUID) -> bytes | None:
        self.reads += 1
        return self.payload if (screening_id, ticket_id) == (SCREENING, TICKET) else None


@dataclass
class Scene:
    payloads: OneTicket = field(default_factory=OneTicket)
    drawn: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.get = GetTicketImage(LINKS, self.payloads, self.draw)

    def draw(self, payload: bytes) -> bytes:
        self.drawn.append(payload)
        return b"PNG of " + payload[:1]


def test_a_link_leads_to_its_own_ticket_only() -> None:
    token = LINKS.token_of(SCREENING, TICKET)

    assert LINKS.open(token) == (SCREENING, TICKET)
    assert LINKS.url_of(SCREENING, TICKET) == f"https://img.example/tickets/{token}.png"
    assert len(token) == TOKEN_CHARACTERS == 64
    assert TicketLinks(b"another secret of thirty-two bytes!!").open(token) is None
    assert "secret" not in repr(LINKS)


def test_a_link_is_not_the_orders_token_of_the_same_id() -> None:
    assert TOKENS.token_of(TICKET) not in LINKS.token_of(TICKET, TICKET)


@pytest.mark.parametrize("place", range(0, 64, 7))
def test_a_link_that_was_changed_leads_nowhere(place: int) -> None:
    token = LINKS.token_of(SCREENING, TICKET)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    assert LINKS.open(changed) is None


@pytest.mark.parametrize("text", ["", "x", "ș" * 64, "=" * 64, "A" * 63, "A" * 65, "+" * 64])
def test_any_other_text_leads_nowhere(text: str) -> None:
    assert LINKS.open(text) is None


def test_somebody_elses_ticket_is_not_found_with_the_own_links_seal() -> None:
    raw = bytearray(base64.urlsafe_b64decode(LINKS.token_of(SCREENING, TICKET)))
    raw[16:32] = uuid4().bytes

    assert LINKS.open(base64.urlsafe_b64encode(raw).decode()) is None


def test_without_a_base_there_are_no_links() -> None:
    assert TicketLinks(SECRET).url_of(SCREENING, TICKET) == ""


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TicketLinks(b"short")


async def test_an_image_is_drawn_once_and_kept() -> None:
    scene, token = Scene(), LINKS.token_of(SCREENING, TICKET)

    images = [await scene.get(token) for _ in range(3)]

    assert images == [b"PNG of \x01"] * 3
    assert len(scene.drawn) == scene.payloads.reads == 1


async def test_an_unknown_ticket_and_a_forged_link_are_alike() -> None:
    scene = Scene()

    assert await scene.get(LINKS.token_of(SCREENING, uuid4())) is None
    assert await scene.get("A" * 64) is None
    assert scene.payloads.reads == 1
    assert scene.drawn == []


async def test_only_so_many_images_are_kept() -> None:
    scene = Scene()
    kept = scene.get._images
    for number in range(MAX_CACHED_IMAGES + 10):
        kept.put(str(number), b"")

    await scene.get(LINKS.token_of(SCREENING, TICKET))

    assert len(kept) == MAX_CACHED_IMAGES


def modules_of(png: bytes) -> list[list[bool]]:
    """Read the black modules back from the picture."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    position, pixels, size = 8, b"", 0
    while position < len(png):
        length, kind = unpack(">I4s", png[position : position + 8])
        content = png[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            size, height, depth, colours = unpack(">IIBB", content[:10])
            assert (size, depth, colours) == (height, 1, 0)
        elif kind == b"IDAT":
            pixels += content
        position += length + 12
    rows = unfiltered(zlib.decompress(pixels), (size + 7) // 8)
    assert len(rows) == size
    lines = range(QUIET_MODULES * MODULE_PIXELS, size - QUIET_MODULES * MODULE_PIXELS)
    bits = [[not rows[y][x // 8] >> 7 - x % 8 & 1 for x in lines] for y in lines]
    for number, row in enumerate(bits):
        assert row == bits[number - number % MODULE_PIXELS]
    return [row[::MODULE_PIXELS] for row in bits[::MODULE_PIXELS]]


def unfiltered(data: bytes, row_bytes: int) -> list[bytes]:
    """Undo the filters of the rows: a row as it is (0), or as it differs from the one above (2)."""
    rows = [bytes(row_bytes)]
    for at in range(0, len(data), row_bytes + 1):
        kind, row = data[at], data[at + 1 : at + 1 + row_bytes]
        assert kind in {0, 2}
        above = rows[-1] if kind else bytes(row_bytes)
        rows.append(bytes((one + other) % 256 for one, other in zip(row, above, strict=True)))
    return rows[1:]


def drawn_by_segno(payload: bytes) -> list[list[bool]]:
    code = segno.make_qr(
        payload, error="m", mode="byte", mask=2, version=VERSION, boost_error=False
    )
    return [[bool(module) for module in row] for row in code.matrix]


def test_the_picture_is_the_code_in_one_mask_and_always_the_same() -> None:
    payload = SIGNER.payload(TICKET, SCREENING)

    png = qr_png(payload)

    assert png == qr_png(payload)
    assert modules_of(png) == drawn_by_segno(payload)
    assert len(png) < 3_000


@given(st.binary(min_size=1, max_size=MAX_PAYLOAD_BYTES))
@settings(max_examples=20, deadline=None)
def test_every_payload_has_the_code_that_a_library_draws(payload: bytes) -> None:
    assert modules_of(qr_png(payload)) == drawn_by_segno(payload)


@pytest.mark.parametrize("payload", [b"", b"x" * (MAX_PAYLOAD_BYTES + 1)])
def test_what_no_code_of_ours_holds_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="106 bytes"):
        qr_png(payload)
