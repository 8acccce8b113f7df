"""Scripted misbehaviour: for everything, for one kind of call, or for one order."""

import json
import random
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from deploy.payu_emulator.order import Order
from deploy.payu_emulator.record import Record
from deploy.payu_emulator.signature import ALGORITHMS

max_faults = 1000
OPERATIONS = frozenset(
    {
        *("any", "token", "create", "read", "transactions", "cancel", "capture", "put_status"),
        *("refund", "read_refunds", "read_refund", "show_page", "page"),
    }
)
CALL_KINDS = frozenset({"answer", "slow", "outage", "late_answer", "lost_answer"})
REFUND_KINDS = frozenset({"no_balance", "refund_canceled"})
NOTIFICATION_KINDS = frozenset(
    {
        *("duplicate", "drop", "delay", "reorder", "stale", "alter"),
        *("bad_signature", "no_signature", "algorithm"),
    }
)
KINDS = CALL_KINDS | REFUND_KINDS | NOTIFICATION_KINDS


OPTIONAL_FIELDS = frozenset({"order", "status", "times", "amount"})


class FaultError(ValueError):
    """A script that the emulator does not understand."""


@dataclass
class Fault:
    """One rule of the script.

    `order` is an orderId, an extOrderId, or the beginning of one with a `*`; null is every order.
    `amount` limits it to orders of this total in minor units.
    `on` limits call faults to an operation, `status` notification faults to an order or refund
    status. `times` is how often it still strikes, null for ever; `share` (0..1) how probably.
    """

    kind: str
    on: str = "any"
    order: str | None = None
    status: str | None = None
    times: int | None = None
    amount: int | None = None
    share: float = 1.0
    delay_ms: int = 0
    http_status: int = 503
    body: str = "envelope"
    copies: int = 1
    error_code: str = "PROVIDER_DECLINED"
    algorithm: str = "MD5"
    fields: dict[str, Any] = field(default_factory=dict)
    fault_id: str = field(default_factory=lambda: uuid4().hex)

    def concerns(self, names: tuple[str | None, ...]) -> bool:
        if self.order is None:
            return True
        if self.order.endswith("*"):
            return any(name is not None and name.startswith(self.order[:-1]) for name in names)
        return self.order in names


class FaultScript:
    """The rules in force; they survive a restart, so that a crash does not end a scenario."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._random = random.Random(0)  # noqa: S311 - a seeded script, not a secret
        self._faults = [Fault(**spec) for spec in json.loads(record.setting("faults") or "[]")]

    @property
    def faults(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]

    def add(self, spec: dict[str, Any]) -> Fault:
        """Add a rule; raises FaultError when it says something unknown."""
        _check(spec)
        if len(self._faults) >= max_faults:
            raise FaultError(f"At most {max_faults} faults")
        fault = Fault(**spec)
        self._faults.append(fault)
        self._keep()
        return fault

    def remove(self, fault_id: str) -> None:
        self._faults = [fault for fault in self._faults if fault.fault_id != fault_id]
        self._keep()

    def clear(self) -> None:
        self._faults.clear()
        self._keep()

    def take(
        self,
        *kinds: str,
        on: str = "any",
        names: tuple[str | None, ...] = (),
        status: str | None = None,
        amount: int | None = None,
    ) -> Fault | None:
        """Find the first rule that strikes now, and count it."""
        for fault in self._faults:
            if (
                fault.kind in kinds
                and fault.on in ("any", on)
                and fault.status in (None, status)
                and fault.amount in (None, amount)
                and fault.concerns(names)
                and (fault.share >= 1.0 or self._random.random() < fault.share)
            ):
                self._count(fault)
                return fault
        return None

    def take_for(self, order: Order, *kinds: str, status: str | None = None) -> Fault | None:
        if not self._faults:
            return None
        names = (order.order_id, order.ext_order_id)
        return self.take(*kinds, names=names, status=status, amount=order.total)

    @property
    def strikes_calls(self) -> bool:
        return any(fault.kind in CALL_KINDS for fault in self._faults)

    def _count(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
        self._keep()

    def _keep(self) -> None:
        self._record.keep_setting("faults", json.dumps(self.faults))


def _check(spec: dict[str, Any]) -> None:
    pattern = Fault(kind="", order="", status="", times=0, amount=0)
    known = {name: type(value) for name, value in asdict(pattern).items() if name != "fault_id"}
    for name, value in spec.items():
        optional = name in OPTIONAL_FIELDS and value is None
        if name not in known or not (optional or _is_a(value, known[name])):
            raise FaultError(f"{name} cannot be {value!r}")
    if spec.get("kind") not in KINDS or spec.get("on", "any") not in OPERATIONS:
        raise FaultError(f"kind is one of {sorted(KINDS)}, on one of {sorted(OPERATIONS)}")
    if spec.get("algorithm", "MD5") not in ALGORITHMS:
        raise FaultError(f"algorithm is one of {sorted(ALGORITHMS)}")


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)
