"""The day of the demo on the chain: 92 meters sign, accounts close, bills are the model's."""

from __future__ import annotations

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.model.market import DAY, Market, Rules, Tariff
from tests.support.core.chain import Chain
from tests.support.core.full_market import FullMarket
from tests.support.toy_market import close, household, meter
from tests.unit.model.test_demo_figures import BUY, FEED_IN, demo_nets

SLOT, RATED, MONEY, BATCH = 3600, 100_000, 100_000_000, 50


def _key(kind: str, name: str) -> Account:
    return Account.from_key("0x" + keccak(text=f"{kind} of {name}").hex())


def test_day__readings_signed_and_closed__bills_are_the_models_to_the_unit() -> None:
    number, nets = demo_nets()
    tariff = Tariff(buy=BUY, feed_in=FEED_IN)
    model = Market(Rules(slot_seconds=SLOT), tariff, FEED_IN)
    model.found("street", 5000)
    model.fund_grid(10**15)
    market = FullMarket(Chain((number - 1) * DAY), tariff, slot=SLOT, credit=FEED_IN)
    market.fund(10**9)
    community = market["Communities"].create(market.meters_home, 5000, market.supplier)
    holders = {name: _key("holder", name) for name in nets}
    devices = {name: _key("meter", name) for name in nets}
    for name, by_slot in nets.items():
        household(model, name, money=MONEY * 1000, member=True, rated=RATED, day=number)
        meter(model, name, *by_slot, day=number)
        market.household(holders[name], devices[name], money=MONEY, rated=RATED)
        market["Communities"].join(community, by=holders[name].address)
    close(model, *nets, day=number)

    registers = dict.fromkeys(nets, (0, 0))
    for end in range(DAY // SLOT + 1):
        time = number * DAY + end * SLOT
        market.chain.set_time(time)
        if end:
            for name, by_slot in nets.items():
                imported, exported = registers[name]
                net = by_slot[end - 1]
                registers[name] = imported + max(-net, 0), exported + max(net, 0)
        market.meters.read_many(
            *(
                market.meters.sign_reading(
                    devices[name], market.meters.reading(time, registers[name])
                )
                for name in nets
            )
        )
    market.chain.set_time((number + 1) * DAY + 900)
    addresses = [each.address for each in holders.values()]
    for first in range(0, len(addresses), BATCH):
        market["Settlement"].closeThrough(addresses[first : first + BATCH], number)

    security = market.meters.meters.securityFor(RATED) * 1000
    for name, holder in holders.items():
        account = model.accounts[name]
        assert market.free(holder.address) + security == account.free, name
    cash, owed, _, _, _ = market["Settlement"].gridAccount()
    assert (cash - 10**12, owed) == (model.cash - 10**15, 0)
    bills = sum(MONEY * 1000 - model.accounts[name].worth for name in nets)
    assert bills == -34_670_280_000
