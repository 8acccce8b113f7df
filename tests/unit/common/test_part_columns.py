"""How parts of a shared statement travel: plain values for one, arrays for many."""

from services.common.db.together import PartColumns, part_arguments

COLUMNS = PartColumns("id uuid, name text")
PARTS = [(1, "first"), (2, "second")]


def test_who_is_alone_travels_as_plain_values() -> None:
    query, arguments = COLUMNS.one(), part_arguments(PARTS[:1], alone=True)

    assert query == "SELECT $1::uuid AS id, $2::text AS name"
    assert arguments == (1, "first")


def test_those_who_come_together_travel_as_arrays_from_the_first_parameter_on() -> None:
    query, arguments = COLUMNS.many(first=3), part_arguments(PARTS, alone=False)

    assert query == "SELECT * FROM unnest($3::uuid[], $4::text[]) AS part (id, name)"
    assert arguments == [(1, 2), ("first", "second")]
