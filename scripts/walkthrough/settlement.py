"""Settlement: the accounts of the market: all its money and all its energy credits."""

from __future__ import annotations

from energy_grid.chain.signing import sign_permit
from energy_grid.client import errors
from energy_grid.domain.account_words import account_state, owed
from energy_grid.domain.enums import StopLevel
from energy_grid.market.signing import domain_of
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.houses import DAY
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import DOLLAR, dollars, exact, show_erc20, show_permits
from scripts.walkthrough._settlement_credits import tell_of_credits
from scripts.walkthrough._settlement_days import tell_of_days, tell_of_payouts
from scripts.walkthrough._settlement_limits import tell_of_limits
from scripts.walkthrough._settlement_modules import tell_of_modules
from scripts.walkthrough._settlement_tokens import tell_of_tokens


def tell(stage: Stage) -> None:
    """money comes in, days close by what meters say, and money goes out; credits, debts, exits."""
    _money_in(stage)
    _a_permit_that_is_seen(stage)
    _money_out(stage)
    tell_of_payouts(stage)
    houses = tell_of_days(stage)
    tell_of_credits(stage, houses)
    tell_of_modules(stage, houses)
    tell_of_limits(stage, houses)
    tell_of_tokens(stage)
    prosumer, settlement = stage.person("the prosumer"), stage.market.settlement
    show_erc20(stage, stage.market.money, prosumer, 5 * DOLLAR)
    show_permits(stage, stage.market.money, prosumer, 5 * DOLLAR)
    show_authority(stage, [settlement], settlement.set_outflow_limit(0))
    show_emergency_stop(stage, [settlement], settlement.deposit(1))
    _the_way_out(stage)


def _money_in(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person("the prosumer"),
        stage.person("the consumer", money="200"),
        stage.person("the neighbour"),
    )
    stage.chapter("Money comes in")
    stage.says("Every participant has a settlement account. The prosumer has a roof that makes")
    stage.says("power; the consumer and the neighbour have none.")
    stage.says("Money is counted in base units of a token, of which a million are a dollar here.")
    stage.shows("the settlement token", settlement.settlement_token())
    stage.shows(
        "base units of it that are one here: more for tokens of 18 decimals",
        settlement.token_units(),
    )
    stage.shows("here a test dollar, whose faucet gives at most", dollars(token.faucet_limit()))
    forwarder = stage.market.contract("ERC2771Forwarder").address
    stage.shows("whether a relay may ask it for others", token.is_trusted_forwarder(forwarder))
    stage.does(
        "the prosumer takes 200 dollars from the faucet", prosumer, token.faucet(200 * DOLLAR)
    )
    stage.refuses(
        "a million dollars",
        errors.TestDollar_AboveLimit,
        prosumer,
        token.faucet(1_000_000 * DOLLAR),
        maximum=10_000 * DOLLAR,
    )
    stage.refuses(
        "a deposit of 140 dollars that Settlement may not take yet",
        errors.ERC20InsufficientAllowance,
        prosumer,
        settlement.deposit(140 * DOLLAR),
        needed=140 * DOLLAR,
    )
    stage.does("it allows it", prosumer, token.approve(settlement.address, 140 * DOLLAR))
    stage.does(
        "it pays in 140 dollars",
        prosumer,
        settlement.deposit(140 * DOLLAR),
        "AccountOpened",
        "Deposited",
    )
    balance = settlement.balance_of(prosumer.address)
    stage.check(balance == 140 * DOLLAR, f"the prosumer has {balance}")
    stage.shows("its free money", dollars(balance))
    number = settlement.number_of(prosumer.address)
    stage.shows("the number of its account, by which contracts know it", number)
    stage.shows("whose number it is", settlement.account_at(number))
    found = settlement.account_of(prosumer.address)
    stage.shows(
        "all that the account holds, money in thousandths of a unit", account_state(found.word)
    )
    stage.refuses(
        "a deposit of nothing", errors.Settlement_ZeroAmount, prosumer, settlement.deposit(0)
    )
    stage.does(
        "the consumer signs a permit instead, and pays in 100 dollars with one transaction",
        consumer,
        stage.market.prepare_deposit_with_permit(consumer, 100 * DOLLAR),
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
        settlement.balance_of(consumer.address) == 120 * DOLLAR,
        "the consumer has not paid in 120 dollars",
    )


def _money_out(stage: Stage) -> None:
    token, settlement = stage.market.money, stage.market.settlement
    prosumer, neighbour, stranger = (
        stage.person(name) for name in ("the prosumer", "the neighbour", "a stranger")
    )
    stage.chapter("Money goes out")
    stage.does(
        "the prosumer takes 35 dollars",
        prosumer,
        settlement.withdraw(35 * DOLLAR, prosumer.address),
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
        settlement.withdraw(101 * DOLLAR, prosumer.address),
        available=100 * DOLLAR,
        needed=101 * DOLLAR,
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
    people = [stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")]
    stage.says("Of Saturday's trade nothing was metered: the buyer's 4 kWh are fed in, and the")
    stage.says("seller's are a deficit, for which its cover was locked.")
    stage.does(
        "Friday and Saturday close",
        stage.keeper,
        settlement.close_through([each.address for each in people], stage.now // DAY - 1),
        "DayClosed",
    )
    for name, person in zip(("the prosumer", "the consumer", "the neighbour"), people, strict=True):
        rest = settlement.balance_of(person.address)
        stage.does(f"{name} takes all", person, settlement.withdraw(rest, person.address))
    accounts = [settlement.account_at(each + 1) for each in range(settlement.account_count())]
    found = [settlement.account_of(each) for each in accounts]
    free = sum(account_state(each.word).free for each in found)
    securities = sum(each.security for each in found)
    debts = sum(owed(each.owed).debt for each in found)
    grid = settlement.grid_account()
    left = token.balance_of(settlement.address) * 1000
    stage.shows("left in accounts, and as securities", (exact(free), exact(securities)))
    stage.shows(
        "left in the grid account, and what accounts owe it", (exact(grid.cash), exact(debts))
    )
    stage.check(left == free + securities + grid.cash + grid.protocol_fees, f"{left} is left")
    stage.says("That is what Settlement still holds, to the last thousandth: no unit was lost.")


story = Story(name="settlement", contracts=("Settlement", "EnergyToken", "TestDollar"), tell=tell)
cli = walkthrough(str(__doc__), story)
