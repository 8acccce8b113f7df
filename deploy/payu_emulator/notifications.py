"""Tells the shop of each change: signed, in order, repeated until it answers 200."""

import asyncio
from collections.abc import Mapping

from aiohttp import ClientError, ClientSession, ClientTimeout

from deploy.payu_emulator.agenda import Agenda
from deploy.payu_emulator.behaviour import Behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.documents import notification_body
from deploy.payu_emulator.faults import FaultScript
from deploy.payu_emulator.order import Notification, Order, Refund
from deploy.payu_emulator.settings import PointOfSale
from deploy.payu_emulator.signature import header
from deploy.payu_emulator.store import OrderStore

max_deliveries_in_flight = 64
max_notifications_per_order = 200
HTTP_OK = 200
MINUTE_S = 60
HOUR_S = 3600
# The wait before each attempt, counted from the one before it; then the provider gives up.
RETRY_LADDER_S = (
    *(0, 1 * MINUTE_S, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S, 30 * MINUTE_S),
    *(hours * HOUR_S for hours in (1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 36, 48, 60, 72)),
)


class Courier:
    """Owns what is owed to the shops. The queue holds order ids, so it is as bounded as orders."""

    def __init__(
        self,
        store: OrderStore,
        clock: Clock,
        behaviour: Behaviour,
        faults: FaultScript,
        points_of_sale: Mapping[str, PointOfSale],
        session: ClientSession,
    ) -> None:
        self._store = store
        self._clock = clock
        self._behaviour = behaviour
        self._faults = faults
        self._points_of_sale = points_of_sale
        self._session = session
        self.agenda = Agenda(clock, self._due)
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._busy: set[str] = set()

    def announce(
        self, order: Order, status: str, refund: Refund | None = None, *, scripted: bool = True
    ) -> None:
        """Add a notification to the order; `wake` starts it once the order is kept."""
        if not order.request.get("notifyUrl"):
            return
        if len(order.notifications) >= max_notifications_per_order:
            order.note(self._clock.now(), "NOTIFICATION_LIMIT_REACHED", status=status)
            return
        now = self._clock.now()
        notice: Notification = {
            "number": len(order.notifications) + 1,
            "kind": "order" if refund is None else "refund",
            "status": status,
            "refund_id": None if refund is None else refund["refund_id"],
            "at": now,
            "next_at": now,
            "attempts": 0,
            "state": "pending",
            "last_answer": "",
            "copies_left": 0,
            "loose": False,
            "after_next": False,
            "fields": {},
        }
        if scripted:
            self._apply_script(order, notice)
        _hurry_older(order, now)
        order.notifications.append(notice)
        if scripted and (fault := self._faults.take_for(order, "stale", status=status)):
            self.announce(order, str(fault.fields.get("status", "PENDING")), scripted=False)

    def wake(self, order: Order) -> None:
        """Deliver what is due of this order, and put the rest on the agenda."""
        if (notice := _next(order)) is None:
            return
        if notice["next_at"] <= self._clock.now():
            self._due(order.order_id)
        else:
            self.agenda.put(order.order_id, notice["next_at"])

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(max_deliveries_in_flight):
                tasks.create_task(self._deliver_for_ever())

    def _due(self, order_id: str) -> None:
        if order_id not in self._busy:
            self._busy.add(order_id)
            self._ready.put_nowait(order_id)

    async def _deliver_for_ever(self) -> None:
        while True:
            order_id = await self._ready.get()
            order = self._store.find(order_id)
            if order is not None:
                await self._deliver_due(order)
            self._busy.discard(order_id)
            if order is not None:
                self.wake(order)

    async def _deliver_due(self, order: Order) -> None:
        generation = self._store.generation
        while (notice := _next(order)) is not None and notice["next_at"] <= self._clock.now():
            await self._store.durable(order)  # Nobody hears of what a crash could undo.
            answer = await self._send(order, notice)
            if self._store.generation != generation:
                return  # The emulator was reset meanwhile, or is being reset.
            self._note_answer(order, notice, answer)
            self._store.keep_soon(order)

    async def _send(self, order: Order, notice: Notification) -> str:
        if (pos := self._points_of_sale.get(order.pos_id)) is None:
            return "the point of sale is gone from the settings"
        body = notification_body(order, notice)
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        headers |= self._signature(order, notice, body, pos.second_key)
        timeout = ClientTimeout(total=self._behaviour.notification_timeout_ms / 1000)
        try:
            async with self._session.post(
                order.request["notifyUrl"],
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return str(response.status)
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__

    def _signature(
        self, order: Order, notice: Notification, body: bytes, key: str
    ) -> dict[str, str]:
        algorithm = self._behaviour.signature_algorithm
        fault = self._faults.take_for(
            order, "bad_signature", "no_signature", "algorithm", status=notice["status"]
        )
        if fault is not None and fault.kind == "no_signature":
            return {}
        if fault is not None and fault.kind == "algorithm":
            algorithm = fault.algorithm
        if fault is not None and fault.kind == "bad_signature":
            key = f"not {key}"
        signature = header(body, key, algorithm)
        return {"OpenPayu-Signature": signature, "X-OpenPayU-Signature": signature}

    def _apply_script(self, order: Order, notice: Notification) -> None:
        now, status = notice["at"], notice["status"]
        if self._faults.take_for(order, "drop", status=status):
            notice["state"] = "dropped"
        if fault := self._faults.take_for(order, "alter", status=status):
            notice["fields"] = fault.fields
        if fault := self._faults.take_for(order, "duplicate", status=status):
            notice["copies_left"] = fault.copies
        if fault := self._faults.take_for(order, "delay", "reorder", status=status):
            notice["loose"] = True
            notice["after_next"] = fault.kind == "reorder"
            notice["next_at"] = now + (fault.delay_ms or MINUTE_S * 1000) / 1000

    def _note_answer(self, order: Order, notice: Notification, answer: str) -> None:
        now = self._clock.now()
        notice["attempts"] += 1
        notice["last_answer"] = answer
        if answer == str(HTTP_OK):
            _release_overtaken(order, notice, now)
            if notice["copies_left"] > 0:
                notice["copies_left"] -= 1
            else:
                notice["state"] = "delivered"
        elif notice["attempts"] >= len(RETRY_LADDER_S):
            notice["state"] = "given_up"
        else:
            wait_s = RETRY_LADDER_S[notice["attempts"]] * self._behaviour.retry_factor
            notice["next_at"] = now + wait_s


def _next(order: Order) -> Notification | None:
    """Find what goes out next: the oldest pending one, or a loose one that is due sooner."""
    chosen: Notification | None = None
    seen_firm = False
    for notice in order.notifications:
        if notice["state"] != "pending" or (seen_firm and not notice["loose"]):
            continue
        seen_firm = seen_firm or not notice["loose"]
        if chosen is None or notice["next_at"] < chosen["next_at"]:
            chosen = notice
    return chosen


def _hurry_older(order: Order, now: float) -> None:
    """Send what still waits before a newer change goes out, so that order is kept."""
    for notice in order.notifications:
        if notice["state"] == "pending" and not notice["loose"]:
            notice["next_at"] = min(notice["next_at"], now)


def _release_overtaken(order: Order, delivered: Notification, now: float) -> None:
    for notice in order.notifications:
        if notice["after_next"] and notice["number"] < delivered["number"]:
            notice["after_next"] = False
            notice["next_at"] = min(notice["next_at"], now)
