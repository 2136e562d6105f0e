"""Events as typed objects."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from typing import Any

import pytest

from energy_grid.chain.abi import Abi, Event, Parameters, contract_names, enum_of, load
from energy_grid.chain.contract import Contract
from energy_grid.chain.event_log import EventLog, attribute, kind_of
from energy_grid.contracts import errors, events
from energy_grid.contracts.settlement import Settlement
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import InputError
from tests.support.fake_node import FakeNode

HERE, PAYER, ACCOUNT = "0x" + "1" * 40, "0x" + "2" * 40, "0x" + "3" * 40
SHIPPED = [
    pytest.param(contract, event, id=f"{contract}.{event.name}")
    for contract in contract_names()
    for event in load(contract).events.values()
]


def log(contract: str, event: str, *values: Any) -> dict[str, Any]:
    """What a node gives of an event with these values, in their order."""
    found = load(contract).event(event)
    indexed, plain = found.split
    words = dict(zip(found.inputs.names, values, strict=True))
    topics = [indexed.__class__((entry,)) for entry in indexed.entries]
    return {
        "address": HERE,
        "topics": [
            "0x" + found.topic.hex(),
            *("0x" + one.encode([words[one.names[0]]]).hex() for one in topics),
        ],
        "data": "0x" + plain.encode([words[name] for name in plain.names]).hex(),
        "blockNumber": "0x10",
        "blockHash": "0x" + "b" * 64,
        "transactionHash": "0x" + "7" * 64,
        "logIndex": "0x2",
    }


def test_event__decoded__has_its_values_and_where_it_was() -> None:
    settlement = Contract(FakeNode(), HERE, "Settlement")
    (found,) = settlement.events([log("Settlement", "Deposited", PAYER, ACCOUNT, 5)])
    assert found == events.Settlement_Deposited(
        address=HERE,
        block=16,
        block_hash="0x" + "b" * 64,
        transaction="0x" + "7" * 64,
        index=2,
        payer=PAYER,
        account=ACCOUNT,
        amount=5,
    )
    assert (found.contract, found.event) == ("Settlement", "Deposited")
    assert found.arguments == {"payer": PAYER, "account": ACCOUNT, "amount": 5}
    assert found["amount"] == 5
    assert found.cursor == "16:2:0x" + "b" * 64
    for name in ("block", "amounts", "arguments"):
        with pytest.raises(KeyError):
            found[name]


def test_event__value_with_a_taken_name__has_an_underscore() -> None:
    load_monitoring = Contract(FakeNode(), HERE, "LoadMonitoring")
    region = b"village".ljust(32, b"\0")
    values = (region, LoadStatus.NORMAL, LoadStatus.CRITICAL, 91)
    (found,) = load_monitoring.events([log("LoadMonitoring", "LoadStatusChanged", *values)])
    assert isinstance(found, events.LoadMonitoring_LoadStatusChanged)
    assert (found.from_, found.to) == (LoadStatus.NORMAL, LoadStatus.CRITICAL)
    assert found["from"] is LoadStatus.NORMAL
    assert found.arguments == {
        "region": region,
        "from": LoadStatus.NORMAL,
        "to": LoadStatus.CRITICAL,
        "percentage": 91,
    }


def test_event__of_an_abi_that_is_not_shipped__has_a_class_as_well() -> None:
    inputs = [{"name": "index", "type": "uint256", "indexed": False}]
    own = Abi("Mine", [{"type": "event", "name": "Deposited", "inputs": inputs}])
    contract = Contract(FakeNode(), HERE, "Mine", own)
    topic = "0x" + own.event("Deposited").topic.hex()
    entry = log("Settlement", "Deposited", PAYER, ACCOUNT, 5) | {"topics": [topic]}
    (found,) = contract.events([entry])
    assert (found.contract, found.event, found.index) == ("Mine", "Deposited", 2)
    assert found["index"] == 5
    # Nor is that of other sources than the package was made of.
    assert kind_of("Settlement", "Deposited", ["amount"]) is not events.Settlement_Deposited


def test_events__of_one_class__are_those_alone() -> None:
    settlement = Contract(FakeNode(), HERE, "Settlement")
    logs = [
        log("Settlement", "Deposited", PAYER, ACCOUNT, 5),
        log("Settlement", "Withdrawn", ACCOUNT, PAYER, 5),
    ]
    (found,) = settlement.events(logs, events.Settlement_Withdrawn)
    assert found.to == PAYER
    with pytest.raises(InputError, match="EnergyToken_Transfer is no event of Settlement"):
        settlement.events(logs, events.EnergyToken_Transfer)


@pytest.mark.parametrize(("contract", "event"), SHIPPED)
def test_class__of_every_event__is_typed_as_its_abi_says(contract: str, event: Event) -> None:
    kind: type[EventLog] = getattr(events, f"{contract}_{event.name}")
    assert kind is kind_of(contract, event.name, event.inputs.names)
    assert (kind.contract, kind.event) == (contract, event.name)
    assert list(kind.__slots__) == [attribute(name) for name in event.inputs.names]
    types = typing.get_type_hints(kind)
    for name, entry in zip(kind.__slots__, event.inputs.entries, strict=True):
        if entry["type"] == "tuple":
            parts = Parameters(tuple(entry["components"])).names
            assert tuple(typing.get_type_hints(types[name])) == parts
        else:
            assert types[name] == (enum_of(entry) or _plain(entry))
    assert event.name in (inspect.getdoc(kind) or "")


def _plain(entry: Mapping[str, Any]) -> Any:
    solidity = entry["type"]
    if solidity.endswith("[]"):
        return tuple[_plain({**entry, "type": solidity.removesuffix("[]")}), ...]
    if solidity == "tuple":
        parts = tuple(enum_of(part) or _plain(part) for part in entry["components"])
        return tuple[parts]
    if solidity in ("address", "string"):
        return str
    if solidity.startswith("bytes"):
        return bytes
    return bool if solidity == "bool" else int


def test_event__with_a_struct__has_its_record() -> None:
    tariffs = Contract(FakeNode(), HERE, "Tariffs")
    tariff = Tariff(buy=5, feed_in=1, network_fee=2, protocol_fee=0, max_factor=30_000)
    (found,) = tariffs.events([log("Tariffs", "TariffSet", 1, 20_000, tariff)])
    assert isinstance(found, events.Tariffs_TariffSet)
    assert (found.id, found.day, found.tariff) == (1, 20_000, tariff)


def test_class__says_what_the_source_says() -> None:
    found = " ".join((inspect.getdoc(events.Settlement_Deposited) or "").split())
    assert found == (
        "An account was credited ``amount`` (money), the amount received after a possible transfer"
        " fee of the token. ``Deposited(address indexed payer, address indexed account, uint256"
        " amount)``"
    )
    assert "Energy is in Wh" in (inspect.getdoc(Settlement) or "")


@pytest.mark.parametrize(
    "name", ["Settlement_Nothing", "Nothing_Deposited", "Settlement_", "_Deposited", "__path__x"]
)
def test_class__of_no_event__is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(events, name)


def test_errors__of_every_contract__are_typed_as_its_abi_says() -> None:
    for contract in contract_names():
        for refusal in load(contract).errors.values():
            kind = errors.error_class(refusal.name)
            assert getattr(errors, refusal.name) is kind
            values = typing.get_type_hints(kind)
            own = list(vars(kind).get("__annotations__", ()))
            assert [name.removesuffix("_") for name in own] == list(refusal.inputs.names)
            for name, entry in zip(own, refusal.inputs.entries, strict=True):
                assert values[name] == (enum_of(entry) or _plain(entry))
            assert refusal.name in (inspect.getdoc(kind) or "")


def test_error__value_with_a_taken_name__has_an_underscore() -> None:
    declared = load("SmartMeter").errors.values()
    (refusal,) = [each for each in declared if each.name == "SmartMeter_BadParameter"]
    data = refusal.selector + refusal.inputs.encode([b"x".ljust(32, b"\0"), 7])
    found = errors.decode_revert(data, "SmartMeter")
    assert isinstance(found, errors.SmartMeter_BadParameter)
    assert (found.name_, found.value) == (b"x".ljust(32, b"\0"), 7)
    assert found.name == "SmartMeter_BadParameter"
