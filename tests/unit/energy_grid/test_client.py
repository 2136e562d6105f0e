"""The SDK's face without a chain: what it exports, and what it refuses before it sends."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, cast

import pytest

from energy_grid import client
from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid, OrderType, errors
from energy_grid.contracts.carbon_credits import CarbonCredits
from energy_grid.contracts.energy_asset_nft import Asset, AssetTerms
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.domain.enums import EnergyType
from energy_grid.errors import ContractError, DomainError
from energy_grid.market.assets import clone_of
from tests.support.fake_node import FakeNode

MAX_PER_SLOT, MAX_PRICE, MAX_SPOT_PRICE = 2**31 - 1, 2**32 - 1, 2**64 - 1
PROSUMER = Account.local(11)


def test_client__its_import__brings_no_plots_no_tables_and_no_command_line() -> None:
    slow = ("matplotlib", "numpy", "plotext", "rich", "typer")
    code = (
        f"import sys, energy_grid.client; print([each for each in {slow} if each in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


class Prepared(Exception):
    """An order came as far as its call."""


class Trading:
    """Stops where the order would be encoded."""

    def create_order(self, amount: int, price: int, *_: Any) -> None:
        raise Prepared(amount, price)


# Of an hour of four slots.
MOST = 4 * MAX_PER_SLOT
UNEVEN = "is not the same whole Wh in each of 4 slots: the nearest valid is"


@pytest.fixture
def market() -> EnergyGrid:
    """A market without a node: only its trading is there, and that is no contract."""
    unconnected = EnergyGrid.__new__(EnergyGrid)
    unconnected.trading = cast(EnergyTrading, Trading())
    unconnected._slot_length = 900
    return unconnected


def test_errors__of_the_face__are_the_contracts() -> None:
    assert "errors" in client.__all__
    assert issubclass(errors.Settlement_InDebt, ContractError)


@pytest.mark.parametrize(("wh", "price"), [(4, 0), (1500, 250_000), (MOST, 1), (4, MAX_PRICE)])
def test_place_order__within_the_limits__is_prepared(
    wh: int, price: int, market: EnergyGrid
) -> None:
    with pytest.raises(Prepared) as prepared:
        market.place_order(PROSUMER, OrderType.BUY, energy=wh, price=price)
    assert prepared.value.args == (wh, price)


@pytest.mark.parametrize(
    ("wh", "price", "says"),
    [
        (0, 1, f"0 kWh {UNEVEN} 0.004 kWh"),
        (1501, 1, f"1.501 kWh {UNEVEN} 1.5 kWh or 1.504 kWh"),
        (MOST + 4, 1, f"8589934.592 kWh {UNEVEN} 8589934.588 kWh"),
        (-1, 1, "energy must not be negative: -1"),
        (1.5, 1, "energy must be an integer, not 1.5"),
        (1000.0, 1, "energy must be an integer, not 1000.0"),
        ("1000", 1, "energy must be an integer, not '1000'"),
        (4, MAX_PRICE + 1, f"price must be at most {MAX_PRICE}, not {MAX_PRICE + 1}"),
        (4, -1, "price must not be negative: -1"),
        (4, 0.25, "price must be an integer, not 0.25"),
    ],
)
def test_place_order__outside_the_limits__is_refused_in_one_line(
    wh: Any, price: Any, says: str, market: EnergyGrid
) -> None:
    with pytest.raises(DomainError) as refusal:
        market.place_order(PROSUMER, OrderType.BUY, energy=wh, price=price)
    assert str(refusal.value) == says


class Spot:
    """Stops where the offer would be encoded."""

    def create_energy_offer(self, amount: int, price: int) -> None:
        raise Prepared(amount, price)

    def create_trade(self, buyer: str, amount: int, price: int) -> None:
        raise Prepared(buyer, amount, price)


@pytest.mark.parametrize(("wh", "price"), [(1, 1), (2**64 - 1, MAX_SPOT_PRICE)])
def test_offer_energy__within_the_limits__is_prepared(wh: int, price: int) -> None:
    market = _client(spot=Spot())
    with pytest.raises(Prepared) as prepared:
        market.offer_energy(PROSUMER, wh, price)
    assert prepared.value.args == (wh, price)
    with pytest.raises(Prepared) as prepared:
        market.offer_energy_to(PROSUMER, NOBODY, wh, price)
    assert prepared.value.args == (NOBODY, wh, price)


@pytest.mark.parametrize(
    ("wh", "price", "says"),
    [
        (0, 1, f"energy must be from 1 to {2**64 - 1}, not 0"),
        (2**64, 1, f"energy must be from 1 to {2**64 - 1}, not {2**64}"),
        (1, 0, f"price must be from 1 to {MAX_SPOT_PRICE}, not 0"),
        (1, 2**64, f"price must be from 1 to {MAX_SPOT_PRICE}, not {2**64}"),
        (1.5, 1, "energy must be an integer, not 1.5"),
    ],
)
def test_offer_energy__outside_the_limits__is_refused_in_one_line(
    wh: Any, price: Any, says: str
) -> None:
    market = _client(spot=Spot())
    for offer in (
        lambda: market.offer_energy(PROSUMER, wh, price),
        lambda: market.offer_energy_to(PROSUMER, NOBODY, wh, price),
    ):
        with pytest.raises(DomainError) as refusal:
            offer()
        assert str(refusal.value) == says


CLONE = "363d3d373d3d3d363d73" + "3" * 40 + "5af43d82803e903d91602b57fd5bf3"


def test_shares__of_an_asset_or_at_an_address() -> None:
    code = bytes.fromhex(CLONE)
    parts = {"node": FakeNode("0x" + CLONE), "deployment": Places()}
    assert clone_of("0x" + "3" * 40) == code
    market = _client(assets=Assets(shares=SHARES), **parts)
    assert market.shares(1).address == SHARES
    assert market.shares(NOBODY).address == NOBODY
    undivided = _client(assets=Assets(shares="0x" + "0" * 40), **parts)
    with pytest.raises(DomainError, match="asset 1 is not divided now"):
        undivided.shares(1)


@pytest.mark.parametrize(
    "code", ["", "60" + CLONE, CLONE + "00", CLONE.replace("3" * 40, "4" * 40)]
)
def test_shares__what_does_not_run_their_code__is_refused(code: str) -> None:
    market = _client(node=FakeNode("0x" + code), deployment=Places())
    with pytest.raises(DomainError, match=f"there are no shares .* at {NOBODY}"):
        market.shares(NOBODY)


@pytest.mark.parametrize("encoded", [True, False])
def test_card__is_what_is_in_the_uri(encoded: bool) -> None:
    picture = "<svg>100% \u00e4</svg>"
    document = {"name": "Roof", "image": _uri("image/svg+xml", picture, encoded)}
    market = _client(assets=Assets(uri=_uri("application/json", json.dumps(document), encoded)))
    assert market.card(1) == (document, picture.encode())


@pytest.mark.parametrize(
    ("count", "parts"), [(0, [0]), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])]
)
def test_issue_carbon__as_many_retirements_as_fit_in_one_transaction(
    count: int, parts: list[int]
) -> None:
    carbon = CarbonCredits(FakeNode(), SHARES)
    plan = _client(carbon=carbon, sender=None).issue_carbon(NOBODY, range(count))
    function = carbon.abi.function("issueCarbonCredits")
    issued = [function.inputs.decode(call.data[4:])[1] for call in plan.calls]
    assert [len(days) for days in issued] == parts
    assert [day for days in issued for day in days] == list(range(count))


class Places:
    """Where the code of shares is."""

    def address(self, contract: str) -> str:
        return {"AssetShares": "0x" + "3" * 40}[contract]


NOBODY, SHARES = "0x" + "1" * 40, "0x" + "2" * 40


def _client(**parts: Any) -> EnergyGrid:
    """A market that consists of these parts alone."""
    market = EnergyGrid.__new__(EnergyGrid)
    for name, part in parts.items():
        setattr(market, name, part)
    return market


def _uri(kind: str, text: str, encoded: bool) -> str:
    if encoded:
        return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"
    return f"data:{kind}," + "".join(f"%{byte:02x}" for byte in text.encode())


@dataclass
class Assets:
    """One asset."""

    shares: str = ""
    uri: str = ""

    def get_asset(self, asset: int) -> Asset:
        terms = AssetTerms(
            kind=EnergyType.SOLAR,
            capacity=1,
            region="village",
            commissioned_at=1,
            value=1,
            lifetime=1,
            name="Roof",
        )
        return Asset(terms=terms, in_service=True, shares=self.shares)

    def token_uri(self, asset: int) -> str:
        return self.uri
