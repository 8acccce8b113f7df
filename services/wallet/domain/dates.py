"""Calendar dates as they come in."""

from datetime import date

from services.wallet.domain.errors import InvalidDateError


def parse_date(text: str) -> date:
    """Read `YYYY-MM-DD`; raises INVALID_DATE for a date that is in no calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDateError(text) from None
