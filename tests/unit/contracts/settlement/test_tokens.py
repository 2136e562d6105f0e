"""Settlement on tokens with fees, without return values, with a list; and what is sent to it."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.permits import sign_permit
from tests.support.refusals import error_data, refused
from tests.support.settlement import (
    close,
    holdings,
    incur_debt,
    last_closable,
    liabilities,
    queue,
    record,
    treasury,
)
from tests.support.stacks import deploy_stack

PROSUMER, NEIGHBOUR, RECIPIENT = actor("prosumer"), actor("neighbour"), actor("recipient")
AMOUNT = 1_000_000


def wallet(market: Market, address: str) -> int:
    return int(market.dollar.call("balanceOf", address))


@pytest.fixture
def fee_market(market: Market) -> Market:
    """Its token burns 2.5 % of every transfer."""
    return deploy_stack(market, market.deploy("FeeToken", 250))


@pytest.fixture
def old_market(market: Market) -> Market:
    """Its token returns nothing, or false."""
    return deploy_stack(market, market.deploy("FalseToken"))


@pytest.fixture
def listed_market(market: Market) -> Market:
    """Its token refuses who is listed."""
    return deploy_stack(market, market.deploy("BlacklistToken"))


def ways_to_deposit(market: Market) -> list[Call]:
    """All calls by which the prosumer, a registered consumer, can pay in."""
    settlement, deadline = market.settlement, market.now + 86_400
    permit = sign_permit(market.dollar, PROSUMER, settlement.address, AMOUNT, deadline=deadline)
    return [
        settlement.prepare("deposit", AMOUNT),
        settlement.prepare("depositFor", PROSUMER.address, AMOUNT),
        market.grid.prepare("addConsumerBalance", PROSUMER.address, AMOUNT),
        # The last: it leaves no allowance.
        settlement.prepare("depositWithPermit", AMOUNT, deadline, permit.v, permit.r, permit.s),
    ]


def test_fee_token__each_deposit__credits_what_arrives(fee_market: Market) -> None:
    market, arrives = fee_market, AMOUNT - AMOUNT // 40
    market.do(PROSUMER, market.grid, "registerConsumer", 1)
    for times in range(4):
        market.give_money(PROSUMER, AMOUNT)
        # The permit is for the nonce that comes next.
        receipt = market.send(PROSUMER, ways_to_deposit(market)[times])
        (deposited,) = market.events(receipt, market.settlement, "Deposited")
        assert deposited["amount"] == arrives
        assert market.balance(PROSUMER) == (times + 1) * arrives
        assert holdings(market) == liabilities(market) == (times + 1) * arrives


def test_fee_token__each_payment__costs_the_recipient(fee_market: Market) -> None:
    market, arrives = fee_market, AMOUNT - AMOUNT // 40
    market.deposit(PROSUMER, 4 * AMOUNT)
    market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, NEIGHBOUR.address)
    queue(market, PROSUMER, AMOUNT, NEIGHBOUR)
    market.go_to(market.now + 86_400)
    market.do(RECIPIENT, market.settlement, "executeWithdrawal", 1)
    assert wallet(market, NEIGHBOUR.address) == 2 * arrives
    record(market, PROSUMER, last_closable(market), consumed=1000)
    close(market, PROSUMER, last_closable(market))
    revenue = treasury(market)[1]
    market.do(market.roles[Role.TREASURY], market.settlement, "collect", RECIPIENT.address)
    assert wallet(market, RECIPIENT.address) == revenue - revenue // 40
    assert holdings(market) == liabilities(market) == market.balance(PROSUMER) > 0


def test_fee_token__takes_everything__is_refused(market: Market) -> None:
    stack = deploy_stack(market, market.deploy("FeeToken", 10_000))
    stack.give_money(PROSUMER, AMOUNT)
    with refused(errors.Settlement_ZeroAmount):
        stack.do(PROSUMER, stack.settlement, "deposit", AMOUNT)


@on_chain
@given(
    st.integers(0, 9_999),
    st.lists(
        st.tuples(st.sampled_from(["deposit", "withdraw"]), st.integers(1, 10_000)), max_size=12
    ),
)
def test_fee_token__at_random__owes_what_is_there(
    market: Market, fee: int, moves: list[tuple[str, int]]
) -> None:
    with rewound(market):
        stack = deploy_stack(market, market.deploy("FeeToken", fee))
        credited = 0
        stack.give_money(PROSUMER, 12 * 10_000)
        for name, amount in moves:
            arriving = amount - amount * fee // 10_000
            if name == "deposit" and arriving:
                stack.do(PROSUMER, stack.settlement, "deposit", amount)
                credited += arriving
            elif name == "withdraw" and amount <= credited:
                stack.do(PROSUMER, stack.settlement, "withdraw", amount, NEIGHBOUR.address)
                credited -= amount
            assert stack.balance(PROSUMER) == credited
            assert holdings(stack) == liabilities(stack) == credited


def test_token_without_return_values__every_move__works(old_market: Market) -> None:
    market = old_market
    market.do(PROSUMER, market.grid, "registerConsumer", 1)
    market.give_money(PROSUMER, 4 * AMOUNT)
    for call in ways_to_deposit(market):
        market.send(PROSUMER, call)
    assert market.balance(PROSUMER) == 4 * AMOUNT == holdings(market)
    market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, NEIGHBOUR.address)
    queue(market, PROSUMER, AMOUNT, NEIGHBOUR)
    market.go_to(market.now + 86_400)
    market.do(RECIPIENT, market.settlement, "executeWithdrawal", 1)
    assert wallet(market, NEIGHBOUR.address) == 2 * AMOUNT
    market.give_money(NEIGHBOUR, incur_debt(market, NEIGHBOUR))
    market.do(NEIGHBOUR, market.settlement, "repayDebt", AMOUNT)
    market.do(market.roles[Role.TREASURY], market.settlement, "collect", RECIPIENT.address)
    assert holdings(market) == liabilities(market) == 2 * AMOUNT


def test_token_that_returns_false__every_move__is_refused(old_market: Market) -> None:
    market, settlement = old_market, old_market.settlement
    market.go_to(MONDAY + 86_400)
    market.do(PROSUMER, market.grid, "registerConsumer", 1)
    market.give_money(PROSUMER, 9 * AMOUNT)
    market.do(PROSUMER, settlement, "deposit", 2 * AMOUNT)
    record(market, PROSUMER, last_closable(market), consumed=1)
    close(market, PROSUMER, last_closable(market))
    market.give_money(NEIGHBOUR, incur_debt(market, NEIGHBOUR))
    queue(market, PROSUMER, AMOUNT)
    market.do(market.roles[Role.ADMIN], settlement, "setOutflowLimit", AMOUNT)
    market.go_to(market.now + 86_400)
    market.do(RECIPIENT, market.dollar, "setFailing", True)

    calls = [(PROSUMER.address, call) for call in ways_to_deposit(market)] + [
        (PROSUMER.address, settlement.prepare("withdraw", 1, PROSUMER.address)),
        (PROSUMER.address, settlement.prepare("executeWithdrawal", 1)),
        (NEIGHBOUR.address, settlement.prepare("repayDebt", AMOUNT)),
        (market.roles[Role.TREASURY], settlement.prepare("collect", RECIPIENT.address)),
    ]
    before = liabilities(market)
    for caller, call in calls:
        with refused(errors.SafeERC20FailedOperation, token=market.dollar.address):
            market.send(caller, call)
    assert holdings(market) == liabilities(market) == before


def test_listed_payee__withdraws__its_money_waits(listed_market: Market) -> None:
    market = listed_market
    for account in (PROSUMER, NEIGHBOUR):
        market.deposit(account, AMOUNT)
    market.do(RECIPIENT, market.dollar, "setListed", PROSUMER.address, True)
    listed = error_data(market.dollar, "BlacklistToken_Listed", PROSUMER.address)
    with refused(errors.UnknownRevert, data=listed):
        market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, PROSUMER.address)
    # Others are paid, and the refusal has used up nothing of the limit.
    left = market.settlement.call("availableOutflow")
    market.do(NEIGHBOUR, market.settlement, "withdraw", AMOUNT, NEIGHBOUR.address)
    assert market.settlement.call("availableOutflow") == left - AMOUNT
    assert market.balance(PROSUMER) == AMOUNT == holdings(market)

    market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, RECIPIENT.address)
    assert wallet(market, RECIPIENT.address) == AMOUNT


@pytest.mark.parametrize("listed", [PROSUMER, NEIGHBOUR], ids=["buyer", "seller"])
def test_listed_trader__its_transaction__is_settled_and_paid(
    listed_market: Market, listed: LocalAccount
) -> None:
    market, start = listed_market, MONDAY
    for account in (PROSUMER, NEIGHBOUR):
        market.deposit(account, AMOUNT)
    meter = market.register_meter(NEIGHBOUR)
    transaction = market.match(
        market.buy(PROSUMER, 1000, 200_000, start=start),
        market.sell(NEIGHBOUR, 1000, 200_000, start=start),
    )
    market.do(RECIPIENT, market.dollar, "setListed", listed.address, True)
    market.go_to(start + 600)
    market.read_meter(meter, timestamp=start + 600, produced=1000)
    market.settle(transaction)
    assert market.balance(NEIGHBOUR) == AMOUNT + 200_000
    assert market.balance(PROSUMER) == AMOUNT - 200_000
    free = NEIGHBOUR if listed is PROSUMER else PROSUMER
    owed = market.balance(free)
    market.do(free, market.settlement, "withdraw", owed, free.address)
    assert wallet(market, free.address) == owed
    assert holdings(market) == liabilities(market) == 2 * AMOUNT - owed


def test_listed_recipient__collects__is_owed_on(listed_market: Market) -> None:
    market = listed_market
    market.go_to(MONDAY + 86_400)
    market.deposit(PROSUMER, AMOUNT)
    record(market, PROSUMER, last_closable(market), consumed=1)
    close(market, PROSUMER, last_closable(market))
    market.do(RECIPIENT, market.dollar, "setListed", RECIPIENT.address, True)
    listed = error_data(market.dollar, "BlacklistToken_Listed", RECIPIENT.address)
    treasurer = market.roles[Role.TREASURY]
    with refused(errors.UnknownRevert, data=listed):
        market.do(treasurer, market.settlement, "collect", RECIPIENT.address)
    revenue = treasury(market)[1]
    market.do(treasurer, market.settlement, "collect", NEIGHBOUR.address)
    assert wallet(market, NEIGHBOUR.address) == revenue > 0


@pytest.mark.parametrize("rebased", [False, True], ids=["sent in", "rebased"])
def test_tokens_from_outside__credit_nobody(market: Market, rebased: bool) -> None:
    market.deposit(PROSUMER, AMOUNT)
    settlement = market.settlement.address
    if rebased:
        market.node.rpc("anvil_dealERC20", settlement, market.dollar.address, hex(2 * AMOUNT))
    else:
        market.give_money(RECIPIENT, AMOUNT)
        market.do(RECIPIENT, market.dollar, "transfer", settlement, AMOUNT)
    assert (liabilities(market), holdings(market)) == (AMOUNT, 2 * AMOUNT)
    market.deposit(NEIGHBOUR, 5)
    assert market.balance(NEIGHBOUR) == 5
    for account in (PROSUMER, NEIGHBOUR):
        money = market.balance(account)
        market.do(account, market.settlement, "withdraw", money, account.address)
    assert (liabilities(market), holdings(market)) == (0, AMOUNT)


def test_energy_credits_from_outside__balances_no_slot(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    slot = last_closable(market)
    record(market, PROSUMER, slot - 1, produced=100)
    close(market, PROSUMER, slot - 1)
    settlement = market.settlement.address
    market.do(PROSUMER, market.energy_token, "transfer", settlement, 100)
    record(market, PROSUMER, slot, consumed=100)
    closed = close(market, PROSUMER, slot)
    assert (closed["burned"], closed["from_grid"]) == (0, 100)
    assert market.energy_token.call("balanceOf", settlement) == 100


@pytest.mark.parametrize("data", ["0x", "0xd0e30db0", "deposit"])
def test_eth__sent_in__is_refused(market: Market, data: str) -> None:
    market.deposit(PROSUMER, AMOUNT)
    if data == "deposit":
        data = "0x" + market.settlement.prepare("deposit", 1).data.hex()
    request = {"from": PROSUMER.address, "to": market.settlement.address, "data": data}
    receipt = market.mined(request | {"value": "0x1", "gas": hex(200_000)})
    assert receipt["status"] == "0x0"
    assert market.node.balance(market.settlement.address) == 0


def test_eth__by_force__changes_nothing(market: Market) -> None:
    market.node.set_balance(market.settlement.address, 10**18)
    market.deposit(PROSUMER, AMOUNT)
    market.do(PROSUMER, market.settlement, "withdraw", AMOUNT, PROSUMER.address)
    assert market.balance(PROSUMER) == liabilities(market) == 0
    assert market.node.balance(market.settlement.address) == 10**18
