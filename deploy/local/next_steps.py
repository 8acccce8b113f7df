"""What `make run` prints once everything is up: things to try, ready to be pasted."""

import json
from uuid import uuid4

from deploy.local.record import StackRecord


def next_steps(record: StackRecord, screening_id: str) -> str:
    """Return the lines for the person at the terminal; the screening is one on sale, or ""."""
    addresses = record.addresses
    services = [f"  {name:<9} {addresses[name]}" for name in record.databases]
    return "\n".join(
        [
            "",
            "Parterre is up. Its services, over gRPC (plain text, with reflection):",
            *services,
            f"Mailbox:       http://{addresses['mailbox']}/",
            f"Payment page:  http://{addresses['emulator']}/ (a local PayU)",
            f"State, logs:   {record.state}",
            "",
            "Try next, in another terminal (paste a line):",
            *lines_to_try(record, screening_id),
            "",
            "Ctrl-C stops it; the data stays. 'make reset' wipes it.",
        ]
    )


def lines_to_try(record: StackRecord, screening_id: str) -> list[str]:
    """Return commands that work as they stand, from the project's folder."""
    if not screening_id:
        return []
    programme = f"http://{record.addresses['catalog']}/cinema.catalog.v1.ProgrammeService"
    booking = f"http://{record.addresses['booking']}/cinema.booking.v1.BookingService"
    request_id = uuid4()
    return [
        "  make demo",
        "  make verify",
        f"  {_call(f'{programme}/ListCinemas', page_size=3)}",
        f"  {_call(f'{programme}/GetScreening', screening_id=screening_id)}",
        f"  {_call(f'{programme}/QuotePrices', screening_id=screening_id)}",
        f"  {_call(f'{booking}/GetSeatMap', screening_id=screening_id)}",
        f"  {_call(f'{booking}/StartSession', request_id=str(request_id))}",
    ]


def _call(url: str, **fields: object) -> str:
    curl = ".venv/bin/buf curl --protocol grpc --http2-prior-knowledge"
    return f"{curl} -d '{json.dumps(fields)}' {url}"
