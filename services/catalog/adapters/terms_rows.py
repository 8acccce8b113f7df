"""Terms as rows, and the JSON that holds the figures of their policy."""

import json
from dataclasses import fields

from asyncpg import Record

from services.catalog.domain.terms import (
    GapRule,
    PlaceValidityDate,
    PublishedTerms,
    RemedyMode,
    SalesPolicy,
    Terms,
)

TERMS_COLUMNS = """policy_code, gtc_version, otc_version, gtc_text, otc_text, effective_time,
       figures::text AS figures, ratings_not_sold_online, categories_sold_online"""
VERSION_COLUMNS = """policy_code, gtc_version, otc_version, gtc_sha256, otc_sha256, effective_time,
       number"""
_OWN_COLUMNS = {"ratings_not_sold_online", "categories_sold_online"}
_CHOICES = {
    "gap_rule": GapRule,
    "remedy_mode": RemedyMode,
    "place_validity_date": PlaceValidityDate,
}
FIGURES = tuple(each.name for each in fields(SalesPolicy) if each.name not in _OWN_COLUMNS)


def pack_figures(policy: SalesPolicy) -> str:
    return json.dumps({name: getattr(policy, name) for name in FIGURES})


def policy_of(row: Record) -> SalesPolicy:
    """Read a policy; a figure that its terms did not know yet is the document's."""
    figures = json.loads(row["figures"])
    for name, choice in _CHOICES.items():
        if name in figures:
            figures[name] = choice(figures[name])
    return SalesPolicy(
        **figures,
        ratings_not_sold_online=tuple(row["ratings_not_sold_online"]),
        categories_sold_online=tuple(row["categories_sold_online"]),
    )


def terms_of(row: Record) -> Terms:
    return Terms(
        policy_code=row["policy_code"],
        gtc_version=row["gtc_version"],
        otc_version=row["otc_version"],
        gtc_text=row["gtc_text"],
        otc_text=row["otc_text"],
        effective_time=row["effective_time"],
        policy=policy_of(row),
    )


def published_terms_of(row: Record) -> PublishedTerms:
    """Read a version without its texts."""
    return PublishedTerms(
        policy_code=row["policy_code"],
        gtc_version=row["gtc_version"],
        otc_version=row["otc_version"],
        gtc_sha256=row["gtc_sha256"],
        otc_sha256=row["otc_sha256"],
        effective_time=row["effective_time"],
        number=row["number"],
    )
