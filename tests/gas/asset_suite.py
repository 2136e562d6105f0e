"""What the spot market, carbon credits, assets and their shares cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.gas.street import HOUR, START, TARIFF
from tests.model.market import DAY
from tests.support.artifacts import artifact
from tests.support.core.chain import Deployed
from tests.support.core.full_market import FullMarket
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import HOME, REGISTRAR

__all__ = ["measure_asset_suite"]

PRICE = 250_000
YEAR = 365 * DAY
_EMISSION_FACTOR = 380
_SOLAR = 0
_OWNER, _NEIGHBOUR = (Account(keccak(text=f"plant {role}")) for role in ("owner", "neighbour"))


def measure_asset_suite(chain: GasChain) -> dict[str, int]:
    """Gas per operation on a fresh chain at `START`, the second of its kind."""
    suite = _Suite(chain)
    suite.spot()
    suite.carbon()
    suite.assets()
    return suite.figures


class _Suite:
    """A plant's owner, who sells, and a neighbour, who buys."""

    def __init__(self, chain: GasChain) -> None:
        self.chain = chain
        self.figures: dict[str, int] = {}
        self.market = FullMarket(chain, TARIFF, slot=HOUR)
        self.owner, self.neighbour = _OWNER.address, _NEIGHBOUR.address
        grid = self.market["GridManagement"]
        grid.registerProducer(10_000, _SOLAR, by=self.owner)
        grid.confirmParticipant(self.owner, True, by=REGISTRAR)
        grid.registerConsumer(10_000, by=self.neighbour)
        grid.confirmParticipant(self.neighbour, False, by=REGISTRAR)
        for account in (self.owner, self.neighbour):
            self.market.deposit(account, 10**9)

    def note(self, name: str, call: Callable[..., object], *arguments: object, by: str) -> None:
        """Make a call, and note its gas."""
        call(*arguments, by=by)
        self.figures[name] = self.chain.gas

    def spot(self) -> None:
        """Energy credits as tokens come from Settlement alone, which is played here."""
        spot, token, settlement = (
            self.market[name] for name in ("PeerToPeerTrading", "EnergyToken", "Settlement")
        )
        token.mint(self.owner, 1_000_000, by=settlement.address)
        token.mint(self.neighbour, 1_000, by=settlement.address)
        for account in (self.owner, self.neighbour):
            token.approve(spot.address, 2**256 - 1, by=account)
        seller, buyer = {"by": self.owner}, {"by": self.neighbour}
        for number in (1, 2):
            self.note("createEnergyOffer", spot.createEnergyOffer, 3000, PRICE, **seller)
            self.note("acceptEnergyOffer, a part", spot.acceptEnergyOffer, number, 1000, **buyer)
            self.note("cancelEnergyOffer", spot.cancelEnergyOffer, number, **seller)
            self.note("createTrade", spot.createTrade, self.neighbour, 3000, PRICE, **seller)
            self.note("completeTrade", spot.completeTrade, number, **buyer)
        for _ in range(2):
            self.note("EnergyToken transfer", token.transfer, self.neighbour, 10, **seller)

    def carbon(self) -> None:
        """Days of a plant's meter, in one word of 256 days."""
        market, chain = self.market, self.chain
        settlement, meters = market["Settlement"].address, market.meters
        arguments = market.manager.address, settlement, _EMISSION_FACTOR
        carbon = chain.deploy("CarbonCredits", *arguments)
        carbon.registerCleanEnergyProducer(self.owner, by=REGISTRAR)
        device = Account(keccak(text="meter of the plant"))
        plant: dict[str, Any] = {"settlement": False, "consumption": 0, "production": 0}
        number = meters.register(device, _OWNER, **plant)
        carbon.setProductionMeters(self.owner, [number], by=REGISTRAR)
        first = START // DAY + 1
        for day in range(first, first + 8):
            chain.set_time(day * DAY)
            meters.read(device, day * DAY, (0, (day - first + 1) * 9_800))

        def issue(name: str, *days: int) -> None:
            carbon.issueCarbonCredits(self.owner, days, by=self.neighbour)
            self.figures[f"issueCarbonCredits, {name}"] = chain.gas // len(days)

        for day in (first, first + 1):
            issue("one day", day)
        issue("each of five days", *range(first + 2, first + 7))
        for _ in range(2):
            self.note("retire", carbon.retire, 10, self.owner, "heating", by=self.owner)
        for _ in range(2):
            self.note("CarbonCredits transfer", carbon.transfer, self.neighbour, 10, by=self.owner)

    def assets(self) -> None:
        """Two plants, each divided; the figures are the second one's."""
        market, chain, owner = self.market, self.chain, self.owner
        modules = market["SmartMeter"].address, chain.address_after(1)
        assets = chain.deploy("EnergyAssetNFT", market.manager.address, *modules)
        chain.deploy("AssetShares", assets.address, market.token.address)
        for asset in (1, 2):
            device = Account(keccak(text=f"meter {asset} of an asset"))
            plant: dict[str, Any] = {"settlement": False, "consumption": 0, "production": 0}
            market.meters.register(device, _OWNER, **plant)
            # 9.8 kW, 12,000 dollars written down over 20 years.
            bought = chain.now - YEAR
            terms = _SOLAR, 9_800, HOME, bought, 12_000 * 10**6, 20 * YEAR, "Roof of number 7"
            self.note("mint, an asset", assets.mint, owner, terms, by=REGISTRAR)
            self.note("linkMeter", assets.linkMeter, asset, device.address, by=REGISTRAR)
            record = asset, b"\1" * 32, "inverter changed"
            self.note("addMaintenanceRecord", assets.addMaintenanceRecord, *record, by=owner)
            parts = asset, 1000, "Roof of number 7", "ROOF7"
            self.note("fractionalize", assets.fractionalize, *parts, by=owner)
            abi = artifact("AssetShares").abi
            self._shares(Deployed(chain, "AssetShares", assets.getAsset(asset)[2], abi))

    def _shares(self, shares: Deployed) -> None:
        owner, neighbour, token = self.owner, self.neighbour, self.market.token
        token.faucet(10_000, by=owner)
        shares.transfer(neighbour, 100, by=owner)
        for _ in range(2):
            self.note("AssetShares transfer", shares.transfer, neighbour, 100, by=owner)
            token.transfer(shares.address, 1000, by=owner)
            self.note(
                "AssetShares transfer, new revenue", shares.transfer, neighbour, 100, by=owner
            )
            self.note("claimRevenue", shares.claimRevenue, neighbour, by=neighbour)
