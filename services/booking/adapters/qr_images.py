"""Draws QR codes: some hundredths of a millisecond of CPU. Rather not in a process that answers calls.

Nothing is compressed when a code is drawn. A row of modules stands in the stream as it is; all that
lies between two such rows is the same in each code, and was compressed once. Compressing a whole
picture took five times as long, and made 2 kB less of it.
"""

import zlib
from struct import pack

from services.booking.adapters.qr_codes import SIDE_MODULES, modules_of

# One bit is a pixel, so that one byte is a module's row of them.
MODULE_PIXELS = 8
QUIET_MODULES = 4

_SIDE = SIDE_MODULES + 2 * QUIET_MODULES
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_AS_IT_IS, _AS_ABOVE = b"\x00", b"\x02"
_BLACK_AND_WHITE = b"\xff" + bytes(255)
_QUIET = b"\xff" * QUIET_MODULES
_AGAIN = (_AS_ABOVE + bytes(_SIDE)) * (MODULE_PIXELS - 1)
_QUIET_ROWS = (_AS_IT_IS + b"\xff" * _SIDE + _AGAIN) * QUIET_MODULES


def _squeezed(rows: bytes, *, is_end: bool = False) -> bytes:
    """Compress what looks back at nothing before it, up to a whole byte (RFC 1951)."""
    squeeze = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(rows) + squeeze.flush(zlib.Z_FINISH if is_end else zlib.Z_SYNC_FLUSH)


# The same rows of pixels twice: plain, for the checksum, and as they stand in the stream.
_PLAIN_BEGIN = _AS_IT_IS + _QUIET
_BEGIN = pack("<BHH", 0, 1 + _SIDE, 0xFFFF ^ (1 + _SIDE)) + _PLAIN_BEGIN
_PLAIN_HEAD, _HEAD = _QUIET_ROWS + _PLAIN_BEGIN, b"\x78\x01" + _squeezed(_QUIET_ROWS) + _BEGIN
_PLAIN_BETWEEN, _BETWEEN = _QUIET + _AGAIN + _PLAIN_BEGIN, _QUIET + _squeezed(_AGAIN) + _BEGIN
_PLAIN_TAIL, _TAIL = (
    _QUIET + _AGAIN + _QUIET_ROWS,
    _QUIET + _squeezed(_AGAIN + _QUIET_ROWS, is_end=True),
)


def qr_png(payload: bytes) -> bytes:
    """Draw the bytes as a PNG in black and white: byte mode, always the same for the same bytes."""
    pixels = _SIDE * MODULE_PIXELS
    header = pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)  # One bit, grey, not interlaced.
    content = _stream(modules_of(payload).translate(_BLACK_AND_WHITE))
    chunks = _chunk(b"IHDR", header), _chunk(b"IDAT", content), _chunk(b"IEND", b"")
    return b"".join((_SIGNATURE, *chunks))


def _stream(modules: bytes) -> bytes:
    """Put the rows of modules, a byte each, between what is the same in each code."""
    rows = [modules[at : at + SIDE_MODULES] for at in range(0, len(modules), SIDE_MODULES)]
    plain = b"".join((_PLAIN_HEAD, _PLAIN_BETWEEN.join(rows), _PLAIN_TAIL))
    checksum = pack(">I", zlib.adler32(plain))
    return b"".join((_HEAD, _BETWEEN.join(rows), _TAIL, checksum))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
