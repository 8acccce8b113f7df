"""Pages: sizes are coerced, tokens are opaque and bound to the listing."""

from typing import Any

import pytest
from cinema.type.v1 import event_feed_service_pb2 as pb

from services.common.errors import InvalidPageTokenError, InvalidRequestError
from services.common.rpc.paging import PageTokens, page_size_of
from tests.rpc.common.echo import EchoRequest

TOKENS = PageTokens.from_secret(b"secret")


@pytest.mark.parametrize(("requested", "size"), [(0, 50), (1, 1), (100, 100), (5_000, 100)])
def test_a_page_size_is_coerced(requested: Any, size: Any) -> None:
    assert page_size_of(requested) == size


def test_a_negative_page_size_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        page_size_of(-1)


def test_a_token_continues_the_same_listing_with_any_page_size() -> None:
    token = TOKENS.seal(["2026-11-22", 7], EchoRequest(text="films", page_size=10))

    keyset = TOKENS.open(token, EchoRequest(text="films", page_size=20, page_token=token))

    assert keyset == ["2026-11-22", 7]


def test_the_empty_token_is_the_first_page() -> None:
    assert TOKENS.open("", EchoRequest()) is None


def test_a_token_says_nothing_about_what_is_in_it() -> None:
    assert "films" not in TOKENS.seal(["films"], EchoRequest())


@pytest.mark.parametrize(
    ("tokens", "request_message"),
    [
        (TOKENS, EchoRequest(text="other")),
        (TOKENS, pb.ListEventsRequest()),
        (PageTokens.from_secret(b"another"), EchoRequest(text="films")),
    ],
)
def test_a_token_of_something_else_is_refused(tokens: Any, request_message: Any) -> None:
    token = TOKENS.seal([1], EchoRequest(text="films"))

    with pytest.raises(InvalidPageTokenError):
        tokens.open(token, request_message)


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "A" * 5000, "AQ=="])
def test_a_made_up_token_is_refused(token: Any) -> None:
    with pytest.raises(InvalidPageTokenError):
        TOKENS.open(token, EchoRequest())


@pytest.mark.parametrize("keyset", [[1], [12], [123]])  # Of each length that base64 pads.
def test_a_token_with_any_character_changed_added_or_left_out_is_refused(keyset: Any) -> None:
    token = TOKENS.seal(keyset, EchoRequest())
    others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = [
        *(token[:-1] + other for other in others if other != token[-1]),
        *(token[:index] + "~" + token[index + 1 :] for index in range(len(token))),
        token + "=",
        token + "\n",
        token[:-1],
    ]

    for text in changed:
        with pytest.raises(InvalidPageTokenError):
            TOKENS.open(text, EchoRequest())

    assert TOKENS.open(token, EchoRequest()) == keyset
