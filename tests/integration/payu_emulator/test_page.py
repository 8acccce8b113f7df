from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from tests.integration.payu_emulator.shop import Answer, Shop


class Form(HTMLParser):
    """Reads what a browser would send, and which labels belong to which inputs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.buttons: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
            if given.get("type") != "hidden":
                self.ids.add(given["id"])
        elif tag == "label":
            self.labels.add(given["for"])
        elif tag == "button":
            self.buttons.add(given["value"])


async def opened(shop: Shop, **changes: object) -> tuple[str, str, Answer]:
    created = (await shop.create(**changes)).body
    address = created["redirectUri"].removeprefix(shop.base)
    return created["orderId"], address, await shop.call("GET", address)


async def send(shop: Shop, address: str, page: Answer, **changes: str) -> Answer:
    return await shop.call("POST", address, data=Form(page.text).fields | changes)


async def test_the_page_shows_amount_description_and_a_labelled_card_form(shop: Shop) -> None:
    _, _, page = await opened(shop, description="Two tickets for <Alien>")

    form = Form(page.text)
    assert page.http_status == 200
    assert "60.00 RON" in page.text
    assert "Two tickets for &lt;Alien&gt;" in page.text
    assert form.buttons == {"pay", "decline", "leave"}
    assert form.fields["card_number"] == "4444333322221111"
    assert form.ids == form.labels


async def test_paying_on_the_page_authorises_and_returns_to_the_shop(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    answer = await send(shop, address, page, action="pay", card_number="4444 3333 2222 1111")

    assert answer.http_status == 303
    assert answer.headers["Location"] == "https://cinema.example/return?order=7"
    assert await shop.status_of(order_id) == "WAITING_FOR_CONFIRMATION"


async def test_declining_returns_with_error_501_and_cancels(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    answer = await send(shop, address, page, action="decline")

    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query == {"order": ["7"], "error": ["501"]}
    assert await shop.status_of(order_id) == "CANCELED"


async def test_leaving_returns_with_error_501_and_the_order_stays_open(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    answer = await send(shop, address, page, action="leave")

    assert "error=501" in answer.headers["Location"]
    assert await shop.status_of(order_id) == "NEW"


async def test_another_card_is_declined_and_the_payer_can_try_again(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    refused = await send(shop, address, page, action="pay", card_number="5500000000000004")
    accepted = await send(shop, address, refused, action="pay")

    assert refused.http_status == 402
    assert 'role="alert"' in refused.text
    assert accepted.http_status == 303
    assert await shop.status_of(order_id) == "WAITING_FOR_CONFIRMATION"


async def test_an_incomplete_card_number_is_asked_for_again(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    answer = await send(shop, address, page, action="pay", card_number="4444")

    assert answer.http_status == 422
    assert await shop.status_of(order_id) == "NEW"


async def test_no_card_number_is_kept(shop: Shop) -> None:
    order_id, address, page = await opened(shop)

    await send(shop, address, page, action="pay", card_number="5500000000000004")

    judged = await shop.control("GET", f"/orders/{order_id}")
    assert "5500000000000004" not in judged.text


async def test_a_paid_order_cannot_be_paid_again_on_the_page(shop: Shop) -> None:
    order_id, address, page = await opened(shop)
    await send(shop, address, page, action="pay")

    again = await send(shop, address, page, action="pay")

    assert again.http_status == 409
    assert "https://cinema.example/return?order=7" in again.text
    assert len((await shop.judged(order_id))["transactions"]) == 1


async def test_a_wrong_page_token_opens_nothing(shop: Shop) -> None:
    order_id, _, _ = await opened(shop)

    answer = await shop.call("GET", f"/pay/?orderId={order_id}&token=guess")

    assert answer.http_status == 404


async def test_without_a_return_address_the_page_says_how_it_ended(shop: Shop) -> None:
    _, address, page = await opened(shop, continueUrl=None)

    answer = await send(shop, address, page, action="pay")

    assert answer.http_status == 200
    assert "authorised" in answer.text
