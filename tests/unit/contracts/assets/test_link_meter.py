"""EnergyAssetNFT.linkMeter."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
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
    number_of,
    produce,
    unlink,
    updates,
)

DAY = 86_400


def deactivate(market: Market, meter: LocalAccount) -> None:
    registrar = market.roles[Role.METER_REGISTRAR]
    market.do(registrar, market.meters, "deactivateMeter", meter.address)


@pytest.mark.parametrize("caller", ["owner", "stranger", "meter"])
def test_link_meter__by_others__refused(
    market: Market, asset: int, meter: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.send(actor(caller), assets_of(market).link_meter(asset, meter.address))


@pytest.mark.parametrize("unknown", [0, 2, 2**256 - 1])
def test_link_meter__to_no_asset__refused(
    market: Market, asset: int, meter: LocalAccount, unknown: int
) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=unknown):
        link(market, unknown, meter)


def test_link_meter__unknown__refused(market: Market, asset: int) -> None:
    with refused(errors.EnergyAssetNFT_InactiveMeter, meter=actor("stranger").address):
        link(market, asset, actor("stranger"))


def test_link_meter__deactivated__refused(market: Market, asset: int, meter: LocalAccount) -> None:
    deactivate(market, meter)

    with refused(errors.EnergyAssetNFT_InactiveMeter, meter=meter.address):
        link(market, asset, meter)


def test_link_meter__linked_already__refused(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    other = mint(market, owner)

    for wanted in (asset, other):
        with refused(errors.EnergyAssetNFT_MeterTaken, meter_number=1, asset=asset):
            link(market, wanted, meter)


def test_link_meter__linked_from_tomorrow__is_taken_too(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    other = mint(market, owner)
    link(market, asset, meter)
    unlink(market, asset, 1)
    link(market, other, meter)

    with refused(errors.EnergyAssetNFT_MeterTaken, meter_number=1, asset=other):
        link(market, asset, meter)


@pytest.mark.parametrize("time", [MONDAY + DAY, MONDAY + 2 * DAY - 1])
def test_link_meter__free__counts_from_today_on(
    market: Market, asset: int, meter: LocalAccount, time: int
) -> None:
    """At the first and at the last second of a day."""
    produce(market, meter, TODAY, 7)
    receipt = link(market.at(time), asset, meter)

    assert logged(market, receipt, "MeterLinked") == [
        {"asset": asset, "meter_number": 1, "from_day": TODAY + 1}
    ]
    assert updates(market, receipt) == [asset]
    assert assets_of(market).meters_of(asset) == (1,)
    assert assets_of(market).asset_of_meter(1) == asset
    produce(market, meter, TODAY + 2, 5)
    assert history(market, asset, TODAY, TODAY + 3) == [0, 0, 5]


def test_link_meter__free__brings_what_it_metered_before_on_that_day(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    produce(market, meter, TODAY, 7)
    link(market, asset, meter)

    assert history(market, asset, TODAY, TODAY + 1) == [7]


@pytest.mark.parametrize("back", [True, False])
def test_link_meter__unlinked_today__counts_from_tomorrow_on(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount, back: bool
) -> None:
    """To the same asset, or to another: the day counts once."""
    wanted = asset if back else mint(market, owner)
    link(market, asset, meter)
    produce(market, meter, TODAY, 7)
    unlink(market, asset, 1)
    receipt = link(market, wanted, meter)

    assert logged(market, receipt, "MeterLinked") == [
        {"asset": wanted, "meter_number": 1, "from_day": TODAY + 1}
    ]
    assert assets_of(market).asset_of_meter(1) == wanted
    assert assets_of(market).meters_of(wanted) == (1,)
    produce(market, meter, TODAY + 1, 5)
    assert history(market, asset, TODAY, TODAY + 2) == ([7, 5] if back else [7, 0])
    assert history(market, wanted, TODAY, TODAY + 2) == ([7, 5] if back else [0, 5])


def test_link_meter__unlinked_yesterday__counts_from_today_on(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    other = mint(market, owner)
    link(market, asset, meter)
    unlink(market, asset, 1)
    receipt = link(market.at(MONDAY + DAY), other, meter)

    assert logged(market, receipt, "MeterLinked")[0]["from_day"] == TODAY + 1


def test_link_meter__passed_on_twice_in_a_day__tomorrow_is_the_last_ones(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    second, third = mint(market, owner), mint(market, owner)
    for holder in (asset, second):
        link(market, holder, meter)
        unlink(market, holder, 1)
    receipt = link(market, third, meter)

    assert logged(market, receipt, "MeterLinked")[0]["from_day"] == TODAY + 1
    produce(market, meter, TODAY, 7)
    produce(market, meter, TODAY + 1, 5)
    found = [history(market, each, TODAY, TODAY + 2) for each in (asset, second, third)]
    assert found == [[7, 0], [0, 0], [0, 5]]


def test_link_meter__eight_at_a_time__one_more_refused(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    meters = [meter, *(new_meter(market, f"meter {n}") for n in range(2, 10))]
    for each in meters[:8]:
        link(market, asset, each)
    assert assets_of(market).meters_of(asset) == tuple(range(1, 9))

    with refused(errors.EnergyAssetNFT_TooManyMeters, asset=asset, maximum=8):
        link(market, asset, meters[8])

    unlink(market, asset, 3)
    link(market, asset, meters[8])
    assert assets_of(market).meters_of(asset) == (1, 2, 4, 5, 6, 7, 8, 9)
    link(market, mint(market, owner), meters[2])


def test_link_meter__thirty_two_in_all__one_more_refused(
    market: Market, owner: LocalAccount, asset: int, meter: LocalAccount
) -> None:
    """The same one, day by day; links that never began do not count."""
    for day in range(32):
        link(market.at(MONDAY + (day + 1) * DAY), asset, meter)
        unlink(market, asset, 1)
        if day < 31:
            link(market, asset, meter)
            unlink(market, asset, 1)

    with refused(errors.EnergyAssetNFT_TooManyMeters, asset=asset, maximum=32):
        link(market.at(MONDAY + 40 * DAY), asset, meter)
    link(market, mint(market, owner), meter)


def test_link_meter__with_a_rotated_key__is_the_same_meter(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    key = actor("new key")
    fields = {"meter": ("address", meter.address), "newKey": ("address", key.address)}
    proof, consent = (market.sign_typed(each, "MeterKeyRotation", fields) for each in (key, meter))
    registrar = market.roles[Role.METER_REGISTRAR]
    produce(market, meter, TODAY, 7)
    rotation = meter.address, key.address, proof, consent
    market.do(registrar, market.meters, "rotateMeterKey", *rotation)
    produce(market, key, TODAY + 1, 5)

    assert number_of(market, key) == 1
    assert history(market, asset, TODAY, TODAY + 2) == [7, 5]
    with refused(errors.EnergyAssetNFT_MeterTaken, meter_number=1, asset=asset):
        link(market, asset, key)
    with refused(errors.EnergyAssetNFT_InactiveMeter, meter=meter.address):
        link(market, asset, meter)
    unlink(market, asset, 1)
    assert assets_of(market).meters_of(asset) == ()


def test_link_meter__deactivated_later__what_it_metered_stays(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    produce(market, meter, TODAY, 7)
    deactivate(market, meter)

    assert history(market, asset, TODAY, TODAY + 2) == [7, 0]
    assert assets_of(market).meters_of(asset) == (1,)
    unlink(market, asset, 1)
    assert history(market, asset, TODAY, TODAY + 2) == [7, 0]
