"""Decoding and checking requests before a servicer sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from services.common.errors import FieldViolation, InvalidRequestError, UndecodableRequestError
from services.common.sensitive import looks_like_card_number, may_hold_card_number

_NUL = b"\x00"
MAX_VIOLATIONS = 20
LARGE_REQUEST_BYTES = 128 * 1024


class RuleEngine(Protocol):
    """Checks a message against the rules that its proto declares."""

    def violations(self, message: Message) -> list[FieldViolation]: ...


class ProtovalidateEngine:
    """The rules of `buf.validate`; compiled at start for the messages given."""

    def __init__(self, request_types: Iterable[type[Message]] = ()) -> None:
        self._collect = protovalidate.Validator().collect_violations
        for request_type in request_types:
            self._collect(request_type())

    def violations(self, message: Message) -> list[FieldViolation]:
        found = self._collect(message)
        if not found:
            return []
        return [
            FieldViolation(_path_of(each.proto.field), each.proto.message or each.proto.rule_id)
            for each in found[:MAX_VIOLATIONS]
        ]


@dataclass(frozen=True, slots=True)
class RequestChecks:
    """Decodes a request and refuses what breaks a rule.

    Besides the declared rules, no text may hold NUL (PostgreSQL cannot store it) or look like a
    payment card's number (we must never see one), except in the fields named in
    `card_number_fields`, which hold numbers of our own cards.
    """

    engine: RuleEngine
    card_number_fields: frozenset[str] = field(default_factory=frozenset)

    def read(self, request_type: type[Message], raw: bytes) -> Message:
        """Decode and check; raises UNDECODABLE_REQUEST or INVALID_FIELD."""
        try:
            message = request_type.FromString(raw)
        except (DecodeError, ValueError, RecursionError):
            raise UndecodableRequestError from None
        if len(raw) > LARGE_REQUEST_BYTES:
            # Checking each item of a list that is far too long would keep all others waiting.
            too_long = list(_too_long_lists(message, ""))
            if too_long:
                raise InvalidRequestError(*too_long[:MAX_VIOLATIONS])
        violations = self.engine.violations(message)
        # A glance at the bytes: only a few requests need their text looked at one by one.
        if _NUL in raw or may_hold_card_number(raw):
            violations += self._text_violations(message)
        if violations:
            raise InvalidRequestError(*violations)
        return message

    def _text_violations(self, message: Message) -> list[FieldViolation]:
        violations = []
        for path, name, text in _texts_of(message, ""):
            if "\x00" in text:
                violations.append(FieldViolation(path, "must not contain NUL"))
            elif name not in self.card_number_fields and looks_like_card_number(text):
                violations.append(FieldViolation(path, "must not contain a card number"))
        return violations


def _too_long_lists(message: Message, prefix: str) -> Iterator[FieldViolation]:
    """Find lists with more items than their rule allows, looking into no item of these."""
    for descriptor, value in message.ListFields():
        path = f"{prefix}{descriptor.name}"
        rule = descriptor.GetOptions().Extensions[validate_pb2.field].repeated
        if descriptor.is_repeated and rule.HasField("max_items") and len(value) > rule.max_items:
            yield FieldViolation(path, f"must contain no more than {rule.max_items} item(s)")
        elif descriptor.message_type is not None and _may_hold_lists(descriptor.message_type):
            for item_path, item in _items_of(descriptor, value, path):
                if isinstance(item, Message):
                    yield from _too_long_lists(item, f"{item_path}.")


@cache
def _may_hold_lists(message_type: Descriptor) -> bool:
    """Tell whether a list is in a message or one level below it: the engine finds deeper ones."""
    return any(
        field.is_repeated
        or (
            field.message_type is not None and any(f.is_repeated for f in field.message_type.fields)
        )
        for field in message_type.fields
    )


def _texts_of(message: Message, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Walk all text: path, name of its field, text."""
    for descriptor, value in message.ListFields():
        path = f"{prefix}{descriptor.name}"
        for item_path, item in _items_of(descriptor, value, path):
            if isinstance(item, str):
                yield item_path, descriptor.name, item
            elif isinstance(item, Message):
                yield from _texts_of(item, f"{item_path}.")


def _items_of(descriptor: FieldDescriptor, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not descriptor.is_repeated:
        yield path, value
    elif descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry:
        for key, item in value.items():
            yield path, key
            yield f"{path}[...]", item
    else:
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item


def _path_of(field_path: Any) -> str:
    """Write `tickets[0].count` from the engine's list of path elements."""
    path = ""
    for element in field_path.elements if field_path is not None else ():
        path += f".{element.field_name}" if path else element.field_name
        subscript = element.subscript
        if subscript is not None:
            path += f"[{subscript.value}]"
    return path
