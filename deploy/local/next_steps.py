"""What `make run` prints once everything is up: things to try, ready to be pasted."""

from deploy.local.record import StackRecord


def next_steps(record: StackRecord) -> str:
    """Return the lines for the person at the terminal."""
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
            "Try next, in another terminal:",
            *_lines_to_try(record),
            "",
            "Ctrl-C stops it; the data stays. 'make reset' wipes it.",
        ]
    )


def _lines_to_try(record: StackRecord) -> list[str]:
    curl = f"  .venv/bin/buf curl --protocol grpc --http2-prior-knowledge http://{record.addresses.get('catalog', '')}"
    return [
        f"{curl} --list-methods",
        "  make demo",
        "  make token ROLE=account",
    ]
