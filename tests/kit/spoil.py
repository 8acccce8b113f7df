"""Spoils a valid request, one field at a time; says what the contract's rules make of the result."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from tests.kit.wire import LENGTH_DELIMITED, VARINT, bytes_field, leaves, varint, with_raw
from tests.kit.wire import varint_field as number_field

LONG_TEXT = b"x" * 1_000_000
CARD_NUMBER = b"4111 1111 1111 1111"
INVALID_UTF8 = b"\xff\xfe\x80 film"
UNKNOWN_FIELD_NUMBER = 15_000
RANDOM_MESSAGES = 12
MAX_ITEMS_WITHOUT_RULE = 3_000
_INTEGERS = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
}
_NUMBERS = (-1, 0, 2**31 - 1, 2**31, 2**32, -(2**31), 2**63 - 1, 2**63)
_ENUM_NUMBERS = (99, -1, 0, 2**33)
_OVERLONG_VARINT = b"\xff" * 10 + b"\x01"
# Right by their form, by the last word of a field's name.
_MISLEADING = {
    "date": (b"2026-02-30", b"0000-00-00", b"0000-01-01", b"9999-12-31", b"2026-13-01"),
    "token": (b"x", b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", b"../../etc/passwd"),
    "zone": (b"../../etc/passwd", b"Mars/Olympus", b"/etc/localtime"),
    "id": (b"not-a-uuid", b"00000000-0000-0000-0000-000000000000"),
    "url": (b"javascript:alert(1)", b"file:///etc/passwd", b"http://[::1"),
}
# Our own cards' numbers and codes may look like anything.
CODE_FIELDS = frozenset({"card_number", "voucher_code"})
_validator = protovalidate.Validator()


@dataclass(frozen=True)
class Spoilt:
    """A request that differs from the valid one in `what`; `field` is the path of the culprit."""

    what: str
    raw: bytes
    field: str = ""


@dataclass(frozen=True)
class Judgement:
    """What the contract says of a message: undecodable, or the paths of fields that break rules."""

    is_decodable: bool
    violated: frozenset[str] = frozenset()

    @property
    def is_valid(self) -> bool:
        return self.is_decodable and not self.violated


def judged(
    request_type: type[Message], spoilt: Iterable[Spoilt], *, valid: bool
) -> list[tuple[Spoilt, Judgement]]:
    """Keep the spoilt requests that the contract allows, or those that it does not."""
    pairs = [(each, judge(request_type, each.raw)) for each in spoilt]
    return [(each, judgement) for each, judgement in pairs if judgement.is_valid == valid]


def judge(request_type: type[Message], raw: bytes) -> Judgement:
    """Decode and check a message as its contract says, independently of any server."""
    try:
        message = request_type.FromString(raw)
    except DecodeError:
        return Judgement(is_decodable=False)
    found = {_path_of(each.proto.field) for each in _validator.collect_violations(message)}
    for path, name, text in _texts_of(message, ""):
        if "\x00" in text or (CARD_NUMBER.decode() in text and name not in CODE_FIELDS):
            found.add(path)
    return Judgement(is_decodable=True, violated=frozenset(found))


def spoilt_fields(valid: Message) -> Iterator[Spoilt]:
    """Spoil every field of a request in every way that its type allows."""
    for leaf in leaves(valid):
        for what, raw in _spoilt_leaf(leaf.field):
            yield Spoilt(f"{leaf.path}: {what}", with_raw(valid, leaf, raw), leaf.path)
    yield from _too_many_items(valid)
    yield from _missing_fields(valid)


def spoilt_bytes(valid: Message, seed: int) -> Iterator[Spoilt]:
    """Spoil the message itself: cut it, or send something else."""
    whole = valid.SerializeToString()
    for cut in sorted({1, 2, 3, len(whole) // 3, len(whole) // 2, len(whole) - 1}):
        if 0 < cut < len(whole):
            yield Spoilt(f"cut after {cut} bytes", whole[:cut])
    yield Spoilt("empty", b"")
    yield Spoilt("twice", whole + whole)
    yield Spoilt("text", b"GET / HTTP/1.1\r\n\r\n")
    yield Spoilt("JSON", b'{"screening_id": "1"}')
    yield Spoilt("a group that never ends", b"\x0b" * 1_000)
    yield Spoilt("nested without end", _nested(5_000))
    generator = random.Random(seed)  # noqa: S311 - no secret
    for number in range(RANDOM_MESSAGES):
        raw = generator.randbytes(generator.randrange(1, 400))
        yield Spoilt(f"random bytes {number} of seed {seed}", raw)
    for number in range(RANDOM_MESSAGES):
        flipped = bytearray(whole or b"\x00")
        for _ in range(generator.randrange(1, 4)):
            flipped[generator.randrange(len(flipped))] = generator.randrange(256)
        yield Spoilt(f"flipped bytes {number} of seed {seed}", bytes(flipped))


def with_unknown_fields(valid: Message) -> bytes:
    """Add fields that the contract does not know, as a newer client would."""
    return (
        number_field(UNKNOWN_FIELD_NUMBER, 1)
        + valid.SerializeToString()
        + bytes_field(UNKNOWN_FIELD_NUMBER + 1, b"from tomorrow")
        + number_field(UNKNOWN_FIELD_NUMBER + 2, 2**63)
    )


def too_large(valid: Message, size_bytes: int) -> bytes:
    """Fill a valid request up with a field that nobody knows."""
    return valid.SerializeToString() + bytes_field(UNKNOWN_FIELD_NUMBER, b"x" * size_bytes)


def _spoilt_leaf(field: FieldDescriptor) -> Iterator[tuple[str, bytes]]:
    number = field.number
    match field.type:
        case FieldDescriptor.TYPE_STRING:
            yield "10^6 characters", bytes_field(number, LONG_TEXT)
            yield "NUL", bytes_field(number, b"F\x007")
            yield "only NUL", bytes_field(number, b"\x00")
            yield "invalid UTF-8", bytes_field(number, INVALID_UTF8)
            yield "a card number", bytes_field(number, CARD_NUMBER)
            yield "a card number in text", bytes_field(number, b"my card " + CARD_NUMBER)
            yield "empty", bytes_field(number, b"")
            yield "odd letters", bytes_field(number, "\u202e🎬 ȘȚ'\"; --\\ %s {0}".encode())
            yield "a number instead", number_field(number, 7)
            for text in _MISLEADING.get(field.name.rpartition("_")[2], ()):
                yield text.decode(), bytes_field(number, text)
        case FieldDescriptor.TYPE_BYTES:
            yield "10^6 bytes", bytes_field(number, LONG_TEXT)
        case FieldDescriptor.TYPE_ENUM:
            for value in _ENUM_NUMBERS:
                yield f"enum {value}", number_field(number, value)
        case FieldDescriptor.TYPE_BOOL:
            yield "a large truth", number_field(number, 2**63)
        case other if other in _INTEGERS:
            for value in _NUMBERS:
                yield f"{value}", number_field(number, value)
            yield "a text instead", bytes_field(number, b"seven")
        case other:
            raise TypeError(f"Spoiling a {other} is not known yet: {field.full_name}")
    if field.type not in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
        yield "an endless varint", varint(number << 3 | VARINT) + _OVERLONG_VARINT
    else:
        length = varint(number << 3 | LENGTH_DELIMITED) + varint(2**31 - 1)
        yield "a length beyond the end", length


def _too_many_items(valid: Message) -> Iterator[Spoilt]:
    for path, message, field in _repeated_fields(valid, ""):
        rule = field.GetOptions().Extensions[validate_pb2.field].repeated
        count = rule.max_items + 1 if rule.HasField("max_items") else MAX_ITEMS_WITHOUT_RULE
        changed = type(valid)()
        changed.CopyFrom(valid)
        holder = _at(changed, path)
        items = getattr(holder, field.name)
        original = list(getattr(message, field.name))
        del items[:]
        for index in range(count):
            if field.message_type is not None:
                items.add().CopyFrom(original[0] if original else items[index])
            else:
                items.append(original[0] if original else field.default_value or _default(field))
        name = f"{path}.{field.name}" if path else field.name
        yield Spoilt(f"{name}: {count} items", changed.SerializeToString(), name)


def _default(field: FieldDescriptor) -> Any:
    return "x" if field.type == FieldDescriptor.TYPE_STRING else 1


def _missing_fields(valid: Message) -> Iterator[Spoilt]:
    for field, _ in valid.ListFields():
        changed = type(valid)()
        changed.CopyFrom(valid)
        changed.ClearField(field.name)
        yield Spoilt(f"{field.name}: missing", changed.SerializeToString(), field.name)


def _repeated_fields(message: Message, path: str) -> Iterator[tuple[str, Message, Any]]:
    for field in message.DESCRIPTOR.fields:
        if field.is_repeated:
            yield path, message, field
        elif field.message_type is not None and message.HasField(field.name):
            inner = f"{path}.{field.name}" if path else field.name
            yield from _repeated_fields(getattr(message, field.name), inner)


def _at(message: Message, path: str) -> Any:
    for name in filter(None, path.split(".")):
        message = getattr(message, name)
    return message


def _texts_of(message: Message, prefix: str) -> Iterator[tuple[str, str, str]]:
    for field, value in message.ListFields():
        for index, item in enumerate(value if field.is_repeated else [value]):
            path = f"{prefix}{field.name}" + (f"[{index}]" if field.is_repeated else "")
            if isinstance(item, str):
                yield path, field.name, item
            elif isinstance(item, Message):
                yield from _texts_of(item, f"{path}.")


def _path_of(path: Any) -> str:
    written = ""
    for element in path.elements if path is not None else ():
        written += ("." if written else "") + element.field_name
        if element.subscript is not None:
            written += f"[{element.subscript.value}]"
    return written


@cache
def _nested(depth: int) -> bytes:
    raw = b""
    for _ in range(depth):
        raw = bytes_field(1, raw)[: 2**20]
    return raw
