"""Checks the body of a new order as strictly as the provider does."""

import ipaddress
from typing import Any

from deploy.payu_emulator.answers import PayuError, invalid, missing
from deploy.payu_emulator.settings import PointOfSale

REQUIRED = (
    *("customerIp", "merchantPosId", "description", "currencyCode", "totalAmount", "products"),
)
max_text_characters = {
    "description": 4000,
    "additionalDescription": 1024,
    "visibleDescription": 80,
    "statementDescription": 22,
    "extOrderId": 1024,
    "notifyUrl": 1024,
    "continueUrl": 1024,
}
max_products = 1000
max_amount_digits = 12
default_validity_s = "86400"


def check_new_order(body: dict[str, Any], caller: PointOfSale) -> None:
    """Raise PayuError for the first thing that is wrong with the body of a new order."""
    for field in REQUIRED:
        if body.get(field) in (None, "", []):
            raise missing(field)
    if body["merchantPosId"] != caller.pos_id:
        raise PayuError(
            403,
            "ERROR_VALUE_INVALID",
            "The access token belongs to another point of sale",
            severity="ERROR",
            literal="INVALID_AUTH_FOR_THIS_ORDER",
        )
    if body["currencyCode"] != caller.currency:
        raise PayuError(
            400,
            "ERROR_INCONSISTENT_CURRENCIES",
            f"The point of sale takes {caller.currency} only",
            severity="ERROR",
        )
    for field, limit in max_text_characters.items():
        value = body.get(field)
        if value is not None and (not isinstance(value, str) or len(value) > limit):
            raise invalid(field, f"a string of at most {limit} characters is expected")
    _check_ip(body["customerIp"])
    _check_number("totalAmount", body["totalAmount"], least=1)
    _check_number("validityTime", body.get("validityTime", default_validity_s), least=1)
    _check_products(body["products"])
    for field in ("notifyUrl", "continueUrl"):
        if body.get(field) and not body[field].startswith(("http://", "https://")):
            raise invalid(field, "an http or https address is expected")


def _check_ip(value: Any) -> None:
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise invalid("customerIp", "an IP address is expected") from error
    if address.is_unspecified:
        raise invalid("customerIp", "the unspecified address is refused")


def _check_number(field: str, value: Any, *, least: int) -> None:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise invalid(field, "a string of digits is expected")
    if len(value) > max_amount_digits or int(value) < least:
        raise invalid(field, "out of range")


def _check_products(products: Any) -> None:
    if not isinstance(products, list) or len(products) > max_products:
        raise invalid("products", f"a list of at most {max_products} is expected")
    for number, product in enumerate(products):
        if not isinstance(product, dict):
            raise invalid(f"products[{number}]", "an object is expected")
        for field in ("name", "unitPrice", "quantity"):
            if product.get(field) in (None, ""):
                raise missing(f"products[{number}].{field}")
        _check_number(f"products[{number}].unitPrice", product["unitPrice"], least=0)
        _check_number(f"products[{number}].quantity", product["quantity"], least=1)
