"""SmartMeter.meterSetOf and metersIn: how many meters an account has, where, and since when."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.registrar import deactivate, move, rotate

NEIGHBOUR = actor("neighbour")
NORTH, SOUTH = to_bytes32("NORTH"), to_bytes32("SOUTH")


def meter_set(market: Market, account: LocalAccount) -> tuple[int, int]:
    count, changed_at = market.meters.call("meterSetOf", account.address)
    return count, changed_at


def test_meter_set_of__nobody__none_and_never(market: Market) -> None:
    assert meter_set(market, actor("stranger")) == (0, 0)


def test_meter_set_of__each_change__is_noted_on_both_sides(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    second = actor("second meter")
    market.register_meter(prosumer, second)
    assert meter_set(market, prosumer) == (2, market.now)
    before = market.now

    rotate(market, second, actor("another key"))
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, consumed=5)
    assert meter_set(market, prosumer) == (2, before)

    market.at(MONDAY + 2000)
    move(market, meter, NEIGHBOUR)
    assert meter_set(market, prosumer) == (1, MONDAY + 2000)
    assert meter_set(market, NEIGHBOUR) == (1, MONDAY + 2000)

    market.at(MONDAY + 3000)
    deactivate(market, meter)
    assert meter_set(market, prosumer) == (1, MONDAY + 2000)
    assert meter_set(market, NEIGHBOUR) == (0, MONDAY + 3000)


def test_meters_in__some_here_some_there__are_counted_by_region(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    def found(account: LocalAccount) -> list[int]:
        return [
            market.meters.call("metersIn", account.address, region) for region in (NORTH, SOUTH)
        ]

    assert found(actor("stranger")) == [0, 0]
    market.register_meter(prosumer, actor("southern meter"), region=SOUTH)
    market.register_meter(prosumer, actor("second southern meter"), region=SOUTH)
    assert found(prosumer) == [1, 2]
    move(market, meter, NEIGHBOUR)
    assert (found(prosumer), found(NEIGHBOUR)) == ([0, 2], [1, 0])
