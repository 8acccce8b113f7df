"""The drawing of a plan: everything that a person looks for is in it, and nothing can break out."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from deploy.programme.draw import drawn, sample_file
from services.catalog.domain.seat_plan import (
    BlockReason,
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    SofaSale,
    Zone,
)
from services.catalog.domain.seat_plan_drawing import draw_seat_plan

PICTURE = Path(__file__).parents[3] / "docs" / "seat-plan.svg"
SVG = "{http://www.w3.org/2000/svg}"


def seat(number: int, kind: SeatKind = SeatKind.STANDARD, **changes: Any) -> Seat:
    values: dict[str, Any] = {
        "area": "STANDARD", "sofa_id": "", "x": number * 100, "y": 300
    } | changes  # fmt: skip
    return Seat(f"A{number}", str(number), kind, **values)


def a_plan(*segments: tuple[Seat, ...], **changes: Any) -> SeatPlan:
    return SeatPlan((Row("A", segments),), **changes)


def elements(plan: SeatPlan, name: str, look: str = "") -> list[Element]:
    root = fromstring(draw_seat_plan(plan))  # noqa: S314 - our own document
    return [each for each in root.iter(SVG + name) if not look or each.get("class") == look]


def texts(plan: SeatPlan) -> list[str]:
    return [each.text or "" for each in elements(plan, "text")]


def test_rows_have_their_names_at_both_ends_and_seats_their_numbers() -> None:
    plan = a_plan((seat(1), seat(2)), (seat(5),))

    written = texts(plan)

    assert written[0] == "SCREEN"
    assert written.count("A") == 2
    assert [text for text in written if text.isdigit()] == ["1", "2", "5"]
    (left,), (right,) = (elements(plan, "text", look) for look in ("row end", "row left"))
    assert [int(each.get("x", "")) for each in (left, right)] == [100 - 77, 500 + 77]


def test_an_aisle_lies_between_two_segments() -> None:
    (aisle,) = elements(a_plan((seat(1), seat(2)), (seat(5),)), "rect", "aisle")

    left = int(aisle.get("x", ""))
    assert 200 < left < left + int(aisle.get("width", "")) < 500


def test_a_sofa_is_drawn_around_its_seats() -> None:
    sofa = [seat(n, SeatKind.SOFA, sofa_id="S1") for n in (2, 3)]

    drawn_sofa, in_legend = elements(a_plan((seat(1), *sofa)), "rect", "sofa")

    left = int(drawn_sofa.get("x", ""))
    assert 100 < left < 200
    assert 300 < left + int(drawn_sofa.get("width", "")) < 400
    assert in_legend.get("width") == drawn_sofa.get("width")


def test_a_companions_seat_is_tied_to_its_wheelchair_place() -> None:
    plan = a_plan(
        (seat(1, SeatKind.WHEELCHAIR), seat(2)), (seat(4, SeatKind.COMPANION, companion_of="A1"),)
    )

    (tie,) = elements(plan, "line", "tie")

    assert (tie.get("x1"), tie.get("x2")) == ("400", "100")
    assert [each.get("href") for each in elements(plan, "use")] == [
        "#wheelchair", "#companion", "#wheelchair", "#companion",
    ]  # fmt: skip


def test_the_legend_has_what_the_plan_has_and_nothing_else() -> None:
    plain = texts(a_plan((seat(1),)))
    full = texts(
        a_plan(
            (
                seat(1, SeatKind.WHEELCHAIR),
                seat(2, SeatKind.COMPANION, companion_of="A1"),
                seat(3, SeatKind.SOFA, sofa_id="S1", area="VIP", zone_id="BACK"),
                seat(4, SeatKind.SOFA, sofa_id="S1", area="VIP", zone_id="BACK"),
                seat(5, block_reason=BlockReason.OUT_OF_ORDER),
            ),
            zones=(Zone("BACK", "În spate"),),
            sofa_sale=SofaSale.HALF_ALLOWED,
        )
    )

    assert plain[-1] == "price area STANDARD: 1 places"
    assert full[-6:] == [
        "price area STANDARD: 3 places",
        "În spate, price area VIP: 2 places",
        "sofa, half may be sold",
        "wheelchair place",
        "companion's seat, tied to its wheelchair place",
        "not for sale",
    ]


def test_a_blocked_seat_is_crossed_out_and_says_why() -> None:
    plan = a_plan((seat(1), seat(2, block_reason=BlockReason.OUT_OF_ORDER)))

    # One on the seat, one in the legend.
    assert len(elements(plan, "path", "cross")) == 2
    titles = [each.text for each in elements(plan, "title")]
    assert titles[-1] == "A2, standard, STANDARD, not for sale: out of order"


def test_the_screen_is_where_the_plan_says() -> None:
    (screen,) = elements(a_plan((seat(1),), screen=Screen(50, 10, 700)), "path", "screen")

    assert (screen.get("d") or "").startswith("M50 10H750")


def test_a_plan_without_coordinates_is_drawn_row_by_row() -> None:
    rows = tuple(
        Row(
            name,
            (
                (Seat(f"{name}1", "1", SeatKind.STANDARD, "STANDARD", "", 0, 0),),
                (Seat(f"{name}2", "2", SeatKind.STANDARD, "STANDARD", "", 0, 0),),
            ),
        )
        for name in "AB"
    )

    places = elements(SeatPlan(rows), "rect", "seat")[:4]

    assert len({(place.get("x"), place.get("y")) for place in places}) == 4


def test_no_text_breaks_out_of_the_drawing() -> None:
    evil = '</text><script>alert("1")</script>&\x00\x1b'
    plan = SeatPlan(
        (Row(evil, ((Seat("A1", evil, SeatKind.STANDARD, evil, "", 0, 0, zone_id="Z"),),)),),
        zones=(Zone("Z", evil),),
    )

    written = texts(plan)

    assert elements(plan, "script") == []
    assert '</text><script>alert("1")</script>&\ufffd\ufffd' in written


def test_the_picture_of_the_documentation_is_the_sample_hall() -> None:
    assert drawn(sample_file()) == PICTURE.read_text(encoding="utf-8")
