"""What the modules do with the vault's accounts: energy, orders, slots, debts.

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
# The price of a kWh that neighbours agree on, and the grid's, which a deployment begins with.
_PRICE = 28 * CENT
_GRID_PRICE = 30 * CENT
# What a seller answers for: 3 cents per kWh that it does not deliver.
_COLLATERAL = 3 * CENT


def tell_of_energy(stage: Stage) -> None:
    """Ada sells 2 kWh of the running hour to Ben, and fails another time; the hour is closed."""
    slot = stage.market.slot()
    _modules(stage)
    _a_lock(stage)
    stage.wait(_HOUR)
    _metered(stage, slot)
    _delivered(stage, slot)
    _not_delivered(stage)
    _closed(stage, slot)
    _banked(stage)
    _proven_late(stage, slot - 1)
    _a_debt(stage, slot)
    _many_locks(stage)
    _a_debt_is_paid(stage)
    _from_the_grid(stage)
    _on_the_spot(stage)


def _modules(stage: Stage) -> None:
    ledger, ada = stage.market.settlement, stage.person("Ada")
    stage.chapter("The vault's modules")
    stage.says("Four contracts tell the vault what to do with accounts. It was made with their")
    stage.says(
        "addresses, and nobody can change them. Here they act by themselves; what makes them"
    )
    stage.says("is the story of trading, meters and grid.")
    stage.shows("orders and transactions", ledger.trading_module())
    stage.shows("the spot market", ledger.spot_module())
    stage.shows("meters", ledger.meter_module())
    stage.shows("the grid", ledger.grid_module())
    stage.shows("the token of banked energy", ledger.energy_token())
    stage.refuses(
        "Ada does what only a module may",
        errors.Settlement_OnlyModule,
        ada,
        ledger.unlock(1, DOLLAR),
        caller=ada.address,
    )


def _a_lock(stage: Stage) -> None:
    ledger, trading = stage.market.settlement, _trading(stage)
    ada, ben = _number(stage, "Ada"), _number(stage, "Ben")
    stage.chapter("Orders lock money")
    stage.says("Ben orders 2 kWh of this hour at 30 cents at most, and Ada offers them.")
    stage.refuses(
        "an order of Ben's for 1,000 dollars",
        errors.Settlement_InsufficientBalance,
        trading,
        ledger.lock(ben, 1000 * DOLLAR, True),
    )
    stage.does("60 cents of Ben's for his order", trading, ledger.lock(ben, 60 * CENT, True))
    stage.does("6 cents of Ada's, her collateral", trading, ledger.lock(ada, 6 * CENT, False))
    stage.does(
        "they agree on 28 cents per kWh: 4 cents of Ben's are free again",
        trading,
        ledger.unlock(ben, 4 * CENT),
    )
    locked = ledger.locked_of(stage.person("Ben").address)
    stage.check(locked == 56 * CENT, f"{locked} of Ben's are locked")
    stage.shows("what of Ben's money waits for the energy", dollars(locked))


def _metered(stage: Stage, slot: int) -> None:
    ledger, meters = stage.market.settlement, Impersonated(stage.market.settlement.meter_module())
    ada, ben, carl, dora = (stage.person(name) for name in ("Ada", "Ben", "Carl", "Dora"))
    stage.chapter("Meters are read")
    stage.says("Energy is counted in Wh, in slots of an hour.")
    stage.shows("seconds of a slot", ledger.slot_length())
    stage.shows("seconds in which readings come in afterwards", ledger.grace())
    stage.does(
        "Dora, who has paid in nothing, gets an account with her meter",
        meters,
        ledger.open_account(dora.address),
        "AccountOpened",
    )
    stage.refuses(
        "a meter for the spot market, whose energy is its sellers'",
        errors.Settlement_BadRecipient,
        meters,
        ledger.open_account(ledger.spot_module()),
    )
    for person, name, produced, consumed in (
        (ada, "Ada's roof made 3 kWh, and her house used 0.5", 3000, 500),
        (ben, "Ben used 2.5 kWh", 0, 2500),
        (dora, "Dora used 2 kWh", 0, 2000),
    ):
        number = ledger.number_of(person.address)
        call = ledger.record_metered(number, slot, produced, consumed, True)
        stage.does(name, meters, call)
    carls = ledger.record_proven(_number(stage, "Carl"), slot, 0, 1200)
    stage.does("Carl's 1.2 kWh are proven from what his gateway has anchored", meters, carls)
    stage.shows("Ada's hour", ledger.energy_of(ada.address, slot))
    stage.shows("whether it was counted", ledger.is_counted(ada.address, slot))
    stage.shows("meters of hers read at its end", ledger.meters_read_at_end(ada.address, slot))
    stage.refuses(
        "proving again what was proven",
        errors.Settlement_SlotProven,
        meters,
        carls,
        account=carl.address,
        slot=slot,
    )
    stage.refuses(
        "proving what meters have said",
        errors.Settlement_SlotMetered,
        meters,
        ledger.record_proven(_number(stage, "Ben"), slot, 0, 1),
        account=ben.address,
    )


def _delivered(stage: Stage, slot: int) -> None:
    ledger, trading = stage.market.settlement, _trading(stage)
    ada, ben = stage.person("Ada"), stage.person("Ben")
    seller, buyer = _number(stage, "Ada"), _number(stage, "Ben")
    stage.chapter("Energy is delivered, and paid for")
    before = ledger.balance_of(ada.address)
    stage.does(
        "2 kWh of what Ada's roof made are Ben's, for 56 cents",
        trading,
        ledger.deliver(
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
    got = ledger.balance_of(ada.address) - before
    stage.check(got == 56 * CENT - 2_800 - 4 * CENT, f"Ada was paid {got}")
    stage.shows("what Ada has got, less the fees", dollars(got))
    stage.does(
        "all is delivered: Ada has her collateral back",
        trading,
        ledger.finish(
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
    stage.shows("Ben's hour", ledger.energy_of(ben.address, slot))
    locked = ledger.locked_of(ada.address), ledger.locked_of(ben.address)
    stage.check(locked == (0, 0), f"{locked} are locked still")


def _not_delivered(stage: Stage) -> None:
    ledger, trading = stage.market.settlement, _trading(stage)
    ben = stage.person("Ben")
    seller, buyer = _number(stage, "Ada"), _number(stage, "Ben")
    stage.chapter("Energy is not delivered")
    stage.says("Ada has sold 1 kWh of the next hour as well, but clouds come.")
    stage.does("28 cents of Ben's", trading, ledger.lock(buyer, _PRICE, True))
    stage.does("3 cents of Ada's", trading, ledger.lock(seller, _COLLATERAL, False))
    before = ledger.balance_of(ben.address)
    stage.does(
        "Ben has his money back, and her collateral for his trouble",
        trading,
        ledger.finish(
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
    got = ledger.balance_of(ben.address) - before
    stage.check(got == _PRICE + _COLLATERAL, f"Ben has got {got}")


def _closed(stage: Stage, slot: int) -> None:
    ledger, banked = stage.market.settlement, stage.market.energy_token
    ada, ben, carl = (stage.person(name) for name in ("Ada", "Ben", "Carl"))
    stage.chapter("The hour is closed")
    stage.says("A surplus is banked. A deficit is taken from the bank, then bought from the grid.")
    stage.refuses(
        "closing while readings can come in and transactions settle",
        errors.Settlement_SlotNotClosable,
        ben,
        ledger.close_slot(ada.address, slot),
        slot=slot,
    )
    stage.wait_until(stage.market.time_of(slot + 1) + 2 * ledger.grace())
    stage.does(
        "anybody can close Ada's: 3 kWh less 0.5 used and 2 sold are 0.5 kWh in the bank",
        ben,
        ledger.close_slot(ada.address, slot),
        "SlotClosed",
    )
    stage.check(banked.balance_of(ada.address) == 500, "Ada has not banked 0.5 kWh")
    stage.refuses(
        "closing it twice", errors.Settlement_SlotClosed, ben, ledger.close_slot(ada.address, slot)
    )
    before = ledger.balance_of(ben.address)
    stage.does(
        "several hours of Ben's at once; in this one the grid gave him 0.5 kWh for 15 cents",
        ada,
        ledger.close_slots(ben.address, [slot, slot - 1]),
        "SlotClosed",
    )
    paid = before - ledger.balance_of(ben.address)
    stage.check(paid == _GRID_PRICE // 2, f"Ben has paid {paid}")
    stage.does("Ada gives Carl 0.2 kWh of hers", ada, banked.transfer(carl.address, 200))
    happened = stage.does(
        "Carl needs 1.2 kWh: 0.2 are burned, 1 kWh costs 30 cents",
        carl,
        ledger.close_slots(carl.address, [slot]),
    )
    closed = only(happened, "SlotClosed")
    stage.check(
        (closed["burned"], closed["from_grid"], closed["paid"]) == (200, 1000, _GRID_PRICE),
        f"Carl's hour was closed otherwise: {closed.arguments}",
    )


def _banked(stage: Stage) -> None:
    banked, ada = stage.market.energy_token, stage.person("Ada")
    show_erc20(stage, banked, ada, 100)
    show_permits(stage, banked, ada, 100)
    stage.chapter("Energy comes into the bank by metering alone")
    vault = Impersonated(stage.market.settlement.address)
    stage.shows("who mints and burns: the vault", banked.settlement())
    stage.refuses(
        "Ada mints a kWh",
        errors.EnergyToken_OnlySettlement,
        ada,
        banked.mint(ada.address, 1000),
        caller=ada.address,
    )
    stage.does("the vault banks 1 Wh, as it does in closing", vault, banked.mint(ada.address, 1))
    stage.does("and uses it up, as it does there, too", vault, banked.burn(ada.address, 1))
    stage.check(banked.balance_of(ada.address) == 300, "Ada has not kept 0.3 kWh")


def _proven_late(stage: Stage, slot: int) -> None:
    ledger, carl = stage.market.settlement, stage.person("Carl")
    stage.chapter("A proof that comes late")
    stage.does("Carl's hour before is closed", carl, ledger.close_slot(carl.address, slot))
    stage.does(
        "then 0.4 kWh of it are proven: it is balanced again, and they are banked",
        Impersonated(ledger.meter_module()),
        ledger.record_proven(_number(stage, "Carl"), slot, 400, 0),
        "SlotClosed",
    )
    found = stage.market.energy_token.balance_of(carl.address)
    stage.check(found == 400, f"Carl has banked {found} Wh")


def _a_debt(stage: Stage, slot: int) -> None:
    ledger, dora = stage.market.settlement, stage.person("Dora", money="10")
    stage.chapter("A debt")
    stage.does(
        "Dora used 2 kWh, and has neither banked any nor paid in",
        dora,
        ledger.close_slot(dora.address, slot),
        "DebtIncurred",
    )
    debt = ledger.debt_of(dora.address)
    stage.check(debt == 2 * _GRID_PRICE, f"Dora owes {debt}")
    stage.shows("what she owes", dollars(debt))
    stage.refuses(
        "a withdrawal of a debtor's",
        errors.Settlement_InDebt,
        dora,
        ledger.withdraw(DOLLAR, dora.address),
        debt=60 * CENT,
    )
    stage.refuses(
        "an order of hers",
        errors.Settlement_InDebt,
        _trading(stage),
        ledger.lock(_number(stage, "Dora"), CENT, True),
        account=dora.address,
    )


def _many_locks(stage: Stage) -> None:
    ledger, trading = stage.market.settlement, _trading(stage)
    ada, ben = stage.person("Ada"), stage.person("Ben")
    grid = Impersonated(ledger.grid_module())
    stage.chapter("Orders that were signed lock money all at once")
    stage.does(
        "Ben voids what he has signed with a nonce below 10",
        trading,
        ledger.raise_signed_floor(_number(stage, "Ben"), 10),
        "SignedFloorRaised",
    )
    stage.shows("his floor", ledger.signed_floor_of(ben.address))
    stage.refuses(
        "a floor that is not higher",
        errors.Settlement_FloorNotHigher,
        trading,
        ledger.raise_signed_floor(_number(stage, "Ben"), 10),
        floor=10,
        nonce=10,
    )
    stage.does(
        "the grid authority stops Ada's sales",
        grid,
        ledger.set_side_blocked(ada.address, False, True),
        "SideBlocked",
    )
    stage.shows("whether she may not sell", ledger.is_side_blocked(ada.address, False))
    stage.refuses(
        "a sale of hers",
        errors.Settlement_SideBlocked,
        trading,
        ledger.lock(_number(stage, "Ada"), CENT, False),
        account=ada.address,
        buying=False,
    )
    wanted = [
        _signed_lock(stage, "Ben", DOLLAR, nonce=10),
        _signed_lock(stage, "Ben", DOLLAR, nonce=9),
        _signed_lock(stage, "Ada", CENT, buying=False),
        _signed_lock(stage, "Dora", CENT),
        _signed_lock(stage, "Carl", 1000 * DOLLAR),
    ]
    call = ledger.lock_many([lock.word for lock in wanted])
    answer = [LockRefusal(each) for each in ledger.simulate(call, trading.address)]
    stage.shows("what stands in the way of each of five locks", answer)
    stage.check(answer == list(LockRefusal), f"the locks were answered with {answer}")
    stage.does("the others are made", trading, call)
    stage.check(ledger.locked_of(ben.address) == DOLLAR, "Ben's dollar was not locked")
    stage.does("Ben's order is over", trading, ledger.unlock(_number(stage, "Ben"), DOLLAR))
    stage.does("Ada may sell again", grid, ledger.set_side_blocked(ada.address, False, False))


def _a_debt_is_paid(stage: Stage) -> None:
    ledger, dora = stage.market.settlement, stage.person("Dora")
    stage.chapter("A debt is paid")
    stage.does(
        "Dora pays 20 cents of it out of her wallet, which is always possible",
        dora,
        ledger.repay_debt(20 * CENT),
        "DebtRepaid",
    )
    stage.does(
        "of a deposit of a dollar 40 cents go there first",
        dora,
        ledger.deposit(DOLLAR),
        "DebtRepaid",
    )
    left = ledger.debt_of(dora.address), ledger.balance_of(dora.address)
    stage.check(left == (0, 60 * CENT), f"Dora owes and has {left}")
    stage.refuses(
        "paying more", errors.Settlement_NoDebt, dora, ledger.repay_debt(1), account=dora.address
    )


def _from_the_grid(stage: Stage) -> None:
    ledger, grid = stage.market.settlement, Impersonated(stage.market.settlement.grid_module())
    ben, carl = stage.person("Ben"), stage.person("Carl")
    stage.chapter("Energy bought from the grid at once")
    stage.does(
        "Carl, who buys so, allows 2 dollars of his wallet",
        carl,
        stage.market.money.approve(ledger.address, 2 * DOLLAR),
    )
    stage.does(
        "the grid takes them for his account",
        grid,
        ledger.deposit_from(carl.address, carl.address, 2 * DOLLAR),
        "Deposited",
    )
    slot = stage.market.slot()
    stage.does(
        "it sells Ben 1 kWh of the running hour for 30 cents",
        grid,
        ledger.buy_from_grid(ben.address, slot, 1000, _GRID_PRICE),
        "GridEnergyBought",
    )
    stage.shows("Ben's hour", ledger.energy_of(ben.address, slot))


def _on_the_spot(stage: Stage) -> None:
    ledger, ada, ben = stage.market.settlement, stage.person("Ada"), stage.person("Ben")
    stage.chapter("Banked energy is paid on the spot")
    before = ledger.balance_of(ada.address), ledger.balance_of(ben.address)
    stage.does(
        "Ben buys 0.2 kWh of Ada's at 28 cents per kWh; the spot market hands over the energy",
        Impersonated(ledger.spot_module()),
        ledger.pay_on_the_spot(ben.address, ada.address, 200, _PRICE),
        "SpotPaid",
    )
    got = ledger.balance_of(ada.address) - before[0]
    paid = before[1] - ledger.balance_of(ben.address)
    stage.check((paid, got) == (56_000, 56_000 - 280 - 4_000), f"paid {paid}, got {got}")
    stage.shows("what Ben has paid, and Ada got", (dollars(paid), dollars(got)))


def _trading(stage: Stage) -> Impersonated:
    return Impersonated(stage.market.settlement.trading_module())


def _number(stage: Stage, name: str) -> int:
    return stage.market.settlement.number_of(stage.person(name).address)


def _signed_lock(
    stage: Stage, name: str, amount: int, *, nonce: int = 0, buying: bool = True
) -> SignedLock:
    return SignedLock(number=_number(stage, name), amount=amount, nonce=nonce, buying=buying)
