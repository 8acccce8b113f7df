"""The doors through which an order comes, and which rules of the online terms hold at each."""

from dataclasses import dataclass
from enum import StrEnum

from services.booking.domain.screening import SalesPolicy


class Channel(StrEnum):
    """Through which door an order comes."""

    WEB = "WEB"
    APP = "APP"
    KIOSK = "KIOSK"
    BOX_OFFICE = "BOX_OFFICE"


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What holds at a door: the terms are for online sales and not for those of staff."""

    limits_tickets: bool
    charges_service_fee: bool
    needs_acceptance: bool
    pays_by_provider: bool
    obeys_gap_rule: bool


_ONLINE = ChannelRules(
    limits_tickets=True,
    charges_service_fee=True,
    needs_acceptance=True,
    pays_by_provider=True,
    obeys_gap_rule=True,
)
_AT_THE_CINEMA = ChannelRules(
    limits_tickets=False,
    charges_service_fee=False,
    needs_acceptance=False,
    pays_by_provider=False,
    obeys_gap_rule=False,
)


def rules_of(channel: str, policy: SalesPolicy) -> ChannelRules:
    """Give the rules of a door; the policy says whether kiosks sell by the online ones."""
    match Channel(channel):
        case Channel.WEB | Channel.APP:
            return _ONLINE
        case Channel.KIOSK:
            return _ONLINE if policy.online_rules_at_kiosk else _AT_THE_CINEMA
        case Channel.BOX_OFFICE:
            return _AT_THE_CINEMA
