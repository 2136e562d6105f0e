"""depositWithPermit: a signature instead of an allowance, or beside one."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, TestedContract, actor
from tests.support.permits import Permit, sign_permit
from tests.support.refusals import refused
from tests.support.settlement import holdings, liabilities
from tests.support.stacks import deploy_stack

PROSUMER, THIEF = actor("prosumer"), actor("thief")
AMOUNT = 1_000_000
# A token without permits, made of one with: calls go on to the code at `%s`, except for permit,
# which ends as the last bytes say.
PROXY_WITHOUT_PERMIT = (
    "5f3560e01c63d505accf14603b57"  # to the last line if the selector is permit's
    "365f5f375f5f365f73%s5af4"  # delegate everything else
    "3d5f5f3e6037573d5ffd5b3d5ff3"  # hand back what that returned
    "5b%s"  # permit
)
REFUSES = "5f5ffd"
ACCEPTS_ANYTHING = "00"


def deposit(
    market: Market, permit: Permit, account: LocalAccount = PROSUMER, amount: int = AMOUNT
) -> None:
    values = (permit.deadline, permit.v, permit.r, permit.s)
    market.do(account, market.settlement, "depositWithPermit", amount, *values)


def signed(
    market: Market, *, signer: LocalAccount = PROSUMER, amount: int = AMOUNT, deadline: int = 0
) -> Permit:
    return sign_permit(
        market.dollar,
        PROSUMER,
        market.settlement.address,
        amount,
        deadline=deadline or MONDAY + 86_400,
        signer=signer,
    )


@pytest.fixture
def market(market: Market) -> Market:
    """The prosumer has money, and has allowed nobody to take it."""
    market.do(PROSUMER, market.dollar, "faucet", 10 * AMOUNT)
    return market


def missing_allowance(market: Market, allowance: int = 0) -> dict[str, object]:
    return {"spender": market.settlement.address, "allowance": allowance, "needed": AMOUNT}


def test_deposit_with_permit__stopped__is_refused(market: Market) -> None:
    market.do(market.roles[Role.GUARDIAN], market.settlement, "pause")
    with refused(errors.EmergencyStop_Stopped, level=1):
        deposit(market, signed(market))


def test_deposit_with_permit__valid__is_credited(market: Market) -> None:
    permit = signed(market)
    values = (AMOUNT, permit.deadline, permit.v, permit.r, permit.s)
    prepared = market.settlement.prepare("depositWithPermit", *values)
    assert market.settlement.simulate(prepared, PROSUMER.address) == AMOUNT

    receipt = market.send(PROSUMER, prepared)
    (deposited,) = market.events(receipt, market.settlement, "Deposited")
    assert deposited.arguments == {
        "payer": PROSUMER.address,
        "account": PROSUMER.address,
        "amount": AMOUNT,
    }
    assert market.balance(PROSUMER) == AMOUNT == holdings(market) == liabilities(market)
    allowance = market.dollar.call("allowance", PROSUMER.address, market.settlement.address)
    assert allowance == 0


def test_deposit_with_permit__last_second__is_credited(market: Market) -> None:
    deadline = MONDAY + 100
    deposit(market.at(deadline), signed(market, deadline=deadline))
    assert market.balance(PROSUMER) == AMOUNT


def test_deposit_with_permit__expired__is_refused(market: Market) -> None:
    deadline = MONDAY + 100
    permit = signed(market, deadline=deadline)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market.at(deadline + 1), permit)


def test_deposit_with_permit__wrong_signer__is_refused(market: Market) -> None:
    permit = signed(market, signer=THIEF)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market, permit)


def test_deposit_with_permit__somebody_elses__is_refused(market: Market) -> None:
    permit = signed(market)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market, permit, THIEF)
    assert market.balance(THIEF) == 0


def test_deposit_with_permit__other_spender__is_refused(market: Market) -> None:
    permit = sign_permit(market.dollar, PROSUMER, THIEF.address, AMOUNT, deadline=MONDAY + 86_400)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market, permit)


def test_deposit_with_permit__for_less__is_refused(market: Market) -> None:
    permit = signed(market, amount=AMOUNT - 1)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market, permit)


def test_deposit_with_permit__used_before__is_refused(market: Market) -> None:
    permit = signed(market)
    deposit(market, permit)
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(market)):
        deposit(market, permit)
    assert market.balance(PROSUMER) == AMOUNT


def test_deposit_with_permit__sent_first_by_a_third_party__is_credited(market: Market) -> None:
    permit = signed(market)
    values = (AMOUNT, permit.deadline, permit.v, permit.r, permit.s)
    market.do(
        *(THIEF, market.dollar, "permit", PROSUMER.address, market.settlement.address), *values
    )
    deposit(market, permit)
    assert market.balance(PROSUMER) == AMOUNT
    assert market.dollar.call("nonces", PROSUMER.address) == 1


def test_deposit_with_permit__worthless_beside_an_allowance__is_credited(
    market: Market,
) -> None:
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, AMOUNT)
    deposit(market, Permit(deadline=0, v=0, r=bytes(32), s=bytes(32)))
    assert market.balance(PROSUMER) == AMOUNT


@pytest.mark.parametrize("permit", [REFUSES, ACCEPTS_ANYTHING], ids=["refuses", "accepts"])
def test_deposit_with_permit__token_without_permits__needs_an_allowance(
    market: Market, permit: str
) -> None:
    address = actor("token without permits").address
    code = PROXY_WITHOUT_PERMIT % (market.dollar.address[2:], permit)
    market.node.rpc("anvil_setCode", address, "0x" + code)
    stack = deploy_stack(market, TestedContract(market.node, address, "TestDollar"))
    stack.do(PROSUMER, stack.dollar, "faucet", AMOUNT)
    nothing = Permit(deadline=0, v=0, r=bytes(32), s=bytes(32))
    with refused(errors.ERC20InsufficientAllowance, **missing_allowance(stack)):
        deposit(stack, nothing)

    stack.do(PROSUMER, stack.dollar, "approve", stack.settlement.address, AMOUNT)
    deposit(stack, nothing)
    assert stack.balance(PROSUMER) == AMOUNT == holdings(stack)
