"""The quickbook feed as it arrives: chunks of bytes in, parsed rows out, in bounded memory."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing

from services.catalog.adapters.json_rows import JsonRows, RawRow, ReadLimits
from services.catalog.domain.errors import FeedTooLargeError
from services.catalog.domain.feed_rows import FeedRow, Section
from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.quickbook import FeedParser

# JSON objects have no order: events that come before their films wait, as many as this.
MAX_WAITING_SCREENINGS = 20_000


async def read_programme(
    chunks: AsyncIterable[bytes],
    profiles: Mapping[str, ImportProfile],
    limits: ReadLimits | None = None,
) -> AsyncGenerator[FeedRow, None]:
    """Yield the films, screenings and bad rows of a feed.

    `profiles` by cinema id. Raises UnreadableFeedError or FeedTooLargeError, perhaps
    after rows were yielded: store rows for good only when the iteration has ended by itself.
    """
    parser = FeedParser(profiles)
    waiting: list[RawRow] = []
    films_are_read = False
    async with aclosing(JsonRows(chunks, limits).rows()) as rows:
        async for row in rows:
            if row.section is Section.FILMS:
                films_are_read = True
                yield parser.film(row.index, row.value)
            elif films_are_read and not waiting:
                yield parser.screening(row.index, row.value)
            else:
                waiting.append(row)
                if len(waiting) > MAX_WAITING_SCREENINGS:
                    raise FeedTooLargeError(limit_rows=MAX_WAITING_SCREENINGS)
    for row in waiting:
        yield parser.screening(row.index, row.value)
