"""Draws QR codes. Costs a millisecond of CPU: never in a process that answers calls."""

import zlib
from struct import pack

import segno

ERROR_CORRECTION = "m"
# Trying all eight masks for the best one takes five times as long, and scanners read each of them.
MASK = 2
# One bit is a pixel, so that one byte is a module's row of them.
MODULE_PIXELS = 8
QUIET_MODULES = 4

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FAST = 1  # What is repeated is small whatever the effort.
_AS_IT_IS, _AS_ABOVE = b"\x00", b"\x02"
_BLACK_AND_WHITE = bytes.maketrans(b"\x00\x01", b"\xff\x00")


def qr_png(payload: bytes) -> bytes:
    """Draw the bytes as a PNG in black and white: byte mode, always the same for the same bytes."""
    code = segno.make_qr(payload, error=ERROR_CORRECTION, mode="byte", mask=MASK, boost_error=False)
    return _png([bytes(row) for row in code.matrix])


def _png(modules: list[bytes]) -> bytes:
    """Write rows of modules, 1 for black. segno's own writer takes twice the time of the code."""
    side = len(modules) + 2 * QUIET_MODULES
    quiet = bytes(QUIET_MODULES)
    blank = bytes(side)
    rows = [blank] * QUIET_MODULES + [quiet + row + quiet for row in modules]
    rows += [blank] * QUIET_MODULES
    again = (_AS_ABOVE + bytes(side)) * (MODULE_PIXELS - 1)
    data = b"".join(_AS_IT_IS + row.translate(_BLACK_AND_WHITE) + again for row in rows)
    pixels = side * MODULE_PIXELS
    header = pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)  # One bit, grey, not interlaced.
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(data, _FAST)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
