"""Trading: on-chain and signed orders, a keeper's batches, the spot market in energy credits."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.tx.sender import Sender
from energy_grid.client import OrderType, errors
from energy_grid.market.signing import domain_of
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.houses import DAY, HOUR, House
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import CENT, DOLLAR
from scripts.walkthrough._trading_days import tell_of_thursday, tell_of_wednesday
from scripts.walkthrough._trading_exits import leave_open, tell_of_the_way_out
from scripts.walkthrough._trading_orders import tell_of_orders
from scripts.walkthrough._trading_signed import tell_of_signed_orders
from scripts.walkthrough._trading_spot import tell_of_energy_credits


def tell(stage: Stage) -> None:
    """The prosumer sells its energy: to orders it finds, in a keeper's batches, as credits."""
    stage.wait_until(stage.now - stage.now % DAY + 9 * HOUR)
    houses = {
        name: House(stage, name, money)
        for name, money in (
            ("the prosumer", "60"),
            ("the consumer", "60"),
            ("the debtor", "5"),
            ("the silent house", "5"),
        )
    }
    _who_trades(stage, houses)
    tell_of_orders(stage)
    _a_bot(stage)
    tell_of_wednesday(stage, houses)
    tell_of_signed_orders(stage)
    tell_of_thursday(stage, houses)
    tell_of_energy_credits(stage, houses)
    _at_deployment(stage)
    trading, spot = stage.market.trading, stage.market.spot
    left = leave_open(stage)
    show_authority(stage, [trading, spot], trading.pause())
    show_emergency_stop(stage, [trading, spot], spot.create_energy_offer(1, 1))
    tell_of_the_way_out(stage, left)


def _who_trades(stage: Stage, houses: dict[str, House]) -> None:
    market, trading = stage.market, stage.market.trading
    stage.chapter("Tuesday, 9:00: who trades")
    stage.says("The prosumer has a roof that makes power. The consumer has a meter, the neighbour")
    stage.says("has none. The debtor has little money, and the silent house's meter is not read.")
    stage.shows("the settlement contract", trading.settlement())
    stage.shows("how far a trade may reach, in seconds", trading.horizon())
    forwarder = market.contract("ERC2771Forwarder").address
    for contract in (trading, market.spot):
        stage.shows("whether it takes relayed calls", contract.is_trusted_forwarder(forwarder))
    neighbour = stage.person("the neighbour", money="60")
    for house, money in zip(houses.values(), ("60", "60", "5", "5"), strict=True):
        house.deposits(money)
    deposit = market.settlement.deposit(60 * DOLLAR)
    stage.does("the neighbour pays in 60 dollars", neighbour, deposit)
    for house in houses.values():
        house.gets_meter()
    stage.does(
        "the prosumer keeps surplus as energy credits",
        houses["the prosumer"].holder,
        market.settlement.set_keeps(True),
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
    places = [
        market.access.address,
        market.contract("ERC2771Forwarder").address,
        market.tariffs.address,
        market.settlement.address,
    ]
    for what, name, value, parameters in (
        ("no order at all", "orderBurst", 0, (0, 60)),
        ("one more after two days", "orderRefill", 2 * DAY, (100, 2 * DAY)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.EnergyTrading_BadParameter,
            "EnergyTrading",
            *places,
            parameters,
            name=to_bytes32(name),
            value=value,
        )


story = Story(name="trading", contracts=("EnergyTrading", "PeerToPeerTrading"), tell=tell)
cli = walkthrough(str(__doc__), story)
