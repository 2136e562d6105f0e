"""Settlement: the accounts of the market: all its money and all its energy."""

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
    prosumer, settlement = stage.person("the prosumer"), stage.market.settlement
    show_erc20(stage, stage.market.money, prosumer, 10 * DOLLAR)
    show_permits(stage, stage.market.money, prosumer, 10 * DOLLAR)
    show_authority(stage, [settlement], settlement.set_fees(0, 0))
    show_emergency_stop(stage, [settlement], settlement.deposit(1))
    _the_way_out(stage)


def _money_in(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person("the prosumer"),
        stage.person("the consumer", money="100"),
        stage.person("the neighbour"),
    )
    stage.chapter("Money comes in")
    stage.says("Every trader has a settlement account. The prosumer has a roof that makes")
    stage.says("power; the consumer and the neighbour have none.")
    stage.says("Money is counted in base units of a token, of which a million are a")
    stage.says("dollar here.")
    stage.shows("the settlement token", settlement.settlement_token())
    stage.shows("here a test dollar, whose faucet gives at most", dollars(token.faucet_limit()))
    stage.does(
        "the prosumer takes 100 dollars from the faucet", prosumer, token.faucet(100 * DOLLAR)
    )
    stage.refuses(
        "a million dollars",
        errors.TestDollar_AboveLimit,
        prosumer,
        token.faucet(1_000_000 * DOLLAR),
        maximum=10_000 * DOLLAR,
    )
    stage.refuses(
        "a deposit of 40 dollars that Settlement may not take yet",
        errors.ERC20InsufficientAllowance,
        prosumer,
        settlement.deposit(40 * DOLLAR),
        needed=40 * DOLLAR,
    )
    stage.does("it allows it", prosumer, token.approve(settlement.address, 40 * DOLLAR))
    stage.does(
        "it pays in 40 dollars",
        prosumer,
        settlement.deposit(40 * DOLLAR),
        "AccountOpened",
        "Deposited",
    )
    balance = settlement.balance_of(prosumer.address)
    stage.check(balance == 40 * DOLLAR, f"the prosumer has {balance}")
    stage.shows("its balance, to spend or to withdraw", dollars(balance))
    number = settlement.number_of(prosumer.address)
    stage.shows("the number of its account, by which contracts know it", number)
    stage.shows("whose number it is", settlement.account_at(number))
    stage.refuses(
        "a deposit of nothing", errors.Settlement_ZeroAmount, prosumer, settlement.deposit(0)
    )
    stage.does(
        "the consumer signs a permit instead, and pays in 30 dollars with one transaction",
        consumer,
        stage.market.prepare_deposit_with_permit(consumer, 30 * DOLLAR),
        "Deposited",
    )
    stage.does(
        "the consumer allows 5 dollars more",
        consumer,
        token.approve(settlement.address, 5 * DOLLAR),
    )
    stage.does(
        "and pays them into the neighbour's account",
        consumer,
        settlement.deposit_for(neighbour.address, 5 * DOLLAR),
        "AccountOpened",
    )
    stage.shows("accounts so far", settlement.account_count())
    stage.check(
        settlement.balance_of(neighbour.address) == 5 * DOLLAR,
        "the neighbour has not got 5 dollars",
    )


def _a_permit_that_is_seen(stage: Stage) -> None:
    token, settlement, consumer = (
        stage.market.money,
        stage.market.settlement,
        stage.person("the consumer"),
    )
    stage.chapter("A permit that a stranger sends first")
    stage.says("Pending transactions are public. A permit of the consumer's, which")
    stage.says("names Settlement, does no harm if a stranger sends it:")
    amount, deadline, nonce = 20 * DOLLAR, stage.now + 3600, token.nonces(consumer.address)
    signature = sign_permit(consumer, settlement.address, amount, nonce, deadline, domain_of(token))
    parts = deadline, signature.v, signature.r.to_bytes(32), signature.s.to_bytes(32)
    stage.does(
        "a stranger sends it before it does",
        stage.person("a stranger"),
        token.permit(consumer.address, settlement.address, amount, *parts),
    )
    stage.does(
        "the consumer pays in 20 dollars by it nevertheless",
        consumer,
        settlement.deposit_with_permit(amount, *parts),
        "Deposited",
    )
    stage.check(
        settlement.balance_of(consumer.address) == 50 * DOLLAR,
        "the consumer has not paid in 50 dollars",
    )


def _money_out(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, neighbour, stranger = (
        stage.person(name) for name in ("the prosumer", "the neighbour", "a stranger")
    )
    stage.chapter("Money goes out")
    stage.does(
        "the prosumer takes 5 dollars",
        prosumer,
        settlement.withdraw(5 * DOLLAR, prosumer.address),
        "Withdrawn",
    )
    stage.does(
        "it has 5 paid to the neighbour's wallet",
        prosumer,
        settlement.withdraw(5 * DOLLAR, neighbour.address),
    )
    stage.check(token.balance_of(neighbour.address) == 5 * DOLLAR, "the neighbour was not paid")
    stage.refuses(
        "more than its balance",
        errors.Settlement_InsufficientBalance,
        prosumer,
        settlement.withdraw(31 * DOLLAR, prosumer.address),
        available=30 * DOLLAR,
        needed=31 * DOLLAR,
    )
    stage.refuses(
        "a withdrawal of nothing",
        errors.Settlement_ZeroAmount,
        prosumer,
        settlement.withdraw(0, prosumer.address),
    )
    stage.refuses(
        "one to Settlement itself",
        errors.Settlement_BadRecipient,
        prosumer,
        settlement.withdraw(DOLLAR, settlement.address),
        to=settlement.address,
    )
    stage.refuses(
        "one by a stranger without an account",
        errors.Settlement_UnknownAccount,
        stranger,
        settlement.withdraw(DOLLAR, stranger.address),
        account=stranger.address,
    )


def _fees(stage: Stage) -> None:
    settlement = stage.market.settlement
    stage.chapter("What sellers pay")
    stage.says("Fees leave what a seller is paid: a share of it, and a network charge per kWh.")
    stage.shows(
        "the highest network charge there can be", dollars(settlement.max_grid_fee_per_kwh())
    )
    stage.refuses(
        "a share of 1.01 %",
        errors.Settlement_FeeTooHigh,
        stage.safe,
        settlement.set_fees(101, 0),
        fee=101,
        maximum=100,
    )
    stage.refuses(
        "a charge of 11 cents per kWh",
        errors.Settlement_FeeTooHigh,
        stage.safe,
        settlement.set_fees(0, 110_000),
        maximum=100_000,
    )
    stage.does(
        "the Safe, which is grid authority, sets 0.5 % and 2 cents per kWh",
        stage.safe,
        settlement.set_fees(50, 20_000),
        "FeesSet",
    )
    stage.shows("the share in basis points", settlement.protocol_fee_bps())
    stage.shows("the network charge per kWh", dollars(settlement.grid_fee_per_kwh()))


def _the_treasury(stage: Stage) -> None:
    token, settlement, bank = stage.market.money, stage.market.settlement, stage.person("the city")
    stage.chapter("The treasury")
    owed = settlement.treasury_owed()
    stage.shows("fees, and what energy of the grid has brought", owed)
    stage.refuses(
        "collected to the zero address",
        errors.Settlement_BadRecipient,
        stage.safe,
        settlement.collect(NOBODY.address),
    )
    stage.does(
        "the Safe, which is treasurer, has it paid to the city's bank",
        stage.safe,
        settlement.collect(bank.address),
        "TreasuryCollected",
    )
    paid = token.balance_of(bank.address)
    stage.check(paid == owed.fees + owed.grid_revenue, f"the city has got {paid}")
    stage.refuses(
        "again at once",
        errors.Settlement_NothingToCollect,
        stage.safe,
        settlement.collect(bank.address),
    )


def _the_way_out(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    consumer = stage.person("the consumer")
    stage.chapter("Exits stay open")
    stage.refuses(
        "the way in is not",
        errors.EmergencyStop_Stopped,
        consumer,
        settlement.deposit(DOLLAR),
        level=StopLevel.SHUTDOWN,
    )
    bought = settlement.history("GridEnergyBought")[-1]
    stage.does(
        "the consumer's hour with 1 kWh bought and none used is closed: it becomes a credit",
        consumer,
        settlement.close_slot(bought["account"], bought["slot"]),
        "SlotClosed",
    )
    stage.check(
        stage.market.energy_token.balance_of(consumer.address) == 1000, "the consumer has no kWh"
    )
    for name in ("the prosumer", "the consumer", "the neighbour", "the debtor"):
        person = stage.person(name)
        rest = settlement.balance_of(person.address)
        stage.does(f"{name} takes all", person, settlement.withdraw(rest, person.address))
    left = token.balance_of(settlement.address)
    stage.check(left == 0, f"{left} is left in Settlement")
    stage.says("Everybody has everything, and Settlement holds nothing: no unit was lost.")


story = Story(name="settlement", contracts=("Settlement", "EnergyToken", "TestDollar"), tell=tell)
cli = walkthrough(str(__doc__), story)
