"""Loyalty points, profiles, birthday places, and cards that come into a wallet by themselves."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The balances of an account are the sums of its entries, kept here to be locked and checked.
_ACCOUNT = """
CREATE TABLE point_account (
    account_id uuid PRIMARY KEY,
    pending integer NOT NULL DEFAULT 0 CHECK (pending >= 0),
    balance integer NOT NULL DEFAULT 0 CHECK (balance >= 0),
    debt integer NOT NULL DEFAULT 0 CHECK (debt >= 0)
) WITH (fillfactor = 80)"""

# One lot for each order, and one for each time that staff give some.
_LOT = """
CREATE TABLE point_lot (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES point_account (account_id),
    order_id uuid CONSTRAINT point_lot_order UNIQUE,
    state text NOT NULL CHECK (state IN ('PENDING', 'POSTED', 'VOID')),
    points integer NOT NULL CHECK (points > 0),
    points_left integer NOT NULL CHECK (points_left BETWEEN 0 AND points),
    post_time timestamptz,
    last_date date,
    told_expiry boolean NOT NULL DEFAULT false,
    CONSTRAINT point_lot_lasts CHECK (state <> 'POSTED' OR last_date IS NOT NULL),
    CONSTRAINT point_lot_waits CHECK (state <> 'PENDING' OR post_time IS NOT NULL)
) WITH (fillfactor = 80)"""

_ENTRY = """
CREATE TABLE point_entry (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES point_account (account_id),
    kind text NOT NULL CHECK (kind IN ('EARN', 'POST', 'VOID', 'REDEEM', 'EXPIRE', 'CREDIT',
                                       'DEBIT', 'TAKE_BACK')),
    pending_delta integer NOT NULL,
    balance_delta integer NOT NULL,
    debt_delta integer NOT NULL,
    lot_id uuid,
    order_id uuid,
    card_id uuid,
    reason text NOT NULL DEFAULT '',
    occur_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT point_entry_step UNIQUE (order_id, kind)
)"""

# All that is personal is here, and nowhere else but in mails on their way.
_PROFILE = """
CREATE TABLE profile (
    account_id uuid PRIMARY KEY,
    birth_date date,
    surname text NOT NULL,
    email text NOT NULL,
    language text NOT NULL,
    reminders_agreed boolean NOT NULL,
    agree_time timestamptz,
    change_time timestamptz NOT NULL DEFAULT app_clock()
)"""

_BIRTHDAY = """
CREATE TABLE birthday_place (
    account_id uuid NOT NULL,
    year integer NOT NULL,
    card_id uuid NOT NULL REFERENCES card (id),
    CONSTRAINT birthday_place_pkey PRIMARY KEY (account_id, year)
)"""

_ACCOUNT_EVENTS = """
CREATE TABLE account_version (
    account_id uuid PRIMARY KEY,
    event_version bigint NOT NULL CHECK (event_version > 0)
)"""

_INDEXES = (
    "CREATE INDEX point_lot_account ON point_lot (account_id) WHERE state <> 'VOID'",
    "CREATE INDEX point_lot_post ON point_lot (post_time) WHERE state = 'PENDING'",
    "CREATE INDEX point_lot_last ON point_lot (last_date) WHERE points_left > 0",
    "CREATE INDEX point_entry_account ON point_entry (account_id, number DESC)",
    (
        "CREATE INDEX profile_birthday ON profile"
        " (extract(month FROM birth_date), extract(day FROM birth_date)) WHERE birth_date IS NOT NULL"
    ),
)


def upgrade() -> None:
    for statement in (_ACCOUNT, _LOT, _ENTRY, _PROFILE, _BIRTHDAY, _ACCOUNT_EVENTS, *_INDEXES):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE account_version, birthday_place, profile, point_entry, point_lot, point_account"
    )
