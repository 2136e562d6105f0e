"""What the modules do with Settlement's accounts: energy, orders, slots, debts.

Each of these calls comes from a contract of the market in real life; the other walkthroughs show
what makes it call. Here the contracts act themselves, so that each step stands alone.
"""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.contracts.settlement import Delivery, Ending
from energy_grid.domain.enums import LockRefusal
from energy_grid.domain.signed_orders import SignedLock
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Impersonated, Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars, show_erc20, show_permits

__all__ = ["tell_of_energy"]

_HOUR = 3600
# The price of a kWh that the two agree on, and the grid's, which a deployment begins with.
_PRICE = 28 * CENT
_GRID_PRICE = 30 * CENT
# What a seller answers for: 3 cents per kWh that it does not deliver.
_COLLATERAL = 3 * CENT


def tell_of_energy(stage: Stage) -> None:
    """The prosumer sells 2 kWh of the running hour, then fails to deliver; the hour is closed."""
    slot = stage.market.slot()
    _modules(stage)
    _a_lock(stage)
    stage.wait(_HOUR)
    _metered(stage, slot)
    _delivered(stage, slot)
    _not_delivered(stage)
    _closed(stage, slot)
    _banked(stage)
    _a_debt(stage, slot)
    _many_locks(stage)
    _a_debt_is_paid(stage)
    _from_the_grid(stage)
    _on_the_spot(stage)


def _modules(stage: Stage) -> None:
    settlement, prosumer = stage.market.settlement, stage.person("the prosumer")
    stage.chapter("Settlement's modules")
    stage.says("Four contracts may change accounts of Settlement. It was deployed with their")
    stage.says("addresses, which cannot be changed. Here they act by themselves; what makes")
    stage.says("them is the story of trading, meters and grid.")
    stage.shows("orders and trades", settlement.trading_module())
    stage.shows("the spot market", settlement.spot_module())
    stage.shows("meters", settlement.meter_module())
    stage.shows("the grid", settlement.grid_module())
    stage.shows("the token of energy credits", settlement.energy_token())
    stage.refuses(
        "the prosumer does what only a module may",
        errors.Settlement_OnlyModule,
        prosumer,
        settlement.unlock(1, DOLLAR),
        caller=prosumer.address,
    )


def _a_lock(stage: Stage) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    prosumer, consumer = _number(stage, "the prosumer"), _number(stage, "the consumer")
    stage.chapter("Orders lock money")
    stage.says("The consumer orders 2 kWh of this hour at 30 cents at most, and the prosumer")
    stage.says("offers them.")
    stage.refuses(
        "an order of the consumer's for 1,000 dollars",
        errors.Settlement_InsufficientBalance,
        trading,
        settlement.lock(consumer, 1000 * DOLLAR, True),
    )
    stage.does(
        "60 cents of the consumer's for its order",
        trading,
        settlement.lock(consumer, 60 * CENT, True),
    )
    stage.does(
        "6 cents of the prosumer's, its collateral",
        trading,
        settlement.lock(prosumer, 6 * CENT, False),
    )
    stage.does(
        "they agree on 28 cents per kWh: 4 cents of the consumer's are free again",
        trading,
        settlement.unlock(consumer, 4 * CENT),
    )
    locked = settlement.locked_of(stage.person("the consumer").address)
    stage.check(locked == 56 * CENT, f"{locked} of the consumer's are locked")
    stage.shows("what of the consumer's money waits for the energy", dollars(locked))


def _metered(stage: Stage, slot: int) -> None:
    settlement, meters = (
        stage.market.settlement,
        Impersonated(stage.market.settlement.meter_module()),
    )
    prosumer, consumer, neighbour, debtor = (
        stage.person(name)
        for name in ("the prosumer", "the consumer", "the neighbour", "the debtor")
    )
    stage.chapter("Meters are read")
    stage.says("Energy is counted in Wh, in slots of an hour.")
    stage.shows("seconds of a slot", settlement.slot_length())
    stage.shows("seconds in which readings come in afterwards", settlement.grace())
    stage.does(
        "the debtor, who has paid in nothing, gets an account with its meter",
        meters,
        settlement.open_account(debtor.address),
        "AccountOpened",
    )
    stage.refuses(
        "a meter for the spot market, whose energy is its sellers'",
        errors.Settlement_BadRecipient,
        meters,
        settlement.open_account(settlement.spot_module()),
    )
    for person, name, produced, consumed in (
        (prosumer, "the prosumer's roof made 3 kWh, and its house used 0.5", 3000, 500),
        (consumer, "the consumer used 2.5 kWh", 0, 2500),
        (debtor, "the debtor used 2 kWh", 0, 2000),
        (neighbour, "the neighbour used 1.2 kWh", 0, 1200),
    ):
        number = settlement.number_of(person.address)
        call = settlement.record_metered(number, slot, produced, consumed, True)
        stage.does(name, meters, call)
    stage.shows("the prosumer's hour", settlement.energy_of(prosumer.address, slot))
    stage.shows(
        "meters of the prosumer that were read at its end",
        settlement.meters_read_at_end(prosumer.address, slot),
    )


def _delivered(stage: Stage, slot: int) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    prosumer, consumer = stage.person("the prosumer"), stage.person("the consumer")
    seller, buyer = _number(stage, "the prosumer"), _number(stage, "the consumer")
    stage.chapter("Energy is delivered, and paid for")
    before = settlement.balance_of(prosumer.address)
    stage.does(
        "2 kWh of what the prosumer's roof made are the consumer's, for 56 cents",
        trading,
        settlement.deliver(
            Delivery(
                seller=seller,
                buyer=buyer,
                from_slot=slot,
                to_slot=slot + 1,
                owed=2000,
                delivered=0,
                price=_PRICE,
            )
        ),
        "EnergyDelivered",
        "DeliveryPaid",
    )
    # 0.5 % of 56 cents, and 2 cents for each kWh.
    got = settlement.balance_of(prosumer.address) - before
    stage.check(got == 56 * CENT - 2_800 - 4 * CENT, f"the prosumer was paid {got}")
    stage.shows("what the prosumer has got, less the fees", dollars(got))
    stage.does(
        "all is delivered: the prosumer has its collateral back",
        trading,
        settlement.finish(
            Ending(
                seller=seller,
                buyer=buyer,
                refund=0,
                compensation=0,
                collateral=2 * _COLLATERAL,
                failed=False,
            )
        ),
    )
    stage.shows("the consumer's hour", settlement.energy_of(consumer.address, slot))
    locked = settlement.locked_of(prosumer.address), settlement.locked_of(consumer.address)
    stage.check(locked == (0, 0), f"{locked} are locked still")


def _not_delivered(stage: Stage) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    consumer = stage.person("the consumer")
    seller, buyer = _number(stage, "the prosumer"), _number(stage, "the consumer")
    stage.chapter("Energy is not delivered")
    stage.says("The prosumer has sold 1 kWh of the next hour as well, but clouds come.")
    stage.does("28 cents of the consumer's", trading, settlement.lock(buyer, _PRICE, True))
    stage.does("3 cents of the prosumer's", trading, settlement.lock(seller, _COLLATERAL, False))
    before = settlement.balance_of(consumer.address)
    stage.does(
        "the consumer has its money back, and the seller's collateral as compensation",
        trading,
        settlement.finish(
            Ending(
                seller=seller,
                buyer=buyer,
                refund=_PRICE,
                compensation=_COLLATERAL,
                collateral=0,
                failed=True,
            )
        ),
    )
    got = settlement.balance_of(consumer.address) - before
    stage.check(got == _PRICE + _COLLATERAL, f"the consumer has got {got}")


def _closed(stage: Stage, slot: int) -> None:
    settlement, credits = stage.market.settlement, stage.market.energy_token
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("The hour is closed")
    stage.says(
        "A surplus becomes energy credits. A deficit uses credits up, then is bought from the"
    )
    stage.says("grid.")
    stage.refuses(
        "closing while readings can come in and trades can settle",
        errors.Settlement_SlotNotClosable,
        consumer,
        settlement.close_slot(prosumer.address, slot),
        slot=slot,
    )
    stage.wait_until(stage.market.time_of(slot + 1) + 2 * settlement.grace())
    stage.does(
        "anybody can close the prosumer's: 3 kWh less 0.5 used and 2 sold are 0.5 kWh of credits",
        consumer,
        settlement.close_slot(prosumer.address, slot),
        "SlotClosed",
    )
    stage.check(
        credits.balance_of(prosumer.address) == 500, "the prosumer has no credit of 0.5 kWh"
    )
    stage.refuses(
        "closing it twice",
        errors.Settlement_SlotClosed,
        consumer,
        settlement.close_slot(prosumer.address, slot),
    )
    before = settlement.balance_of(consumer.address)
    stage.does(
        "several of the consumer's hours at once; this one took 0.5 kWh from the grid for 15 cents",
        prosumer,
        settlement.close_slots(consumer.address, [slot, slot - 1]),
        "SlotClosed",
    )
    paid = before - settlement.balance_of(consumer.address)
    stage.check(paid == _GRID_PRICE // 2, f"the consumer has paid {paid}")
    stage.does(
        "the prosumer gives the neighbour 0.2 kWh of its credits",
        prosumer,
        credits.transfer(neighbour.address, 200),
    )
    happened = stage.does(
        "the neighbour needs 1.2 kWh: 0.2 are burned, 1 kWh costs 30 cents",
        neighbour,
        settlement.close_slots(neighbour.address, [slot]),
    )
    closed = only(happened, "SlotClosed")
    stage.check(
        (closed["burned"], closed["from_grid"], closed["paid"]) == (200, 1000, _GRID_PRICE),
        f"the neighbour's hour was closed otherwise: {closed.arguments}",
    )


def _banked(stage: Stage) -> None:
    credits, prosumer = stage.market.energy_token, stage.person("the prosumer")
    show_erc20(stage, credits, prosumer, 100)
    show_permits(stage, credits, prosumer, 100)
    stage.chapter("Only metering creates energy credits")
    settlement = Impersonated(stage.market.settlement.address)
    stage.shows("who mints and burns: Settlement", credits.settlement())
    stage.refuses(
        "the prosumer mints a kWh",
        errors.EnergyToken_OnlySettlement,
        prosumer,
        credits.mint(prosumer.address, 1000),
        caller=prosumer.address,
    )
    stage.does(
        "Settlement mints 1 Wh, as it does when a slot closes",
        settlement,
        credits.mint(prosumer.address, 1),
    )
    stage.does(
        "Settlement burns it, as it does when a slot closes",
        settlement,
        credits.burn(prosumer.address, 1),
    )
    stage.check(credits.balance_of(prosumer.address) == 300, "the prosumer has not kept 0.3 kWh")


def _a_debt(stage: Stage, slot: int) -> None:
    settlement, debtor = stage.market.settlement, stage.person("the debtor", money="10")
    stage.chapter("A debt")
    stage.does(
        "the debtor used 2 kWh, and has neither credits nor money",
        debtor,
        settlement.close_slot(debtor.address, slot),
        "DebtIncurred",
    )
    debt = settlement.debt_of(debtor.address)
    stage.check(debt == 2 * _GRID_PRICE, f"the debtor owes {debt}")
    stage.shows("what it owes", dollars(debt))
    stage.refuses(
        "a withdrawal of a debtor's",
        errors.Settlement_InDebt,
        debtor,
        settlement.withdraw(DOLLAR, debtor.address),
        debt=60 * CENT,
    )
    stage.refuses(
        "the debtor places an order",
        errors.Settlement_InDebt,
        _trading(stage),
        settlement.lock(_number(stage, "the debtor"), CENT, True),
        account=debtor.address,
    )


def _many_locks(stage: Stage) -> None:
    settlement, trading = stage.market.settlement, _trading(stage)
    prosumer, consumer = stage.person("the prosumer"), stage.person("the consumer")
    grid = Impersonated(settlement.grid_module())
    stage.chapter("Orders that were signed lock money all at once")
    stage.does(
        "the consumer voids what it has signed with a nonce below 10",
        trading,
        settlement.raise_signed_floor(_number(stage, "the consumer"), 10),
        "SignedFloorRaised",
    )
    stage.shows("its floor", settlement.signed_floor_of(consumer.address))
    stage.refuses(
        "a floor that is not higher",
        errors.Settlement_FloorNotHigher,
        trading,
        settlement.raise_signed_floor(_number(stage, "the consumer"), 10),
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
        "the prosumer sells",
        errors.Settlement_SideBlocked,
        trading,
        settlement.lock(_number(stage, "the prosumer"), CENT, False),
        account=prosumer.address,
        buying=False,
    )
    wanted = [
        _signed_lock(stage, "the consumer", DOLLAR, nonce=10),
        _signed_lock(stage, "the consumer", DOLLAR, nonce=9),
        _signed_lock(stage, "the prosumer", CENT, buying=False),
        _signed_lock(stage, "the debtor", CENT),
        _signed_lock(stage, "the neighbour", 1000 * DOLLAR),
    ]
    call = settlement.lock_many([lock.word for lock in wanted])
    answer = [LockRefusal(each) for each in settlement.simulate(call, trading.address)]
    stage.shows("what stands in the way of each of five locks", answer)
    stage.check(answer == list(LockRefusal), f"the locks were answered with {answer}")
    stage.does("the others are made", trading, call)
    stage.check(
        settlement.locked_of(consumer.address) == DOLLAR, "the consumer's dollar was not locked"
    )
    stage.does(
        "the consumer's order is over",
        trading,
        settlement.unlock(_number(stage, "the consumer"), DOLLAR),
    )
    stage.does(
        "the prosumer may sell again",
        grid,
        settlement.set_side_blocked(prosumer.address, False, False),
    )


def _a_debt_is_paid(stage: Stage) -> None:
    settlement, debtor = stage.market.settlement, stage.person("the debtor")
    stage.chapter("A debt is paid")
    stage.does(
        "the debtor pays 20 cents of it out of its wallet, which is always possible",
        debtor,
        settlement.repay_debt(20 * CENT),
        "DebtRepaid",
    )
    stage.does(
        "of a deposit of a dollar 40 cents go there first",
        debtor,
        settlement.deposit(DOLLAR),
        "DebtRepaid",
    )
    left = settlement.debt_of(debtor.address), settlement.balance_of(debtor.address)
    stage.check(left == (0, 60 * CENT), f"the debtor owes and has {left}")
    stage.refuses(
        "paying more",
        errors.Settlement_NoDebt,
        debtor,
        settlement.repay_debt(1),
        account=debtor.address,
    )


def _from_the_grid(stage: Stage) -> None:
    settlement, grid = stage.market.settlement, Impersonated(stage.market.settlement.grid_module())
    consumer, neighbour = stage.person("the consumer"), stage.person("the neighbour")
    stage.chapter("Energy bought from the grid at once")
    stage.does(
        "the neighbour, who buys so, allows 2 dollars of its wallet",
        neighbour,
        stage.market.money.approve(settlement.address, 2 * DOLLAR),
    )
    stage.does(
        "the grid takes them for its account",
        grid,
        settlement.deposit_from(neighbour.address, neighbour.address, 2 * DOLLAR),
        "Deposited",
    )
    slot = stage.market.slot()
    stage.does(
        "it sells the consumer 1 kWh of the running hour for 30 cents",
        grid,
        settlement.buy_from_grid(consumer.address, slot, 1000, _GRID_PRICE),
        "GridEnergyBought",
    )
    stage.shows("the consumer's hour", settlement.energy_of(consumer.address, slot))


def _on_the_spot(stage: Stage) -> None:
    settlement, prosumer, consumer = (
        stage.market.settlement,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    stage.chapter("Energy credits are paid on the spot")
    before = settlement.balance_of(prosumer.address), settlement.balance_of(consumer.address)
    stage.does(
        "the consumer buys 0.2 kWh of credits at 28 cents per kWh; the spot market moves them",
        Impersonated(settlement.spot_module()),
        settlement.pay_on_the_spot(consumer.address, prosumer.address, 200, _PRICE),
        "SpotPaid",
    )
    got = settlement.balance_of(prosumer.address) - before[0]
    paid = before[1] - settlement.balance_of(consumer.address)
    stage.check((paid, got) == (56_000, 56_000 - 280 - 4_000), f"paid {paid}, got {got}")
    stage.shows("what the consumer has paid, and the prosumer got", (dollars(paid), dollars(got)))


def _trading(stage: Stage) -> Impersonated:
    return Impersonated(stage.market.settlement.trading_module())


def _number(stage: Stage, name: str) -> int:
    return stage.market.settlement.number_of(stage.person(name).address)


def _signed_lock(
    stage: Stage, name: str, amount: int, *, nonce: int = 0, buying: bool = True
) -> SignedLock:
    return SignedLock(number=_number(stage, name), amount=amount, nonce=nonce, buying=buying)
