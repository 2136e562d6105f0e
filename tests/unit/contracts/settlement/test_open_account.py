"""openAccount: the short name of an account."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import number_of

PROSUMER, NEIGHBOUR, VISITOR = actor("prosumer"), actor("neighbour"), actor("visitor")
NOBODY = "0x" + "00" * 20


def open_for(market: Market, address: str) -> Receipt:
    return market.do(market.meters.address, market.settlement, "openAccount", address)


def test_open_account__nobody__is_refused(market: Market) -> None:
    with refused(errors.Settlement_BadRecipient, to=NOBODY):
        open_for(market, NOBODY)


def test_open_account__settlement_itself__is_refused(market: Market) -> None:
    settlement = market.settlement.address
    with refused(errors.Settlement_BadRecipient, to=settlement):
        open_for(market, settlement)


def test_open_account__the_spot_market__is_refused(market: Market) -> None:
    """Nor once a deposit has given it a number: energy on offer there is not its own to use."""
    spot = market.spot.address
    market.give_money(PROSUMER, 5)
    for deposited in (False, True):
        if deposited:
            market.do(PROSUMER, market.settlement, "depositFor", spot, 5)
        with refused(errors.Settlement_BadRecipient, to=spot):
            open_for(market, spot)


def test_open_account__new_ones__are_numbered_from_1(market: Market) -> None:
    for number, account in enumerate((PROSUMER, NEIGHBOUR, VISITOR), 1):
        receipt = open_for(market, account.address)
        (opened,) = market.events(receipt, market.settlement, "AccountOpened")
        assert opened.arguments == {"account": account.address, "number": number}
        assert number_of(market, account) == number
        assert market.settlement.call("accountAt", number) == account.address
        assert market.settlement.call("accountCount") == number


def test_open_account__opened_elsewhere__keeps_its_number(market: Market) -> None:
    """A deposit and a block open accounts in the same book."""
    market.deposit(PROSUMER, 5)
    block = ("setSideBlocked", NEIGHBOUR.address, True, True)
    market.do(market.grid.address, market.settlement, *block)
    open_for(market, VISITOR.address)
    for number, account in enumerate((PROSUMER, NEIGHBOUR, VISITOR), 1):
        arguments = ("openAccount", account.address)
        assert market.settlement.call(*arguments, sender=market.meters.address) == number
        assert open_for(market, account.address).logs == []
    assert market.settlement.call("accountCount") == 3
