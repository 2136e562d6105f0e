"""A reward token that calls back, before and after the money has moved.

The token is itself a registered operator and consumer, with a program, events and rewards of its
own: what it calls for would be granted at another time.
"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from energy_grid.contracts.errors import decode_revert
from energy_grid.domain.enums import ProgramType
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import DAY, HOUR, NORTH, Scheme, open_stack

CONSUMER = actor("consumer")
GUARDED = (
    "createDemandProgram",
    "closeProgram",
    "claimProgramReward",
    "startEvent",
    "claimReward",
    "distributeRewards",
    "reclaimBudget",
)


@pytest.fixture
def scheme(market: Market) -> Scheme:
    """Program 1 and the events 1 to 3 are the operator's, program 2 and its event 4 the token's.

    Event 1 is completed, 2 cancelled, 3 is active and over, 4 is announced.
    """
    scheme = open_stack(market, "HookToken")
    thief, operators = scheme.dollar.address, scheme.market.operators
    scheme.market.do(thief, operators, "registerOperator", "thief", NORTH, 1)
    scheme.as_authority(operators, "verifyOperator", thief)
    scheme.as_authority(operators, "setOperatorScore", thief, 100)
    scheme.as_authority(scheme.contract, "registerGridOperator", thief)
    scheme.market.node.rpc("anvil_dealERC20", thief, thief, hex(10**9))
    scheme.market.do(thief, scheme.dollar, "approve", scheme.contract.address, 2**256 - 1)
    create = ("createDemandProgram", "program", ProgramType.PEAK_SHAVING, NORTH, 9, 1000, 30 * DAY)
    for operator in (scheme.operator.address, thief):
        scheme.do(operator, *create)
    for person in (thief, CONSUMER.address):
        scheme.do(person, "joinProgram", 1, 1000)
        scheme.do(scheme.operator, "reportReduction", 1, person, 1000)
        scheme.do(person, "leaveProgram", 1)
        scheme.do(person, "joinProgram", 0, 1000)
    for hour in (2, 3):
        scheme.schedule(target=9, reward=1000, start=MONDAY + hour * HOUR)
    scheme.do(scheme.operator, "cancelEvent", 2)
    scheme.schedule(target=9, reward=1000, start=MONDAY + 3 * HOUR)
    scheme.go_to_end(3)
    for event in (1, 3):
        for person in (thief, CONSUMER.address):
            scheme.do(scheme.operator, "verifyReduction", event, person, 2000, 0, 0, 0)
    scheme.at(scheme.event(1).verifiable_until + 1).do(CONSUMER, "completeEvent", 1)
    scheme.do(thief, "scheduleEvent", later(scheme, 0))
    # What the token notes for the first time would cost more than a push of a reward may.
    harmless = scheme.contract.prepare("escrowed")
    scheme.market.do(CONSUMER, scheme.dollar, "setHook", harmless.to, harmless.data)
    scheme.market.do(thief, scheme.dollar, "transfer", CONSUMER.address, 1)
    return scheme


def later(scheme: Scheme, days: int) -> tuple[object, ...]:
    """The terms of an event of the token's program after all others."""
    start = scheme.event(1).verifiable_until + 1 + (1 + days) * DAY
    start -= start % HOUR
    return 2, 0, 1, 0, start, HOUR, 0, bytes(32), False, False


def moves(scheme: Scheme) -> dict[str, tuple[str, tuple[object, ...]]]:
    """Each function that moves money, by whom, as it goes through."""
    operator, consumer = scheme.operator.address, CONSUMER.address
    return {
        "createDemandProgram": (
            operator,
            ("name", ProgramType.PEAK_SHAVING, NORTH, 1, 1, 1),
        ),
        "closeProgram": (operator, (1, operator)),
        "claimProgramReward": (consumer, (1, consumer)),
        "startEvent": (operator, (1, 1, HOUR)),
        "claimReward": (consumer, (1, consumer)),
        "distributeRewards": (operator, (1, 100)),
        "reclaimBudget": (operator, (2, operator)),
    }


def attacks(scheme: Scheme) -> dict[str, Call]:
    """What the token does meanwhile, each of which it may do."""
    thief = scheme.dollar.address
    arguments: dict[str, tuple[object, ...]] = {
        "createDemandProgram": ("name", ProgramType.PEAK_SHAVING, NORTH, 1, 1, 1),
        "closeProgram": (2, thief),
        "claimProgramReward": (1, thief),
        "startEvent": (1, 1, HOUR),
        "claimReward": (1, thief),
        "distributeRewards": (1, 100),
        "reclaimBudget": (4, thief),
        "scheduleEvent": (later(scheme, 2),),
        "cancelEvent": (4,),
        "leaveProgram": (0,),
        "joinProgram": (2, 1000),
        "claimFees": (thief,),
        "completeEvent": (3,),
        "registerConsumer": (actor("neighbour").address,),
        "escrowed": (),
    }
    return {name: scheme.contract.prepare(name, *given) for name, given in arguments.items()}


@pytest.mark.parametrize("move", GUARDED)
def test_reentrancy__every_attack_on_a_move__gains_nothing(scheme: Scheme, move: str) -> None:
    sender, arguments = moves(scheme)[move]
    thief, noted = scheme.dollar.address, scheme.dollar.call("calls")
    for name, attack in attacks(scheme).items():
        with rewound(scheme.market):
            scheme.do(sender, move, *arguments)
            honest = scheme.escrowed, scheme.wallet(thief)
            assert honest[0] == scheme.holdings
        with rewound(scheme.market):
            scheme.market.do(CONSUMER, scheme.dollar, "setHook", attack.to, attack.data)
            scheme.do(sender, move, *arguments)
            found = scheme.escrowed, scheme.wallet(thief)
            assert found[0] == scheme.holdings
            if name in GUARDED:
                assert scheme.dollar.call("successes") == noted
            if move == "distributeRewards":
                # The token may burn more gas than a push has: then it has not paid anybody.
                assert found[1] <= honest[1]
                continue
            assert found == honest
            assert scheme.dollar.call("calls") > noted
            if name in GUARDED:
                last_result = bytes(scheme.dollar.call("lastResult"))
                last = decode_revert(last_result, "DemandResponse")
                assert isinstance(last, errors.ReentrancyGuardReentrantCall)
                # The token keeps the refusal to itself.
                scheme.market.coverage.raised.add(last_result[:4].hex())


@pytest.mark.parametrize("move", GUARDED)
def test_reentrancy__escrowed_amid_a_move__is_there(scheme: Scheme, move: str) -> None:
    """The second call comes after the money has moved, out of the contract or into it."""
    sender, arguments = moves(scheme)[move]
    seen = scheme.contract.prepare("escrowed")
    scheme.market.do(CONSUMER, scheme.dollar, "setHook", seen.to, seen.data)
    before = scheme.escrowed
    scheme.do(sender, move, *arguments)
    amid = int.from_bytes(scheme.dollar.call("lastResult"), "big")
    after = scheme.escrowed
    assert amid == (before if after > before else after)
    assert amid <= scheme.holdings


@pytest.mark.parametrize("move", GUARDED)
def test_reentrancy__alone__every_attack_passes(scheme: Scheme, move: str) -> None:
    """So what was refused above was refused for coming amid another move."""
    thief = scheme.dollar.address
    attack = attacks(scheme)[move]
    if move == "reclaimBudget":
        scheme.do(thief, "cancelEvent", 4)
    scheme.market.send(thief, attack)
    if move.startswith("claim"):
        with refused(errors.DemandResponse_NothingToClaim, account=thief):
            scheme.market.send(thief, attack)
