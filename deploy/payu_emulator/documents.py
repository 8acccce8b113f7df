"""Orders and refunds as the provider writes them: every number a string."""

import json
from typing import Any

from deploy.payu_emulator.clock import timestamp
from deploy.payu_emulator.order import Notification, Order, Refund, Status


def order_document(order: Order, status: str) -> dict[str, Any]:
    request = order.request
    document = {
        "orderId": order.order_id,
        "extOrderId": order.ext_order_id,
        "orderCreateDate": timestamp(order.created_at),
        "notifyUrl": request.get("notifyUrl"),
        "customerIp": request["customerIp"],
        "merchantPosId": order.pos_id,
        "description": request["description"],
        "additionalDescription": request.get("additionalDescription"),
        "visibleDescription": request.get("visibleDescription"),
        "validityTime": request.get("validityTime"),
        "currencyCode": order.currency,
        "totalAmount": str(order.total),
        "buyer": request.get("buyer"),
        "payMethod": {"type": "CARD_TOKEN"} if order.transactions else None,
        "products": request["products"],
        "status": status,
    }
    return {name: value for name, value in document.items() if value is not None}


def properties(order: Order) -> list[dict[str, str]]:
    if not order.transactions:
        return []
    return [{"name": "PAYMENT_ID", "value": order.payment_id}]


def refund_document(order: Order, refund: Refund) -> dict[str, Any]:
    document: dict[str, Any] = {
        "refundId": refund["refund_id"],
        "extRefundId": refund["ext_refund_id"],
        "amount": str(refund["amount"]),
        "currencyCode": order.currency,
        "description": refund["description"],
        "creationDateTime": timestamp(refund["created_at"]),
        "status": refund["status"],
        "statusDateTime": timestamp(refund["changed_at"]),
    }
    if refund["status"] == "CANCELED" and refund["fails_with"]:
        document["statusError"] = {
            "code": refund["fails_with"],
            "description": "The refund could not be carried out",
        }
    return {name: value for name, value in document.items() if value is not None}


def notification_body(order: Order, notice: Notification) -> bytes:
    """Write the raw body: the same bytes at every attempt, as the receiver may hash them."""
    body = _order_body(order, notice) if notice["kind"] == "order" else _refund_body(order, notice)
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _order_body(order: Order, notice: Notification) -> dict[str, Any]:
    body: dict[str, Any] = {"order": order_document(order, notice["status"]) | notice["fields"]}
    if notice["status"] == Status.COMPLETED:
        body["localReceiptDateTime"] = timestamp(notice["at"])
    return body | {"properties": properties(order)}


def _refund_body(order: Order, notice: Notification) -> dict[str, Any]:
    refund = next(each for each in order.refunds if each["refund_id"] == notice["refund_id"])
    written = {
        "refundId": refund["refund_id"],
        "extRefundId": refund["ext_refund_id"],
        "amount": str(refund["amount"]),
        "currencyCode": order.currency,
        "status": notice["status"],
        "statusDateTime": timestamp(notice["at"]),
        "reason": "refund",
        "reasonDescription": refund["description"],
        "refundDate": timestamp(refund["created_at"]),
    }
    written = {name: value for name, value in written.items() if value is not None}
    names = {"orderId": order.order_id, "extOrderId": order.ext_order_id}
    return {name: value for name, value in names.items() if value} | {
        "refund": written | notice["fields"]
    }
