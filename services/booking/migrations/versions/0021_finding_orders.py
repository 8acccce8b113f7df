"""Orders found by their buyer's e-mail address and name, whatever case and accents."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Letters without their marks, in one case, and without what people write or leave out in names.
_FOLDED = """
CREATE FUNCTION folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(translate(lower(regexp_replace(normalize(value, NFKD), '[\\u0300-\\u036f]', '', 'g')),
                       U&'-''\\2019.', ' '))"""
_INDEXES = (
    "CREATE INDEX order_contact_email ON order_contact (lower(email), order_id)",
    (
        "CREATE INDEX order_contact_name ON order_contact"
        " ((folded(last_name || ' ' || first_name)) COLLATE \"C\", order_id)"
    ),
)


def upgrade() -> None:
    op.execute(_FOLDED)
    for statement in _INDEXES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX order_contact_email, order_contact_name")
    op.execute("DROP FUNCTION folded")
