"""Terms and sales policies, through the calls, on a real PostgreSQL."""

import hashlib
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import policy_pb2
from cinema.catalog.v1 import programme_service_pb2 as pb

from deploy.programme.policies import terms as shipped_terms
from services.common.rpc.errors import refusal_of
from tests.integration.catalog.feeds import terms
from tests.kit.catalog import Catalog

RO, FR = "cinema-city-ro", "cinecarte-fr"


async def policy_of(catalog: Catalog, code: str = RO, version: str = "") -> Any:
    request = pb.GetSalesPolicyRequest(policy_code=code, version=version)
    return await catalog.programme.GetSalesPolicy(request)


@pytest.mark.rule("OTC-52")
@pytest.mark.rule("OTC-1")
async def test_versions_are_listed_with_their_hashes_and_downloaded_without_login(
    catalog: Catalog,
) -> None:
    for version, effective_time in (
        ("2025-01", "2025-01-01T00:00:00Z"),
        ("2026-01", "2026-01-01T00:00:00Z"),
        ("2030-01", "2030-01-01T00:00:00Z"),
    ):
        await catalog.publish_terms(
            terms(version, effective_time=effective_time, otc_text=f"Online {version}.")
        )
    request = pb.ListTermsRequest(policy_code=RO, page_size=2)

    first = await catalog.programme.ListTerms(request)
    request.page_token = first.next_page_token
    second = await catalog.programme.ListTerms(request)

    listed = [*first.terms, *second.terms]
    assert [each.otc_version for each in listed] == ["2030-01", "2026-01", "2025-01"]
    assert not second.next_page_token
    for each in listed:
        document = await catalog.programme.GetTerms(
            pb.GetTermsRequest(policy_code=RO, otc_version=each.otc_version)
        )
        text = document.terms.otc_text
        assert text == f"Online {each.otc_version}."
        assert each.otc_sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert document.terms.gtc_text
        assert each.effective_time == document.terms.effective_time


async def test_nobody_knows_the_terms_of_an_unknown_policy(catalog: Catalog) -> None:
    listed = await catalog.programme.ListTerms(pb.ListTermsRequest(policy_code="nobody"))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await policy_of(catalog, "nobody")

    assert not listed.terms
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert refusal_of(caught.value).reason == "TERMS_NOT_FOUND"


async def test_the_policy_in_force_and_each_version_can_be_read(catalog: Catalog) -> None:
    later = terms("2030-01", effective_time="2030-01-01T00:00:00Z")
    later["policy"] = later["policy"] | {"complaint_days": 14, "gap_rule": "GAP_RULE_STRICT"}
    await catalog.publish_terms(terms())
    await catalog.publish_terms(later)

    now, then = await policy_of(catalog), await policy_of(catalog, version="2030-01")

    assert (now.policy.code, now.policy.version) == (RO, "2026-01")
    assert (now.terms.otc_version, now.terms.gtc_version) == ("2026-01", "2026-01")
    assert (now.policy.complaint_days, now.policy.gap_rule) == (
        7,
        policy_pb2.GAP_RULE_EXEMPT_WHEN_UNAVOIDABLE,
    )
    assert (then.policy.complaint_days, then.policy.gap_rule) == (14, policy_pb2.GAP_RULE_STRICT)


async def test_figures_that_nobody_set_are_those_of_the_documents(catalog: Catalog) -> None:
    for document in shipped_terms("2026-01-01T00:00:00Z"):
        await catalog.publish_terms(document)
    bare = terms("bare", effective_time="2026-02-01T00:00:00Z")
    await catalog.publish_terms(bare)

    shipped, unset = await policy_of(catalog, FR), await policy_of(catalog)

    unset.policy.code, unset.policy.version = shipped.policy.code, shipped.policy.version
    assert unset.policy == shipped.policy


async def test_zero_and_no_are_figures_too(catalog: Catalog) -> None:
    document = terms()
    chosen = {
        "remedy_online_for_all": False,
        "remedy_reminder_hours": 0,
        "voucher_partly_usable": False,
        "returned_place_grace_days": 0,
        "goods_sold_online": True,
        "remedy_mode": "REMEDY_MODE_AUTO",
        "place_validity_date": "PLACE_VALIDITY_DATE_BUSINESS_DAY",
    }
    document["policy"] = document["policy"] | chosen

    await catalog.publish_terms(document)

    policy = (await policy_of(catalog)).policy
    assert {name: getattr(policy, name) for name in chosen} == chosen | {
        "remedy_mode": policy_pb2.REMEDY_MODE_AUTO,
        "place_validity_date": policy_pb2.PLACE_VALIDITY_DATE_BUSINESS_DAY,
    }


async def test_terms_from_before_the_newer_figures_have_the_documents(catalog: Catalog) -> None:
    await catalog.publish_terms(terms())
    before = (await policy_of(catalog)).policy
    await catalog.database.execute(
        """INSERT INTO terms (policy_code, otc_version, gtc_version, effective_time, gtc_text,
                              otc_text, gtc_sha256, otc_sha256, figures, ratings_not_sold_online,
                              categories_sold_online)
           SELECT policy_code, 'old', gtc_version, effective_time, gtc_text, otc_text, gtc_sha256,
                  otc_sha256, figures - 'complaint_days' - 'gap_rule', ratings_not_sold_online,
                  categories_sold_online FROM terms"""
    )

    old = (await policy_of(catalog, version="old")).policy

    old.version = before.version
    assert old == before
