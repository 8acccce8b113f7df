"""What bad input must know of a request that would be answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message

from tests.kit.answers import Metadata
from tests.kit.scene import Scene


@dataclass(frozen=True)
class Valid:
    """A request that is answered with OK, or refused with the reason `answer` at the very end.

    `unknown` maps fields with an ID to what the method says about an unknown one, where that is
    not the field's own `..._NOT_FOUND`; "OK" when it is a key that the caller makes.
    `is_for_cinema`: staff of another cinema may not. `is_owned`: somebody else's is as unknown.
    `keeps_no_answer`: it goes by its natural key, or has nothing to keep, and not by `request_id`.
    """

    request: Message
    caller: Metadata = ()
    answer: str = "OK"
    unknown: Mapping[str, str] = field(default_factory=dict)
    is_for_cinema: bool = False
    is_owned: bool = False
    keeps_no_answer: bool = False


def staff(scene: Scene, role: str) -> Metadata:
    """Give the metadata of a member of staff for every cinema."""
    return scene.callers.person(role)
