"""Writes protobuf messages byte by byte, so that one field can be anything at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

VARINT, LENGTH_DELIMITED = 0, 2
MAX_DEPTH = 8
_UINT64 = 2**64


@dataclass(frozen=True)
class Step:
    """One field on the way to a leaf; `index` is the item of a repeated field."""

    field: FieldDescriptor
    index: int | None = None


@dataclass(frozen=True)
class Leaf:
    """A field that holds no message, by its way from the root."""

    steps: tuple[Step, ...]

    @property
    def field(self) -> FieldDescriptor:
        return self.steps[-1].field

    @property
    def path(self) -> str:
        """Its name as `BadRequest` writes it, such as `tickets[0].count`."""
        names = (
            step.field.name if step.index is None else f"{step.field.name}[{step.index}]"
            for step in self.steps
        )
        return ".".join(names)


def leaves(message: Message) -> Iterator[Leaf]:
    """Find every leaf of a message's type: for repeated fields, in their first item."""
    for steps in _ways(message.DESCRIPTOR, ()):
        yield Leaf(steps)


def with_raw(message: Message, leaf: Leaf, raw: bytes) -> bytes:
    """Serialise a message, with `raw` (tags included) in the place of one leaf."""
    return _write(message, leaf.steps, raw)


def varint(value: int) -> bytes:
    """Write an integer as a varint; negative ones in two's complement of 64 bits."""
    value %= _UINT64
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint_field(number: int, value: int) -> bytes:
    """Write a field that is a varint."""
    return varint(number << 3 | VARINT) + varint(value)


def bytes_field(number: int, value: bytes) -> bytes:
    """Write a field of bytes, text or a message."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value


def _ways(descriptor: Any, before: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if len(before) >= MAX_DEPTH:
        return
    for field in descriptor.fields:
        way = (*before, Step(field, 0 if field.is_repeated else None))
        if field.message_type is None:
            yield way
        else:
            yield from _ways(field.message_type, way)


def _write(message: Message, steps: tuple[Step, ...], raw: bytes) -> bytes:
    step, rest = steps[0], steps[1:]
    out = bytearray()
    is_placed = False
    for field, value in message.ListFields():
        for index, item in enumerate(value if field.is_repeated else [value]):
            is_target = field.number == step.field.number and index == (step.index or 0)
            is_placed = is_placed or is_target
            out += _item(field, item, rest, raw) if is_target else _plain(message, field, item)
    if not is_placed:
        out += _item(step.field, None, rest, raw)
    return bytes(out)


def _item(field: FieldDescriptor, item: Any, rest: tuple[Step, ...], raw: bytes) -> bytes:
    if not rest:
        return raw
    message_type: Any = field.message_type
    inner = item if item is not None else message_factory.GetMessageClass(message_type)()
    return bytes_field(field.number, _write(inner, rest, raw))


def _plain(message: Message, field: FieldDescriptor, item: Any) -> bytes:
    if field.message_type is not None:
        return bytes_field(field.number, item.SerializeToString())
    alone = type(message)()
    if field.is_repeated:
        getattr(alone, field.name).append(item)
    else:
        setattr(alone, field.name, item)
    return alone.SerializeToString()
