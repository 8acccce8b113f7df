"""Get the image of a ticket's code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from services.common.bounded_cache import BoundedCache

# Where a link's token stands in its address.
IMAGE_PATH = "/tickets"
IMAGE_SUFFIX = ".png"
MAX_CACHED_IMAGES = 2_000


class Links(Protocol):
    """The links that images are asked for by."""

    def open(self, token: str) -> tuple[UUID, UUID] | None:
        """Read screening and ticket from a token of ours; None for any other text."""
        ...


class Payloads(Protocol):
    """What tickets' codes say."""

    async def __call__(self, screening_id: UUID, ticket_id: UUID) -> bytes | None:
        """Read a ticket's code; None for an unknown and for a cancelled one."""
        ...


@dataclass(frozen=True, slots=True)
class GetTicketImage:
    """Draw a code when somebody asks who was told its link; the newest images are kept.

    None for anything else, so that a wrong link tells nothing. An image is not a ticket: whether it
    lets anybody in is decided at the door, and one that is kept may outlive its ticket.
    """

    links: Links
    payloads: Payloads
    draw: Callable[[bytes], bytes]
    _images: BoundedCache[str, bytes] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_IMAGES)
    )

    async def __call__(self, token: str) -> bytes | None:
        image = self._images.get(token)
        if image is not None:
            return image
        named = self.links.open(token)
        payload = await self.payloads(*named) if named is not None else None
        if payload is None:
            return None
        image = self.draw(payload)
        self._images.put(token, image)
        return image
