"""The modules of a ticket's QR code, by arithmetic on one that was drawn before.

A code of one size in one mask is linear: where the code of a payload differs from the code of
zeros is where its own bits are 1, and their Reed-Solomon corrections. So segno draws the zeros,
once for each length, with all that a code has besides; a payload then takes a twentieth of the time.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import segno

# Version 6 at level M (ISO/IEC 18004, tables 7 and 9): 41 modules a side, and four blocks.
VERSION = 6
ERROR_CORRECTION = "m"
SIDE_MODULES = 41
MAX_PAYLOAD_BYTES = 106
# Trying all eight masks for the best one takes five times as long, and scanners read each of them.
MASK = 2
MAX_KEPT_LENGTHS = 8

_BLOCKS, _BLOCK_BYTES, _CORRECTION_BYTES = 4, 27, 16
_DATA_BITS = 8 * _BLOCKS * _BLOCK_BYTES
_ALL_WORDS = _BLOCKS * (_BLOCK_BYTES + _CORRECTION_BYTES)
_NO_WORDS = bytes(256 - _ALL_WORDS)
# Before the payload: the mode and, as one byte, the length.
_HEAD_BITS = 12
_FIELD = 0x11D
_REST = (1 << 8 * _CORRECTION_BYTES) - 1
_TOP = 8 * (_CORRECTION_BYTES - 1)
_CORNER, _TIMING, _ALIGNMENT = 8, 6, 34


def modules_of(payload: bytes) -> bytes:
    """Give the modules row by row, a byte each, 0 for white. ValueError for a longer payload."""
    if not 0 < len(payload) <= MAX_PAYLOAD_BYTES:
        raise ValueError(f"A code of ours holds 1 to {MAX_PAYLOAD_BYTES} bytes.")
    shift = _DATA_BITS - _HEAD_BITS - 8 * len(payload)
    data = (int.from_bytes(payload) << shift).to_bytes(_DATA_BITS // 8)
    blocks = [data[at : at + _BLOCK_BYTES] for at in range(0, len(data), _BLOCK_BYTES)]
    words = _interleaved(blocks) + _interleaved(map(_correction, blocks))
    # Each module names its word: translated by the words as a table, it has it, and then its bit.
    changed = int.from_bytes(_WORDS.translate(words + _NO_WORDS)) & _BITS
    return (changed ^ _zeros(len(payload))).to_bytes(SIDE_MODULES**2)


@lru_cache(maxsize=MAX_KEPT_LENGTHS)
def _zeros(length: int) -> int:
    """Give the modules of so many zeros, a byte each: its bit where it is black."""
    code = segno.make_qr(
        bytes(length),
        error=ERROR_CORRECTION,
        mode="byte",
        mask=MASK,
        version=VERSION,
        boost_error=False,
    )
    modules = (module for row in code.matrix for module in row)
    bits = _BITS.to_bytes(SIDE_MODULES**2)
    return int.from_bytes(module * (bit or 1) for module, bit in zip(modules, bits, strict=True))


def _interleaved(blocks: Iterable[bytes]) -> bytes:
    return b"".join(map(bytes, zip(*blocks, strict=True)))


def _correction(block: bytes) -> bytes:
    """Divide by the generator, a byte at a time: what is left corrects the block."""
    rest = 0
    for byte in block:
        rest = (rest << 8 & _REST) ^ _STEPS[rest >> _TOP ^ byte]
    return rest.to_bytes(_CORRECTION_BYTES)


def _times(factor: int, other: int) -> int:
    """Multiply in the field of 256."""
    product = 0
    while factor:
        product ^= other * (factor & 1)
        factor >>= 1
        other = other << 1 ^ (_FIELD if other & 0x80 else 0)
    return product


def _generator() -> list[int]:
    """Give the coefficients behind the first one, which is 1."""
    found, root = [1], 1
    for _ in range(_CORRECTION_BYTES):
        found = [
            one ^ _times(root, other) for one, other in zip([*found, 0], [0, *found], strict=True)
        ]
        root = _times(2, root)
    return found[1:]


def _steps() -> list[int]:
    """Give the generator times each byte."""
    generator = _generator()
    return [int.from_bytes(_times(byte, each) for each in generator) for byte in range(256)]


def _is_fixed(row: int, column: int) -> bool:
    """Tell whether a module belongs to a pattern or to the format: it carries no data."""
    low, left = row >= SIDE_MODULES - _CORNER, column >= SIDE_MODULES - _CORNER
    corner = (row <= _CORNER and (column <= _CORNER or left)) or (low and column <= _CORNER)
    alignment = max(abs(row - _ALIGNMENT), abs(column - _ALIGNMENT)) <= 2  # noqa: PLR2004
    return corner or alignment or _TIMING in {row, column}


def _places() -> Iterator[int]:
    """Walk over the modules for data as they are filled: two columns up, two columns down."""
    rights = [*range(SIDE_MODULES - 1, _TIMING, -2), *range(_TIMING - 1, 0, -2)]
    rows = range(SIDE_MODULES)
    for number, right in enumerate(rights):
        for row in rows if number % 2 else reversed(rows):
            for column in (right, right - 1):
                if not _is_fixed(row, column):
                    yield row * SIDE_MODULES + column


def _words_and_bits() -> tuple[bytes, int]:
    """Choose for each module its word, the last one if it has none, and its bit of it."""
    words, bits = bytearray(b"\xff" * SIDE_MODULES**2), bytearray(SIDE_MODULES**2)
    for bit, place in zip(range(8 * _ALL_WORDS), _places(), strict=False):
        words[place], bits[place] = bit // 8, 0x80 >> bit % 8
    return bytes(words), int.from_bytes(bits)


_STEPS = _steps()
_WORDS, _BITS = _words_and_bits()
