"""Reads what PayU sends by itself: which key signed it, and what it says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.payment.adapters.payu.points_of_sale import PayuPointOfSale, PointsOfSale
from services.payment.adapters.payu.refunds import UnreadableRefundError, read_refund_document
from services.payment.adapters.payu.signatures import is_signed, read_header
from services.payment.adapters.payu.statuses import (
    MAX_ID_CHARACTERS,
    UnreadableOrderError,
    read_order,
)
from services.payment.domain.refund import RefundReport
from services.payment.domain.report import OrderReport
from services.payment.use_cases.ports import ForgedNotificationError, NotificationFacts


@dataclass(frozen=True, slots=True)
class NotificationReader:
    """Believes nothing before the signature over the raw bytes is right."""

    points_of_sale: PointsOfSale
    allowed_hashes: frozenset[str]

    def read(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[NotificationFacts, OrderReport | RefundReport | None]:
        """Verify and read. No report for what tells nothing, or cannot be read.

        Raises ForgedNotificationError. Of the body only IDs, status and amount are kept: the
        buyer's data and the card's are the provider's business.
        """
        document = _object(body)
        order, refund = _part(document, "order"), _part(document, "refund")
        signer = self._signer(body, headers, _text(order or refund, "currencyCode"))
        report = _report(document, signer)
        named = order or document
        status = f"REFUND {_text(refund, 'status')}" if refund else _text(named, "status")
        facts = NotificationFacts(
            digest=hashlib.sha256(body).digest(),
            pos_id=signer.pos_id,
            ext_order_id=_text(named, "extOrderId"),
            provider_order_id=_text(named, "orderId"),
            status=status or "UNREADABLE",
        )
        return facts, report

    def _signer(self, body: bytes, headers: Mapping[str, str], currency: str) -> PayuPointOfSale:
        """Find whose key signed it; the currency it names only says which key to try first."""
        header = read_header(headers)
        for candidate in self.points_of_sale.beginning_with(currency):
            if is_signed(body, header, candidate.signing_keys, self.allowed_hashes):
                return candidate
        raise ForgedNotificationError


def _report(document: dict[str, Any], signer: PayuPointOfSale) -> OrderReport | RefundReport | None:
    if "order" not in document:
        return _refund_report(document, signer)
    try:
        report = read_order(document["order"], proved=False)
    except UnreadableOrderError:
        return None
    # One shop's key proves nothing about another shop's orders.
    return report if report.pos_id == signer.pos_id else None


def _refund_report(document: dict[str, Any], signer: PayuPointOfSale) -> RefundReport | None:
    try:
        return read_refund_document(
            document.get("refund"),
            pos_id=signer.pos_id,
            provider_order_id=_text(document, "orderId"),
            proved=False,
        )
    except UnreadableRefundError:
        return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str):
        return ""
    return value[:MAX_ID_CHARACTERS].replace("\x00", "")
