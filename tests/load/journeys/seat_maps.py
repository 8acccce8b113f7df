"""Availability reads, which anyone may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cinema.booking.v1 import booking_service_pb2 as pb

from tests.load.generator.channels import Channels
from tests.load.journeys.echo import RepeatedCall

PATH = "/cinema.booking.v1.BookingService/GetSeatMap"


@dataclass(frozen=True, slots=True)
class SeatMaps:
    """Reads the seat maps of screenings, one after the other."""

    addresses: Sequence[str]
    screening_ids: Sequence[str]

    def share(self, worker: int, workers: int) -> SeatMaps:
        return SeatMaps(self.addresses, self.screening_ids[worker::workers] or self.screening_ids)

    def prepare(self, channels: Channels) -> RepeatedCall:
        requests = [
            pb.GetSeatMapRequest(screening_id=screening_id).SerializeToString()
            for screening_id in self.screening_ids
        ]
        return RepeatedCall(channels.calls(self.addresses, PATH), requests)
