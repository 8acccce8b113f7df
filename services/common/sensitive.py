"""What must not be kept or shown: text that looks like a payment card number or an address."""

import re

REDACTED = "[redacted]"
# Thirteen to nineteen digits, alone or in groups; the ends are checked by looking around.
_DIGITS_AS_ZEROS = bytes(ord("0" if byte in b"0123456789" else "x") for byte in range(256))
_CARD_LENGTH_RUN = b"0" * 13
_CARD_CANDIDATE = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_UUID = re.compile(
    r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"(?![0-9a-fA-F])"
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LOGIN = re.compile(r"(?<=://)[^/\s@]{1,200}(?=@)")
_TEN = 10


def passes_luhn(digits: str) -> bool:
    """Tell whether the digits end in a right check digit (ISO/IEC 7812)."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 if digit >= _TEN else digit
    return total % _TEN == 0


def may_hold_card_number(raw: bytes) -> bool:
    """Tell at a glance whether looking is worth while; ten times as fast as an expression."""
    return _CARD_LENGTH_RUN in raw.translate(_DIGITS_AS_ZEROS, b" -")


def looks_like_card_number(text: str) -> bool:
    """Tell whether 13-19 digits with a right check digit stand in the text; UUIDs do not count."""
    if _CARD_CANDIDATE.search(text) is None:
        return False
    candidates = _CARD_CANDIDATE.finditer(_UUID.sub("|", text))
    return any(_is_card(candidate) for candidate in candidates)


def redact(text: str) -> str:
    """Replace what looks like a card number, an e-mail address, or a login within a URL."""
    if "@" in text:
        text = _LOGIN.sub(REDACTED, text)
        text = _EMAIL.sub(REDACTED, text)
    if looks_like_card_number(text):
        parts = _UUID.split(text)
        kept = [match.group() for match in _UUID.finditer(text)] + [""]
        text = "".join(
            _CARD_CANDIDATE.sub(_redact_card, part) + uuid
            for part, uuid in zip(parts, kept, strict=True)
        )
    return text


def _redact_card(candidate: re.Match[str]) -> str:
    return REDACTED if _is_card(candidate) else candidate.group()


def _is_card(candidate: re.Match[str]) -> bool:
    return passes_luhn(candidate.group().replace(" ", "").replace("-", ""))
