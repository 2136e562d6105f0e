"""The units that refusals are told with."""

from __future__ import annotations

import pytest

from energy_grid.adapters.chain.abi import contract_names, load
from energy_grid.adapters.chain.errors import decode_revert
from energy_grid.adapters.chain.quantities import UNITS

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
            "DemandResponse: insufficient reduction (reduction 99 W, minimum 100 W)",
        ),
        (
            "DemandResponse",
            "EventNotActive",
            (3, 2),
            "DemandResponse: event not active (event id 3, status CANCELLED)",
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
            (b"frequency".ljust(32, b"\0"), -1),
            "StabilityMaintenance: implausible (quantity frequency, value -1)",
        ),
        (
            "PriceOracle",
            "MedianOracle_Stale",
            (bytes(32), 0, 7200),
            "MedianOracle: stale (feed 0, updated at 1970-01-01 00:00:00 UTC, max age 7200 s)",
        ),
        (
            "SmartMeter",
            "SmartMeter_AnchorTooLate",
            (473_352, 1_704_072_600),
            "SmartMeter: anchor too late (slot 473352, deadline 2024-01-01 01:30:00 UTC)",
        ),
        (
            "SmartMeter",
            "SmartMeter_SlotNotOver",
            (473_352, 1_704_070_800),
            "SmartMeter: slot not over (slot 473352, over 2024-01-01 01:00:00 UTC)",
        ),
        (
            "SmartMeter",
            "SmartMeter_ImplausibleEnergy",
            (OPERATOR, 1001, 1000),
            "SmartMeter: implausible energy (meter 0xf39F…2266, energy 1001 Wh, maximum 1000 Wh)",
        ),
        (
            "SmartMeter",
            "SmartMeter_WrongProof",
            (OPERATOR, 473_352, bytes.fromhex("ab" * 32)),
            "SmartMeter: wrong proof (account 0xf39F…2266, slot 473352, root 0xabababababababab…)",
        ),
        (
            "SmartMeter",
            "SmartMeter_NotAGateway",
            (OPERATOR,),
            "SmartMeter: not a gateway (caller 0xf39F…2266)",
        ),
        (
            "Settlement",
            "Settlement_FloorNotHigher",
            (OPERATOR, 5, 3),
            "Settlement: floor not higher (account 0xf39F…2266, floor 5, nonce 3)",
        ),
        (
            "EnergyTrading",
            "EnergyTrading_NonceSpent",
            (OPERATOR, 7),
            "EnergyTrading: nonce spent (trader 0xf39F…2266, nonce 7)",
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
            "GridOperatorVerification: level too low (operator 0xf39F…2266, level REPORT,"
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
