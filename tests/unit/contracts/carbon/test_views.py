"""CarbonCredits' views, as far as what changes them does not test them."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.permits import assert_own_domain
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    TODAY,
    balance,
    credited,
    deregister,
    earn,
    history,
    issue,
    own_storage,
    producer_fields,
    register_producer,
    set_active,
)

STRANGER = actor("stranger")


def is_clean(market: Market, account: LocalAccount) -> bool:
    return bool(market.carbon.call("isCleanEnergyProducer", account.address))


def test_views__of_a_stranger__nothing(market: Market) -> None:
    assert not is_clean(market, STRANGER)
    assert producer_fields(market, STRANGER) == (0, 0, 0)
    assert balance(market, STRANGER) == 0
    assert market.carbon.call("retiredFor", STRANGER.address) == 0
    assert credited(market, [0, TODAY, 2**256 - 1]) == [False] * 3
    assert not market.carbon.call("isCleanOn", STRANGER.address, TODAY)


def test_is_clean__registered__as_long_as_the_grid_says_so(
    market: Market, producer: LocalAccount
) -> None:
    register_producer(market, actor("plant"))
    assert not is_clean(market, actor("plant"))
    assert is_clean(market, producer)
    set_active(market, producer, active=False)
    assert not is_clean(market, producer)
    set_active(market, producer, active=True)
    assert is_clean(market, producer)
    own_storage(market, producer)
    assert is_clean(market, producer)


def test_is_clean__deregistered__no(market: Market, producer: LocalAccount) -> None:
    deregister(market, producer)
    assert not is_clean(market, producer)


def test_is_credited__number_with_the_same_low_bits__not(
    market: Market, producer: LocalAccount
) -> None:
    (retired,) = earn(market, producer, 1000)
    issue(market, producer, [retired])

    others = [retired - 1, retired + 1, retired + 256, retired + 2**32, retired + 2**255]
    assert credited(market, [retired, *others]) == [True, *[False] * 5]


@pytest.mark.parametrize("index", [1, 2**32, 2**256 - 1])
def test_emission_factor_at__no_such_index__refused(market: Market, index: int) -> None:
    """2^32 has the low bits of the first one."""
    assert len(history(market)) == 1
    with refused(errors.CarbonCredits_NoSuchFactor, index=index):
        market.carbon.call("emissionFactorAt", index)


def test_domain__of_permits__is_the_tokens_own(market: Market) -> None:
    assert_own_domain(market, market.carbon)
