"""What persons choose about their data, who looked at it, and erasures on their way."""

from alembic import op

from services.common.db.schema import create_bus_purge_table, drop_bus_purge_table

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# A choice holds until the next one of its kind; none is ever changed, but whose it is may be forgotten.
_CHOICE = """
CREATE TABLE privacy_choice (
    id uuid PRIMARY KEY,
    account_id uuid,
    order_id uuid,
    kind text NOT NULL CHECK (kind IN ('MARKETING', 'RESTRICTION', 'OBJECTION')),
    is_given boolean NOT NULL,
    text_version text NOT NULL,
    legal_capacity boolean NOT NULL,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT privacy_choice_person CHECK (num_nonnulls(account_id, order_id) = 1),
    CONSTRAINT privacy_choice_declared CHECK (
        kind <> 'MARKETING' OR NOT is_given OR (legal_capacity AND text_version <> ''))
)"""
_ACCESS = """
CREATE TABLE privacy_access (
    id uuid PRIMARY KEY,
    account_id uuid,
    order_id uuid,
    action text NOT NULL CHECK (action IN ('EXPORT', 'RECTIFY')),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT privacy_access_person CHECK (num_nonnulls(account_id, order_id) = 1)
)"""
# Person and subject are together here only while the erasure is under way.
_ERASURE = """
CREATE TABLE erasure (
    id uuid PRIMARY KEY,
    fingerprint bytea NOT NULL,
    account_id uuid CONSTRAINT erasure_account UNIQUE,
    order_id uuid CONSTRAINT erasure_order UNIQUE,
    subject_id uuid,
    state text NOT NULL CHECK (state IN ('REQUESTED', 'WALLET_DONE', 'PAYMENT_DONE', 'DONE')),
    purchase_ids uuid[] NOT NULL DEFAULT '{}',
    asked_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT app_clock(),
    next_at timestamptz,
    retries integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    done_at timestamptz,
    CONSTRAINT erasure_end CHECK (
        (state = 'DONE') = (done_at IS NOT NULL) AND (state = 'DONE') = (next_at IS NULL)
        AND (state = 'DONE') = (subject_id IS NULL)
        AND num_nonnulls(account_id, order_id) = CASE state WHEN 'DONE' THEN 0 ELSE 1 END)
)"""
_INDEXES = (
    "CREATE INDEX privacy_choice_account ON privacy_choice (account_id, chosen_at)",
    "CREATE INDEX privacy_choice_order ON privacy_choice (order_id, chosen_at)",
    "CREATE INDEX privacy_access_account ON privacy_access (account_id, made_at)",
    "CREATE INDEX privacy_access_order ON privacy_access (order_id, made_at)",
    "CREATE INDEX erasure_due ON erasure (next_at) WHERE next_at IS NOT NULL",
)
# What was bought and what was accepted are facts: nothing rewrites them. Whose it was may be
# forgotten.
_TERMS = "BEFORE UPDATE OF gtc_version, otc_version, accepted_at, lines"
_FROZEN = f"""
CREATE TRIGGER customer_order_terms_frozen {_TERMS} ON customer_order
    FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
_OWNER_FROZEN = """
CREATE TRIGGER customer_order_owner_frozen BEFORE UPDATE OF owner ON customer_order
    FOR EACH ROW WHEN (NEW.owner NOT LIKE 'erased:%') EXECUTE FUNCTION refuse_change()"""
_FROZEN_AS_BEFORE = f"""
CREATE TRIGGER customer_order_terms_frozen {_TERMS}, owner ON customer_order
    FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
_THAW = "DROP TRIGGER {name} ON customer_order"


def upgrade() -> None:
    for statement in (_CHOICE, _ACCESS, _ERASURE, *_INDEXES):
        op.execute(statement)
    op.execute(_THAW.format(name="customer_order_terms_frozen"))
    op.execute(_FROZEN)
    op.execute(_OWNER_FROZEN)
    create_bus_purge_table(op)


def downgrade() -> None:
    drop_bus_purge_table(op)
    for name in ("customer_order_owner_frozen", "customer_order_terms_frozen"):
        op.execute(_THAW.format(name=name))
    op.execute(_FROZEN_AS_BEFORE)
    op.execute("DROP TABLE erasure, privacy_access, privacy_choice")
