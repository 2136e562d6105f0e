"""Events through the client, without a chain."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Contract
from energy_grid.client import EnergyGrid, events
from tests.support.fake_chain import FakeChain, deposit

RECIPIENT, ASSETS = "0x" + "1" * 40, "0x" + "2" * 40


class Enough(Exception):
    """There is no more to come."""


def stop(_: float) -> None:
    raise Enough


class LocalChain(FakeChain):
    """A chain that is local by its number."""

    def _answer(self, method: str, params: Any) -> Any:
        return hex(31337) if method == "eth_chainId" else super()._answer(method, params)


def client(chain: FakeChain, first_block: int = 0) -> EnergyGrid:
    market = EnergyGrid.__new__(EnergyGrid)
    market.node = chain
    market.deployment = SimpleNamespace(first_block=first_block)  # type: ignore[assignment]
    market.settlement = Contract(chain, RECIPIENT, "Settlement")  # type: ignore[assignment]
    market.assets = Contract(chain, ASSETS, "EnergyAssetNFT")  # type: ignore[assignment]
    return market


def divided(shares: int) -> dict[str, Any]:
    """A log of an asset's division, before it is in a block."""
    event = load("EnergyAssetNFT").event("Fractionalized")
    words = [number.to_bytes(32, "big").hex() for number in (1, shares, 9, 100)]
    indexed = len(event.split[0].names)
    return {
        "address": ASSETS,
        "topics": ["0x" + event.topic.hex(), *("0x" + word for word in words[:indexed])],
        "data": "0x" + "".join(words[indexed:]),
    }


@pytest.mark.parametrize(("kind", "held_back"), [(FakeChain, 12), (LocalChain, 0)])
def test_follow__by_default__waits_where_chains_reorganise(
    kind: type[FakeChain], held_back: int
) -> None:
    chain = kind(0)
    chain.extend(*([deposit(1, amount)] for amount in range(30)))
    found: list[int] = []

    def collect() -> None:
        for event in client(chain).follow(events.Settlement_Deposited, pause=stop):
            found.append(event.amount)

    with pytest.raises(Enough):
        collect()
    assert found == list(range(30 - held_back))


def test_events__by_default__begin_with_the_deployment() -> None:
    chain = FakeChain(0)
    chain.extend(*([deposit(1, amount)] for amount in range(30)))
    found = client(chain, 7).events(events.Settlement_Deposited)
    assert [each.amount for each in found] == list(range(7, 30))
    assert chain.spans == [(7, 29)]
    following = client(chain, 8).follow(events.Settlement_Deposited, pause=stop)
    assert next(following).amount == 8


def test_shares__of_a_division_that_was_undone__are_forgotten() -> None:
    chain = FakeChain(300)
    chain.extend([divided(5)], [])
    market = client(chain)
    find = market._divided.until
    assert [each.address for each in find(chain.newest)] == ["0x" + f"{5:040x}"]
    assert find(299) == []
    chain.reorganise(2, [], [divided(6)])
    assert [each.address for each in find(chain.newest)] == ["0x" + f"{6:040x}"]
    chain.extend(*[[]] * 1000)
    assert [each.address for each in find(chain.newest)] == ["0x" + f"{6:040x}"]
    chain.spans.clear()
    assert [each.address for each in find(chain.newest)] == ["0x" + f"{6:040x}"]
    # What is settled is not read again.
    assert chain.spans == [(chain.newest - 256, chain.newest)]
