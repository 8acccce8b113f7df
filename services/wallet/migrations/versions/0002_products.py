"""All kinds of products as data: personal ones, prices, validity, refund vouchers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = """
ALTER TABLE card_product
    ADD COLUMN kind text NOT NULL DEFAULT 'PLACE_CARD'
        CHECK (kind IN ('PLACE_CARD', 'NOMINATIVE', 'VOUCHER')),
    ADD COLUMN supplement_formats text[] NOT NULL DEFAULT '{}',
    ADD COLUMN validity_days integer NOT NULL DEFAULT 0 CHECK (validity_days >= 0),
    ADD COLUMN price_currency text CHECK (price_currency ~ '^[A-Z]{3}$'),
    ADD COLUMN price_minor_units bigint CHECK (price_minor_units > 0),
    ADD COLUMN points_price integer NOT NULL DEFAULT 0 CHECK (points_price >= 0),
    ADD COLUMN partly_usable boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT card_product_price
        CHECK ((price_currency IS NULL) = (price_minor_units IS NULL)),
    ADD CONSTRAINT card_product_lasts
        CHECK (validity_days > 0 OR (price_currency IS NULL AND points_price = 0)),
    DROP CONSTRAINT card_product_places_check,
    ADD CONSTRAINT card_product_places_check CHECK (places >= 0)"""

_SEED = """
INSERT INTO card_product (
    code, version, name, places, formats, supplements_included, areas, event_kinds, weekdays,
    valid_on_holidays, cinema_ids, max_seats_per_screening, conditions, conditions_version, kind,
    validity_days, price_currency, price_minor_units, points_price, partly_usable)
VALUES (
    :code, :version, :name, :places, '{}', :supplements_included, '{STANDARD}', '{FILM}',
    CAST(:weekdays AS integer[]), :valid_on_holidays, '{}', :max_seats_per_screening, :conditions,
    '1', :kind, :validity_days, :price_currency, :price_minor_units, :points_price,
    :partly_usable)"""

_PLACE = "Each place pays the base price of one seat in the standard area, for films."
_MONEY = " Format supplements are paid in money."
_INCLUDED = " Format supplements are included."
_DATE = " A place is valid for screenings up to its last date, that date included."
_PLAIN = _PLACE + _MONEY + _DATE
_WORKING_DAYS = [1, 2, 3, 4, 5]
_NOT_AT_WEEKENDS = " From Monday to Friday, public holidays excepted."

# What the chain starts with. The prices are samples: DefineProduct gives a product its next terms.
_PRODUCTS: tuple[dict[str, Any], ...] = (
    {"code": "place-2d", "name": "Place 2D", "places": 1, "conditions": _PLAIN},
    {
        "code": "place-technology",
        "name": "Place with technology supplements",
        "places": 1,
        "supplements_included": True,
        "conditions": _PLACE + _INCLUDED + _DATE,
    },
    {
        "code": "carte-3",
        "version": 2,
        "name": "Carte 3 places",
        "places": 3,
        "conditions": _PLAIN,
        "validity_days": 180,
        "price_currency": "RON",
        "price_minor_units": 7_500,
    },
    {
        "code": "carte-5",
        "name": "Carte 5 places",
        "places": 5,
        "conditions": _PLAIN,
        "validity_days": 180,
        "price_currency": "RON",
        "price_minor_units": 11_500,
    },
    {"code": "invitation", "name": "Invitation", "places": 1, "conditions": _PLAIN},
    {
        "code": "birthday",
        "name": "Birthday place",
        "places": 1,
        "conditions": _PLAIN,
        "validity_days": 30,
    },
    {
        "code": "loyalty-5-7",
        "name": "Loyalty place 5/7",
        "places": 1,
        "weekdays": _WORKING_DAYS,
        "valid_on_holidays": False,
        "conditions": _PLACE + _NOT_AT_WEEKENDS + _MONEY + _DATE,
        "validity_days": 90,
        "points_price": 240,
    },
    {
        "code": "loyalty-7-7",
        "name": "Loyalty place 7/7",
        "places": 1,
        "conditions": _PLAIN,
        "validity_days": 90,
        "points_price": 300,
    },
    {
        "code": "nominative",
        "name": "Invitation Permanente",
        "places": 0,
        "max_seats_per_screening": 1,
        "kind": "NOMINATIVE",
        "conditions": "One seat of each screening in the standard area, for the person named on the"
        " card alone, who shows it at the door." + _MONEY,
    },
    {
        "code": "refund-voucher",
        "name": "Refund voucher",
        "places": 0,
        "kind": "VOUCHER",
        "partly_usable": True,
        "conditions": "Pays tickets up to its value, in one order or in several, and is never paid"
        " out. It is valid for screenings up to its last date, that date included.",
    },
)
_DEFAULTS: dict[str, Any] = {
    "version": 1,
    "supplements_included": False,
    "weekdays": [],
    "valid_on_holidays": True,
    "max_seats_per_screening": 0,
    "kind": "PLACE_CARD",
    "validity_days": 0,
    "price_currency": None,
    "price_minor_units": None,
    "points_price": 0,
    "partly_usable": False,
}


def upgrade() -> None:
    op.execute(_COLUMNS)
    for product in _PRODUCTS:
        op.execute(sa.text(_SEED).bindparams(**{**_DEFAULTS, **product}))


def downgrade() -> None:
    op.execute("DELETE FROM card_product WHERE (code, version) <> ('carte-3', 1)")
    op.execute(
        "ALTER TABLE card_product DROP COLUMN kind, DROP COLUMN supplement_formats,"
        " DROP COLUMN validity_days, DROP COLUMN price_currency, DROP COLUMN price_minor_units,"
        " DROP COLUMN points_price, DROP COLUMN partly_usable,"
        " DROP CONSTRAINT card_product_places_check,"
        " ADD CONSTRAINT card_product_places_check CHECK (places > 0)"
    )
