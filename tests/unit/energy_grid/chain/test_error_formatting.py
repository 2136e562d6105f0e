"""The units in error messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from energy_grid.chain.abi import CustomError, contract_names, load
from energy_grid.chain.custom_errors import DecodedError
from energy_grid.chain.error_formatting import UNITS
from energy_grid.chain.error_messages import MESSAGES
from energy_grid.contracts.errors import decode_revert
from energy_grid.domain.quantities import Coin

# Of numbers that only count something, or name it.
COUNTING = {
    *("id", "index", "limit", "length", "bits", "nonce", "current_nonce", "floor", "slot", "place"),
    *("buyer_region", "seller_region"),
    *("number", "last", "region", "first", "end", "period", "left", "least"),
    *("retirement", "device", "other", "offer_id", "ids", "until_slot", "due", "consumed"),
    *("ids_length", "values_length"),
    *("from_slot", "to_slot", "round", "open", "meters", "read", "found", "count"),
    *(
        "shares",
        "held",
        "all",
        "movable",
        "asset",
        *("community", "number", "read_number", "slot", "read_to"),
        "token_id",
        "meter_number",
        "role_id",
        "batch_id",
    ),
    *(
        "buys",
        "sells",
        "orders",
        "targets",
        "calldatas",
        "values",
        "payloads",
        "holders",
        "amounts",
    ),
    *("buy_id", "sell_id", "order_id", "offer_id", "trade_id", "event_id", "program_id"),
    *("transaction_id", "proposal_id", "priority", "score", "quorum_numerator", "needed"),
    "quorum_denominator",
    "participants",
}
# A fee is a share or a charge, and what does not fit could be anything.
BARE = (
    # Of certificates or of carbon credits.
    "CertificateMarket_AboveRemaining",
    "CertificateMarket_BadAmount",
    "CertificateMarket_BadPrice",
    "EnergyAccounts_TooFarAhead",
    "SafeCastOverflowedIntDowncast",
    "SafeCastOverflowedUintDowncast",
    "SafeCastOverflowedUintToInt",
)
OPERATOR = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
VILLAGE = b"village".ljust(32, b"\0")


def test_units__are_of_errors_and_values_that_exist() -> None:
    errors = {
        refusal.name: set(refusal.inputs.names)
        for contract in contract_names()
        for refusal in load(contract).errors.values()
    }
    for name, units in UNITS.items():
        assert set(units) <= errors[name], name


@pytest.mark.parametrize(
    ("contract", "name", "values", "text"),
    [
        (
            "BalancingCoordination",
            "BalancingCoordination_AboveAvailable",
            (VILLAGE, 2, 500, 120),
            "BalancingCoordination: above available (region village, action type SHED_LOAD,"
            " target 500 kW, available 120 kW)",
        ),
        (
            "BalancingCoordination",
            "BalancingCoordination_PastDeadline",
            (7, 1_704_067_200),
            "BalancingCoordination: past deadline (id 7, deadline 2024-01-01 00:00:00 UTC)",
        ),
        (
            "EnergyAssetNFT",
            "EnergyAssetNFT_BadDays",
            (19_723, 19_722, 92),
            "EnergyAssetNFT: bad days (from day 2024-01-01, to day 2023-12-31, maximum 92)",
        ),
        (
            "CarbonCredits",
            "CarbonCredits_FactorTooHigh",
            (2001, 2000),
            "CarbonCredits: factor too high (grams per kwh 2001 g/kWh, maximum 2000 g/kWh)",
        ),
        (
            "DemandResponse",
            "InsufficientReduction",
            (99, 100),
            "DemandResponse: the reduction is too small (reduction 99 W, minimum 100 W)",
        ),
        (
            "DemandResponse",
            "EventNotActive",
            (3, 2),
            "DemandResponse: the state of the event does not allow this (event id 3, status"
            " CANCELLED)",
        ),
        (
            "StabilityMaintenance",
            "StabilityMaintenance_NothingToRespondTo",
            (5000, 100),
            "StabilityMaintenance: nothing to respond to (frequency 50.00 Hz, voltage 100 %)",
        ),
        (
            "StabilityMaintenance",
            "StabilityMaintenance_Implausible",
            (b"frequency".ljust(32, b"\0"), 1000),
            "StabilityMaintenance: implausible (quantity frequency, value 10.00 Hz)",
        ),
        (
            "PriceOracle",
            "MedianOracle_Stale",
            (bytes(32), 0, 7200),
            "MedianOracle: stale (feed 0, updated at 1970-01-01 00:00:00 UTC, max age 2 h)",
        ),
        (
            "SmartMeter",
            "SmartMeter_ImplausibleEnergy",
            (OPERATOR, 1001, 1000),
            f"SmartMeter: implausible energy (meter {OPERATOR}, energy 1.001 kWh, maximum 1 kWh)",
        ),
        (
            "Settlement",
            "Settlement_FloorNotHigher",
            (OPERATOR, 5, 3),
            f"Settlement: floor not higher (account {OPERATOR}, floor 5, nonce 3)",
        ),
        (
            "EnergyTrading",
            "EnergyTrading_NonceSpent",
            (OPERATOR, 7),
            f"EnergyTrading: nonce spent (trader {OPERATOR}, nonce 7)",
        ),
        (
            "EnergyTrading",
            "EnergyTrading_NoFills",
            (),
            "EnergyTrading: no fills",
        ),
        (
            "GridOperatorVerification",
            "GridOperatorVerification_LevelTooLow",
            (OPERATOR, 1, 3),
            f"GridOperatorVerification: level too low (operator {OPERATOR}, level REPORT,"
            " needed COMMAND)",
        ),
    ],
)
def test_refusal__reads_well(
    contract: str, name: str, values: tuple[object, ...], text: str
) -> None:
    (refusal,) = [each for each in load(contract).errors.values() if each.name == name]
    data = refusal.selector + refusal.inputs.encode(values)
    assert str(decode_revert(data, contract)) == text


def _refusals() -> list[tuple[str, CustomError]]:
    found = {
        each.name: (contract, each)
        for contract in contract_names()
        for each in load(contract).errors.values()
    }
    return [found[name] for name in sorted(found)]


def _sample(entry: Mapping[str, Any]) -> object:
    kind = entry["type"]
    if kind == "tuple":
        return tuple(map(_sample, entry["components"]))
    samples = {"address": OPERATOR, "bool": True, "string": "text", "bytes4": b"\1\2\3\4"}
    if kind.endswith("[]"):
        return []
    return samples.get(kind, VILLAGE if kind == "bytes32" else 1)


@pytest.mark.parametrize(("contract", "refusal"), _refusals(), ids=lambda each: str(each)[:60])
def test_every_refusal__is_a_line_in_words(contract: str, refusal: CustomError) -> None:
    values = [_sample(entry) for entry in refusal.inputs.entries]
    text = str(decode_revert(refusal.selector + refusal.inputs.encode(values), contract))
    subject, _, rest = text.partition(": ")
    words = rest.partition(" (")[0]
    assert subject.isalnum()
    assert words == words.lower() or refusal.name in MESSAGES
    # What is not named for a contract of the market has words of its own.
    assert "_" in refusal.name or refusal.name in MESSAGES, refusal.name
    assert "\n" not in text
    assert "_" not in words
    for entry, name in zip(refusal.inputs.entries, refusal.inputs.names, strict=True):
        number = entry["type"].startswith(("uint", "int")) and "enum" not in entry["internalType"]
        if number and name not in COUNTING and refusal.name not in BARE:
            plain = f"{name.replace('_', ' ')} 1"
            shown = rest.replace(")", ",").split(plain, 1)[-1]
            measured = any(part in refusal.inputs.names for part in ("quantity", "name"))
            bare = name in ("maximum", "minimum") and name not in UNITS.get(refusal.name, {})
            assert measured or bare or not shown.startswith(","), f"{refusal.name}.{name}"


def test_words__are_of_errors_that_exist() -> None:
    assert set(MESSAGES) <= {refusal.name for _, refusal in _refusals()}


@pytest.mark.parametrize(
    ("contract", "name", "values", "text"),
    [
        (
            "Settlement",
            "Settlement_InsufficientBalance",
            (OPERATOR, 1_500_000, 2_000_000),
            f"Settlement: insufficient balance (account {OPERATOR}, available 1.5 tUSD, needed"
            " 2 tUSD)",
        ),
        (
            "Settlement",
            "ERC20InsufficientBalance",
            (OPERATOR, 0, 5_000_000),
            f"Settlement: the balance of the sender is too small (sender {OPERATOR}, balance"
            " 0 tUSD, needed 5 tUSD)",
        ),
        (
            "CarbonCredits",
            "ERC20InsufficientBalance",
            (OPERATOR, 0, 1500),
            f"CarbonCredits: the balance of the sender is too small (sender {OPERATOR}, balance"
            " 0 kg CO2e, needed 1.5 kg CO2e)",
        ),
        (
            "AssetShares",
            "ERC20InsufficientBalance",
            (OPERATOR, 1, 30),
            f"AssetShares: the balance of the sender is too small (sender {OPERATOR}, balance"
            " 1 share, needed 30 shares)",
        ),
        (
            "EnergyTrading",
            "EnergyTrading_NoSuchTransaction",
            (99,),
            "EnergyTrading: no such trade (trade id 99)",
        ),
        (
            "PeerToPeerTrading",
            "PeerToPeerTrading_NoSuchTrade",
            (9,),
            "PeerToPeerTrading: no such spot trade (trade id 9)",
        ),
        (
            "EnergyTrading",
            "EnergyTrading_NotCrossing",
            (200_000, 250_000),
            "EnergyTrading: not crossing (buy price 0.2 tUSD/kWh, sell price 0.25 tUSD/kWh)",
        ),
        (
            "PeerToPeerTrading",
            "ERC20InsufficientAllowance",
            (OPERATOR, 0, 1500),
            "PeerToPeerTrading: the allowance of the spender is too small (spender"
            f" {OPERATOR}, allowance 0 kWh, needed 1.5 kWh)",
        ),
        (
            "EnergyAssetNFT",
            "ERC721NonexistentToken",
            (7,),
            "EnergyAssetNFT: there is no such asset (token id 7)",
        ),
        (
            "Tariffs",
            "Tariffs_BuyAbove",
            (700_000_000, 600_000_000),
            "Tariffs: buy above (buy 700 tUSD/kWh, ceiling 600 tUSD/kWh)",
        ),
    ],
)
def test_refusal__with_the_coin_known__prints_money_in_coins(
    contract: str, name: str, values: tuple[object, ...], text: str
) -> None:
    (refusal,) = [each for _, each in _refusals() if each.name == name]
    found = decode_revert(refusal.selector + refusal.inputs.encode(values), contract)
    assert isinstance(found, DecodedError)
    assert found.message(Coin(decimals=6, symbol="tUSD")) == text
