"""The few connections of a process to its mail server."""

import asyncio

import pytest

from services.common.mail.connections import MAX_CONNECTIONS, Connections, NotSentError, Trouble

NOBODY_LISTENS = 9
MAX_WAIT_S = 10


async def test_after_hanging_up_every_connection_can_be_used_again() -> None:
    connections = Connections("127.0.0.1", NOBODY_LISTENS)
    connections.hang_up()

    async with asyncio.timeout(MAX_WAIT_S):
        for _ in range(2 * MAX_CONNECTIONS):
            with pytest.raises(NotSentError) as error:
                await connections.send("a@example.test", "b@example.test", b"", is_retry=False)
            assert error.value.trouble is Trouble.SERVER_AWAY
