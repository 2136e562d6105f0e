"""The units of what calls are given, and of what events tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import pytest

from energy_grid.chain.abi import contract_names, load, snake_case
from energy_grid.client import EnergyGrid
from energy_grid.market.call_values import named_values, raw_bytes, units_of
from energy_grid.market.figures import Figures
from tests.support.artifacts import ROOT

# Numbers that count or name something.
PLAIN = {
    *("asset", "base_gas", "buy", "buy_ids", "buy_order_id", "count", "device", "event_id"),
    *("gas_price", "ids", "retirements"),
    *("from_slot", "to_slot"),
    *("id", "max", "numbers", "meter_number", "nonce", "nonces", "number"),
    *("offer_id", "order_id", "priority", "program_id", "proposal_id", "round", "safe_tx_gas"),
    *(
        "community",
        "score",
        "sell",
        "sell_ids",
        "sell_order_id",
        "shares",
        "slot",
        "slots",
        "stored_orders",
    ),
    *("new_quorum", "support", "threshold", "token_id", "trade_id", "transaction_id"),
    *("transaction_ids", "v"),
}
# No command makes these calls: they are for other contracts, or of libraries.
OTHERS = {
    "AccessManager": {"setGrantDelay", "setRoleAdmin", "setRoleGuardian"},
    "AssetShares": {"initialize"},
    "GridGovernor": {
        *("onERC1155BatchReceived", "onERC1155Received", "onERC721Received"),
        "updateQuorumNumerator",
    },
    "GridManagement": {"MetricsRecorded", "recordMetrics", "updateProducerReputation"},
    "Safe": {"setup"},
    "SafeProxyFactory": {
        *("createChainSpecificProxyWithNonce", "createChainSpecificProxyWithNonceL2"),
        *("createProxyWithNonce", "createProxyWithNonceL2"),
    },
    "ERC2771Forwarder": {"execute", "executeBatch"},
    "DemandEnrolments": {"join", "occupy", "tally"},
    "EnergyAccounts": {
        *("attach", "book", "closeThrough", "detach", "record", "recordSpan"),
        *("setCommunity", "showNets", "takePending"),
    },
    "Settlement": {"book", "closeDay", "lockOrder"},
    "SmartMeter": {"keepDay", "moveTo", "setReadByGateway"},
    "Tariffs": {"FactorsWritten", "setProtocol", "writeFactors"},
    "TimelockController": {
        *("onERC1155BatchReceived", "onERC1155Received", "onERC721Received"),
    },
}


PLAIN_IN_EVENTS = PLAIN | {
    *("correction", "days", "read_to", "region", "to_slot", "until_slot"),
    *("accepted", "action_id", "admin", "batch_id", "buyer", "chain_id", "from_day", "from_slot"),
    *("from_token_id", "guardian", "index", "last_day", "matched", "new_quorum_numerator"),
    *("old_quorum_numerator", "participation_id", "quorum", "payment", "reputation", "salt_nonce"),
    *("schedule", "seller", "to_token_id", "values", "version"),
}


def numbers_in(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The names of integers, also of those in structs."""
    for entry in entries:
        if entry["type"].startswith("tuple"):
            yield from numbers_in(entry["components"])
        elif "int" in entry["type"] and "enum " not in entry.get("internalType", ""):
            yield snake_case(entry["name"])


@pytest.mark.parametrize("contract", sorted(contract_names()))
def test_every_number_of_a_call__has_its_unit_or_needs_none(contract: str) -> None:
    functions = [each for each in load(contract).functions.values() if not each.constant]
    missing = {
        (each.name, name)
        for each in functions
        if each.name not in OTHERS.get(contract, ())
        for name in numbers_in(each.inputs.entries)
        if name not in PLAIN and name not in units_of(contract, each.name)
    }
    assert missing == set()


@pytest.mark.parametrize("contract", sorted(contract_names()))
def test_every_number_of_an_event__has_its_unit_or_needs_none(contract: str) -> None:
    entries = json.loads((ROOT / f"energy_grid/contracts/abis/{contract}.json").read_text())
    missing = {
        (each["name"], name)
        for each in entries
        if each["type"] == "event" and each["name"] not in OTHERS.get(contract, ())
        for name in numbers_in(each["inputs"])
        if name not in PLAIN_IN_EVENTS and name not in units_of(contract, each["name"])
    }
    assert missing == set()


def test_raw_bytes__of_more_than_a_word__are_counted() -> None:
    assert raw_bytes(b"") == "0x"
    assert raw_bytes(bytes(36)) == "0x" + "00" * 36
    assert raw_bytes(b"\x12\x34\x56\x78" + bytes(1020)) == "0x12345678… (1,024 bytes)"


@pytest.mark.parametrize(
    ("value", "words"), [(2**64 - 1, "18446744073709551615 wei"), (2**256 - 1, "no limit")]
)
def test_named_values__of_18_decimals__a_long_is_an_amount(value: int, words: str) -> None:
    function = load("TimelockController").function("schedule")
    data = function.encode(["0x" + "1" * 40, value, b"", bytes(32), bytes(32), 0])
    figures = Figures(cast("EnergyGrid", None))
    assert named_values(figures, "TimelockController", function, data)["value"] == words
