"""Programme reads, which anyone may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cinema.catalog.v1 import programme_service_pb2 as pb

from tests.load.generator.channels import Channels
from tests.load.journeys.echo import RepeatedCall

PATH = "/cinema.catalog.v1.ProgrammeService/ListScreenings"
# A cinema and a date.
Day = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listings:
    """Reads the programmes of days, one after the other."""

    addresses: Sequence[str]
    days: Sequence[Day]
    page_size: int = 100

    def share(self, worker: int, workers: int) -> Listings:
        return Listings(self.addresses, self.days[worker::workers] or self.days, self.page_size)

    def prepare(self, channels: Channels) -> RepeatedCall:
        requests = [
            pb.ListScreeningsRequest(
                cinema_id=cinema_id, date=date, page_size=self.page_size
            ).SerializeToString()
            for cinema_id, date in self.days
        ]
        return RepeatedCall(channels.calls(self.addresses, PATH), requests)
