"""openAccount: the short name of an account."""

from __future__ import annotations

from energy_grid.adapters.chain import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import number_of

PROSUMER, NEIGHBOUR, VISITOR = actor("prosumer"), actor("neighbour"), actor("visitor")
NOBODY = "0x" + "00" * 20


def open_for(market: Market, address: str, *, module: str = "SmartMeter") -> Receipt:
    caller = market.contracts[module].address
    return market.do(caller, market.settlement, "openAccount", address)


def test_open_account__nobody__is_refused(market: Market) -> None:
    with refused(errors.Settlement_BadRecipient, to=NOBODY):
        open_for(market, NOBODY)


def test_open_account__settlement_itself__is_refused(market: Market) -> None:
    ledger = market.settlement.address
    with refused(errors.Settlement_BadRecipient, to=ledger):
        open_for(market, ledger)


def test_open_account__new_ones__are_numbered_from_1(market: Market) -> None:
    modules = {PROSUMER: "SmartMeter", NEIGHBOUR: "GridManagement", VISITOR: "SmartMeter"}
    for number, (account, module) in enumerate(modules.items(), 1):
        receipt = open_for(market, account.address, module=module)
        (opened,) = market.events(receipt, market.settlement, "AccountOpened")
        assert opened.arguments == {"account": account.address, "number": number}
        assert number_of(market, account) == number
        assert market.settlement.call("accountAt", number) == account.address
        assert market.settlement.call("accountCount") == number


def test_open_account__again__keeps_its_number(market: Market) -> None:
    for account in (PROSUMER, NEIGHBOUR):
        open_for(market, account.address)
    for module in ("SmartMeter", "GridManagement"):
        caller = market.contracts[module].address
        again = market.settlement.call("openAccount", PROSUMER.address, sender=caller)
        assert again == 1
        assert open_for(market, PROSUMER.address, module=module).logs == []
    assert market.settlement.call("accountCount") == 2
