"""Kinds of ticket, and packages of several admissions that sell as one."""

from dataclasses import dataclass

from services.common.money import Money


@dataclass(frozen=True, slots=True)
class LocalName:
    """A text for people in one language, by its ISO 639-1 code."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Admission:
    """How many people of one ticket type a package admits."""

    ticket_type: str
    count: int


@dataclass(frozen=True, slots=True)
class TicketType:
    """A kind of ticket; `proof` is the document checked at the door, or "".

    Ages are those of the day of the screening, both included; 0 is no bound. A ticket with
    `companion_of` sells only beside one of that type, one for each. With `admissions` it is a
    package: whole or not at all.
    """

    code: str
    name: str
    proof: str
    names: tuple[LocalName, ...] = ()
    min_age_years: int = 0
    max_age_years: int = 0
    companion_of: str = ""
    admissions: tuple[Admission, ...] = ()

    @property
    def is_package(self) -> bool:
        return bool(self.admissions)


@dataclass(frozen=True, slots=True)
class GoodsItem:
    """Something sold beside tickets, such as 3D glasses; never refunded.

    `formats` are those of the screenings that it is offered for; none means all.
    """

    code: str
    name: str
    names: tuple[LocalName, ...]
    price: Money
    formats: tuple[str, ...]
