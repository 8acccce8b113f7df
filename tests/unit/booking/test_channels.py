"""Which rules of the online terms hold at which door."""

import pytest

from services.booking.domain.channels import Channel, rules_of
from tests.kit.booking_order_builders import a_policy

ALL = (True, True, True, True, True)
NONE = (False, False, False, False, False)


@pytest.mark.rule("OTC-1b")
@pytest.mark.parametrize(
    ("channel", "kiosks_are_online", "expected"),
    [
        ("WEB", False, ALL),
        ("APP", False, ALL),
        ("KIOSK", False, NONE),
        ("KIOSK", True, ALL),
        ("BOX_OFFICE", False, NONE),
        ("BOX_OFFICE", True, NONE),
    ],
)
def test_limit_fee_acceptance_provider_and_gap_rule_hold_online_and_not_for_staff(
    channel: str, expected: tuple[bool, ...], *, kiosks_are_online: bool
) -> None:
    policy = a_policy(online_rules_at_kiosk=kiosks_are_online)

    rules = rules_of(channel, policy)

    assert (
        rules.limits_tickets,
        rules.charges_service_fee,
        rules.needs_acceptance,
        rules.pays_by_provider,
        rules.obeys_gap_rule,
    ) == expected


def test_every_door_has_its_rules_and_another_one_has_none() -> None:
    assert {channel.value for channel in Channel} == {"WEB", "APP", "KIOSK", "BOX_OFFICE"}
    with pytest.raises(ValueError, match="PHONE"):
        rules_of("PHONE", a_policy())
