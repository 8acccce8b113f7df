"""What must hold of a price list before it is stored; each refusal names the fields."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from services.catalog.domain.errors import NegativePriceError, WrongCurrencyError
from services.catalog.domain.price_lines import PriceLine
from services.catalog.domain.prices import Prices
from services.catalog.domain.ticket_types import TicketType
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money

MAX_NAMED_FIELDS = 20
MIN_PACKAGE_ADMISSIONS = 2


def must_be_sound(prices: Prices, currency: str) -> None:
    """Raise WRONG_CURRENCY, NEGATIVE_PRICE or INVALID_FIELD, naming the fields."""
    amounts = list(_amounts(prices))
    if foreign := _named(
        (path, f"must be in {currency}") for path, amount in amounts if amount.currency != currency
    ):
        raise WrongCurrencyError(currency, foreign)
    if negative := _named(
        (path, "must not be below zero") for path, amount in amounts if amount.minor_units < 0
    ):
        raise NegativePriceError(negative)
    if violations := _named(
        (f"price_list.{path}", why)
        for rule in (_types, _packages, _lines, _splits, _ties, _supplements, _goods, _names)
        for path, why in rule(prices)
    ):
        raise InvalidRequestError(*violations)


def _named(found: Iterable[tuple[str, str]]) -> list[FieldViolation]:
    return [FieldViolation(path, why) for path, why in islice(found, MAX_NAMED_FIELDS)]


def _amounts(prices: Prices) -> Iterator[tuple[str, Money]]:
    for index, line in enumerate(prices.lines):
        yield f"price_list.lines[{index}].price", line.price
        for part, each in enumerate(line.admission_prices):
            yield f"price_list.lines[{index}].admission_prices[{part}].price", each.price
    for index, supplement in enumerate(prices.supplements):
        yield f"price_list.supplements[{index}].supplement", supplement.supplement
    for index, item in enumerate(prices.goods):
        yield f"price_list.goods[{index}].price", item.price
    yield "price_list.service_fee", prices.service_fee


def _types(prices: Prices) -> Iterator[tuple[str, str]]:
    yield from _twice("ticket_types[{}].code", [each.code for each in prices.ticket_types])
    for index, each in enumerate(prices.ticket_types):
        if each.max_age_years and each.min_age_years > each.max_age_years:
            yield f"ticket_types[{index}].max_age_years", "must not be below min_age_years"
        if each.companion_of and (
            each.companion_of == each.code or not _is_single(prices, each.companion_of)
        ):
            yield f"ticket_types[{index}].companion_of", "must be another single ticket type"


def _packages(prices: Prices) -> Iterator[tuple[str, str]]:
    for index, package in enumerate(prices.ticket_types):
        path = f"ticket_types[{index}].admissions"
        yield from _twice(path + "[{}].ticket_type", [a.ticket_type for a in package.admissions])
        for part, each in enumerate(package.admissions):
            if not _is_single(prices, each.ticket_type):
                yield f"{path}[{part}].ticket_type", "must be a single ticket type of the list"
        admitted = sum(each.count for each in package.admissions)
        if package.is_package and admitted < MIN_PACKAGE_ADMISSIONS:
            yield path, f"must admit {MIN_PACKAGE_ADMISSIONS} or more"


def _is_single(prices: Prices, code: str) -> bool:
    ticket_type = prices.types.get(code)
    return ticket_type is not None and not ticket_type.is_package


def _lines(prices: Prices) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(prices.lines):
        if line.ticket_type not in prices.types:
            yield f"lines[{index}].ticket_type", "is not one of the ticket types"
        if line.minutes <= 0:
            yield f"lines[{index}].local_start_before", "must be later than local_start_from"


def _splits(prices: Prices) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(prices.lines):
        ticket_type = prices.types.get(line.ticket_type)
        if ticket_type is None:
            continue
        if sorted(each.ticket_type for each in line.admission_prices) != sorted(
            each.ticket_type for each in ticket_type.admissions
        ):
            yield f"lines[{index}].admission_prices", "must price each admission of the package"
        elif ticket_type.is_package and _split_of(line, ticket_type) != line.price.minor_units:
            yield f"lines[{index}].admission_prices", "must add up to the price"


def _split_of(line: PriceLine, package: TicketType) -> int:
    """Add up as whole numbers: a sum out of range must be refused, not fail."""
    counts = {each.ticket_type: each.count for each in package.admissions}
    return sum(each.price.minor_units * counts[each.ticket_type] for each in line.admission_prices)


def _ties(prices: Prices) -> Iterator[tuple[str, str]]:
    groups: dict[tuple[str, str, str, int, int], list[int]] = {}
    for index, line in enumerate(prices.lines):
        group = groups.setdefault(line.group(), [])
        for earlier in group:
            if line.ties_with(prices.lines[earlier]):
                yield f"lines[{index}]", f"ties with lines[{earlier}]: none is more specific"
                break
        group.append(index)


def _supplements(prices: Prices) -> Iterator[tuple[str, str]]:
    yield from _twice("supplements[{}].format", [each.format for each in prices.supplements])


def _goods(prices: Prices) -> Iterator[tuple[str, str]]:
    yield from _twice("goods[{}].code", [each.code for each in prices.goods])


def _names(prices: Prices) -> Iterator[tuple[str, str]]:
    named = [(f"ticket_types[{i}].names", each.names) for i, each in enumerate(prices.ticket_types)]
    named += [(f"goods[{i}].names", each.names) for i, each in enumerate(prices.goods)]
    named.append(("service_fee_descriptions", prices.fee_descriptions))
    for path, names in named:
        yield from _twice(path + "[{}].language_code", [each.language for each in names])


def _twice(path: str, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield path.format(index), "is there twice"
        seen.add(key)
