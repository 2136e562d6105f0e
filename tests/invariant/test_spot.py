"""The spot market on the chain and in the model, driven at random together; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
)

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.enums import TradeStatus
from energy_grid.domain.slots import SlotEnergy
from energy_grid.errors import ContractError, DomainError
from tests.model import settlement as books
from tests.model import spot as model
from tests.model.costs import Fees
from tests.model.orders import SelfTradeError
from tests.model.settlement import MarketRules, SettlementModel
from tests.model.spot import MAX_AMOUNT, SpotMarket
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.support.settlement import holdings, record
from tests.unit.contracts.spot.traders import FOREVER, Offer, Trade, fund, give_credits

NAMES = ("north", "east", "south")
DAYS = 30 * 86_400

_REASONS = {
    model.SpotStoppedError: "EmergencyStop_Stopped",
    model.ZeroPriceError: "PeerToPeerTrading_ZeroPrice",
    model.TooLargeError: "SafeCastOverflowedUintDowncast",
    model.InactiveError: "PeerToPeerTrading_Inactive",
    model.OfferNotFoundError: "PeerToPeerTrading_NoSuchOffer",
    model.TradeNotFoundError: "PeerToPeerTrading_NoSuchTrade",
    model.OfferNotOpenError: "PeerToPeerTrading_OfferNotOpen",
    model.TradeNotPendingError: "PeerToPeerTrading_TradeNotPending",
    model.NotSellerError: "PeerToPeerTrading_NotSeller",
    model.NotPartyError: "PeerToPeerTrading_NotParty",
    model.AboveRemainingError: "PeerToPeerTrading_AboveRemaining",
    SelfTradeError: "PeerToPeerTrading_SelfTrade",
    books.ZeroAmountError: "PeerToPeerTrading_ZeroAmount",
    books.DebtOutstandingError: "Settlement_InDebt",
    books.InsufficientBalanceError: "Settlement_InsufficientBalance",
    books.InsufficientEnergyError: "ERC20InsufficientBalance",
}

names = st.sampled_from(NAMES)
# What does not fit 64 bits is seldom tried, and nothing seldom, too.
amounts = st.integers(1, 40) | st.sampled_from([0, 1, 500, 999, 1000, 1001, MAX_AMOUNT + 1])
prices = st.sampled_from([1, 7, 999, 1001, 250_001, 250_001, 0, MAX_AMOUNT, MAX_AMOUNT + 1])


class SpotOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize()
    def open(self) -> None:
        market = self.market
        self.undo = rewound(market)
        self.undo.__enter__()
        # Side (True for producers) and name of who was deactivated.
        self.barred: set[tuple[bool, str]] = set()
        self.settlement_model = SettlementModel(MarketRules(grace=market.grace), Fees())
        self.spot = SpotMarket(self.settlement_model, self.may_deal)
        self.now = MONDAY + DAYS
        market.go_to(self.now)
        for name in NAMES:
            account = actor(name)
            market.do(account, market.grid, "registerProducer", 10_000, 0)
            market.do(account, market.grid, "registerConsumer", 10_000)
            market.do(account, market.energy_token, "approve", market.spot.address, FOREVER)
            self.deposit(name, 1_000_000)
            self.give_credits(name, 2_000)
        # Each slot is closed once: the newest first.
        self.slot = market.slot(self.now) - 10
        for name, buyer in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True):
            self.create_offer(name, 1001, 1001)
            self.create_trade(name, buyer, 500, 250_001)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def may_deal(self, name: str, buying: bool) -> bool:
        """They are both producers and consumers: who is barred on one side acts on the other."""
        return (not buying, name) not in self.barred

    def both(
        self, move: Callable[[int], Any], sender: LocalAccount, function: str, *arguments: Any
    ) -> Any:
        """Do it in the model and, at the same second, on the chain; what the model gave, None where
        both refuse, for the same reason."""
        self.now = max(self.now, self.market.now) + 1
        given = reason = refusal = None
        try:
            given = move(self.now)
        except DomainError as error:
            reason = _REASONS[type(error)]
        try:
            self.market.at(self.now).do(sender, self.market.spot, function, *arguments)
        except ContractError as error:
            refusal = error.name
        assert reason == refusal, function
        return given

    def authority(self, contract: Contract, function: str, *arguments: Any) -> None:
        self.market.do(self.market.roles[Role.GRID_AUTHORITY], contract, function, *arguments)

    def number(self, data: st.DataObject, known: dict[int, Any]) -> int:
        """The number of one of the newest offers or trades; now and then of none."""
        if not known or data.draw(st.integers(0, 15)) == 15:
            return len(known) + 1
        return data.draw(st.sampled_from(sorted(known)[-5:]))

    # What happens outside

    @rule(name=names, amount=st.sampled_from([1, 999_999]))
    def deposit(self, name: str, amount: int) -> None:
        self.settlement_model.deposit(name, amount)
        fund(self.market, actor(name), amount)

    @rule(name=names, wh=st.sampled_from([1, 2_000]))
    def give_credits(self, name: str, wh: int) -> None:
        self.settlement_model.energy[name, 0] = SlotEnergy(produced=wh)
        self.settlement_model.close_slot(name, 0, 0, self.now)
        give_credits(self.market, actor(name), wh)

    @rule(name=names, wh=st.sampled_from([100, 3_000, 50_000]))
    def draw(self, name: str, wh: int) -> None:
        """A slot is closed: energy credits first, then the grid, then a debt, without the credits
        on offer."""
        market, slot = self.market, self.slot
        record(market, actor(name), slot, consumed=wh)
        price = market.grid.call("priceOf", slot)
        market.do(actor("keeper"), market.settlement, "closeSlot", actor(name).address, slot)
        self.settlement_model.energy[name, slot] = SlotEnergy(consumed=wh)
        self.settlement_model.close_slot(name, slot, price, market.now)
        self.slot -= 1

    @rule(bps=st.sampled_from([0, 33, 100]), charge=st.sampled_from([0, 999, 100_000]))
    def set_fees(self, bps: int, charge: int) -> None:
        self.settlement_model.fees = Fees(protocol_bps=bps, grid_per_kwh=charge)
        self.authority(self.market.settlement, "setFees", bps, charge)

    @rule(name=names, producer=st.booleans())
    def bar_or_not(self, name: str, producer: bool) -> None:
        function = "reactivate" if (producer, name) in self.barred else "deactivate"
        self.barred ^= {(producer, name)}
        self.authority(self.market.grid, f"{function}Participant", actor(name).address, producer)

    # Offers and trades

    @rule(name=names, amount=amounts, price=prices)
    def create_offer(self, name: str, amount: int, price: int) -> None:
        self.both(
            lambda now: self.spot.create_offer(name, amount, price, now),
            *(actor(name), "createEnergyOffer", amount, price),
        )

    @rule(data=st.data(), name=names, amount=amounts)
    def accept_offer(self, data: st.DataObject, name: str, amount: int) -> None:
        self.accept(self.number(data, self.spot.offers), name, amount)

    @precondition(lambda self: self.spot.offers)
    @rule(data=st.data(), name=names)
    def accept_all_of_an_offer(self, data: st.DataObject, name: str) -> None:
        offer = data.draw(st.sampled_from(sorted(self.spot.offers)))
        self.accept(offer, name, self.spot.offers[offer].remaining)

    def accept(self, offer: int, name: str, amount: int) -> None:
        self.both(
            lambda _: self.spot.accept_offer(offer, name, amount),
            *(actor(name), "acceptEnergyOffer", offer, amount),
        )

    @rule(
        name=names, buyer=names, amount=st.integers(1, 900), price=prices, first=st.integers(1, 900)
    )
    def sell_in_two_parts(self, name: str, buyer: str, amount: int, price: int, first: int) -> None:
        """The ordinary course of things."""
        self.create_offer(name, amount, price)
        offer = len(self.spot.offers)
        for part in (min(first, amount), amount - min(first, amount)):
            self.accept(offer, buyer, part)

    @rule(data=st.data(), name=names)
    def cancel_offer(self, data: st.DataObject, name: str) -> None:
        offer = self.number(data, self.spot.offers)
        self.both(
            lambda _: self.spot.cancel_offer(offer, name),
            *(actor(name), "cancelEnergyOffer", offer),
        )

    @rule(name=names, buyer=names, amount=amounts, price=prices)
    def create_trade(self, name: str, buyer: str, amount: int, price: int) -> None:
        self.both(
            lambda now: self.spot.create_trade(name, buyer, amount, price, now),
            *(actor(name), "createTrade", actor(buyer).address, amount, price),
        )

    @rule(data=st.data(), name=names)
    def complete_trade(self, data: st.DataObject, name: str) -> None:
        trade = self.number(data, self.spot.trades)
        self.both(
            lambda _: self.spot.complete_trade(trade, name),
            *(actor(name), "completeTrade", trade),
        )

    @precondition(lambda self: self.spot.trades)
    @rule(data=st.data())
    def complete_a_trade_as_its_buyer(self, data: st.DataObject) -> None:
        trade = data.draw(st.sampled_from(sorted(self.spot.trades)))
        buyer = self.spot.trades[trade].buyer
        self.both(
            lambda _: self.spot.complete_trade(trade, buyer),
            *(actor(buyer), "completeTrade", trade),
        )

    @rule(data=st.data(), name=names)
    def cancel_trade(self, data: st.DataObject, name: str) -> None:
        trade = self.number(data, self.spot.trades)
        self.both(
            lambda _: self.spot.cancel_trade(trade, name),
            *(actor(name), "cancelTrade", trade),
        )

    @rule(data=st.data(), name=names, buyer=names)
    def stop_for_a_while(self, data: st.DataObject, name: str, buyer: str) -> None:
        """What is new is refused, and what ends something is not."""
        guardian = self.market.roles[Role.GUARDIAN]
        self.market.do(guardian, self.market.spot, "pause")
        self.spot.stopped = True
        self.create_offer(name, 1, 1)
        self.create_trade(name, buyer, 1, 1)
        self.accept(self.number(data, self.spot.offers), name, 1)
        self.complete_trade(data, name)
        self.cancel_offer(data, name)
        self.cancel_trade(data, name)
        self.market.do(guardian, self.market.spot, "unpause")
        self.spot.stopped = False

    # Invariants

    @invariant()
    def money_and_energy_are_equal_to_the_model_and_none_is_lost(self) -> None:
        if not hasattr(self, "undo"):
            return
        market, settlement_model, token = (
            self.market,
            self.market.settlement,
            self.market.energy_token,
        )
        accounts = [(actor(name).address,) for name in NAMES]
        expected = [self.settlement_model.account(name) for name in NAMES]
        available = settlement_model.call_many("balanceOf", accounts)
        assert available == [each.available for each in expected]
        assert settlement_model.call_many("debtOf", accounts) == [each.debt for each in expected]
        treasury, owed = self.settlement_model.treasury, settlement_model.call("treasuryOwed")
        fees = treasury.protocol_fees + treasury.grid_fees
        assert owed == (fees, treasury.grid_sales)
        assert holdings(market) == sum(available) + sum(owed)

        *energy_credits, held = token.call_many("balanceOf", [*accounts, (market.spot.address,)])
        assert energy_credits == [each.energy_credits for each in expected]
        assert held == self.spot.held
        assert token.call("totalSupply") == held + sum(energy_credits)

    @invariant()
    def what_is_held_is_what_is_on_sale(self) -> None:
        if not hasattr(self, "undo"):
            return
        market, spot = self.market, self.market.spot
        assert spot.call("offerCount") == len(self.spot.offers)
        assert spot.call("tradeCount") == len(self.spot.trades)
        found = spot.call_many("getEnergyOffer", [(number,) for number in self.spot.offers])
        offers = [Offer(*offer) for offer in found]
        found = spot.call_many("getTradeInfo", [(number,) for number in self.spot.trades])
        trades = [Trade(*trade) for trade in found]
        assert offers == [
            Offer(
                actor(offer.seller).address,
                *(offer.amount, offer.remaining, offer.price, offer.created_at, offer.status),
            )
            for offer in self.spot.offers.values()
        ]
        assert trades == [
            Trade(
                *(actor(trade.seller).address, actor(trade.buyer).address),
                *(trade.amount, trade.price, trade.created_at, trade.status),
            )
            for trade in self.spot.trades.values()
        ]
        pending = [trade.amount for trade in trades if trade.status is TradeStatus.PENDING]
        on_sale = sum(offer.remaining for offer in offers) + sum(pending)
        assert on_sale == market.energy_token.call("balanceOf", spot.address)


def test_spot_market__in_any_order__keeps_to_the_model_and_its_invariants(
    market: Market, drive: Drive
) -> None:
    drive(SpotOnChain, market, examples=12, steps=35)
