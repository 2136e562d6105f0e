"""TestDollar.faucet: worthless money for everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused

VISITOR = actor("visitor")
NOBODY = "0x" + "00" * 20
LIMIT = 10_000 * 10**6


@pytest.mark.parametrize("amount", [LIMIT + 1, 2**256 - 1])
def test_faucet__above_the_limit__is_refused(market: Market, amount: int) -> None:
    with refused(errors.TestDollar_AboveLimit, amount=amount, maximum=LIMIT):
        market.do(VISITOR, market.dollar, "faucet", amount)


@pytest.mark.parametrize("amount", [0, 1, LIMIT])
def test_faucet__within_the_limit__is_minted(market: Market, amount: int) -> None:
    receipt = market.do(VISITOR, market.dollar, "faucet", amount)
    (event,) = market.events(receipt, market.dollar, "Transfer")
    assert event.arguments == {"from": NOBODY, "to": VISITOR.address, "value": amount}
    assert market.dollar.call("balanceOf", VISITOR.address) == amount
    assert market.dollar.call("totalSupply") == amount


def test_faucet__again__gives_again(market: Market) -> None:
    for _ in range(3):
        market.do(VISITOR, market.dollar, "faucet", LIMIT)
    assert market.dollar.call("balanceOf", VISITOR.address) == 3 * LIMIT


def test_faucet__by_the_forwarder__gives_to_who_signed(market: Market) -> None:
    forwarder = market.contracts["ERC2771Forwarder"].address
    call = market.dollar.prepare("faucet", 7)
    signed = bytes.fromhex(VISITOR.address[2:])
    market.send(forwarder, replace(call, data=call.data + signed))
    assert market.dollar.call("balanceOf", VISITOR.address) == 7
    # Nobody else is believed.
    stranger = actor("stranger")
    market.send(stranger, replace(call, data=call.data + signed))
    balances = [market.dollar.call("balanceOf", each.address) for each in (VISITOR, stranger)]
    assert balances == [7, 7]


def test_transfer__by_the_forwarder__is_of_who_signed(market: Market) -> None:
    forwarder = market.contracts["ERC2771Forwarder"].address
    market.do(VISITOR, market.dollar, "faucet", 7)
    call = market.dollar.prepare("transfer", forwarder, 3)
    market.send(forwarder, replace(call, data=call.data + bytes.fromhex(VISITOR.address[2:])))
    balances = [market.dollar.call("balanceOf", each) for each in (VISITOR.address, forwarder)]
    assert balances == [4, 3]
