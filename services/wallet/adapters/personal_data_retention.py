"""Who bought a card goes when its term is over; by the services' own clock."""

from services.common.db.retention import DAY_S, RetentionRule
from services.wallet.config import WalletSettings

_BUYERS = """
UPDATE card_purchase
SET first_name = '', last_name = '', email = '', language = '', ip_address = '', return_url = '',
    redirect_url = ''
WHERE id = ANY (ARRAY(
    SELECT id FROM card_purchase
    WHERE email <> '' AND state IN ({states}) AND next_step_time IS NULL
      AND create_time < (SELECT app_clock()) - make_interval(secs => $1) LIMIT $2))"""


def personal_data_rules(settings: WalletSettings) -> list[RetentionRule]:
    """Give the rules with the terms of the settings."""
    unpaid, all_over = "'ENDED'", "'ENDED', 'PAID', 'RETURNED'"
    unpaid_s = settings.unpaid_buyers_kept_days * DAY_S
    return [
        RetentionRule("unpaid_buyer", _BUYERS.format(states=unpaid), unpaid_s),
        RetentionRule("buyer", _BUYERS.format(states=all_over), settings.buyers_kept_days * DAY_S),
    ]
