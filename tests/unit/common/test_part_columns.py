"""How parts of a shared statement travel: plain values for one, arrays for many."""

from services.common.db.together import PartColumns

COLUMNS = PartColumns("id uuid, name text")
PARTS = [(1, "first"), (2, "second")]


def test_who_is_alone_travels_as_plain_values() -> None:
    query, arguments = COLUMNS.told(PARTS[:1])

    assert query == "SELECT $1::uuid AS id, $2::text AS name"
    assert arguments == (1, "first")


def test_those_who_come_together_travel_as_arrays() -> None:
    query, arguments = COLUMNS.told(PARTS)

    assert query == "SELECT * FROM unnest($1::uuid[], $2::text[]) AS part (id, name)"
    assert arguments == [(1, 2), ("first", "second")]


def test_columns_of_other_rows_begin_where_the_first_ones_end() -> None:
    query = COLUMNS.many(first=3)

    assert query == "SELECT * FROM unnest($3::uuid[], $4::text[]) AS part (id, name)"
