"""setFees: what is taken out of what sellers are paid."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import lock, open_account, record, treasury

BUYER, SELLER = actor("buyer"), actor("seller")
SLOT = MONDAY // 3600
LARGEST_BPS = 100


def set_fees(market: Market, protocol: int, grid: int) -> Receipt:
    authority = market.roles[Role.GRID_AUTHORITY]
    return market.do(authority, market.settlement, "setFees", protocol, grid)


def fees(market: Market) -> tuple[int, int]:
    settlement = market.settlement
    return settlement.call("protocolFeeBps"), settlement.call("gridFeePerKwh")


@pytest.mark.parametrize("protocol", [LARGEST_BPS + 1, 2**16, 2**256 - 1])
def test_set_fees__protocol_fee_too_high__is_refused(market: Market, protocol: int) -> None:
    with refused(errors.Settlement_FeeTooHigh, fee=protocol, maximum=LARGEST_BPS):
        set_fees(market, protocol, 0)


@pytest.mark.parametrize("more", [1, 2**64, 2**255])
def test_set_fees__grid_fee_too_high__is_refused(market: Market, more: int) -> None:
    largest = market.settlement.call("MAX_GRID_FEE_PER_KWH")
    with refused(errors.Settlement_FeeTooHigh, fee=largest + more, maximum=largest):
        set_fees(market, 0, largest + more)


def test_set_fees__within_bounds__are_set(market: Market) -> None:
    largest = market.settlement.call("MAX_GRID_FEE_PER_KWH")
    for protocol, grid in ((LARGEST_BPS, largest), (1, 0), (0, 1), (0, 0)):
        receipt = set_fees(market, protocol, grid)
        (event,) = market.events(receipt, market.settlement, "FeesSet")
        assert event.arguments == {"protocol_fee_bps": protocol, "grid_fee_per_kwh": grid}
        assert fees(market) == (protocol, grid)
    assert market.settlement.call("stopLevel") == 0


def test_set_fees__between_deliveries__hold_for_the_later(market: Market) -> None:
    record(market, SELLER, SLOT, produced=2000)
    market.deposit(BUYER, 2_000_000)
    lock(market, BUYER, 2_000_000)
    numbers = (open_account(market, SELLER), open_account(market, BUYER))
    for delivered, protocol, collected in ((0, 0, 0), (1000, 100, 10_000)):
        set_fees(market, protocol, 0)
        delivery = (*numbers, SLOT, SLOT + 1, 1000, delivered, 1_000_000)
        market.do(market.trading.address, market.settlement, "deliver", delivery)
        assert treasury(market) == (collected, 0)
