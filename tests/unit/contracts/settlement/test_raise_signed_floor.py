"""raiseSignedFloor: signed orders of lower nonces are void from now on."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import incur_debt, lock, number_of, open_account

PROSUMER, NEIGHBOUR = actor("prosumer"), actor("neighbour")
AMOUNT = 1_000_000
HIGHEST = 2**40 - 1
LARGEST = 2**104 - 1


def raise_floor(market: Market, account: LocalAccount, nonce: int) -> Receipt:
    number = open_account(market, account)
    return market.do(market.trading.address, market.settlement, "raiseSignedFloor", number, nonce)


def floor_of(market: Market, account: LocalAccount) -> int:
    return int(market.settlement.call("signedFloorOf", account.address))


@pytest.mark.parametrize("nonce", [1, 2, 2**39, HIGHEST])
def test_raise_signed_floor__higher__is_raised(market: Market, nonce: int) -> None:
    receipt = raise_floor(market, PROSUMER, nonce)
    (event,) = market.events(receipt, market.settlement, "SignedFloorRaised")
    assert event.arguments == {"account": PROSUMER.address, "nonce": nonce}
    assert floor_of(market, PROSUMER) == nonce


def test_raise_signed_floor__again_and_again__is_the_latest(market: Market) -> None:
    """Bits of a former floor do not shine through."""
    for nonce in (1, 2, 5, 0b1010_1010, 0b1_0101_0101, 2**39, HIGHEST):
        raise_floor(market, PROSUMER, nonce)
        assert floor_of(market, PROSUMER) == nonce


@pytest.mark.parametrize("floor", [0, 1, 100, HIGHEST])
def test_raise_signed_floor__not_higher__is_refused(market: Market, floor: int) -> None:
    open_account(market, PROSUMER)
    if floor:
        raise_floor(market, PROSUMER, floor)
    for nonce in {0, max(floor - 1, 0), floor}:
        values = {"account": PROSUMER.address, "floor": floor, "nonce": nonce}
        with refused(errors.Settlement_FloorNotHigher, **values):
            raise_floor(market, PROSUMER, nonce)


@pytest.mark.parametrize("floor", [1, HIGHEST])
@pytest.mark.parametrize("nonce", [HIGHEST + 1, 2**256 - 1])
def test_raise_signed_floor__beyond_40_bits__is_refused(
    market: Market, nonce: int, floor: int
) -> None:
    raise_floor(market, PROSUMER, floor)
    with refused(errors.SafeCastOverflowedUintDowncast, bits=40, value=nonce):
        raise_floor(market, PROSUMER, nonce)


def test_raise_signed_floor__accounts__are_apart(market: Market) -> None:
    raise_floor(market, PROSUMER, 7)
    open_account(market, NEIGHBOUR)
    assert (floor_of(market, PROSUMER), floor_of(market, NEIGHBOUR)) == (7, 0)


def test_raise_signed_floor__word_is_full__nothing_else_moves(market: Market) -> None:
    """All money there can be, locked in part, and every flag stay as they are."""
    market.node.rpc("anvil_dealERC20", PROSUMER.address, market.dollar.address, hex(LARGEST))
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, LARGEST)
    market.do(PROSUMER, market.settlement, "deposit", LARGEST)
    lock(market, PROSUMER, 2**103)
    for buying in (True, False):
        grid = market.grid.address
        market.do(grid, market.settlement, "setSideBlocked", PROSUMER.address, buying, True)
    raise_floor(market, PROSUMER, HIGHEST)
    assert floor_of(market, PROSUMER) == HIGHEST
    assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (2**103 - 1, 2**103)
    for buying in (True, False):
        assert market.settlement.call("isSideBlocked", PROSUMER.address, buying)
    assert market.settlement.call("debtOf", PROSUMER.address) == 0


def test_raise_signed_floor__money_moves__keeps_the_floor(market: Market) -> None:
    """Through every way in which an account's word is written."""
    market.go_to(MONDAY + 86_400)
    raise_floor(market, PROSUMER, HIGHEST)
    incur_debt(market, PROSUMER)
    market.deposit(PROSUMER, AMOUNT)
    assert market.settlement.call("debtOf", PROSUMER.address) == 0
    lock(market, PROSUMER, 9)
    number, grid, trading = (
        number_of(market, PROSUMER),
        market.grid.address,
        market.trading.address,
    )
    market.do(trading, market.settlement, "unlock", number, 9)
    for blocked in (True, False):
        market.do(grid, market.settlement, "setSideBlocked", PROSUMER.address, True, blocked)
    market.do(PROSUMER, market.settlement, "withdraw", 5, PROSUMER.address)
    assert floor_of(market, PROSUMER) == HIGHEST


@pytest.mark.parametrize(
    ("holder", "function"),
    [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
    ids=["paused", "shut down"],
)
def test_raise_signed_floor__stopped__is_open(market: Market, holder: Role, function: str) -> None:
    market.do(market.roles[holder], market.settlement, function)
    raise_floor(market, PROSUMER, 1)
    assert floor_of(market, PROSUMER) == 1
