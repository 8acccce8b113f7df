"""The refusals that the code gives are those that the contracts document, in both directions."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import services
from deploy.error_table import TABLE_FILE, Refusal, refusals, table
from services.common.errors import COMMON_DOMAIN, DomainError, refusals_of

SERVICES = ("catalog", "booking", "wallet", "payment")
DOCUMENTED = refusals()
# Given by the last resort, which is no refusal.
WITHOUT_CLASS = {"INTERNAL"}


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    """A refusal's class is known once its module is imported."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def documented(domain: str) -> dict[str, Refusal]:
    return {refusal.reason: refusal for refusal in DOCUMENTED if refusal.domain == domain}


def own_refusals(service: str) -> Iterator[type[DomainError]]:
    """The refusals of a service whose reasons are in its own domain, without common bases."""
    package = f"services.{service}"
    yield from (error for error in refusals_of(package) if error.domain is None)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_refuses_with_exactly_the_reasons_of_its_contract(service: str) -> None:
    reasons = {error.reason for error in own_refusals(service)}

    assert reasons == documented(f"{service}.cinema").keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_reason_has_the_code_that_its_contract_says(service: str) -> None:
    in_proto = documented(f"{service}.cinema")

    different = {
        error.__name__: (error.kind.value, in_proto[error.reason].code)
        for error in own_refusals(service)
        if error.kind.value != in_proto[error.reason].code
    }

    assert different == {}


def test_the_common_reasons_are_those_of_the_chassis() -> None:
    errors = [error for error in refusals_of("services") if error.domain == COMMON_DOMAIN]
    reasons = {error.reason: error.kind.value for error in errors}

    assert reasons == {
        refusal.reason: refusal.code
        for refusal in documented(COMMON_DOMAIN).values()
        if refusal.reason not in WITHOUT_CLASS
    }


def test_a_reason_that_can_be_retried_after_a_delay_says_so() -> None:
    without = {
        f"{refusal.domain} {refusal.reason}"
        for refusal in DOCUMENTED
        if refusal.code == "UNAVAILABLE" and not refusal.has_retry_info
    }

    assert without == set()


def test_a_reason_says_what_happened_or_names_the_particulars() -> None:
    mute = {
        f"{refusal.domain} {refusal.reason}"
        for refusal in DOCUMENTED
        if not refusal.description and not refusal.metadata and "VALID" not in refusal.reason
    }

    assert mute == set()


def test_the_table_of_refusals_is_current() -> None:
    assert TABLE_FILE.read_text() == table(), "run: python -m deploy.error_table"
