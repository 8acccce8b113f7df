from collections.abc import Iterator
from datetime import date

import protovalidate
import pytest
from cinema.catalog.v1 import cinema_pb2, policy_pb2, price_pb2, seat_plan_pb2
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from deploy.programme import Programme, generate
from services.catalog.domain.price_soundness import must_be_sound
from services.catalog.handlers.price_messages import prices_of


def messages_of(programme: Programme) -> Iterator[Message]:
    chain = programme.chain()
    for entry in chain["cinemas"]:
        yield ParseDict(entry["cinema"], cinema_pb2.Cinema())
        yield ParseDict(entry["import_profile"], cinema_pb2.ImportProfile())
    for prices in chain["price_lists"]:
        yield ParseDict(prices, price_pb2.PriceList())
    for terms in chain["terms"]:
        yield ParseDict(terms, policy_pb2.Terms())
    for hall in programme.halls:
        yield ParseDict(hall.plan.to_contract(), seat_plan_pb2.SeatPlan())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_sample_chain_can_be_sent_as_it_is(seed: int) -> None:
    programme = generate(date(2026, 11, 23), seed)

    messages = list(messages_of(programme))

    assert len(messages) == 3 * 28 + 2 + len(programme.halls)
    for message in messages:
        protovalidate.validate(message)


def test_the_sample_prices_contradict_nothing() -> None:
    lists = generate(date(2026, 11, 23), 1).chain()["price_lists"]

    for document in lists:
        must_be_sound(prices_of(ParseDict(document, price_pb2.PriceList())), "RON")

    assert len(lists) == 28
