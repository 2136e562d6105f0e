"""CarbonCredits.issueCarbonCredits: which retirements of certificates earn nothing."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.enums import EnergyType
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    TODAY,
    balance,
    clean_producer,
    earn,
    issue,
    set_active,
)


def test_issue__none__refused(market: Market, producer: LocalAccount) -> None:
    with refused(errors.CarbonCredits_NothingToIssue, account=producer.address):
        issue(market, producer, [])


@pytest.mark.parametrize("number", [0, 2, 2**256 - 1])
def test_issue__no_such_retirement__refused(
    market: Market, producer: LocalAccount, number: int
) -> None:
    """Nothing is issued but for certificates that were used up."""
    (retired,) = earn(market, producer, 1000)
    with refused(errors.EnergyCertificates_NoSuchRetirement, id=number):
        issue(market, producer, [retired, number])
    issue(market, producer, [retired])
    assert balance(market, producer) == 380


def test_issue__certificates_of_gas__refused(market: Market) -> None:
    """Of a clean producer, too, that burns it beside its roof."""
    producer = clean_producer(market, technology=EnergyType.NATURAL_GAS)
    retired = earn(market, producer, 1000)
    with refused(
        errors.CarbonCredits_UncleanProducer,
        producer=producer.address,
        energy_type=EnergyType.NATURAL_GAS,
    ):
        issue(market, producer, retired)


def test_issue__before_the_registration__refused(market: Market) -> None:
    market.go_to(market.now + 86_400)
    producer = clean_producer(market)
    day = TODAY + 2
    retired = earn(market, producer, 1000, 1000, first=day)
    issue(market, producer, retired)
    assert not market.carbon.call("isCleanOn", producer.address, day - 1)
    assert market.carbon.call("isCleanOn", producer.address, day)


def test_issue__deactivated_since__what_was_retired_still_counts(
    market: Market, producer: LocalAccount
) -> None:
    """Certificates that it had issued are not taken from who bought and used them."""
    retired = earn(market, producer, 1000)
    set_active(market, producer, active=False)
    issue(market, producer, retired)
    assert balance(market, producer) == 380
