"""EnergyAssetNFT.unlinkMeter."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    TODAY,
    assets_of,
    history,
    link,
    logged,
    mint,
    new_meter,
    produce,
    read,
    unlink,
    updates,
)

DAY = 86_400


@pytest.mark.parametrize("caller", ["owner", "stranger", "meter"])
def test_unlink_meter__by_others__refused(
    market: Market, asset: int, meter: LocalAccount, caller: str
) -> None:
    link(market, asset, meter)
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.send(actor(caller), assets_of(market).unlink_meter(asset, 1))


@pytest.mark.parametrize("unknown", [0, 2])
def test_unlink_meter__from_no_asset__refused(
    market: Market, asset: int, meter: LocalAccount, unknown: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=unknown):
        unlink(market, unknown, 1)


@pytest.mark.parametrize("number", [0, 1, 2, 2**256 - 1])
def test_unlink_meter__not_linked__refused(
    market: Market, asset: int, meter: LocalAccount, number: int
) -> None:
    with refused(errors.EnergyAssetNFT_MeterNotLinked, asset=asset, meter_number=number):
        unlink(market, asset, number)


def test_unlink_meter__linked_to_another__refused(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    other = mint(market, owner)
    link(market, other, meter)

    with refused(errors.EnergyAssetNFT_MeterNotLinked, asset=asset, meter_number=1):
        unlink(market, asset, 1)


def test_unlink_meter__unlinked_before__refused(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    unlink(market, asset, 1)

    with refused(errors.EnergyAssetNFT_MeterNotLinked, asset=asset, meter_number=1):
        unlink(market, asset, 1)


@pytest.mark.parametrize("time", [MONDAY + 2 * DAY, MONDAY + 3 * DAY - 1])
def test_unlink_meter__linked__today_is_its_last_day(
    market: Market, asset: int, meter: LocalAccount, time: int
) -> None:
    """At the first and at the last second of a day, which is read only after that."""
    link(market, asset, meter)
    for day in (0, 1):
        produce(market, meter, TODAY + day, 7 + day)
    receipt = unlink(market.at(time), asset, 1)

    assert logged(market, receipt, "MeterUnlinked") == [
        {"asset": asset, "meter_number": 1, "last_day": TODAY + 2}
    ]
    assert updates(market, receipt) == [asset]
    assert assets_of(market).meters_of(asset) == ()
    assert assets_of(market).asset_of_meter(1) == 0
    read(market, meter, MONDAY + 3 * DAY, 9)
    produce(market, meter, TODAY + 3, 10)
    assert history(market, asset, TODAY, TODAY + 4) == [7, 8, 9, 0]


def test_unlink_meter__one_of_several__the_others_stay(market: Market, asset: int) -> None:
    meters = [new_meter(market, f"meter {n}") for n in range(4)]
    for meter in meters:
        link(market, asset, meter)
    for n, meter in enumerate(meters):
        read(market, meter, MONDAY + 3600 * (n + 1), 1 << n)
    for number in (2, 4):
        unlink(market, asset, number)
    for n, meter in enumerate(meters):
        read(market, meter, MONDAY + DAY + 3600 * (n + 1), 1 << n)

    assert assets_of(market).meters_of(asset) == (1, 3)
    assert history(market, asset, TODAY, TODAY + 2) == [0b1111, 0b0101]


def test_unlink_meter__linked_again__ends_the_new_link_and_not_the_old(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    produce(market, meter, TODAY, 1)
    unlink(market, asset, 1)
    produce(market, meter, TODAY + 1, 2)
    link(market.at(MONDAY + 2 * DAY), asset, meter)
    produce(market, meter, TODAY + 2, 4)
    unlink(market, asset, 1)
    produce(market, meter, TODAY + 3, 8)

    assert history(market, asset, TODAY, TODAY + 4) == [1, 0, 4, 0]


def test_unlink_meter__before_its_first_day__never_counted(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    """The link was to begin tomorrow; those after it in the list are still there."""
    other = mint(market, owner)
    link(market, asset, meter)
    unlink(market, asset, 1)
    link(market, other, meter)
    link(market, other, new_meter(market, "second"))
    link(market, other, new_meter(market, "third"))
    receipt = unlink(market, other, 1)

    assert logged(market, receipt, "MeterUnlinked") == [
        {"asset": other, "meter_number": 1, "last_day": TODAY}
    ]
    assert sorted(assets_of(market).meters_of(other)) == [2, 3]
    produce(market, meter, TODAY, 7)
    produce(market, meter, TODAY + 1, 5)
    assert history(market, other, TODAY, TODAY + 2) == [0, 0]
    assert history(market, asset, TODAY, TODAY + 2) == [7, 0]
