"""What we send to PayU to open an order: what payment needs, and nothing more."""

from typing import Any

from services.payment.adapters.payu.points_of_sale import PayuPointOfSale
from services.payment.use_cases.ports import NewOrder

# The card form itself, instead of the provider's list of methods.
CARD_METHOD = {"type": "PBL", "value": "c"}
MAX_DESCRIPTION_CHARACTERS = 250


def order_body(order: NewOrder, point_of_sale: PayuPointOfSale, notify_url: str) -> dict[str, Any]:
    """Write the body of an order. Amounts and times are strings, as PayU wants them."""
    opening = order.opening
    total = str(order.amount.minor_units)
    description = opening.description[:MAX_DESCRIPTION_CHARACTERS]
    body: dict[str, Any] = {
        "customerIp": opening.ip_address,
        "merchantPosId": point_of_sale.pos_id,
        "description": description,
        "currencyCode": order.amount.currency,
        "totalAmount": total,
        "products": [{"name": description, "unitPrice": total, "quantity": "1", "virtual": True}],
        "extOrderId": order.ext_order_id,
        "notifyUrl": notify_url,
        "continueUrl": opening.return_url,
        "validityTime": str(order.valid_s),
        "buyer": {
            "email": opening.email,
            "firstName": opening.first_name,
            "lastName": opening.last_name,
            "language": opening.language_code,
        },
    }
    if point_of_sale.cards_only:
        body["payMethods"] = {"payMethod": CARD_METHOD}
    return body
