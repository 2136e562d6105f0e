"""Settlement: the vault that holds all money of the market, and the books of all its energy."""

from __future__ import annotations

from energy_grid.chain.signing import sign_permit
from energy_grid.client import errors
from energy_grid.domain.enums import StopLevel
from energy_grid.market.signing import domain_of
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import DOLLAR, NOBODY, dollars, show_erc20, show_permits
from scripts.walkthrough._settlement_energy import tell_of_energy
from scripts.walkthrough._settlement_limits import tell_of_limits


def tell(stage: Stage) -> None:
    """money comes in, pays for energy by what meters say, and goes out; debts, limits and exits."""
    _money_in(stage)
    _a_permit_that_is_seen(stage)
    _money_out(stage)
    _fees(stage)
    tell_of_energy(stage)
    _the_treasury(stage)
    tell_of_limits(stage)
    ada, ledger = stage.person("Ada"), stage.market.settlement
    show_erc20(stage, stage.market.money, ada, 10 * DOLLAR)
    show_permits(stage, stage.market.money, ada, 10 * DOLLAR)
    show_authority(stage, [ledger], ledger.set_fees(0, 0))
    show_emergency_stop(stage, [ledger], ledger.deposit(1))
    _the_way_out(stage)


def _money_in(stage: Stage) -> None:
    token, ledger = stage.market.money, stage.market.settlement
    ada, ben, carl = stage.person("Ada"), stage.person("Ben", money="100"), stage.person("Carl")
    stage.chapter("Money comes in")
    stage.says("Whoever trades has an account in the vault. Ada has a roof that makes power, Ben")
    stage.says("next door has none, and Carl is Ben's father. Money is counted in base units of a")
    stage.says("token, of which a million are a dollar here.")
    stage.shows("the token that money is", ledger.settlement_token())
    stage.shows("here a test dollar, whose faucet gives at most", dollars(token.faucet_limit()))
    stage.does("Ada takes 100 dollars from the faucet", ada, token.faucet(100 * DOLLAR))
    stage.refuses(
        "a million dollars",
        errors.TestDollar_AboveLimit,
        ada,
        token.faucet(1_000_000 * DOLLAR),
        maximum=10_000 * DOLLAR,
    )
    stage.refuses(
        "a deposit of 40 dollars that the vault may not take yet",
        errors.ERC20InsufficientAllowance,
        ada,
        ledger.deposit(40 * DOLLAR),
        needed=40 * DOLLAR,
    )
    stage.does("she allows it", ada, token.approve(ledger.address, 40 * DOLLAR))
    stage.does(
        "she pays in 40 dollars", ada, ledger.deposit(40 * DOLLAR), "AccountOpened", "Deposited"
    )
    balance = ledger.balance_of(ada.address)
    stage.check(balance == 40 * DOLLAR, f"Ada has {balance}")
    stage.shows("her balance, to spend or to withdraw", dollars(balance))
    number = ledger.number_of(ada.address)
    stage.shows("the number of her account, which the books know her by", number)
    stage.shows("whose number it is", ledger.account_at(number))
    stage.refuses("a deposit of nothing", errors.Settlement_ZeroAmount, ada, ledger.deposit(0))
    stage.does(
        "Ben signs a permit instead, and pays in 30 dollars with one transaction",
        ben,
        stage.market.prepare_deposit_with_permit(ben, 30 * DOLLAR),
        "Deposited",
    )
    stage.does("Ben allows 5 dollars more", ben, token.approve(ledger.address, 5 * DOLLAR))
    stage.does(
        "and pays them into his father's account",
        ben,
        ledger.deposit_for(carl.address, 5 * DOLLAR),
        "AccountOpened",
    )
    stage.shows("accounts so far", ledger.account_count())
    stage.check(ledger.balance_of(carl.address) == 5 * DOLLAR, "Carl has not got 5 dollars")


def _a_permit_that_is_seen(stage: Stage) -> None:
    token, ledger, ben = stage.market.money, stage.market.settlement, stage.person("Ben")
    stage.chapter("A permit that somebody sends first")
    stage.says(
        "What waits to be mined everybody can see. A permit of Ben's, which names the vault,"
    )
    stage.says("does no harm in other hands:")
    amount, deadline, nonce = 20 * DOLLAR, stage.now + 3600, token.nonces(ben.address)
    signature = sign_permit(ben, ledger.address, amount, nonce, deadline, domain_of(token))
    parts = deadline, signature.v, signature.r.to_bytes(32), signature.s.to_bytes(32)
    stage.does(
        "a stranger sends it before he does",
        stage.person("a stranger"),
        token.permit(ben.address, ledger.address, amount, *parts),
    )
    stage.does(
        "Ben pays in 20 dollars by it all the same",
        ben,
        ledger.deposit_with_permit(amount, *parts),
        "Deposited",
    )
    stage.check(ledger.balance_of(ben.address) == 50 * DOLLAR, "Ben has not paid in 50 dollars")


def _money_out(stage: Stage) -> None:
    token, ledger = stage.market.money, stage.market.settlement
    ada, carl, stranger = (stage.person(name) for name in ("Ada", "Carl", "a stranger"))
    stage.chapter("Money goes out")
    stage.does("Ada takes 5 dollars", ada, ledger.withdraw(5 * DOLLAR, ada.address), "Withdrawn")
    stage.does("she has 5 paid to Carl's wallet", ada, ledger.withdraw(5 * DOLLAR, carl.address))
    stage.check(token.balance_of(carl.address) == 5 * DOLLAR, "Carl was not paid")
    stage.refuses(
        "more than her balance",
        errors.Settlement_InsufficientBalance,
        ada,
        ledger.withdraw(31 * DOLLAR, ada.address),
        available=30 * DOLLAR,
        needed=31 * DOLLAR,
    )
    stage.refuses(
        "a withdrawal of nothing",
        errors.Settlement_ZeroAmount,
        ada,
        ledger.withdraw(0, ada.address),
    )
    stage.refuses(
        "one to the vault, where it would be nobody's",
        errors.Settlement_BadRecipient,
        ada,
        ledger.withdraw(DOLLAR, ledger.address),
        to=ledger.address,
    )
    stage.refuses(
        "one by somebody without an account",
        errors.Settlement_UnknownAccount,
        stranger,
        ledger.withdraw(DOLLAR, stranger.address),
        account=stranger.address,
    )


def _fees(stage: Stage) -> None:
    ledger = stage.market.settlement
    stage.chapter("What sellers pay")
    stage.says("Fees leave what a seller is paid: a share of it, and a network charge per kWh.")
    stage.shows("the highest network charge there can be", dollars(ledger.max_grid_fee_per_kwh()))
    stage.refuses(
        "a share of 1.01 %",
        errors.Settlement_FeeTooHigh,
        stage.safe,
        ledger.set_fees(101, 0),
        fee=101,
        maximum=100,
    )
    stage.refuses(
        "a charge of 11 cents per kWh",
        errors.Settlement_FeeTooHigh,
        stage.safe,
        ledger.set_fees(0, 110_000),
        maximum=100_000,
    )
    stage.does(
        "the Safe, which is grid authority, sets 0.5 % and 2 cents per kWh",
        stage.safe,
        ledger.set_fees(50, 20_000),
        "FeesSet",
    )
    stage.shows("the share in basis points", ledger.protocol_fee_bps())
    stage.shows("the network charge per kWh", dollars(ledger.grid_fee_per_kwh()))


def _the_treasury(stage: Stage) -> None:
    token, ledger, bank = stage.market.money, stage.market.settlement, stage.person("the city")
    stage.chapter("The treasury")
    owed = ledger.treasury_owed()
    stage.shows("fees, and what energy of the grid has brought", owed)
    stage.refuses(
        "collected for nobody",
        errors.Settlement_BadRecipient,
        stage.safe,
        ledger.collect(NOBODY.address),
    )
    stage.does(
        "the Safe, which is treasurer, has it paid to the city's bank",
        stage.safe,
        ledger.collect(bank.address),
        "TreasuryCollected",
    )
    paid = token.balance_of(bank.address)
    stage.check(paid == owed.fees + owed.grid_revenue, f"the city has got {paid}")
    stage.refuses(
        "again at once",
        errors.Settlement_NothingToCollect,
        stage.safe,
        ledger.collect(bank.address),
    )


def _the_way_out(stage: Stage) -> None:
    token, ledger = stage.market.money, stage.market.settlement
    ben = stage.person("Ben")
    stage.chapter("The way out is open, even now")
    stage.refuses(
        "the way in is not",
        errors.EmergencyStop_Stopped,
        ben,
        ledger.deposit(DOLLAR),
        level=StopLevel.SHUTDOWN,
    )
    bought = ledger.history("GridEnergyBought")[-1]
    stage.does(
        "the hour in which Ben bought 1 kWh and used nothing is closed, and it is banked",
        ben,
        ledger.close_slot(bought["account"], bought["slot"]),
        "SlotClosed",
    )
    stage.check(stage.market.energy_token.balance_of(ben.address) == 1000, "Ben has no kWh")
    for name in ("Ada", "Ben", "Carl", "Dora"):
        person = stage.person(name)
        rest = ledger.balance_of(person.address)
        stage.does(f"{name} takes all", person, ledger.withdraw(rest, person.address))
    left = token.balance_of(ledger.address)
    stage.check(left == 0, f"{left} is left in the vault")
    stage.says("Everybody has everything, and the vault holds nothing: no unit was lost.")


story = Story(name="settlement", contracts=("Settlement", "EnergyToken", "TestDollar"), tell=tell)
cli = walkthrough(str(__doc__), story)
