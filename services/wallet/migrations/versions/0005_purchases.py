"""Cards bought online, e-mails, and reminders before places expire."""

from alembic import op

from services.common.db.schema import create_mail_table, drop_mail_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The buyer's own data is here, and in mails on their way, and nowhere else.
_PURCHASE = """
CREATE TABLE card_purchase (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    product_code text NOT NULL,
    product_version integer NOT NULL,
    price_currency text NOT NULL CHECK (price_currency ~ '^[A-Z]{3}$'),
    price_minor_units bigint NOT NULL CHECK (price_minor_units > 0),
    state text NOT NULL CHECK (state IN ('PENDING', 'OPEN', 'GRANTED', 'PAID', 'ENDED',
                                         'RETURNING', 'RETURNED')),
    return_url text NOT NULL,
    redirect_url text NOT NULL DEFAULT '',
    refusal text,
    first_name text NOT NULL,
    last_name text NOT NULL,
    email text NOT NULL,
    language text NOT NULL,
    ip_address text NOT NULL,
    card_id uuid CONSTRAINT card_purchase_card UNIQUE REFERENCES card (id),
    create_time timestamptz NOT NULL DEFAULT app_clock(),
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    next_step_time timestamptz,
    change_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT card_purchase_product FOREIGN KEY (product_code, product_version)
        REFERENCES card_product (code, version),
    CONSTRAINT card_purchase_paid CHECK (
        (card_id IS NOT NULL) = (state IN ('PAID', 'RETURNING', 'RETURNED'))
        AND (paid_at IS NOT NULL) = (card_id IS NOT NULL)),
    CONSTRAINT card_purchase_ended CHECK ((refusal IS NOT NULL) = (state = 'ENDED'))
) WITH (fillfactor = 80)"""

_REMINDER = """
CREATE TABLE place_reminder (
    lot_id uuid PRIMARY KEY REFERENCES place_lot (id),
    remind_time timestamptz NOT NULL DEFAULT app_clock()
)"""


def upgrade() -> None:
    create_mail_table(op)
    op.execute(_PURCHASE)
    op.execute(_REMINDER)
    op.execute(
        "CREATE INDEX card_purchase_step ON card_purchase (next_step_time)"
        " WHERE next_step_time IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX place_lot_last ON place_lot (last_screening_date) WHERE places_left > 0"
    )


def downgrade() -> None:
    op.execute("DROP INDEX place_lot_last")
    op.execute("DROP TABLE place_reminder, card_purchase")
    drop_mail_table(op)
