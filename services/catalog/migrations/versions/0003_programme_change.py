"""Notes what changes in the listings of a cinema, for the processes that keep them."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# That something changed which listings of a cinema show; '' means those of every cinema. Processes
# compare which rows there are. A row is added rather than a number counted up, because adding waits
# for nobody.
_TABLE = """
CREATE TABLE programme_change (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT programme_change_pkey PRIMARY KEY,
    cinema_id text NOT NULL,
    change_time timestamptz NOT NULL DEFAULT clock_timestamp()
)"""

# Triggers note them: a writer that forgot to would leave stale answers behind. Price lists and terms
# are not here: processes ask which ones are in force, because that changes without being written.
_NOTED = {
    "cinemas_of_changed": (
        "SELECT DISTINCT cinema_id FROM changed",
        ("INSERT ON screening", "UPDATE ON screening", "UPDATE ON hall"),
    ),
    "changed_cinemas": ("SELECT id FROM changed", ("UPDATE ON cinema",)),
    "all_cinemas": ("SELECT '' WHERE EXISTS (SELECT FROM changed)", ("UPDATE ON film",)),
}


def upgrade() -> None:
    op.execute(_TABLE)
    for name, (whose, events) in _NOTED.items():
        op.execute(f"""
CREATE FUNCTION note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO programme_change (cinema_id) {whose};
    RETURN NULL;
END $$""")
        for event in events:
            kind, _, table = event.partition(" ON ")
            op.execute(f"""
CREATE TRIGGER {table}_{kind.lower()}_noted AFTER {event}
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_{name}()""")


def downgrade() -> None:
    op.execute("DROP TABLE programme_change")
    for name in _NOTED:
        op.execute(f"DROP FUNCTION note_{name}() CASCADE")
