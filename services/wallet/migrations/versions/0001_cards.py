"""Card products, cards with their lots, ledger and reservations, and vouchers."""

from alembic import op

from services.common.db.schema import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Terms never change: new terms are a new version, and cards keep the version they were issued under.
_PRODUCT = """
CREATE TABLE card_product (
    code text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    name text NOT NULL,
    places integer NOT NULL CHECK (places > 0),
    formats text[] NOT NULL,
    supplements_included boolean NOT NULL,
    areas text[] NOT NULL,
    event_kinds text[] NOT NULL,
    weekdays integer[] NOT NULL,
    valid_on_holidays boolean NOT NULL,
    cinema_ids text[] NOT NULL,
    max_seats_per_screening integer NOT NULL CHECK (max_seats_per_screening >= 0),
    conditions text NOT NULL,
    conditions_version text NOT NULL,
    define_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT card_product_pkey PRIMARY KEY (code, version)
)"""

_BATCH = """
CREATE TABLE card_batch (
    id uuid PRIMARY KEY,
    product_code text NOT NULL,
    product_version integer NOT NULL,
    cards integer NOT NULL CHECK (cards > 0),
    last_screening_date date NOT NULL,
    reason text NOT NULL,
    issued_by text NOT NULL,
    issue_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT card_batch_product FOREIGN KEY (product_code, product_version)
        REFERENCES card_product (code, version)
)"""

# The number is kept twice, never readable: as a keyed hash to find it, and sealed to show it to its
# owner. Both keys lie outside of the database, each under its ID.
_CARD = """
CREATE TABLE card (
    id uuid PRIMARY KEY,
    batch_id uuid NOT NULL REFERENCES card_batch (id),
    product_code text NOT NULL,
    product_version integer NOT NULL,
    number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
    number_hash_key text NOT NULL,
    number_sealed bytea NOT NULL,
    number_seal_key text NOT NULL,
    last_four text NOT NULL CHECK (length(last_four) = 4),
    state text NOT NULL CHECK (state IN ('ISSUED', 'REGISTERED', 'VOID')),
    account_id uuid,
    register_time timestamptz,
    event_version bigint NOT NULL CHECK (event_version > 0),
    CONSTRAINT card_number UNIQUE (number_hash),
    CONSTRAINT card_product FOREIGN KEY (product_code, product_version)
        REFERENCES card_product (code, version),
    CONSTRAINT card_owner CHECK (
        (account_id IS NULL) = (register_time IS NULL)
        AND (state <> 'ISSUED' OR account_id IS NULL)
        AND (state <> 'REGISTERED' OR account_id IS NOT NULL))
) WITH (fillfactor = 80)"""

# The balances of a lot are the sums of its entries, kept here so that they can be locked and
# checked.
_LOT = """
CREATE TABLE place_lot (
    id uuid PRIMARY KEY,
    card_id uuid NOT NULL REFERENCES card (id),
    last_screening_date date NOT NULL,
    places_left integer NOT NULL CHECK (places_left >= 0),
    places_reserved integer NOT NULL CHECK (places_reserved >= 0),
    places_used integer NOT NULL CHECK (places_used >= 0)
) WITH (fillfactor = 80)"""

# Without a foreign key to the card: its check would wait for the card's lock, and the key's row is
# taken before the card is locked.
_RESERVATION = """
CREATE TABLE reservation (
    order_id uuid NOT NULL,
    leg text NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    account_id uuid,
    card_id uuid,
    screening_id uuid,
    seats jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('RESERVED', 'CAPTURED', 'RELEASED', 'RESTORED')),
    reserve_time timestamptz NOT NULL DEFAULT app_clock(),
    change_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    ask_time timestamptz,
    CONSTRAINT reservation_pkey PRIMARY KEY (order_id, leg, attempt),
    CONSTRAINT reservation_tombstone CHECK (card_id IS NOT NULL OR state = 'RELEASED'),
    CONSTRAINT reservation_asks CHECK ((ask_time IS NOT NULL) = (state = 'RESERVED'))
) WITH (fillfactor = 80)"""

# The unique key is the last guard: a place of a leg makes each of its steps once.
_ENTRY = """
CREATE TABLE place_entry (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card_id uuid NOT NULL,
    lot_id uuid NOT NULL REFERENCES place_lot (id),
    kind text NOT NULL
        CHECK (kind IN ('ISSUE', 'RESERVE', 'CAPTURE', 'RELEASE', 'RESTORE', 'GRACE')),
    left_delta integer NOT NULL,
    reserved_delta integer NOT NULL,
    used_delta integer NOT NULL,
    order_id uuid,
    leg text,
    attempt integer,
    seat_id text,
    occur_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT place_entry_step UNIQUE (order_id, leg, attempt, seat_id, kind),
    CONSTRAINT place_entry_leg CHECK (
        (kind = 'ISSUE') = (order_id IS NULL) AND (order_id IS NULL) = (seat_id IS NULL)
        AND (order_id IS NULL) = (leg IS NULL) AND (order_id IS NULL) = (attempt IS NULL))
)"""

_VOUCHER = """
CREATE TABLE voucher (
    id uuid PRIMARY KEY,
    remedy_id uuid NOT NULL,
    order_id uuid NOT NULL,
    account_id uuid,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    value_minor_units bigint NOT NULL CHECK (value_minor_units > 0),
    left_minor_units bigint NOT NULL
        CHECK (left_minor_units BETWEEN 0 AND value_minor_units),
    last_screening_date date NOT NULL,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    code_hash_key text NOT NULL,
    code_sealed bytea NOT NULL,
    code_seal_key text NOT NULL,
    event_version bigint NOT NULL CHECK (event_version > 0),
    issue_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT voucher_remedy UNIQUE (remedy_id),
    CONSTRAINT voucher_code UNIQUE (code_hash)
)"""

_VOUCHER_ENTRY = """
CREATE TABLE voucher_entry (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voucher_id uuid NOT NULL REFERENCES voucher (id),
    kind text NOT NULL CHECK (kind = 'ISSUE'),
    left_delta bigint NOT NULL,
    occur_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT voucher_entry_step UNIQUE (voucher_id, kind)
)"""

_INDEXES = (
    "CREATE INDEX card_account ON card (account_id, register_time DESC, id DESC)",
    "CREATE INDEX place_lot_card ON place_lot (card_id, last_screening_date, id)",
    "CREATE INDEX place_entry_lot ON place_entry (lot_id)",
    "CREATE INDEX reservation_ask ON reservation (ask_time) WHERE state = 'RESERVED'",
    "CREATE INDEX reservation_card ON reservation (card_id, screening_id)",
)

# The first product; more come through DefineProduct.
_FIRST_PRODUCT = """
INSERT INTO card_product (
    code, version, name, places, formats, supplements_included, areas, event_kinds, weekdays,
    valid_on_holidays, cinema_ids, max_seats_per_screening, conditions, conditions_version)
VALUES (
    'carte-3', 1, 'Carte 3 places', 3, '{2D,3D,IMAX,4DX}', false, '{STANDARD}', '{FILM}', '{}',
    true, '{}', 0,
    'Three places for films in the standard area. Each place pays the base price of one seat;'
    ' format supplements are paid in money. Valid for screenings up to the date on the card.',
    '1')"""


def upgrade() -> None:
    create_chassis_tables(op)
    for statement in (
        _PRODUCT,
        _BATCH,
        _CARD,
        _LOT,
        _RESERVATION,
        _ENTRY,
        _VOUCHER,
        _VOUCHER_ENTRY,
        *_INDEXES,
        _FIRST_PRODUCT,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE voucher_entry, voucher, place_entry, reservation, place_lot, card, card_batch,"
        " card_product"
    )
    drop_chassis_tables(op)
