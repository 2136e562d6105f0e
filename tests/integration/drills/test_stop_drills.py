"""Emergency drills: the market is stopped while everything is under way, and wound up.

Whatever the stage of life it is stopped at, everybody gets out what is theirs: to the unit what the
same exits give them on a running market, so that a stop costs nobody anything; no contract keeps
any money; and nothing new is taken on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role, functions_of
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.integration.drills.exits import Exits
from tests.integration.drills.neighbourhood import (
    BUYER,
    CREDIT_VALUE,
    FUNDS_OF_THE_GRID,
    KEEPER,
    MONEY,
    NEIGHBOUR,
    OWNER,
    RATED_POWER,
    SELLER,
    STAGES,
    START,
    TARIFF,
    Neighbourhood,
    Outcome,
    open_town,
)
from tests.support.examples import rewound
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import terms, values_of
from tests.unit.contracts.demand_response.scheme import FUNDS, NORTH, RATE

STOPPABLE = [
    *("Settlement", "EnergyTrading", "PeerToPeerTrading", "DemandResponse", "EnergyAssetNFT"),
    "CertificateMarket",
]
STOPS = {
    "paused": [(Role.GUARDIAN, "pause")],
    "shut down": [(Role.ADMIN, "shutdown")],
    "paused, then shut down": [(Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")],
}
# What only other contracts may call.
OF_MODULES = {
    *("openAccount", "takeSecurity", "lockOrder", "unlockOrder", "book", "payOnTheSpot"),
    *(
        "depositFrom",
        "consume",
        "closeDay",
        "setSideBlocked",
        "raiseSignedFloor",
        "initialize",
        "setAuthority",
    ),
}
# What a stop does not touch and an exit does not need, tested with the rest of its contract: tokens
# and rights that people hand on, papers, and the meters' form of a verification.
ASIDE = {
    *("approve", "permit", "transferFrom", "safeTransferFrom", "setApprovalForAll", "claimFees"),
    *("multicall", "usePermit"),
    *(
        "fundGrid",
        "serve",
        "setKeeps",
        "setPermission",
        "setSteward",
        "setInService",
        "addMaintenanceRecord",
        "verifyFromMeter",
    ),
}


def stop(neighbourhood: Neighbourhood, how: str, contracts: Iterable[str] = STOPPABLE) -> StopLevel:
    """The level that is in force then."""
    for name in contracts:
        contract = neighbourhood.market.contracts[name]
        for role, function in STOPS[how]:
            neighbourhood.do(neighbourhood.market.roles[role], contract, function)
        level: StopLevel = contract.call("stopLevel")
    return level


def new(neighbourhood: Neighbourhood) -> list[tuple[str, Call]]:
    """Everything that takes on something new, by whom it would be done."""
    market = neighbourhood.market
    trading, spot, settlement = market.trading, market.spot, market.settlement
    response, assets, shares = market.demand_response, market.assets, neighbourhood.shares
    sales, dollar = neighbourhood.sales, market.dollar.address
    operator = neighbourhood.scheme.operator
    later = (market.now // 3600 + 1) * 3600
    order = (1000, 200_000, 2**256 - 1, 0)
    event = (0, 0, 1, 1, later, 3600, 0, bytes(32), False, False)
    by = {
        BUYER.address: [
            trading.prepare("createOrder(uint256,uint256,uint256,uint8)", *order),
            trading.prepare(
                "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)", *order, 0, later
            ),
            spot.prepare("acceptEnergyOffer", 1, 1),
            spot.prepare("completeTrade", 1),
            spot.prepare("acceptEnergyOfferAtMost", 1, 1, 1),
            spot.prepare("completeTradeAtMost", 1, 1),
            sales.prepare("buyCertificates", 1, [], [], 0),
            sales.prepare("buyCredits", 2, 1, MONEY),
            settlement.prepare("deposit", 1),
            settlement.prepare("depositFor", SELLER.address, 1),
            settlement.prepare("depositWithPermit", 1, 0, 0, bytes(32), bytes(32)),
            market.grid.prepare("addConsumerBalance", BUYER.address, 1_000_000),
            market.grid.prepare("consumeEnergy(uint256)", 1),
            market.grid.prepare("consumeEnergy(uint256,uint256)", 1, 10**9),
        ],
        SELLER.address: [
            trading.prepare("createOrder(uint256,uint256,uint256,uint8)", *order[:3], 1),
            spot.prepare("createEnergyOffer", 1, 1_000_000),
            spot.prepare("createTrade", BUYER.address, 1, 1_000_000),
            sales.prepare("offerCertificates", neighbourhood.panels, 1, 1, 1, 1, dollar),
            sales.prepare("offerCredits", 1, 1, dollar),
        ],
        KEEPER.address: [
            trading.prepare("matchOrders", 1, 2),
            trading.prepare("matchMany", [1], [2]),
        ],
        market.roles[Role.KEEPER]: [
            trading.prepare("settleBatch", batch_of(neighbourhood, 1, 2), skip)
            for skip in (False, True)
        ],
        operator.address: [
            response.prepare("createDemandProgram", "more", 0, NORTH, 1, 1, 86_400),
            response.prepare("startEvent", 1, 1, 3600),
            response.prepare("scheduleEvent", event),
            response.prepare("registerConsumer", OWNER.address),
        ],
        NEIGHBOUR.address: [
            response.prepare("joinProgram", 1, 1000),
            response.prepare("joinThrough", 1, 1000, OWNER.address, 100),
        ],
        market.roles[Role.REGISTRAR]: [assets.prepare("mint", OWNER.address, values_of(terms()))],
        OWNER.address: [
            assets.prepare("fractionalize", neighbourhood.asset, 100, "More", "MORE"),
            shares.prepare("acceptBuyout", 1),
            shares.prepare("offerBuyout", 10**6),
        ],
    }
    return [(sender, call) for sender, calls in by.items() for call in calls]


def batch_of(neighbourhood: Neighbourhood, buy: int, sell: int) -> tuple[object, ...]:
    """Two on-chain orders of the first hour, which trade one kWh."""
    return (0, START, 205_000, bytes(32), [], [buy, sell], [(0, 1, 1000)], [])


def live_until(neighbourhood: Neighbourhood, stage: str) -> None:
    """All that happens up to a stage, and it."""
    for name, step in STAGES.items():
        if step is not None:
            step(neighbourhood)
        if name == stage:
            return


def wound_up(neighbourhood: Neighbourhood) -> Outcome:
    """What everybody has after all exits; nothing is left anywhere, and nothing was lost."""
    Exits(neighbourhood).take_all()
    outcome = neighbourhood.outcome()
    # Thousandths of the accounts and the grid account, which nobody can be paid.
    held = neighbourhood.held_back
    dust = held.pop("Settlement")
    assert 0 <= dust < 4
    assert not any(held.values()), held
    assert sum(outcome.money.values()) + dust == neighbourhood.put_in
    assert sum(outcome.energy.values()) == neighbourhood.market.energy_token.call("totalSupply")
    assert sum(outcome.credits.values()) == neighbourhood.market.carbon.call("totalSupply")
    return outcome


@pytest.fixture
def neighbourhood(market: Market) -> Neighbourhood:
    return open_town(market)


@pytest.mark.parametrize("stage", STAGES)
def test_drill__stopped_at_any_stage__everybody_gets_what_they_would_have(
    neighbourhood: Neighbourhood, stage: str
) -> None:
    live_until(neighbourhood, stage)
    with rewound(neighbourhood.market):
        expected = wound_up(neighbourhood)
    for how in STOPS:
        with rewound(neighbourhood.market):
            stop(neighbourhood, how)
            assert wound_up(neighbourhood) == expected, how


@pytest.mark.parametrize("contract", STOPPABLE)
def test_drill__one_contract_stopped_alone__everybody_gets_what_they_would_have(
    neighbourhood: Neighbourhood, contract: str
) -> None:
    live_until(neighbourhood, "half metered")
    with rewound(neighbourhood.market):
        expected = wound_up(neighbourhood)

    stop(neighbourhood, "paused", [contract])

    assert wound_up(neighbourhood) == expected


@pytest.mark.parametrize("stage", STAGES)
def test_drill__stopped_at_any_stage__nothing_new(neighbourhood: Neighbourhood, stage: str) -> None:
    live_until(neighbourhood, stage)
    before = neighbourhood.outcome(), neighbourhood.held_back
    for how in STOPS:
        with rewound(neighbourhood.market):
            level = stop(neighbourhood, how)
            for sender, call in new(neighbourhood):
                with refused(errors.EmergencyStop_Stopped, level=level):
                    neighbourhood.market.send(sender, call)
            assert (neighbourhood.outcome(), neighbourhood.held_back) == before


def test_drill__pause_ended__business_has_more(neighbourhood: Neighbourhood) -> None:
    """A pause that comes and goes leaves no trace."""
    live_until(neighbourhood, "matched")
    with rewound(neighbourhood.market):
        live_on(neighbourhood)
        expected = wound_up(neighbourhood)

    stop(neighbourhood, "paused")
    for name in STOPPABLE:
        contract = neighbourhood.market.contracts[name]
        neighbourhood.do(neighbourhood.market.roles[Role.GUARDIAN], contract, "unpause")
    live_on(neighbourhood)

    assert wound_up(neighbourhood) == expected


def live_on(neighbourhood: Neighbourhood) -> None:
    """From "matched" to "closable"."""
    neighbourhood.go_to_event()
    neighbourhood.verify_one()
    neighbourhood.meter_half()
    neighbourhood.close_one()


def test_drill__stopped_during_an_event__money_as_reckoned_by_hand(
    neighbourhood: Neighbourhood,
) -> None:
    """What was sold, shared and drawn, and nothing but that, changed hands; in thousandths."""
    live_until(neighbourhood, "event")
    stop(neighbourhood, "shut down")

    outcome = wound_up(neighbourhood)

    buy, feed_in, network, protocol, _ = TARIFF
    shared = feed_in + -(-(buy - network - feed_in) // 2)
    owned = 1000 * (MONEY + neighbourhood.market.meters.call("securityFor", RATED_POWER))
    spot = 700 * 250_001 + 300 * 199_999
    trades = 1000 * 210_001 + 400 * 200_003
    # In the first hour 3000 Wh were drawn and 1400 bought; 701 produced and 1400 sold.
    buyer = owned - spot - trades - (3000 - 1400) * buy - 500 * (shared + network)
    seller = owned + spot + trades - (1000 + 1400) * (network + protocol) - (1400 - 701) * buy
    # In the second, 500 of 2000 Wh were shared; the rest was kept and redeemed.
    seller += 500 * shared + 1500 * CREDIT_VALUE
    assert outcome.money["buyer"] == buyer // 1000
    assert outcome.money["seller"] == seller // 1000
    assert outcome.money["debtor"] == (owned - 50 * buy) // 1000
    # Two thirds of the shares accepted 400 each in time; 1010 had come in before.
    assert outcome.money["bidder"] == MONEY - 40_000
    assert (outcome.money["owner"], outcome.money["holder"]) == (28_707, 12_303)
    assert outcome.money["rival"] == MONEY
    # 700 W of the program, and 100 W reported after the stop; 1500 W and 9999 W of an event for
    # 10 kW, which they share.
    program = 700 * RATE // 1000 + 100 * RATE // 1000
    saver, neighbour = (10_000 * RATE * watts // (11_499 * 1000) for watts in (1500, 9999))
    assert (outcome.money["saver"], outcome.money["member"]) == (saver, program)
    assert outcome.money["neighbour"] == neighbour
    assert outcome.money["operator"] == FUNDS - program - saver - neighbour
    assert outcome.money["payer"] == MONEY - 1010
    assert outcome.money["supplier"] == MONEY - FUNDS_OF_THE_GRID


def test_drill__every_function_that_changes_something__is_new_or_an_exit(
    neighbourhood: Neighbourhood,
) -> None:
    """Nothing is left out: a function is refused by a stop, was carried out under one, belongs to a
    role or a module, or is listed as neither."""
    refused_ = {(call.contract, call.function) for _, call in new(neighbourhood)}
    carried_out: set[tuple[str, str]] = set()
    for step in STAGES.values():
        if step is not None:
            step(neighbourhood)
        with rewound(neighbourhood.market):
            stop(neighbourhood, "paused")
            neighbourhood.market.done.clear()
            wound_up(neighbourhood)
            carried_out |= neighbourhood.market.done
    assert not carried_out & refused_

    contracts = [neighbourhood.market.contracts[name] for name in STOPPABLE]
    unknown = set()
    for contract in (*contracts, neighbourhood.shares):
        roles = functions_of(contract.name)
        for signature in changing(contract):
            bare = signature.split("(")[0]
            known = (contract.name, signature) in carried_out | refused_
            if not known and bare not in {*roles, *OF_MODULES, *ASIDE}:
                unknown.add((contract.name, signature))
    assert unknown == set()


def changing(contract: Contract) -> Iterator[str]:
    for function in contract.abi.functions.values():
        if not function.constant:
            yield function.signature
