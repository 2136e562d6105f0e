"""The spot market: energy credits change hands at once, against money in Settlement."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.domain.enums import EmergencyProtocol, OfferStatus, TradeStatus
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import House
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

__all__ = ["tell_of_energy_credits"]

_PRICE = 27 * CENT


def tell_of_energy_credits(stage: Stage, houses: dict[str, House]) -> None:
    """The prosumer sells energy credits: to any buyer, and to the consumer alone."""
    _credits(stage)
    _an_offer(stage, houses)
    _sold(stage)
    _taken_back(stage)
    _a_trade(stage)
    _no_trade(stage)
    _a_token_that_fails(stage)


def _credits(stage: Stage) -> None:
    market, spot, prosumer = stage.market, stage.market.spot, stage.person("the prosumer")
    stage.chapter("Friday: what was not sold became energy credits")
    kept = market.settlement.credits_of(prosumer.address)
    stage.check(kept == 8100, f"the prosumer has credits of {kept} Wh")
    stage.shows("the prosumer's credits, in Wh", kept)
    withdraw = market.settlement.withdraw_credits(1100)
    stage.does("it takes 1.1 kWh out, as a token", prosumer, withdraw, "Transfer")
    stage.shows("the settlement contract", spot.settlement())
    stage.shows("who says who takes part", spot.grid())
    stage.shows("the token of energy credits", spot.energy_token())
    balance = spot.get_energy_balance(prosumer.address)
    stage.check(balance == 1100, f"the prosumer has tokens of {balance} Wh")
    stage.shows("the prosumer's tokens, in Wh", balance)


def _an_offer(stage: Stage, houses: dict[str, House]) -> None:
    market, spot, prosumer, consumer = (
        stage.market,
        stage.market.spot,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    stage.chapter("An offer to any buyer")
    stage.does(
        "the prosumer allows 1 kWh", prosumer, market.energy_token.approve(spot.address, 1000)
    )
    offer = spot.create_energy_offer(600, _PRICE)
    stage.refuses(
        "an offer of the prosumer's, before it takes part in the grid",
        errors.PeerToPeerTrading_Inactive,
        prosumer,
        offer,
        account=prosumer.address,
        buying=False,
    )
    producer = market.grid.register_producer(1000, EnergyType.SOLAR)
    stage.does("the prosumer registers as a producer", prosumer, producer)
    stage.does("the consumer as a consumer", consumer, market.grid.register_consumer(1000))
    for name, is_producer in (("the prosumer", True), ("the consumer", False)):
        confirm = market.grid.confirm_by_meter(houses[name].meter.address, is_producer)
        stage.does(f"the meter of {name} confirms it", stage.keeper, confirm)
    for what, error, amount, price in (
        ("an offer of nothing", errors.PeerToPeerTrading_ZeroAmount, 0, _PRICE),
        ("an offer for nothing", errors.PeerToPeerTrading_ZeroPrice, 600, 0),
        ("more than 64 bits hold", errors.SafeCastOverflowedUintDowncast, 2**64, _PRICE),
    ):
        stage.refuses(what, error, prosumer, spot.create_energy_offer(amount, price))
    stage.does(
        "the prosumer offers 0.6 kWh at 27 cents per kWh", prosumer, offer, "EnergyOfferCreated"
    )
    stage.shows("offers so far", spot.offer_count())
    stage.shows("this one", spot.get_energy_offer(1))
    stage.shows("what the prosumer has in hand", spot.get_energy_balance(prosumer.address))


def _sold(stage: Stage) -> None:
    spot, settlement, prosumer, consumer = (
        stage.market.spot,
        stage.market.settlement,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    stage.chapter("Bought at once")
    before = settlement.balance_of(prosumer.address)
    happened = stage.does(
        "the consumer buys 0.2 kWh for 5.4 cents",
        consumer,
        spot.accept_energy_offer(1, 200),
        "SpotPaid",
    )
    paid = only(happened, "EnergyOfferAccepted")["paid"]
    got = settlement.balance_of(prosumer.address) - before
    stage.check(paid == got == 54_000, f"the consumer paid {paid}, and the prosumer got {got}")
    stage.shows("what the prosumer has got", dollars(got))
    stage.does(
        "0.1 kWh for at most 3 cents, whatever the number of the offer means by then",
        consumer,
        spot.accept_energy_offer_at_most(1, 100, 3 * CENT),
        "EnergyOfferAccepted",
    )
    for what, error, person, call in (
        (
            "0.1 kWh for at most 2 cents",
            errors.PeerToPeerTrading_AboveLimit,
            consumer,
            spot.accept_energy_offer_at_most(1, 100, 2 * CENT),
        ),
        (
            "more than is left",
            errors.PeerToPeerTrading_AboveRemaining,
            consumer,
            spot.accept_energy_offer(1, 301),
        ),
        (
            "the prosumer of itself",
            errors.PeerToPeerTrading_SelfTrade,
            prosumer,
            spot.accept_energy_offer(1, 100),
        ),
        (
            "of an offer that is not there",
            errors.PeerToPeerTrading_NoSuchOffer,
            consumer,
            spot.accept_energy_offer(9, 100),
        ),
    ):
        stage.refuses(what, error, person, call)
    stage.check(
        spot.get_energy_balance(consumer.address) == 300, "the consumer has not got 0.3 kWh"
    )


def _in_an_emergency(stage: Stage) -> None:
    market, spot, safe = stage.market, stage.market.spot, stage.safe
    coast = stage.person("the house at the coast")
    stage.chapter("In an emergency")
    stage.does("the house at the coast registers", coast, market.grid.register_consumer(1000))
    confirm = market.grid.confirm_participant(coast.address, False)
    stage.does("and is confirmed", safe, confirm)
    for what, protocol, error, person in (
        (
            "its producers are curtailed: nobody of it sells",
            EmergencyProtocol.GENERATION_CURTAILMENT,
            errors.PeerToPeerTrading_RegionClosed,
            stage.person("the consumer"),
        ),
        (
            "it is islanded: nothing crosses its border",
            EmergencyProtocol.ISLANDING,
            errors.PeerToPeerTrading_BorderClosed,
            coast,
        ),
    ):
        declare = market.grid.implement_emergency_protocol("home", protocol)
        stage.does(f"the home region: {protocol.name}", safe, declare)
        stage.refuses(what, error, person, spot.accept_energy_offer(1, 100))
    ended = market.grid.implement_emergency_protocol("home", EmergencyProtocol.NONE)
    stage.does("it is over", safe, ended)


def _taken_back(stage: Stage) -> None:
    spot, prosumer, consumer = (
        stage.market.spot,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    _in_an_emergency(stage)
    stage.chapter("Taken back")
    cancel = spot.cancel_energy_offer(1)
    stage.refuses(
        "the consumer cancels the prosumer's offer",
        errors.PeerToPeerTrading_NotSeller,
        consumer,
        cancel,
        caller=consumer.address,
    )
    stage.does(
        "the prosumer does, and has the other 0.3 kWh back",
        prosumer,
        cancel,
        "EnergyOfferCancelled",
    )
    stage.check(
        spot.get_energy_balance(prosumer.address) == 800, "the prosumer has not got them back"
    )
    stage.refuses(
        "an offer that is over",
        errors.PeerToPeerTrading_OfferNotOpen,
        consumer,
        spot.accept_energy_offer(1, 100),
        status=OfferStatus.CANCELLED,
    )


def _a_trade(stage: Stage) -> None:
    spot, prosumer, consumer, neighbour = (
        stage.market.spot,
        *map(stage.person, ("the prosumer", "the consumer", "the neighbour")),
    )
    stage.chapter("An offer to one person")
    for what, price in (
        ("the prosumer holds 0.1 kWh at 20 cents for the consumer", 20),
        ("another 0.1 at 24", 24),
    ):
        trade = spot.create_trade(consumer.address, 100, price * CENT)
        stage.does(what, prosumer, trade, "TradeCreated")
    stage.shows("trades so far", spot.trade_count())
    stage.shows("the first", spot.get_trade_info(1))
    stage.refuses(
        "the neighbour completes it",
        errors.PeerToPeerTrading_NotParty,
        neighbour,
        spot.complete_trade(1),
        caller=neighbour.address,
    )
    stage.does("the consumer does, for 2 cents", consumer, spot.complete_trade(1), "TradeCompleted")
    stage.refuses(
        "the consumer does so again",
        errors.PeerToPeerTrading_TradeNotPending,
        consumer,
        spot.complete_trade(1),
        status=TradeStatus.COMPLETED,
    )
    stage.refuses(
        "the second, which costs 2.4, for 2",
        errors.PeerToPeerTrading_AboveLimit,
        consumer,
        spot.complete_trade_at_most(2, 2 * CENT),
        paid=24_000,
    )
    happened = stage.does("for 2.4 at most", consumer, spot.complete_trade_at_most(2, 24_000))
    stage.check(
        only(happened, "TradeCompleted")["paid"] == 24_000, "the consumer paid something else"
    )
    stage.check(
        spot.get_energy_balance(consumer.address) == 500, "the consumer has not got 0.5 kWh"
    )


def _no_trade(stage: Stage) -> None:
    spot, prosumer, consumer = (
        stage.market.spot,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    stage.chapter("A trade that is cancelled")
    stage.does(
        "0.1 kWh for the consumer", prosumer, spot.create_trade(consumer.address, 100, _PRICE)
    )
    stage.does(
        "it says no, and the prosumer has them back",
        consumer,
        spot.cancel_trade(3),
        "TradeCancelled",
    )
    stage.check(
        spot.get_energy_balance(prosumer.address) == 600, "the prosumer has not got them back"
    )
    stage.refuses_to_answer(
        "one that is not there",
        errors.PeerToPeerTrading_NoSuchTrade,
        lambda: spot.get_trade_info(9),
        trade_id=9,
    )


def _a_token_that_fails(stage: Stage) -> None:
    market, settlement, prosumer = (
        stage.market,
        stage.market.settlement,
        stage.person("the prosumer"),
    )
    stage.chapter("A token that fails without saying so")
    stage.says("The market's own token of energy does not. On one that does:")
    token = stage.deploy("a token whose transfers can answer no", "FalseToken")
    forwarder = market.contract("ERC2771Forwarder").address
    modules = (
        settlement.trading_module(),
        settlement.spot_module(),
        settlement.meter_module(),
        settlement.days_module(),
        settlement.grid_module(),
        settlement.energy(),
        settlement.tariffs(),
        token.address,
        forwarder,
    )
    manager = market.access.address
    other = stage.deploy(
        "a settlement contract with it as energy credits",
        "Settlement",
        manager,
        market.money.address,
        modules,
        (900, 3600, 3600, DOLLAR, DOLLAR),
        DOLLAR,
    )
    spot = stage.deploy(
        "a spot market on it", "PeerToPeerTrading", manager, other.address, forwarder
    )
    stage.does("its transfers fail", prosumer, token.prepare("setFailing", True))
    stage.refuses(
        "an offer of energy that does not come in",
        errors.SafeERC20FailedOperation,
        prosumer,
        spot.prepare("createEnergyOffer", 1000, _PRICE),
        token=token.address,
    )
