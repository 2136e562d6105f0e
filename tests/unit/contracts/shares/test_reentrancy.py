"""Money that calls back, before and after it has moved.

The token itself holds shares, bids and has a refund to come: what it calls for would be granted at
another time.
"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from energy_grid.contracts.errors import decode_revert
from tests.support.examples import rewound
from tests.support.market import Market, actor
from tests.unit.contracts.shares.division import OWNER, PRICE, SHARES, Division, divide

BIDDER, STRANGER = actor("bidder"), actor("stranger")
MOVES = ("claimRevenue", "withdrawRefund", "offerBuyout")
GUARDED = (
    *MOVES,
    "transfer",
    "transferFrom",
    "redeem",
    "recordRevenue",
    "concludeBuyout",
    "claimableOf",
    "totalRevenue",
)
UNGUARDED = (
    "acceptBuyout",
    "retractAcceptance",
    "setSteward",
    "setPermission",
    "approve",
    "buyout",
    "refundOf",
)


@pytest.fixture
def division(market: Market) -> Division:
    """Offer 1 is the bidder's and 2 the token's, both failed; 3 is the token's, its time is over;
    4 and 5 are the token's and run."""
    division = divide(market, "HookToken")
    thief = division.dollar.address
    division.give(OWNER, thief, 100)
    division.do(OWNER, "setSteward", thief)
    division.do(OWNER, "approve", thief, 10)
    for bidder in (BIDDER.address, thief, thief):
        division.fund(bidder, PRICE * SHARES)
        division.do(bidder, "offerBuyout", PRICE)
    division.market.go_to(division.ends_at(3))
    for offer in (1, 2):
        division.do(STRANGER, "concludeBuyout", offer)
    division.fund(thief, 3 * PRICE * SHARES)
    for _ in (4, 5):
        division.do(thief, "offerBuyout", PRICE)
    division.earn(3000)
    division.send(30)
    division.fund(BIDDER, PRICE * SHARES)
    return division


def attacks(division: Division) -> dict[str, Call]:
    """What the token does amid a move."""
    thief = division.dollar.address
    arguments: dict[str, tuple[object, ...]] = {
        "claimRevenue": (thief,),
        "withdrawRefund": (thief,),
        "offerBuyout": (PRICE,),
        "transfer": (STRANGER.address, 1),
        "transferFrom": (OWNER.address, thief, 1),
        "redeem": (),
        "recordRevenue": (),
        "concludeBuyout": (3,),
        "claimableOf": (thief,),
        "totalRevenue": (),
        "acceptBuyout": (5,),
        "retractAcceptance": (4,),
        "setSteward": (STRANGER.address,),
        "setPermission": (STRANGER.address, 1, 2**40),
        "approve": (STRANGER.address, 5),
        "buyout": (1,),
        "refundOf": (thief,),
    }
    return {name: division.contract.prepare(name, *given) for name, given in arguments.items()}


def moves(division: Division) -> dict[str, Call]:
    """What moves money, by others than the token."""
    prepare = division.contract.prepare
    return {
        "claimRevenue": prepare("claimRevenue", OWNER.address),
        "withdrawRefund": prepare("withdrawRefund", BIDDER.address),
        "offerBuyout": prepare("offerBuyout", PRICE),
    }


def money(division: Division) -> tuple[int, ...]:
    """Where all of it is, and who can have it."""
    thief = division.dollar.address
    return (
        *(division.wallet(one) for one in (OWNER, BIDDER, STRANGER, thief)),
        division.holdings,
        division.number("totalRevenue"),
        *(division.number("claimableOf", one) for one in (OWNER.address, thief)),
        *(division.number("refundOf", one) for one in (BIDDER.address, thief)),
        division.held(OWNER),
    )


def hook(division: Division, attack: Call) -> None:
    division.market.do(STRANGER, division.dollar, "setHook", attack.to, attack.data)


def prepared(division: Division, name: str) -> None:
    """What an attack needs to pass by itself."""
    if name == "retractAcceptance":
        division.do(division.dollar.address, "acceptBuyout", 4)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("name", [*GUARDED, *UNGUARDED])
def test_reentrancy__any_function_amid_a_move__gains_nothing(
    division: Division, move: str, name: str
) -> None:
    call, attack, dollar = moves(division)[move], attacks(division)[name], division.dollar
    prepared(division, name)
    with rewound(division.market):
        division.market.send(BIDDER, call)
        honest = money(division)
    hook(division, attack)
    calls, successes = dollar.call("calls"), dollar.call("successes")
    division.market.send(BIDDER, call)
    assert money(division) == honest
    assert dollar.call("calls") == calls + 2
    if name in GUARDED:
        assert dollar.call("successes") == successes
        last_result = bytes(dollar.call("lastResult"))
        last = decode_revert(last_result, "AssetShares")
        assert isinstance(last, errors.ReentrancyGuardReentrantCall)
        # The token keeps the refusal to itself.
        division.market.coverage.raised.add(last_result[:4].hex())
    else:
        assert dollar.call("successes") > successes


@pytest.mark.parametrize("name", [*GUARDED, *UNGUARDED])
def test_reentrancy__alone__every_attack_passes(division: Division, name: str) -> None:
    """So what was refused above was refused for coming amid a move."""
    prepared(division, name)
    thief = division.dollar.address
    if name == "redeem":
        division.give(OWNER, thief, 200)
    division.market.send(thief, attacks(division)[name])


@pytest.mark.parametrize("move", MOVES)
def test_reentrancy__money_sent_amid_a_move__is_revenue_afterwards(
    division: Division, move: str
) -> None:
    dollar = division.dollar
    before = division.number("totalRevenue")
    hook(division, dollar.prepare("transfer", division.address, 5))
    division.market.send(BIDDER, moves(division)[move])
    assert division.number("totalRevenue") == before + 10
