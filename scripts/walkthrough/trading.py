"""Trading: on-chain and signed orders, a keeper's batches, the spot market in energy credits."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.tx.sender import Sender
from energy_grid.client import MeterReading, OrderType, Period, PeriodKind, errors
from energy_grid.domain.orders import TransactionStatus
from energy_grid.market.signing import domain_of, sign_registration
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import only, show_authority, show_emergency_stop
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars
from scripts.walkthrough._trading_exits import leave_open, tell_of_the_way_out, tomorrow
from scripts.walkthrough._trading_signed import tell_of_signed_orders
from scripts.walkthrough._trading_spot import tell_of_energy_credits

_HOUR, _DAY = 3600, 86_400
# W that a meter can see, and its slots in one settling: more than a day has.
_POWER, _MANY_SLOTS = 10_000, 48


def tell(stage: Stage) -> None:
    """The prosumer sells its energy: to orders it finds, in a keeper's batches, as credits."""
    stage.wait_until(stage.now - stage.now % _DAY + 9 * _HOUR)
    _who_trades(stage)
    _orders(stage)
    _orders_that_cannot_be(stage)
    _matching(stage)
    _delivered(stage)
    _not_delivered(stage)
    _over(stage)
    _late(stage)
    _a_bot(stage)
    tell_of_signed_orders(stage)
    tell_of_energy_credits(stage)
    _at_deployment(stage)
    trading, spot = stage.market.trading, stage.market.spot
    left = leave_open(stage)
    show_authority(stage, [trading, spot], trading.pause())
    show_emergency_stop(stage, [trading, spot], spot.create_energy_offer(1, 1))
    tell_of_the_way_out(stage, left)


def _who_trades(stage: Stage) -> None:
    market, trading = stage.market, stage.market.trading
    stage.chapter("Tuesday, 9:00: who trades")
    stage.says("The prosumer has a roof that makes power; the consumer, the neighbour and the")
    stage.says("debtor have none. Buyers need money in Settlement, sellers a little of it and a")
    stage.says("meter. The debtor has a meter, and no money.")
    stage.shows("the settlement contract", trading.settlement())
    for name, money in (("the prosumer", "10"), ("the consumer", "60"), ("the neighbour", "60")):
        person = stage.person(name, money=money)
        deposit = market.settlement.deposit(int(money) * DOLLAR)
        stage.does(f"{name} pays in {money} dollars", person, deposit)
    for name in ("the prosumer", "the debtor"):
        meter, person = stage.person(f"{name}'s meter"), stage.person(name)
        proof = sign_registration(meter, person.address, "NORTH", _POWER, market.meter_domain)
        register = market.meters.register_meter(
            meter.address, person.address, "NORTH", _POWER, proof
        )
        stage.does(f"{name} gets a meter", stage.safe, register)


def _orders(stage: Stage) -> None:
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Orders")
    stage.says("An order is for a delivery period. A buyer's locks what it costs at most; a")
    stage.says("seller's locks a collateral, for what it will not deliver.")
    stage.shows("collateral per kWh", dollars(trading.collateral_per_kwh()))
    stage.does(
        "the prosumer offers 3 kWh of this hour at 25 cents per kWh, or more",
        prosumer,
        stage.market.prepare_order(OrderType.SELL, energy=3000, price=25 * CENT),
        "OrderCreated",
    )
    stage.does(
        "the consumer wants 2 kWh of it at 30 cents, or less",
        consumer,
        stage.market.prepare_order(OrderType.BUY, energy=2000, price=30 * CENT),
        "OrderCreated",
    )
    locked = settlement.locked_of(prosumer.address), settlement.locked_of(consumer.address)
    stage.check(locked == (9 * CENT, 60 * CENT), f"{locked} are locked")
    stage.does(
        "the neighbour wants 5 kWh of tomorrow at 28 cents, and waits for them until 10:00",
        neighbour,
        stage.market.prepare_order(
            OrderType.BUY,
            energy=5000,
            price=28 * CENT,
            period=tomorrow(stage),
            expiry=stage.now - stage.now % _HOUR + _HOUR,
        ),
    )
    stage.shows("orders so far", trading.order_count())
    stage.shows("the prosumer's order", trading.get_order(1))
    stage.shows("what is left of it, for which period", trading.get_order_terms(1))
    stage.shows("several at once", trading.get_orders(2, 10).orders)


def _orders_that_cannot_be(stage: Stage) -> None:
    trading, consumer = stage.market.trading, stage.person("the consumer")
    stranger = stage.person("a stranger")
    over = Period(kind=PeriodKind.HOURLY, start=stage.now - stage.now % _HOUR - _HOUR)
    quarter = Period(kind=PeriodKind.QUARTER_HOURLY, start=over.end)
    stage.chapter("Orders that revert")
    buy = OrderType.BUY
    for what, error, call in (
        (
            "one so small that it costs nothing",
            errors.EnergyTrading_Dust,
            stage.market.prepare_order(buy, energy=1, price=999),
        ),
        (
            "one for an hour that is over",
            errors.EnergyTrading_GateClosed,
            stage.market.prepare_order(buy, energy=1000, price=CENT, period=over),
        ),
        (
            "one for a quarter of an hour, where energy is counted by the hour",
            errors.EnergyTrading_MisalignedPeriod,
            stage.market.prepare_order(buy, energy=1000, price=CENT, period=quarter),
        ),
        (
            "one that has expired",
            errors.EnergyTrading_ExpiryInPast,
            stage.market.prepare_order(buy, energy=1000, price=CENT, expiry=stage.now - 1),
        ),
        (
            "one that the consumer cannot pay",
            errors.Settlement_InsufficientBalance,
            stage.market.prepare_order(buy, energy=1_000_000, price=CENT * 30),
        ),
    ):
        stage.refuses(what, error, consumer, call)
    stage.refuses(
        "one of a stranger without an account",
        errors.Settlement_UnknownAccount,
        stranger,
        stage.market.prepare_order(buy, energy=1000, price=CENT),
        account=stranger.address,
    )
    stage.refuses(
        "the consumer cancels the neighbour's",
        errors.EnergyTrading_NotOwner,
        consumer,
        trading.cancel_order(3),
        caller=consumer.address,
    )
    stage.refuses(
        "one that is not there",
        errors.EnergyTrading_NoSuchOrder,
        consumer,
        trading.cancel_order(99),
    )


def _matching(stage: Stage) -> None:
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Anybody matches orders that cross")
    for what, person, side, wh, price in (
        ("the neighbour wants 1 kWh at 20 cents", neighbour, OrderType.BUY, 1000, 20),
        ("the prosumer wants 1 kWh at 30", prosumer, OrderType.BUY, 1000, 30),
        ("the neighbour wants 2 kWh at 27", neighbour, OrderType.BUY, 2000, 27),
    ):
        call = stage.market.prepare_order(side, energy=wh, price=price * CENT)
        stage.does(what, person, call)
    for what, error, buy, sell in (
        ("two that buy", errors.EnergyTrading_WrongSide, 2, 6),
        ("two of other periods", errors.EnergyTrading_PeriodMismatch, 3, 1),
        ("two that do not cross", errors.EnergyTrading_NotCrossing, 4, 1),
        ("two of the prosumer's", errors.EnergyTrading_SelfTrade, 5, 1),
    ):
        stage.refuses(what, error, consumer, trading.match_orders(buy, sell))
    matched = stage.does(
        "the consumer matches the prosumer's order: 2 kWh at 25 cents, the earlier order's price",
        consumer,
        trading.match_orders(2, 1),
    )
    match = only(matched, "OrdersMatched")
    stage.check((match["amount"], match["price"]) == (2000, 25 * CENT), f"matched: {match}")
    stage.check(
        settlement.locked_of(consumer.address) == 50 * CENT, "the consumer's 10 cents are not free"
    )
    stage.refuses(
        "two lists that do not fit",
        errors.EnergyTrading_LengthMismatch,
        neighbour,
        trading.prepare("matchMany", [4, 6], [1]),
        buys=2,
        sells=1,
    )
    happened = stage.does(
        "the neighbour matches both of its orders: one gets the last kWh, the other is skipped",
        neighbour,
        trading.match_many([4, 6], [1, 1]),
        "OrdersMatched",
    )
    reason = only(happened, "MatchSkipped")["reason"]
    stage.check(
        errors.error_classes()[reason] is errors.EnergyTrading_NotCrossing, f"skipped by {reason}"
    )
    stage.does(
        "the prosumer cancels its order", prosumer, trading.cancel_order(5), "OrderCancelled"
    )
    stage.refuses(
        "it does so again",
        errors.EnergyTrading_NotActive,
        prosumer,
        trading.cancel_order(5),
        order_id=5,
    )
    stage.shows("trades so far", trading.transaction_count())
    stage.shows("the consumer's", trading.get_transaction(1))


def _delivered(stage: Stage) -> None:
    market, trading, settlement = stage.market, stage.market.trading, stage.market.settlement
    prosumer, consumer = stage.person("the prosumer"), stage.person("the consumer")
    ten = market.time_of(market.slot() + 1)
    stage.wait_until(ten)
    stage.chapter("10:00: what was sold is delivered")
    stage.refuses(
        "settling before there is a reading",
        errors.EnergyTrading_NothingToSettle,
        consumer,
        trading.settle_transaction(1),
        transaction_id=1,
    )
    for name, produced, consumed in (("the prosumer", 2500, 0), ("the debtor", 0, 1000)):
        reading = MeterReading(
            timestamp=ten,
            consumption=consumed,
            production=produced,
            grid_frequency=5000,
            voltage=2300,
        )
        made = "made 2.5 kWh" if produced else "used 1 kWh"
        meter = stage.person(f"{name}'s meter")
        stage.does(f"{name} has {made}", meter, market.meters.submit_reading(reading))
    before = settlement.balance_of(prosumer.address)
    stage.does(
        "the consumer has its 2 kWh, and the prosumer 50 cents and its collateral",
        consumer,
        trading.settle_transaction(1),
        "TransactionSettled",
    )
    got = settlement.balance_of(prosumer.address) - before
    stage.check(got == 50 * CENT + 6 * CENT, f"the prosumer has got {got}")
    stage.refuses(
        "once more", errors.EnergyTrading_AlreadySettled, consumer, trading.settle_transaction(1)
    )
    stage.refuses(
        "one that is not there",
        errors.EnergyTrading_NoSuchTransaction,
        consumer,
        trading.settle_transaction(99),
    )
    stage.does(
        "the neighbour has what is left, 0.5 of its 1 kWh: one slot is enough",
        consumer,
        trading.settle_transaction(2, 1),
        "TransactionDelivered",
    )
    stage.shows("both", trading.get_transactions(1, 10))


def _not_delivered(stage: Stage) -> None:
    trading, settlement, neighbour = (
        stage.market.trading,
        stage.market.settlement,
        stage.person("the neighbour"),
    )
    stage.wait(_HOUR)
    stage.chapter("11:00: what will not be delivered any more")
    stage.says("Readings have come in for an hour. What they do not show was not delivered.")
    before = settlement.balance_of(neighbour.address)
    happened = stage.does(
        "the neighbour gets 12.5 cents back, and 1.5 of the prosumer's collateral as compensation",
        neighbour,
        trading.settle_many([1, 2], _MANY_SLOTS),
    )
    ended = only(happened, "TransactionSettled")
    stage.check(
        (ended["refund"], ended["compensation"]) == (125_000, 15_000), f"it ended so: {ended}"
    )
    got = settlement.balance_of(neighbour.address) - before
    stage.check(got == 140_000, f"the neighbour has got {got}")
    status = trading.get_transaction(2).status
    stage.check(status is TransactionStatus.SETTLED, f"it is {status}")


def _over(stage: Stage) -> None:
    trading, consumer, neighbour = (
        stage.market.trading,
        stage.person("the consumer"),
        stage.person("the neighbour"),
    )
    stage.chapter("Orders without a match")
    stage.refuses(
        "matching the neighbour's of before, which has expired",
        errors.EnergyTrading_Expired,
        neighbour,
        trading.match_orders(3, 1),
        order_id=3,
    )
    stage.says("Once an order has expired anybody can end it, and its owner's money is free.")
    for order, money in ((3, "1.40"), (4, "0.20"), (6, "0.27")):
        call = trading.cancel_order(order)
        stage.does(
            f"the consumer ends one of the neighbour's of {money} dollars",
            consumer,
            call,
            "OrderCancelled",
        )
    locked = stage.market.settlement.locked_of(neighbour.address)
    stage.check(locked == 0, f"{locked} of the neighbour's are locked")


def _late(stage: Stage) -> None:
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, neighbour = stage.person("the prosumer"), stage.person("the neighbour")
    today = Period.current(PeriodKind.DAILY, stage.now)
    stage.chapter("Matched late")
    stage.says("Hours of today can be closed already, which is not the seller's fault: anyone who")
    stage.says("is matched for today has no collateral to expect, and the prosumer's is free")
    stage.says("again.")
    first = trading.order_count() + 1
    for what, person, side in (
        ("the prosumer offers 0.5 kWh of today at 25 cents", prosumer, OrderType.SELL),
        ("the neighbour wants them", neighbour, OrderType.BUY),
    ):
        call = stage.market.prepare_order(side, energy=500, price=25 * CENT, period=today)
        stage.does(what, person, call)
    match = trading.match_orders(first + 1, first)
    number = only(stage.does("they are matched", neighbour, match), "OrdersMatched")[
        "transaction_id"
    ]
    made = trading.get_transaction(number)
    stage.shows("the trade", made)
    stage.check(
        made.late and settlement.locked_of(prosumer.address) == 0, f"it is not late: {made}"
    )


def _a_bot(stage: Stage) -> None:
    market, trading = stage.market, stage.market.trading
    bot = stage.person("a bot", money="10")
    stage.chapter("A bot that places too many")
    stage.says("An on-chain order uses shared storage: an account has a quota, and then one")
    stage.says("more after a while.")
    most = trading.order_burst()
    stage.shows("orders at once", most)
    stage.shows("seconds for one more", trading.order_refill())
    stage.does("a bot pays in", bot, market.settlement.deposit(10 * DOLLAR))
    order = stage.market.prepare_order(OrderType.BUY, energy=1000, price=CENT)
    stage.does("and places its first order", bot, order)
    stage.shows("how many more it can place", trading.orders_left(bot.address))
    stage.node.set_automine(False)
    # All in one block, so that no time passes.
    Sender(stage.node, after_send=stage.node.mine).send_many([(bot, order)] * (most - 1))
    stage.node.set_automine(True)
    stage.shows("and after a hundred in one block", trading.orders_left(bot.address))
    stage.refuses("another one", errors.EnergyTrading_RateLimited, bot, order, trader=bot.address)
    stage.wait(trading.order_refill())
    stage.does("a minute later", bot, order, "OrderCreated")


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    stage.chapter("What is fixed at deployment")
    stage.shows("what signatures are for", domain_of(market.trading))
    manager, settlement = market.access.address, market.settlement.address
    for what, name, value, parameters in (
        ("no order at all", "orderBurst", 0, (0, 0, 60)),
        ("one more after two days", "orderRefill", 2 * _DAY, (0, 100, 2 * _DAY)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.EnergyTrading_BadParameter,
            "EnergyTrading",
            manager,
            settlement,
            parameters,
            name=to_bytes32(name),
            value=value,
        )
    stage.refuses_to_deploy(
        "a collateral that no 64 bits hold",
        errors.SafeCastOverflowedUintDowncast,
        "EnergyTrading",
        manager,
        settlement,
        (2**64, 100, 60),
        bits=64,
    )


story = Story(name="trading", contracts=("EnergyTrading", "PeerToPeerTrading"), tell=tell)
cli = walkthrough(str(__doc__), story)
