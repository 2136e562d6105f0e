"""What a household does by a signature is what it does itself, and needs no coin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.model.market import DAY
from tests.support.core.callers import entries
from tests.support.core.chain import Reverted
from tests.support.core.meter_suite import LIMIT, REGISTRAR
from tests.support.core.relay_suite import KEYS, RELAY, SLOT, START, TOKENS, Street, key

HOUR, WEEK = 3_600, 7 * DAY
TODAY = (START // DAY + 2) * DAY
MONDAY = TODAY + (-(TODAY // DAY) + 4) % 7 * DAY
CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
CREATE_NEXT = "createOrder(uint256,uint256,uint256,uint8)"
RELAYED = (
    *("Settlement", "Communities", "SmartMeter"),
    *("EnergyTrading", "GridManagement", "PeerToPeerTrading"),
)
ANNA, BERT, CORA, DORA, ELLA, FINN, MONA = (each.address for each in KEYS.values())

Arguments = tuple[Any, ...]
Case = tuple[str, str, str, Arguments | Callable[[Street], Arguments]]


def _permit(street: Street) -> Arguments:
    return street.permit(street.market.token, KEYS["finn"], street["Settlement"].address, 10**6)


def _registration(street: Street) -> Arguments:
    return (street.registration("ella", key("meter of ella")),)


def _exchange(street: Street) -> Arguments:
    device, other = key("meter of anna").address, key("other meter").address
    return ((device, other, 12_000, 0, 96 * 1_500, 0, 0, LIMIT),)


def _rotation() -> Arguments:
    return key("meter of anna").address, key("other meter").address


def _skipping(street: Street) -> Arguments:
    meters = street.market.meters
    reading = meters.reading(TODAY, (5_000, 0))
    return meters.sign_reading(key("meter of cora"), reading), 0, b""


def _order(amount: int, side: int, kind: int, start: int) -> Arguments:
    return amount, 150_000, LIMIT, side, kind, start


CASES: list[Case] = [
    ("bert", "Settlement", "deposit", (10**6,)),
    ("finn", "Settlement", "depositWithPermit", _permit),
    ("bert", "Settlement", "depositFor", (ANNA, 10**6)),
    ("bert", "Settlement", "withdraw", (10**6, FINN)),
    ("anna", "Settlement", "cancelWithdrawal", (1,)),
    ("dora", "Settlement", "repayDebt", (10**6,)),
    ("bert", "Settlement", "setKeeps", (True,)),
    ("anna", "Settlement", "redeem", (1_000,)),
    ("anna", "Settlement", "withdrawCredits", (1_000,)),
    ("anna", "Settlement", "depositCredits", (1_000,)),
    ("bert", "Settlement", "fundGrid", (10**6,)),
    ("bert", "Communities", "join", (1,)),
    ("anna", "Communities", "leave", ()),
    ("anna", "Communities", "suspend", (DORA,)),
    ("mona", "Communities", "expel", (1, ANNA)),
    ("mona", "Communities", "readmit", (1, ANNA)),
    ("mona", "Communities", "setTheta", (1, 6_000, START // DAY + 30)),
    ("mona", "Communities", "setManager", (1, ANNA)),
    ("mona", "Communities", "setGateway", (2, ANNA, START // DAY + 40)),
    ("mona", "Communities", "setCoefficient", (2, CORA, 3_000)),
    ("cora", "Communities", "acceptCoefficient", (2_000,)),
    ("ella", "SmartMeter", "consentToMeter", _registration),
    ("anna", "SmartMeter", "consentToExchange", _exchange),
    ("anna", "SmartMeter", "consentToRotation", _rotation()),
    ("anna", "SmartMeter", "detachMeter", (key("meter of anna").address,)),
    ("cora", "SmartMeter", "submitWithConsent", _skipping),
    ("anna", "EnergyTrading", CREATE_NEXT, (4_000, 150_000, LIMIT, 0)),
    ("anna", "EnergyTrading", CREATE_NEXT, (4_000, 150_000, LIMIT, 1)),
    ("anna", "EnergyTrading", CREATE, _order(4_000, 0, 0, TODAY + 5 * HOUR)),
    ("anna", "EnergyTrading", CREATE, _order(9_600, 1, 1, TODAY + DAY)),
    ("ella", "EnergyTrading", CREATE, _order(6_720, 0, 2, MONDAY)),
    ("anna", "EnergyTrading", CREATE, _order(1_000, 1, 3, TODAY + 5 * SLOT)),
    ("anna", "EnergyTrading", "cancelOrder", (1,)),
    ("anna", "EnergyTrading", "cancelSigned", ([5, 300],)),
    ("anna", "EnergyTrading", "cancelSignedBelow", (7,)),
    ("bert", "GridManagement", "registerProducer", (2_000, 1)),
    ("bert", "GridManagement", "registerConsumer", (2_000,)),
    ("bert", "GridManagement", "registerStorage", (5_000, 1_000, 800)),
    ("anna", "GridManagement", "reportProduction", (700,)),
    ("anna", "GridManagement", "consumeEnergy(uint256)", (900,)),
    ("ella", "GridManagement", "consumeEnergy(uint256,uint256)", (900, 300_000)),
    ("anna", "GridManagement", "chargeStorage", (200,)),
    ("anna", "GridManagement", "dischargeStorage", (200,)),
    ("bert", "GridManagement", "addConsumerBalance", (ANNA, 10**6)),
    ("anna", "PeerToPeerTrading", "createEnergyOffer", (1_000, 200_000)),
    ("anna", "PeerToPeerTrading", "cancelEnergyOffer", (1,)),
    ("anna", "PeerToPeerTrading", "createTrade", (ELLA, 1_000, 200_000)),
    ("ella", "PeerToPeerTrading", "acceptEnergyOffer", (1, 500)),
    ("ella", "PeerToPeerTrading", "acceptEnergyOfferAtMost", (1, 500, 10**6)),
    ("ella", "PeerToPeerTrading", "completeTrade", (1,)),
    ("ella", "PeerToPeerTrading", "completeTradeAtMost", (1, 10**6)),
    ("anna", "PeerToPeerTrading", "cancelTrade", (1,)),
    ("ella", "PeerToPeerTrading", "cancelTrade", (1,)),
]


@pytest.fixture(scope="module")
def lived() -> Street:
    street = Street()
    street.live()
    return street


@pytest.fixture
def street(lived: Street) -> Iterator[Street]:
    with lived.unchanged():
        yield lived


def _signature(street: Street, contract: str, function: str) -> str:
    return street[contract].abi.function(function).signature


@pytest.mark.parametrize(
    ("who", "contract", "function", "arguments"), CASES, ids=lambda each: str(each)[:24]
)
def test_function__by_signature__is_the_same_as_by_the_household(
    street: Street,
    who: str,
    contract: str,
    function: str,
    arguments: Arguments | Callable[[Street], Arguments],
) -> None:
    holder, target = KEYS[who], street[contract]
    values = arguments(street) if callable(arguments) else arguments
    watched = [holder.address, ANNA, CORA, DORA, FINN, RELAY, street.forwarder.address]
    before = street.seen(*watched)[1:]

    with street.unchanged():
        target.call(function, *values, by=holder.address)
        directly = street.seen(*watched)
    # A stranger's address behind the arguments of a direct call is nobody's.
    with street.unchanged():
        data = target.abi.function(function).encode(values) + bytes.fromhex(FINN[2:])
        street.chain.send(holder.address, target.address, data)
        with_more = street.seen(*watched)
    # Nor is one that the household has signed as part of its call.
    with street.unchanged():
        street.send(street.request(holder, target.address, data))
        signed_more = street.seen(*watched)
    street.do(holder, contract, function, *values)
    relayed = street.seen(*watched)

    assert relayed == directly == with_more == signed_more
    assert directly[0]
    # A consent is shown by its hash alone, and who is not expelled can be readmitted.
    assert function.startswith(("consent", "readmit")) or directly[1:] != before


@pytest.mark.parametrize(
    ("who", "contract", "function", "arguments"), CASES, ids=lambda each: str(each)[:24]
)
def test_function__others_call_with_the_households_address_appended__is_theirs(
    street: Street,
    who: str,
    contract: str,
    function: str,
    arguments: Arguments | Callable[[Street], Arguments],
) -> None:
    target = street[contract]
    values = arguments(street) if callable(arguments) else arguments
    data = target.abi.function(function).encode(values)
    answers = []
    for more in b"", bytes.fromhex(KEYS[who].address[2:]):
        with street.unchanged():
            try:
                street.chain.send(RELAY, target.address, data + more)
                answers.append(("done", street.seen(RELAY, KEYS[who].address)))
            except Reverted as refusal:
                answers.append((refusal.name, [refusal.values]))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("function", "argument"), [("cancelSigned", [5]), ("cancelSignedBelow", 6)]
)
def test_signed_orders__cancelled_by_signature__trade_no_more(
    street: Street, function: str, argument: Any
) -> None:
    (buy, _), (sell, _) = (
        street.order(KEYS[name].address, side, 5, KEYS[name])
        for side, name in enumerate(("ella", "anna"))
    )
    with street.unchanged():
        assert street.match(buy, sell) == 1
    street.do(KEYS["ella"], "EnergyTrading", function, argument)
    assert street.match(buy, sell) == 0


def test_cases__are_all_functions_that_ask_for_the_holder(street: Street) -> None:
    asking = {
        (contract, entry.signature)
        for contract in RELAYED
        for entry in entries(contract)
        if entry.asks_holder
    }
    assert {
        (contract, _signature(street, contract, name)) for _, contract, name, _ in CASES
    } == asking


def test_household__lives_by_signatures__sends_nothing_itself() -> None:
    street = Street()
    street.live()
    for who, contract, function, arguments in CASES:
        values = arguments(street) if callable(arguments) else arguments
        with street.unchanged():
            street.do(KEYS[who], contract, function, *values)
    supplier = street.market.supplier
    assert street.callers == {RELAY, REGISTRAR, supplier}
    for name, holder in KEYS.items():
        assert street.chain.evm.get_balance(holder.address) == 0, name
    settlement, energy = street["Settlement"], street["EnergyToken"]
    assert settlement.numberOf(street.forwarder.address) == 0
    assert settlement.numberOf(RELAY) == 0
    assert energy.balanceOf(ANNA) == TOKENS - 7_000
