"""The spot market: banked energy changes hands at once, against money of the vault."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.domain.enums import OfferStatus, TradeStatus
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

__all__ = ["tell_of_banked_energy"]

_HOUR = 3600
_PRICE = 27 * CENT


def tell_of_banked_energy(stage: Stage) -> None:
    """Ada sells what she has banked: to everybody, and to Ben alone."""
    _banked(stage)
    _an_offer(stage)
    _sold(stage)
    _taken_back(stage)
    _a_trade(stage)
    _no_trade(stage)
    _a_token_that_fails(stage)


def _banked(stage: Stage) -> None:
    market, spot, ada = stage.market, stage.market.spot, stage.person("Ada")
    slot = market.slot() - 1
    stage.wait_until(market.time_of(slot + 1) + 2 * market.settlement.grace())
    stage.chapter("15:00: what was not sold is in the bank")
    stage.does(
        "the hour from 12 to 13 is closed: 5.5 kWh less 4.4",
        ada,
        market.settlement.close_slot(ada.address, slot),
        "SlotClosed",
    )
    stage.shows("the vault", spot.settlement())
    stage.shows("who says who takes part", spot.grid())
    stage.shows("the token of banked energy", spot.energy_token())
    balance = spot.get_energy_balance(ada.address)
    stage.check(balance == 1100, f"Ada has banked {balance} Wh")
    stage.shows("what Ada has banked, in Wh", balance)


def _an_offer(stage: Stage) -> None:
    market, spot, ada, ben = (
        stage.market,
        stage.market.spot,
        stage.person("Ada"),
        stage.person("Ben"),
    )
    stage.chapter("An offer to everybody")
    stage.does("Ada allows 1 kWh", ada, market.energy_token.approve(spot.address, 1000))
    offer = spot.create_energy_offer(600, _PRICE)
    stage.refuses(
        "an offer of somebody who does not take part in the grid",
        errors.PeerToPeerTrading_Inactive,
        ada,
        offer,
        account=ada.address,
        buying=False,
    )
    producer = market.grid.register_producer(10_000, EnergyType.SOLAR)
    stage.does("Ada is a producer now", ada, producer)
    stage.does("and Ben a consumer", ben, market.grid.register_consumer(10_000))
    for what, error, amount, price in (
        ("an offer of nothing", errors.PeerToPeerTrading_ZeroAmount, 0, _PRICE),
        ("an offer for nothing", errors.PeerToPeerTrading_ZeroPrice, 600, 0),
        ("more than 64 bits hold", errors.SafeCastOverflowedUintDowncast, 2**64, _PRICE),
    ):
        stage.refuses(what, error, ada, spot.create_energy_offer(amount, price))
    stage.does("Ada offers 0.6 kWh at 27 cents per kWh", ada, offer, "EnergyOfferCreated")
    stage.shows("offers so far", spot.offer_count())
    stage.shows("this one", spot.get_energy_offer(1))
    stage.shows("what Ada has in hand", spot.get_energy_balance(ada.address))


def _sold(stage: Stage) -> None:
    spot, ledger, ada, ben = (
        stage.market.spot,
        stage.market.settlement,
        stage.person("Ada"),
        stage.person("Ben"),
    )
    stage.chapter("Bought at once")
    before = ledger.balance_of(ada.address)
    happened = stage.does(
        "Ben buys 0.2 kWh for 5.4 cents", ben, spot.accept_energy_offer(1, 200), "SpotPaid"
    )
    paid = only(happened, "EnergyOfferAccepted")["paid"]
    got = ledger.balance_of(ada.address) - before
    stage.check(paid == got == 54_000, f"Ben paid {paid}, and Ada got {got}")
    stage.shows("what Ada has got", dollars(got))
    stage.does(
        "0.1 kWh for at most 3 cents, whatever the number of the offer means by then",
        ben,
        spot.accept_energy_offer_at_most(1, 100, 3 * CENT),
        "EnergyOfferAccepted",
    )
    for what, error, person, call in (
        (
            "0.1 kWh for at most 2 cents",
            errors.PeerToPeerTrading_AboveLimit,
            ben,
            spot.accept_energy_offer_at_most(1, 100, 2 * CENT),
        ),
        (
            "more than is left",
            errors.PeerToPeerTrading_AboveRemaining,
            ben,
            spot.accept_energy_offer(1, 301),
        ),
        (
            "Ada of herself",
            errors.PeerToPeerTrading_SelfTrade,
            ada,
            spot.accept_energy_offer(1, 100),
        ),
        (
            "of an offer that is not there",
            errors.PeerToPeerTrading_NoSuchOffer,
            ben,
            spot.accept_energy_offer(9, 100),
        ),
    ):
        stage.refuses(what, error, person, call)
    stage.check(spot.get_energy_balance(ben.address) == 300, "Ben has not got 0.3 kWh")


def _taken_back(stage: Stage) -> None:
    spot, ada, ben = stage.market.spot, stage.person("Ada"), stage.person("Ben")
    stage.chapter("Taken back")
    cancel = spot.cancel_energy_offer(1)
    stage.refuses(
        "Ben cancels Ada's offer",
        errors.PeerToPeerTrading_NotSeller,
        ben,
        cancel,
        caller=ben.address,
    )
    stage.does("Ada does, and has the other 0.3 kWh back", ada, cancel, "EnergyOfferCancelled")
    stage.check(spot.get_energy_balance(ada.address) == 800, "Ada has not got them back")
    stage.refuses(
        "an offer that is over",
        errors.PeerToPeerTrading_OfferNotOpen,
        ben,
        spot.accept_energy_offer(1, 100),
        status=OfferStatus.CANCELLED,
    )


def _a_trade(stage: Stage) -> None:
    spot, ada, ben, carl = stage.market.spot, *map(stage.person, ("Ada", "Ben", "Carl"))
    stage.chapter("An offer to one person")
    for what, price in (("Ada holds 0.1 kWh at 20 cents for Ben", 20), ("another 0.1 at 24", 24)):
        trade = spot.create_trade(ben.address, 100, price * CENT)
        stage.does(what, ada, trade, "TradeCreated")
    stage.shows("trades so far", spot.trade_count())
    stage.shows("the first", spot.get_trade_info(1))
    stage.refuses(
        "Carl completes it",
        errors.PeerToPeerTrading_NotParty,
        carl,
        spot.complete_trade(1),
        caller=carl.address,
    )
    stage.does("Ben does, for 2 cents", ben, spot.complete_trade(1), "TradeCompleted")
    stage.refuses(
        "Ben does so again",
        errors.PeerToPeerTrading_TradeNotPending,
        ben,
        spot.complete_trade(1),
        status=TradeStatus.COMPLETED,
    )
    stage.refuses(
        "the second, which costs 2.4, for 2",
        errors.PeerToPeerTrading_AboveLimit,
        ben,
        spot.complete_trade_at_most(2, 2 * CENT),
        paid=24_000,
    )
    happened = stage.does("for 2.4 at most", ben, spot.complete_trade_at_most(2, 24_000))
    stage.check(only(happened, "TradeCompleted")["paid"] == 24_000, "Ben paid something else")
    stage.check(spot.get_energy_balance(ben.address) == 500, "Ben has not got 0.5 kWh")


def _no_trade(stage: Stage) -> None:
    spot, ada, ben = stage.market.spot, stage.person("Ada"), stage.person("Ben")
    stage.chapter("A trade that nobody wants any more")
    stage.does("0.1 kWh for Ben", ada, spot.create_trade(ben.address, 100, _PRICE))
    stage.does("he says no, and Ada has them back", ben, spot.cancel_trade(3), "TradeCancelled")
    stage.check(spot.get_energy_balance(ada.address) == 600, "Ada has not got them back")
    stage.refuses_to_answer(
        "one that is not there",
        errors.PeerToPeerTrading_NoSuchTrade,
        lambda: spot.get_trade_info(9),
        trade_id=9,
    )


def _a_token_that_fails(stage: Stage) -> None:
    market, ledger, ada = stage.market, stage.market.settlement, stage.person("Ada")
    stage.chapter("A token that fails without saying so")
    stage.says("The market's own token of energy does not. On one that does:")
    token = stage.deploy("a token whose transfers can answer no", "FalseToken")
    modules = (
        ledger.trading_module(),
        ledger.spot_module(),
        ledger.meter_module(),
        ledger.grid_module(),
        token.address,
    )
    parameters = (_HOUR, _HOUR, _HOUR, _HOUR, 0)
    manager = market.access.address
    vault = stage.deploy(
        "a vault that takes it for banked energy",
        "Settlement",
        manager,
        market.money.address,
        modules,
        parameters,
        DOLLAR,
    )
    spot = stage.deploy("a spot market on it", "PeerToPeerTrading", manager, vault.address)
    stage.does("its transfers fail", ada, token.prepare("setFailing", True))
    stage.refuses(
        "an offer of energy that does not come in",
        errors.SafeERC20FailedOperation,
        ada,
        spot.prepare("createEnergyOffer", 1000, _PRICE),
        token=token.address,
    )
