"""SmartMeter.proveSlot and the market: proven energy is sold, credited or charged, by its time.

slot 1: |-- delivery --|-- anchors --|-- proofs, to be sold --|-- final --|-- closable ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import close, holdings, liabilities, record
from tests.unit.contracts.metering.gateways import Leaf, Tree, anchor, assign, prove
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, HOUR, PRICE, Energy, Traders

MATCHED, SETTLED = TransactionStatus
SLOT = MONDAY // HOUR + 1
END = MONDAY + 2 * HOUR
COST = cost_down(AMOUNT, PRICE)


@dataclass(frozen=True, slots=True)
class Deal:
    """A prosumer has sold what it will produce in the first hour to come, and has produced it."""

    traders: Traders
    number: int
    leaf: Leaf
    tree: Tree

    def prove(self) -> Receipt:
        return prove(self.traders.market, self.tree, self.leaf)

    @property
    def state(self) -> tuple[int, TransactionStatus]:
        """Delivered, status."""
        found = self.traders.transaction(self.number)
        return found.delivered, found.status

    def settled(self) -> tuple[int, TransactionStatus]:
        """The state after settling."""
        self.traders.settle(self.number)
        return self.state

    @property
    def moved(self) -> tuple[int, int]:
        """What buyer and seller have more than before, all of it free."""
        (buyer, held), (seller, pledged) = map(
            self.traders.money, (self.traders.buyer, self.traders.seller)
        )
        assert held == pledged == 0
        return buyer - FUNDS, seller - FUNDS


@pytest.fixture
def deal(market: Market, gateway: LocalAccount, prosumer: LocalAccount) -> Deal:
    for trader in (prosumer, actor("buyer")):
        market.deposit(trader, FUNDS)
    traders = Traders(
        market=market,
        buyer=actor("buyer"),
        seller=prosumer,
        rival=actor("rival"),
        meter=gateway,
        keeper=actor("keeper"),
        stranger=actor("stranger"),
    )
    number = traders.agree()
    leaf = Leaf(account=prosumer.address, slot=SLOT, produced=AMOUNT)
    return Deal(traders, number, leaf, anchor(market, gateway, leaf))


def energy_credits(market: Market, account: LocalAccount) -> int:
    return int(market.energy_token.call("balanceOf", account.address))


def closings(market: Market, receipt: Receipt) -> list[dict[str, Any]]:
    return [
        dict(event.arguments) for event in market.events(receipt, market.settlement, "SlotClosed")
    ]


# Sold


@pytest.mark.parametrize("wait", [60, HOUR // 2 + 1, HOUR - 2])
def test_prove_slot_late__before_it_is_final__is_sold(deal: Deal, wait: int) -> None:
    market = deal.traders.market
    with refused(errors.EnergyTrading_NothingToSettle, transaction_id=deal.number):
        deal.traders.settle(deal.number)
    market.at(END + wait)
    assert closings(market, deal.prove()) == []

    assert deal.settled() == (AMOUNT, SETTLED)
    assert deal.moved == (-COST, COST)
    assert deal.traders.energy(deal.traders.seller) == Energy(produced=AMOUNT, sold=AMOUNT)
    assert deal.traders.energy(deal.traders.buyer) == Energy(bought=AMOUNT)


def test_prove_slot_late__sold_over_a_day__each_slot_when_it_is_proven(
    deal: Deal, market: Market, gateway: LocalAccount
) -> None:
    """But for the second one, which is final and looked at before its proof comes."""
    traders, start = deal.traders, MONDAY + 24 * HOUR
    number = traders.agree(5000, kind=PeriodKind.DAILY, start=start)
    leaves = [deal.leaf.but(slot=start // HOUR + n, produced=100 + n) for n in range(3)]
    trees = []
    for leaf, delivered in zip(leaves, (100, 100, 202), strict=True):
        trees.append(anchor(market, gateway, leaf))
        if leaf != leaves[1]:
            prove(market, trees[-1], leaf)
            traders.settle(number)
        assert traders.transaction(number).delivered == delivered
    assert traders.transaction(number).settled_slots == 2

    prove(market, trees[1], leaves[1])

    with refused(errors.EnergyTrading_NothingToSettle, transaction_id=number):
        traders.settle(number)
    assert traders.energy(traders.seller, leaves[1].slot) == Energy(produced=101)


@pytest.mark.parametrize("wait", [0, 1, HOUR - 3])
def test_prove_slot_late__final_but_nobody_has_settled__is_sold(deal: Deal, wait: int) -> None:
    """It cannot be relied on, but it does no harm."""
    deal.traders.market.at(deal.traders.market.final_at(SLOT) + wait)
    deal.prove()

    assert deal.settled() == (AMOUNT, SETTLED)
    assert deal.moved == (-COST, COST)


def test_prove_slot_late__settled_as_final_before__is_not_sold_any_more(deal: Deal) -> None:
    """Whoever sold and did not have it proven in time answers for it, and keeps the energy."""
    market, traders = deal.traders.market, deal.traders
    market.at(market.final_at(SLOT))
    assert deal.settled() == (0, SETTLED)
    compensation = collateral(AMOUNT, traders.collateral)
    assert deal.moved == (compensation, -compensation)

    deal.prove()

    with refused(errors.EnergyTrading_AlreadySettled, transaction_id=deal.number):
        traders.settle(deal.number)
    assert traders.energy(traders.seller) == Energy(produced=AMOUNT)
    market.go_to(market.closable_at(SLOT))
    assert close(market, traders.seller, SLOT)["minted"] == AMOUNT


# Closed


@pytest.mark.parametrize("wait", [0, HOUR, 30 * 24 * HOUR])
def test_prove_slot_late__closed_before__is_credited_at_once(deal: Deal, wait: int) -> None:
    market, traders = deal.traders.market, deal.traders
    market.at(market.closable_at(SLOT))
    nothing = {"account": deal.leaf.account, "slot": SLOT, "minted": 0, "burned": 0}
    nothing |= {"from_grid": 0, "cost": 0, "paid": 0}
    assert dict(close(market, traders.seller, SLOT).arguments) == nothing
    assert deal.settled() == (0, SETTLED)
    market.go_to(market.now + wait)

    receipt = deal.prove()

    assert closings(market, receipt) == [nothing | {"minted": AMOUNT}]
    assert energy_credits(market, traders.seller) == AMOUNT
    assert traders.energy(traders.seller) == Energy(produced=AMOUNT, closed=True)
    with refused(errors.Settlement_SlotClosed, account=deal.leaf.account, slot=SLOT):
        close(market, traders.seller, SLOT)
    with refused(errors.Settlement_SlotProven, account=deal.leaf.account, slot=SLOT):
        deal.prove()
    assert energy_credits(market, traders.seller) == AMOUNT


def test_prove_slot_late__closed_by_a_stranger_in_the_first_second__is_credited_not_sold(
    deal: Deal,
) -> None:
    """Nobody loses energy by it: what the seller loses is what it promised for the time before."""
    market, traders = deal.traders.market, deal.traders
    market.at(market.closable_at(SLOT))
    market.do(traders.stranger, market.settlement, "closeSlot", deal.leaf.account, SLOT)

    deal.prove()

    assert deal.settled() == (0, SETTLED)
    compensation = collateral(AMOUNT, traders.collateral)
    assert deal.moved == (compensation, -compensation)
    assert energy_credits(market, traders.seller) == AMOUNT


def test_prove_slot_late__price_has_changed__that_of_the_slot(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    """300,000 per kWh in the slot, more by the time of the proof."""
    leaf = Leaf(account=prosumer.address, slot=SLOT, consumed=1_001)
    tree = anchor(market, gateway, leaf)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "setBasePrice", 700_000)
    market.deposit(prosumer, 300_299)
    market.go_to(market.closable_at(SLOT))
    close(market, prosumer, SLOT)

    (closing,) = closings(market, prove(market, tree, leaf))

    expected = {"minted": 0, "burned": 0, "from_grid": 1_001, "cost": 300_300, "paid": 300_299}
    assert closing == {"account": leaf.account, "slot": SLOT, **expected}
    assert market.balance(prosumer) == 0
    assert market.settlement.call("debtOf", prosumer.address) == 1


def test_prove_slot_late__bought_energy_was_credited_first__is_used_up(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    """Whoever had bought for a slot that was closed without a proof has the energy in the bank."""
    leaf = Leaf(account=prosumer.address, slot=SLOT, consumed=500)
    tree = anchor(market, gateway, leaf)
    neighbour = actor("neighbour")
    record(market, neighbour, SLOT, produced=400)
    number = (market.settlement.call("numberOf", who.address) for who in (neighbour, prosumer))
    delivery = (*number, SLOT, SLOT + 1, 400, 0, 0)
    market.do(market.trading.address, market.settlement, "deliver", delivery)
    market.deposit(prosumer, 10**6)
    market.go_to(market.closable_at(SLOT))
    assert close(market, prosumer, SLOT)["minted"] == 400

    (closing,) = closings(market, prove(market, tree, leaf))

    expected = {"minted": 0, "burned": 400, "from_grid": 100, "cost": 30_000, "paid": 30_000}
    assert closing == {"account": leaf.account, "slot": SLOT, **expected}
    assert energy_credits(market, prosumer) == 0


@settings(on_chain, max_examples=20)
@given(
    produced=st.integers(0, 1_000),
    consumed=st.integers(0, 1_000),
    bank=st.sampled_from([0, 1, 300, 2_000]),
    money=st.sampled_from([0, 1, 299, 90_000, 10**6]),
)
def test_prove_slot_late__before_or_after_closing__comes_to_the_same(
    market: Market,
    gateway: LocalAccount,
    prosumer: LocalAccount,
    produced: int,
    consumed: int,
    bank: int,
    money: int,
) -> None:
    """Bank, balance, debt, and a slot in which all that came in equals all that went out."""
    with rewound(market):
        first = Leaf(account=prosumer.address, slot=SLOT - 1, produced=bank)
        leaf = Leaf(account=prosumer.address, slot=SLOT, produced=produced, consumed=consumed)
        prove(market, anchor(market, gateway, first), first)
        tree = anchor(market, gateway, leaf)
        if money:
            market.deposit(prosumer, money)
        market.go_to(market.closable_at(SLOT))
        close(market, prosumer, SLOT - 1)

        outcomes = []
        for proven_first in (True, False):
            with rewound(market):
                if proven_first:
                    prove(market, tree, leaf)
                events = [dict(close(market, prosumer, SLOT).arguments)]
                if not proven_first:
                    events += closings(market, prove(market, tree, leaf))
                total = {
                    name: sum(event[name] for event in events)
                    for name in ("minted", "burned", "from_grid", "cost", "paid")
                }
                assert produced + total["burned"] + total["from_grid"] == (
                    consumed + total["minted"]
                )
                assert holdings(market) == liabilities(market)
                debt = market.settlement.call("debtOf", prosumer.address)
                outcomes.append(
                    (total, energy_credits(market, prosumer), market.balance(prosumer), debt)
                )
        assert outcomes[0] == outcomes[1]


def test_prove_slot_late__taken_back_by_then__the_slot_s_reader_counts(
    deal: Deal, market: Market
) -> None:
    """The account has meters of its own again, and another reader, when the proof comes."""
    assign(market, deal.traders.seller, 0)
    market.register_meter(deal.traders.seller)

    deal.prove()

    assert deal.settled() == (AMOUNT, SETTLED)
