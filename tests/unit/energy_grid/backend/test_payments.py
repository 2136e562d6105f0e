"""Which events are lines of statements: a new way to move money cannot be forgotten."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from energy_grid.api.models import LineKind
from energy_grid.backend.invoicing.payments import payment_events, payment_kinds
from energy_grid.backend.store.events import EVENTS
from tests.support.artifacts import ROOT

# Sources that move tokens of money or energy, and the contract that each is a part of.
_MOVERS = {
    "settlement/Vault.sol": "Settlement",
    "grid/DemandEscrow.sol": "DemandResponse",
    "grid/DemandRewards.sol": "DemandResponse",
    "certificates/CertificateMarket.sol": "CertificateMarket",
    "assets/AssetShares.sol": "AssetShares",
    "trading/PeerToPeerTrading.sol": "PeerToPeerTrading",
    "tokens/EnergyToken.sol": "EnergyToken",
}
_MOVES = re.compile(r"[sS]afeTransfer|IERC20\.transfer|_mint\(|_burn\(")
# Tokens that are no money and no energy.
_OTHER_TOKENS = {
    *("tokens/GovernanceToken.sol", "carbon/CarbonCredits.sol", "assets/EnergyAssetNFT.sol"),
    "certificates/EnergyCertificates.sol",
}
_OF_DAYS = {"Settlement": {"DayClosed"}, "EnergyAccounts": {"ReadLate", "DeemedCharged"}}
_OF_DAYS["EnergyAccounts"].add("DeemedReturned")
# Why an event is no line.
_NO_LINES = {
    "Settlement": {
        "what an account may do": {"AccountOpened", "KeepsSet", "SideBlocked", "SignedFloorRaised"},
        "how the market is run": {"AuthorityUpdated", "OutflowLimitSet", "StopLevelChanged"},
        "a part of the account's money becomes another": {
            *("DebtIncurred", "DebtRepaid", "ReceivableQueued", "ReceivablePaid"),
            *("SecurityTaken", "SecurityReleased", "GridEnergyBought"),
        },
        "the money is the account's until `Withdrawn`": {
            *("WithdrawalQueued", "WithdrawalLengthened", "WithdrawalCancelled"),
        },
    },
    "EnergyAccounts": {"no money": {"AuthorityUpdated", "Prolonged"}},
    "DemandResponse": {
        "how events and programs go on": {
            *("AuthorityUpdated", "StopLevelChanged", "GridOperatorRegistered"),
            *("EventScheduled", "EventCompleted", "EventCancelled", "ReductionVerified"),
        },
        "earned, and not paid yet": {"ReductionReported", "RewardDeferred", "FeeEarned"},
    },
    "CertificateMarket": {
        "offers": {"CertificatesOffered", "OfferCancelled"},
        "how the market is run": {"AuthorityUpdated", "StopLevelChanged"},
    },
    "AssetShares": {
        "shares": {"Approval", "Transfer", "EIP712DomainChanged", "Initialized", "Redeemed"},
        "what becomes of an offer": {"BuyoutAccepted", "BuyoutRetracted", "BuyoutConcluded"},
        "not of an account": {"RevenueReceived", "StewardSet"},
    },
    "PeerToPeerTrading": {
        "offers": {
            *("EnergyOfferCreated", "EnergyOfferCancelled", "TradeCreated", "TradeCancelled"),
        },
        "how the market is run": {"AuthorityUpdated", "StopLevelChanged"},
    },
    "EnergyToken": {"no energy": {"Approval", "EIP712DomainChanged"}},
}


def test_sources__that_move_money__are_the_known_ones() -> None:
    contracts = ROOT / "contracts"
    found = {
        path.relative_to(contracts).as_posix()
        for path in contracts.rglob("*.sol")
        if "mocks" not in path.parts and _MOVES.search(path.read_text())
    }
    assert found - _OTHER_TOKENS == set(_MOVERS)


@pytest.mark.parametrize("contract", sorted({*_MOVERS.values(), *_OF_DAYS}))
def test_events__of_contracts_with_money__are_lines_or_say_why_not(contract: str) -> None:
    known = [name for names in _NO_LINES[contract].values() for name in names]
    known += _OF_DAYS.get(contract, ())
    known += {name for of, name in payment_events() if of == contract}
    assert sorted(known) == sorted(each.event.name for each in EVENTS[contract].values())


def test_kinds__of_lines__have_a_source_each() -> None:
    of_days = {
        *("grid", "bank", "shared_taken", "shared_given", "bought", "sold", "fed_in", "kept"),
        *("network_fee", "protocol_fee", "late", "deemed"),
    }
    assert payment_kinds() | of_days | {"tax"} == set(get_args(LineKind))
