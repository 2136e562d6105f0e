"""What the spot market shows, and what it is connected with."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import REGISTRAR
from tests.unit.contracts.spot.suite import EVER, NOBODY, P, SpotTraders


@pytest.mark.parametrize("number", [0, 1, EVER])
def test_views__number_of_nothing__is_refused(traders: SpotTraders, number: int) -> None:
    with refused(P + "NoSuchOffer", number):
        traders.spot.getEnergyOffer(number)
    with refused(P + "NoSuchTrade", number):
        traders.spot.getTradeInfo(number)


def test_views__deployment__is_wired_together(traders: SpotTraders) -> None:
    spot = traders.spot
    assert spot.SETTLEMENT() == traders["Settlement"].address
    assert spot.GRID() == traders["GridManagement"].address
    assert spot.ENERGY_TOKEN() == traders["EnergyToken"].address
    assert spot.authority() == traders.manager.address


@pytest.mark.parametrize("settlement", ["stranger", "token"])
def test_constructor__settlement_that_is_none__is_refused(
    traders: SpotTraders, settlement: str
) -> None:
    address = traders.token.address if settlement == "token" else traders.at("stranger")
    with pytest.raises(Reverted, match=r"^0x\(\)$"):
        traders.chain.deploy("PeerToPeerTrading", REGISTRAR, address, NOBODY)
