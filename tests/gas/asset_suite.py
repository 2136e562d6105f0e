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
        """Days of a plant that its owner uses itself: certificates, and credits for them."""
        market, chain = self.market, self.chain
        manager, meters = market.manager.address, market.meters
        forwarder, settlement = market.forwarder.address, market["Settlement"].address
        certificates = chain.deploy("EnergyCertificates", manager, settlement, forwarder)
        carbon = chain.deploy(
            "CarbonCredits", manager, certificates.address, _EMISSION_FACTOR, forwarder
        )
        carbon.registerCleanEnergyProducer(self.owner, by=REGISTRAR)
        plant, home = (Account(keccak(text=f"meter of the {what}")) for what in ("plant", "home"))
        market.household(_OWNER, home, money=10**9, rated=20_000)
        changes: dict[str, Any] = {"settlement": False, "consumption": 0, "production": 0}
        number = meters.register(plant, _OWNER, ratedPower=20_000, **changes)
        certificates.registerDevice(number, _SOLAR, by=REGISTRAR)
        first, made = (START // DAY + 1) * 24, 0
        readings = [meters.sign_reading(plant, meters.reading(first * HOUR, (0, 0)))]
        chain.set_time(first * HOUR)
        meters.read(home, first * HOUR, (0, 0))
        for hour in range(1, 24 * 8 + 1):
            end, made = (first + hour) * HOUR, made + 400
            chain.set_time(end)
            meters.read(home, end, (hour, 0))
            readings.append(meters.sign_reading(plant, meters.reading(end, (0, made))))
        certificates.issue(readings[:25], by=self.owner)
        certificates.issue(readings[25:49], by=self.neighbour)
        self.figures["EnergyCertificates issue, each of 24 slots"] = chain.gas // 24
        certificates.issue(readings[49:], by=self.neighbour)
        for day in range(8):
            slots = range(first + 24 * day, first + 24 * day + 24)
            ids = [certificates.idOf(number, slot) for slot in slots]
            certificates.retire(self.owner, ids, 24 * [400], by=self.owner)
            self.figures["EnergyCertificates retire, each of 24 slots"] = chain.gas // 24

        def issue(name: str, *retirements: int) -> None:
            carbon.issueCarbonCredits(self.owner, retirements, by=self.neighbour)
            self.figures[f"issueCarbonCredits, {name}"] = chain.gas // len(retirements)

        for retirement in (1, 2):
            issue("one day", retirement)
        issue("each of five days", *range(3, 8))
        for _ in range(2):
            self.note(
                "CarbonCredits retire", carbon.retire, 10, self.owner, "heating", by=self.owner
            )
        for _ in range(2):
            self.note("CarbonCredits transfer", carbon.transfer, self.neighbour, 10, by=self.owner)
        sales = chain.deploy(
            "CertificateMarket", manager, certificates.address, carbon.address, forwarder
        )
        carbon.approve(sales.address, 10**6, by=self.owner)
        market.give(self.neighbour, 10**6)
        market.token.approve(sales.address, 2**255, by=self.neighbour)
        for offer in (1, 2):
            arguments = 100, PRICE, market.token.address
            self.note("offerCredits", sales.offerCredits, *arguments, by=self.owner)
            self.note("buyCredits, a part", sales.buyCredits, offer, 10, PRICE, by=self.neighbour)

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
