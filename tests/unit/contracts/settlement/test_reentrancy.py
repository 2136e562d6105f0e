"""A settlement token that calls back, in the middle of every move of money."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import RpcError
from energy_grid.contracts import errors
from energy_grid.contracts.errors import decode_revert
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.permits import sign_permit
from tests.support.settlement import (
    close,
    holdings,
    incur_debt,
    last_closable,
    liabilities,
    limit_outflow,
    record,
)
from tests.support.stacks import deploy_stack, give_role

PROSUMER, DEBTOR, RECIPIENT = actor("prosumer"), actor("debtor"), actor("recipient")
AMOUNT = 1_000_000
ORDER = "createOrder(uint256,uint256,uint256,uint8)"
MOVES = (
    "deposit",
    "depositFor",
    "depositWithPermit",
    "addConsumerBalance",
    "withdraw",
    "executeWithdrawal",
    "repayDebt",
    "collect",
)
GUARDED = {*MOVES, "depositFrom"}
# What a call back may do, as everybody may at any other time.
OPEN = {
    *("cancelWithdrawal", "closeSlot", "closeSlots", "setFees", "setOutflowLimit"),
    *("lengthenWithdrawal", "pause", "shutdown", "BUY", "SELL", "cancelOrder", "transfer"),
    *("createEnergyOffer", "cancelEnergyOffer", "createTrade", "cancelTrade"),
}
# What a call back may buy: numbers of the prosumer's offer and trade, at a unit of money a Wh.
PURCHASES = {
    "acceptEnergyOffer": (2, 3),
    "acceptEnergyOfferAtMost": (2, 3, AMOUNT),
    "completeTrade": (2,),
    "completeTradeAtMost": (2, AMOUNT),
}


@pytest.fixture
def stack(market: Market) -> Market:
    """A market on the token, which has an account with money in every state, and every role.

    The prosumer has the same; the debtor owes; the treasury has something to collect.
    """
    stack = deploy_stack(market, market.deploy("HookToken"))
    thief = stack.dollar.address
    for role in Role:
        give_role(stack, role, thief)
    stack.go_to(MONDAY + 86_400)
    for account in (PROSUMER, DEBTOR):
        stack.give_money(account, 100 * AMOUNT)
    stack.do(PROSUMER, stack.grid, "registerConsumer", 1000)
    stack.do(PROSUMER, stack.dollar, "transfer", thief, 10 * AMOUNT)
    for address in (thief, PROSUMER.address):
        stack.do(PROSUMER, stack.settlement, "depositFor", address, 10 * AMOUNT)
    record(stack, PROSUMER, last_closable(stack), consumed=100)
    close(stack, PROSUMER, last_closable(stack))
    incur_debt(stack, DEBTOR)
    earn(stack, thief)
    limit_outflow(stack, 0)
    for address in (thief, PROSUMER.address):
        stack.do(address, stack.settlement, "withdraw", AMOUNT, address)
    limit_outflow(stack, 1000 * AMOUNT)
    stack.go_to(stack.now + 86_400)
    stack.do(thief, stack.trading, ORDER, 1000, AMOUNT, stack.now + 999, 0)
    put_on_sale(stack, thief)
    return stack


def put_on_sale(stack: Market, thief: str) -> None:
    """The token and the prosumer each have an offer, and a trade with the other, in this order."""
    for seller in (thief, PROSUMER.address):
        stack.do(seller, stack.grid, "registerProducer", 1000, 0)
        stack.do(stack.settlement.address, stack.energy_token, "mint", seller, 10)
        stack.do(seller, stack.energy_token, "approve", stack.spot.address, 100)
    for seller, buyer in ((thief, PROSUMER.address), (PROSUMER.address, thief)):
        stack.do(seller, stack.spot, "createEnergyOffer", 6, 1000)
        stack.do(seller, stack.spot, "createTrade", buyer, 4, 1000)


def earn(stack: Market, thief: str) -> None:
    """Bank energy for the token, and leave it a slot that would cost it money."""
    number, slot = stack.settlement.call("numberOf", thief), last_closable(stack)
    meter = stack.meters.address
    stack.do(meter, stack.settlement, "recordMetered", number, slot - 1, 100, 0, False)
    stack.do(meter, stack.settlement, "closeSlot", thief, slot - 1)
    stack.do(meter, stack.settlement, "recordMetered", number, slot, 0, 500, False)


def move(stack: Market, name: str) -> Receipt:
    """One of the moves of money, by whom it is for."""
    settlement = stack.settlement
    if name == "collect":
        return stack.do(stack.roles[Role.TREASURY], settlement, "collect", RECIPIENT.address)
    if name == "addConsumerBalance":
        return stack.do(PROSUMER, stack.grid, name, PROSUMER.address, AMOUNT)
    if name == "repayDebt":
        return stack.do(DEBTOR, settlement, name, AMOUNT)
    arguments: dict[str, tuple[object, ...]] = {
        "deposit": (AMOUNT,),
        "depositFor": (DEBTOR.address, AMOUNT),
        "depositWithPermit": (AMOUNT, *permit(stack)),
        "withdraw": (AMOUNT, PROSUMER.address),
        "executeWithdrawal": (2,),
    }
    return stack.do(PROSUMER, settlement, name, *arguments[name])


def permit(stack: Market) -> tuple[int, int, bytes, bytes]:
    spender, deadline = stack.settlement.address, stack.now + 86_400
    signed = sign_permit(stack.dollar, PROSUMER, spender, AMOUNT, deadline=deadline)
    return signed.deadline, signed.v, signed.r, signed.s


def attacks(stack: Market) -> dict[str, Call]:
    """Every function of Settlement that changes something, and those of modules that reach it."""
    thief, slot = stack.dollar.address, last_closable(stack) - 24
    number = stack.settlement.call("numberOf", thief)
    arguments: dict[str, tuple[object, ...]] = {
        "deposit": (AMOUNT,),
        "depositFor": (thief, AMOUNT),
        "depositFrom": (PROSUMER.address, thief, AMOUNT),
        "depositWithPermit": (AMOUNT, 0, 0, bytes(32), bytes(32)),
        "withdraw": (AMOUNT, thief),
        "cancelWithdrawal": (1,),
        "executeWithdrawal": (1,),
        "lengthenWithdrawal": (1, 0),
        "repayDebt": (AMOUNT,),
        "closeSlot": (thief, slot),
        "closeSlots": (thief, [slot]),
        "openAccount": (thief,),
        "recordMetered": (number, slot, 1, 0, True),
        "lock": (number, 1, True),
        "lockMany": ([1 | number << 104],),
        "raiseSignedFloor": (number, 1),
        "unlock": (number, 1),
        "deliver": ((number, number, slot, slot + 1, 1, 0, 0),),
        "finish": ((number, number, 1, 0, 0, False),),
        "payOnTheSpot": (PROSUMER.address, thief, 1000, AMOUNT),
        "buyFromGrid": (thief, slot, 1, 0),
        "setSideBlocked": (thief, True, False),
        "setFees": (100, 100_000),
        "setOutflowLimit": (2**104 - 1,),
        "collect": (thief,),
        "setAuthority": (thief,),
        **dict.fromkeys(("pause", "unpause", "shutdown"), ()),
    }
    calls = {name: stack.settlement.prepare(name, *given) for name, given in arguments.items()}
    expiry = stack.now + 999
    return calls | {
        "addConsumerBalance": stack.grid.prepare("addConsumerBalance", PROSUMER.address, AMOUNT),
        "BUY": stack.trading.prepare(ORDER, 1000, AMOUNT, expiry, 0),
        "SELL": stack.trading.prepare(ORDER, 1000, AMOUNT, expiry, 1),
        "cancelOrder": stack.trading.prepare("cancelOrder", 1),
        "createEnergyOffer": stack.spot.prepare("createEnergyOffer", 1, 1),
        "cancelEnergyOffer": stack.spot.prepare("cancelEnergyOffer", 1),
        "createTrade": stack.spot.prepare("createTrade", PROSUMER.address, 1, 1),
        "cancelTrade": stack.spot.prepare("cancelTrade", 2),
        "transfer": stack.energy_token.prepare("transfer", PROSUMER.address, 1),
    }


def wealth(stack: Market) -> dict[str, int]:
    """All that everybody has or is owed, less what they owe."""
    settlement = stack.settlement
    people = {
        "thief": stack.dollar.address,
        "prosumer": PROSUMER.address,
        "debtor": DEBTOR.address,
        "recipient": RECIPIENT.address,
    }
    addresses = [(address,) for address in people.values()]
    columns = (
        stack.dollar.call_many("balanceOf", addresses),
        settlement.call_many("balanceOf", addresses),
        settlement.call_many("lockedOf", addresses),
        [-debt for debt in settlement.call_many("debtOf", addresses)],
    )
    found = {
        name: sum(parts) for name, parts in zip(people, zip(*columns, strict=True), strict=True)
    }
    for identifier, name in ((1, "thief"), (2, "prosumer")):
        try:
            found[name] += settlement.call("queuedWithdrawal", identifier)[2]
        except errors.Settlement_NoSuchWithdrawal:
            continue
    return found


def assert_nothing_gained(stack: Market, expected: dict[str, int], attack: str) -> None:
    """The thief has at most what it should, everybody else exactly that, and it is all there."""
    found = wealth(stack)
    assert found["thief"] <= expected["thief"], attack
    assert found == expected | {"thief": found["thief"]}, attack
    assert liabilities(stack) <= holdings(stack), attack


@pytest.mark.parametrize("name", MOVES)
def test_reentrancy__every_function__gains_nothing(stack: Market, name: str) -> None:
    with rewound(stack):
        move(stack, name)
        expected = wealth(stack)
    for attack, call in attacks(stack).items():
        with rewound(stack):
            stack.do(RECIPIENT, stack.dollar, "setHook", call.to, call.data)
            move(stack, name)
            assert stack.dollar.call("calls") == 2, attack
            assert (stack.dollar.call("successes") > 0) == (attack in OPEN), attack
            if attack in GUARDED:
                assert isinstance(refusal(stack, call), errors.ReentrancyGuardReentrantCall)
            assert_nothing_gained(stack, expected, attack)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("deposit", (AMOUNT,)), ("withdraw", (AMOUNT, None)), ("executeWithdrawal", (1,))],
)
def test_reentrancy__by_the_mover_itself__is_paid_once(
    stack: Market, name: str, arguments: tuple[int | None, ...]
) -> None:
    """The token moves its own money, and calls back for more of it."""
    thief = stack.dollar.address
    call = stack.settlement.prepare(name, *(thief if part is None else part for part in arguments))
    stack.do(thief, stack.dollar, "approve", stack.settlement.address, 10 * AMOUNT)
    expected = wealth(stack)
    for attack, again in attacks(stack).items():
        with rewound(stack):
            stack.do(RECIPIENT, stack.dollar, "setHook", again.to, again.data)
            stack.send(thief, call)
            assert stack.dollar.call("calls") == 2, attack
            assert_nothing_gained(stack, expected, attack)


@pytest.mark.parametrize("purchase", PURCHASES)
@pytest.mark.parametrize("name", MOVES)
def test_reentrancy__purchase_on_the_spot__is_what_it_is_at_any_other_time(
    stack: Market, name: str, purchase: str
) -> None:
    """Money and energy end where they do when the move is over before the purchases begin."""
    thief = stack.dollar.address
    call = stack.spot.prepare(purchase, *PURCHASES[purchase])
    with rewound(stack):
        stack.do(RECIPIENT, stack.dollar, "setHook", call.to, call.data)
        move(stack, name)
        times = stack.dollar.call("successes")
        found, held = wealth(stack), energy(stack)
        assert holdings(stack) >= liabilities(stack)
    move(stack, name)
    for _ in range(times):
        stack.send(thief, call)
    assert times == (1 if purchase.startswith("completeTrade") else 2)
    assert (found, held) == (wealth(stack), energy(stack))


def energy(stack: Market) -> dict[str, int]:
    """Who has energy credits."""
    holders = {"thief": stack.dollar, "prosumer": PROSUMER, "spot market": stack.spot}
    return {
        name: stack.energy_token.call("balanceOf", holder.address)
        for name, holder in holders.items()
    }


def refusal(stack: Market, call: Call) -> Exception:
    """Why the last call back was refused, which the token keeps to itself."""
    data = stack.dollar.call("lastResult")
    stack.coverage(call.to.lower(), call.data[:4], data)
    return decode_revert(data, call.contract)


@pytest.mark.parametrize("name", MOVES)
def test_reentrancy__every_view__is_true_before_or_after(stack: Market, name: str) -> None:
    queries = list(views(stack))
    before = [answer(stack, query) for query in queries]
    seen = []
    for query in queries:
        with rewound(stack):
            stack.do(RECIPIENT, stack.dollar, "setHook", query.to, query.data)
            move(stack, name)
            assert stack.dollar.call("calls") == 2
            seen.append(stack.dollar.call("lastResult"))
    move(stack, name)
    after = [answer(stack, query) for query in queries]
    for query, *answers, emitted in zip(queries, before, after, seen, strict=True):
        assert emitted in answers, query.function


def views(stack: Market) -> Iterator[Call]:
    """Every view of Settlement, about everybody whom a move concerns."""
    people = (PROSUMER.address, DEBTOR.address, stack.dollar.address)
    slot = last_closable(stack)
    arguments: dict[str, list[tuple[object, ...]]] = {
        **{
            name: [(address,) for address in people]
            for name in ("balanceOf", "lockedOf", "debtOf", "numberOf", "signedFloorOf")
        },
        "accountAt": [(1,), (2,)],
        "energyOf": [(address, slot) for address in people],
        "metersReadAtEnd": [(address, slot) for address in people],
        "isSideBlocked": [(address, True) for address in people],
        "queuedWithdrawal": [(1,), (2,)],
    }
    for function in stack.settlement.abi.functions.values():
        if function.constant:
            for given in arguments.get(function.name, [()]):
                yield stack.settlement.prepare(function.name, *given)


def answer(stack: Market, query: Call) -> bytes:
    """What a view returns, or the error it raises."""
    try:
        return stack.node.call(query.to, query.data)
    except RpcError as error:
        return error.revert or b""


def test_reentrancy__no_function__is_forgotten(stack: Market) -> None:
    covered = attacks(stack).keys() | PURCHASES.keys()
    for contract in (stack.settlement, stack.spot):
        functions = contract.abi.functions.values()
        assert {function.name for function in functions if not function.constant} <= covered
