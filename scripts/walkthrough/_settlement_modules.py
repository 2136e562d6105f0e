"""What the modules do with Settlement's accounts: orders, matches, the grid, the spot market.

Each of these calls comes from a contract of the market in real life; the other walkthroughs show
what makes it call. Here the contracts act themselves, so that each step stands alone.
"""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import House, today
from scripts._walkthrough.packing import leg_word, period_word
from scripts._walkthrough.stage import Impersonated, Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars, exact

__all__ = ["tell_of_modules"]

_NOON = 48  # the slot of a day
_PRICE = 20 * CENT


def tell_of_modules(stage: Stage, houses: dict[str, House]) -> None:
    """The prosumer sells the consumer 4 kWh of a later hour; energy for now comes from the grid."""
    _modules(stage)
    _orders(stage, houses)
    _a_match(stage, houses)
    _refusals(stage, houses)
    _from_the_grid(stage, houses)
    _on_the_spot(stage, houses)


def _period(stage: Stage, price: int = _PRICE) -> int:
    """Noon of tomorrow, an hour of four slots."""
    return period_word((today(stage) + 1) * 96 + _NOON, 4, price)


def _trading(stage: Stage) -> Impersonated:
    return Impersonated(stage.market.settlement.trading_module())


def _modules(stage: Stage) -> None:
    settlement, stranger = stage.market.settlement, stage.person("a stranger")
    stage.chapter("Settlement's modules")
    stage.says("Five contracts may change accounts of Settlement. It was deployed with their")
    stage.says("addresses, which cannot be changed. Here they act by themselves; what makes")
    stage.says("them is the story of trading, meters and grid.")
    stage.shows("orders and trades", settlement.trading_module())
    stage.shows("the spot market", settlement.spot_module())
    stage.shows("meters", settlement.meter_module())
    stage.shows("the grid", settlement.grid_module())
    stage.shows("days that gateways have read", settlement.days_module())
    stage.shows("words of two accounts, as modules read them", settlement.words_at([1, 2]))
    stage.shows("who counts energy, and says what a day has cost", settlement.energy())
    stage.shows("who knows prices", settlement.tariffs())
    stage.shows("seconds of a slot", settlement.slot_length())
    forwarder = stage.market.contract("ERC2771Forwarder").address
    stage.shows("whether it believes the forwarder", settlement.is_trusted_forwarder(forwarder))
    stage.refuses(
        "a stranger does what only a module may",
        errors.Settlement_OnlyModule,
        stranger,
        settlement.unlock_order(1, DOLLAR),
        caller=stranger.address,
    )


def _orders(stage: Stage, houses: dict[str, House]) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    prosumer, consumer, _ = houses.values()
    stage.chapter("Orders lock money")
    stage.says("The consumer wants 1 kWh in each quarter of tomorrow's noon, for 20 cents a kWh.")
    before = settlement.balance_of(consumer.address)
    stage.refuses(
        "1 MWh in each",
        errors.Settlement_InsufficientBalance,
        trading,
        settlement.lock_order(consumer.number, _period(stage), False, 10**6),
        needed=800 * DOLLAR,
    )
    stage.does(
        "its order locks what it would pay",
        trading,
        settlement.lock_order(consumer.number, _period(stage), False, 1000),
    )
    locked = before - settlement.balance_of(consumer.address)
    stage.check(locked == 80 * CENT, f"locked: {locked}")
    stage.shows("locked of the consumer's", dollars(locked))
    before = settlement.balance_of(prosumer.address)
    call = settlement.lock_order(prosumer.number, _period(stage), True, 1000)
    stage.does(
        "the prosumer's locks a cover, should it not deliver at the dearest price", trading, call
    )
    locked = before - settlement.balance_of(prosumer.address)
    stage.check(locked == 280 * CENT, f"locked: {locked}")
    stage.shows("locked of the prosumer's: 90 cents less 20, for 4 kWh", dollars(locked))
    for what, house, amount in (
        ("the consumer's order is cancelled", consumer, 800_000_000),
        ("the prosumer's too", prosumer, 2_800_000_000),
    ):
        stage.does(what, trading, settlement.unlock_order(house.number, amount))
    stage.refuses(
        "more money than its field holds is unlocked, which no module does",
        errors.SafeCastOverflowedUintDowncast,
        trading,
        settlement.unlock_order(consumer.number, 2**88),
        bits=88,
    )


def _a_match(stage: Stage, houses: dict[str, House]) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    prosumer, consumer, _ = houses.values()
    stage.chapter("A match is booked")
    legs = [
        leg_word(consumer.number, 1000, sell=False),
        leg_word(prosumer.number, 1000, sell=True),
    ]
    stage.refuses(
        "one that buys more than it sells",
        errors.Settlement_Unbalanced,
        trading,
        settlement.book(_period(stage), [leg_word(consumer.number, 1001, sell=False), legs[1]]),
        bought=1001,
        sold=1000,
    )
    stage.does(
        "4 kWh of tomorrow's noon for 20 cents each", trading, settlement.book(_period(stage), legs)
    )
    tomorrow = today(stage) + 1
    found = settlement.day_money_of(prosumer.number, tomorrow)
    stage.check(found == (800_000_000, 2_800_000_000), f"{found}")
    stage.shows(
        "income and cover that wait for the prosumer's day", [exact(each) for each in found]
    )


def _refusals(stage: Stage, houses: dict[str, House]) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    grid = Impersonated(settlement.grid_module())
    prosumer, consumer, _ = houses.values()
    stage.chapter("What stands in the way of a match")
    stage.does(
        "the consumer voids what it has signed with a nonce below 10",
        trading,
        settlement.raise_signed_floor(consumer.number, 10),
        "SignedFloorRaised",
    )
    stage.refuses(
        "a floor that is not higher",
        errors.Settlement_FloorNotHigher,
        trading,
        settlement.raise_signed_floor(consumer.number, 10),
        floor=10,
        nonce=10,
    )
    stage.does(
        "the grid authority stops the prosumer's sales",
        grid,
        settlement.set_side_blocked(prosumer.address, False, True),
        "SideBlocked",
    )
    stage.shows("whether it may not sell", settlement.is_side_blocked(prosumer.address, False))
    stage.refuses(
        "the prosumer places an order",
        errors.Settlement_SideBlocked,
        trading,
        settlement.lock_order(prosumer.number, _period(stage), True, 1),
        account=prosumer.address,
        buying=False,
    )
    legs = [
        leg_word(consumer.number, 1, sell=False, nonce=9),
        leg_word(prosumer.number, 1, sell=True),
        leg_word(consumer.number, 10**9, sell=False, nonce=10),
    ]
    stage.refuses(
        "three legs: below the floor, blocked, without money",
        errors.Settlement_LegsRefused,
        trading,
        settlement.book(_period(stage), legs),
    )
    stage.does(
        "the prosumer may sell again",
        grid,
        settlement.set_side_blocked(prosumer.address, False, False),
    )
    _the_meters_module(stage, houses)


def _the_meters_module(stage: Stage, houses: dict[str, House]) -> None:
    settlement, debtor = stage.market.settlement, houses["the debtor"]
    meters = Impersonated(settlement.meter_module())
    newcomer = stage.person("a newcomer")
    stage.chapter("Meters open accounts and take securities")
    stage.does(
        "a newcomer's",
        meters,
        settlement.open_account(newcomer.address),
        "AccountOpened",
    )
    stage.refuses(
        "a security from an account without money",
        errors.Settlement_InsufficientBalance,
        meters,
        settlement.take_security(settlement.number_of(newcomer.address), DOLLAR, 1000),
        available=0,
        needed=DOLLAR,
    )
    stage.refuses(
        "a second one for the debtor's meter",
        errors.Settlement_SecurityTaken,
        meters,
        settlement.take_security(debtor.number, DOLLAR, 1000),
        account=debtor.address,
    )
    stage.does(
        "one for the consumer's next meter",
        meters,
        settlement.take_security(houses["the consumer"].number, DOLLAR, 1000),
        "SecurityTaken",
    )


def _from_the_grid(stage: Stage, houses: dict[str, House]) -> None:
    settlement, grid = stage.market.settlement, Impersonated(stage.market.settlement.grid_module())
    neighbour = stage.person("the neighbour")
    stage.chapter("Energy of the running slot")
    stage.does(
        "the neighbour, who has no meter, allows 2 dollars of its wallet",
        neighbour,
        stage.market.money.approve(settlement.address, 2 * DOLLAR),
    )
    stage.does(
        "the grid takes them for its account",
        grid,
        settlement.deposit_from(neighbour.address, neighbour.address, 2 * DOLLAR),
        "Deposited",
    )
    stage.refuses(
        "it wants 1 kWh for 29 cents",
        errors.Settlement_PriceAbove,
        grid,
        settlement.consume(neighbour.address, 1000, 29 * CENT),
        price=30 * CENT,
        max_price=29 * CENT,
    )
    stage.does(
        "for 30 it gets one, which counts as consumed",
        grid,
        settlement.consume(neighbour.address, 1000, 30 * CENT),
        "GridEnergyBought",
    )
    slot = stage.now // 900
    found = stage.market.energy_accounts.energy_of(neighbour.address, slot)
    stage.check(found.net == -1000, f"{found}")
    stage.shows("the neighbour's slot", found)


def _on_the_spot(stage: Stage, houses: dict[str, House]) -> None:
    settlement, spot = stage.market.settlement, Impersonated(stage.market.settlement.spot_module())
    prosumer, consumer, _ = houses.values()
    stage.chapter("Energy credits are paid on the spot")
    before = settlement.balance_of(prosumer.address), settlement.balance_of(consumer.address)
    stage.does(
        "the consumer buys 0.2 kWh of credits at 28 cents per kWh; the spot market moves them",
        spot,
        settlement.pay_on_the_spot(consumer.address, prosumer.address, 200, 28 * CENT),
        "SpotPaid",
    )
    got = settlement.balance_of(prosumer.address) - before[0]
    paid = before[1] - settlement.balance_of(consumer.address)
    stage.check((paid, got) == (56_000, 56_000), f"paid {paid}, got {got}")
    stage.shows("what the consumer has paid, and the prosumer got", (dollars(paid), dollars(got)))
    balcony = stage.person("balcony 2")
    stage.refuses(
        "an owner whose meter is silent buys some",
        errors.Settlement_GapOpen,
        spot,
        settlement.pay_on_the_spot(balcony.address, prosumer.address, 200, 28 * CENT),
    )
