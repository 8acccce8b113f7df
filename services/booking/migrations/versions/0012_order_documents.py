"""Lines, legs and timeline of an order are documents of its row, shown as tables by views."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = """
ALTER TABLE customer_order
    ADD COLUMN lines json NOT NULL DEFAULT '[]',
    ADD COLUMN legs json NOT NULL DEFAULT '[]',
    ADD COLUMN timeline text[] NOT NULL DEFAULT '{}',
    -- A row of some kilobytes stays whole: compressing it costs more than the space is worth.
    SET (toast_tuple_target = 8160)"""
_FILL = """
UPDATE customer_order o SET
    lines = (SELECT coalesce(json_agg(json_build_object(
            'seat_id', l.seat_id, 'row_name', l.row_name, 'seat_number', l.seat_number,
            'area', l.area, 'ticket_type', l.ticket_type, 'proof', l.proof, 'price', l.price,
            'supplement', l.supplement, 'service_fee', l.service_fee,
            'regular_price', l.regular_price, 'package', l.package,
            'package_number', l.package_number, 'allocations',
            (SELECT coalesce(json_agg(json_build_array(a.part, a.leg, a.amount)
                                      ORDER BY a.part, a.leg), '[]')
             FROM order_allocation a WHERE a.screening_id = l.screening_id
               AND a.order_id = l.order_id AND a.position = l.position)) ORDER BY l.position), '[]')
        FROM order_line l WHERE l.screening_id = o.screening_id AND l.order_id = o.id),
    legs = (SELECT coalesce(json_agg(json_build_object(
            'name', g.name, 'kind', g.kind, 'state', g.state, 'attempt', g.attempt,
            'amount', g.amount, 'card_id', g.card_id, 'seat_ids', g.seat_ids,
            'retries', g.retries, 'last_error', g.last_error, 'voucher_id', g.voucher_id,
            'holder_checked', g.holder_checked)
            ORDER BY g.name), '[]')
        FROM order_leg g WHERE g.screening_id = o.screening_id AND g.order_id = o.id),
    timeline = ARRAY(SELECT json_build_array(t.time,
            json_build_array(json_build_array(t.what, t.detail)))::text
        FROM order_timeline t WHERE t.screening_id = o.screening_id AND t.order_id = o.id
        ORDER BY t.version, t.position)"""
_LINES = """
CREATE VIEW order_line AS
SELECT o.screening_id, o.id AS order_id, l.*
FROM customer_order o CROSS JOIN ROWS FROM (json_to_recordset(o.lines) AS (seat_id text,
    row_name text, seat_number text, area text, ticket_type text, proof text, price bigint,
    supplement bigint, service_fee bigint, regular_price bigint, package text,
    package_number integer, allocations json)) WITH ORDINALITY AS l (seat_id, row_name,
    seat_number, area, ticket_type, proof, price, supplement, service_fee, regular_price, package,
    package_number, allocations, position)"""
_ALLOCATIONS = """
CREATE VIEW order_allocation AS
SELECT l.screening_id, l.order_id, l.position, share ->> 0 AS part, share ->> 1 AS leg,
    (share ->> 2)::bigint AS amount
FROM order_line l CROSS JOIN json_array_elements(l.allocations) AS share"""
_LEGS = """
CREATE VIEW order_leg AS
SELECT o.screening_id, o.id AS order_id, g.*
FROM customer_order o CROSS JOIN json_to_recordset(o.legs) AS g (name text, kind text,
    state text, attempt integer, amount bigint, card_id uuid, seat_ids text[], retries integer,
    last_error text, voucher_id uuid, holder_checked boolean)"""
# What was bought and what was accepted are facts: nothing rewrites them.
_FROZEN = """
CREATE TRIGGER customer_order_terms_frozen
    BEFORE UPDATE OF gtc_version, otc_version, accepted_at, owner, lines ON customer_order
    FOR EACH ROW EXECUTE FUNCTION refuse_change()"""


def upgrade() -> None:
    op.execute(_COLUMNS)
    op.execute(_FILL)
    op.execute("DROP TABLE order_line, order_allocation, order_leg, order_timeline")
    op.execute("ALTER TABLE customer_order ALTER COLUMN lines DROP DEFAULT,"
               " ALTER COLUMN legs DROP DEFAULT, ALTER COLUMN timeline DROP DEFAULT")  # fmt: skip
    for statement in (_LINES, _ALLOCATIONS, _LEGS):
        op.execute(statement)
    op.execute("DROP TRIGGER customer_order_terms_frozen ON customer_order")
    op.execute(_FROZEN)


def downgrade() -> None:
    raise NotImplementedError("the former tables of orders are not made again")
