"""All contracts that a household meets, wired as a deployment wires them: nothing is played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.accounts import Account
from energy_grid.domain.grid_levels import BANDS
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain, Deployed
from tests.support.core.meter_suite import HOME, REGISTRAR, Meters

__all__ = ["CHALLENGE", "DEADLINE", "FullMarket"]

SUPPLIER = "0x" + 40 * "e"
_NOBODY = "0x" + 40 * "0"
_FAUCET = 10**10
CHALLENGE, DEADLINE = 6 * 3600, 3 * DAY
_METERS = 60, 1_000, 2**31 - 1
_ORDER = (
    *(
        "Tariffs",
        "GridBands",
        "EnergyAccounts",
        "Settlement",
        "EnergyToken",
        "Communities",
        "GridManagement",
    ),
    *("EnergyTrading", "SmartMeter", "PriceOracle", "WeatherOracle", "GridOracle"),
    *("PeerToPeerTrading", "CommunityDays"),
)


class FullMarket:
    """Its contracts, and households with keys. `REGISTRAR` may do everything."""

    def __init__(
        self,
        chain: Chain,
        tariff: Tariff,
        *,
        slot: int = 900,
        grace: int = 900,
        credit: int = 0,
        token: Sequence[Any] | None = None,
        outflow: int = 10**15,
        quorum: int = 2,
    ) -> None:
        self.chain = chain
        self.manager = chain.deploy("AccessManager", REGISTRAR)
        self.forwarder = chain.deploy("ERC2771Forwarder", "EnergyGrid Forwarder")
        self.token = chain.deploy(*(token or ("TestDollar", self.forwarder.address)))
        at = {name: chain.address_after(number) for number, name in enumerate(_ORDER)}
        manager, forwarder = self.manager.address, self.forwarder.address
        prices = (tariff.buy, tariff.feed_in, tariff.network_fee, tariff.protocol_fee)
        oracles = [at[name] for name in ("PriceOracle", "WeatherOracle", "GridOracle")]
        tariffs, energy, settlement = at["Tariffs"], at["EnergyAccounts"], at["Settlement"]
        arguments: dict[str, Sequence[Any]] = {
            "Tariffs": (
                *(manager, at["GridManagement"], (slot, 7200, 600_000_000, 100_000, 10_000)),
                *(HOME, (*prices, tariff.max_factor), credit),
            ),
            "GridBands": (manager, tariffs, BANDS["default"]),
            "EnergyAccounts": (
                manager,
                (settlement, at["SmartMeter"], at["Communities"], at["CommunityDays"], tariffs),
                grace,
            ),
            "Settlement": (
                manager,
                self.token.address,
                (
                    *(at["EnergyTrading"], at["PeerToPeerTrading"], at["SmartMeter"]),
                    *(
                        at["CommunityDays"],
                        at["GridManagement"],
                        energy,
                        tariffs,
                        at["EnergyToken"],
                        forwarder,
                    ),
                ),
                (slot, DAY, DAY, 10**7, 10**8),
                outflow,
            ),
            "EnergyToken": (settlement,),
            "Communities": ((settlement, energy, tariffs, at["SmartMeter"], forwarder),),
            "GridManagement": (
                manager,
                (
                    forwarder,
                    settlement,
                    tariffs,
                    at["SmartMeter"],
                    _NOBODY,
                    *oracles,
                    at["GridBands"],
                ),
            ),
            "EnergyTrading": (manager, forwarder, tariffs, settlement, (100, 60)),
            "SmartMeter": (
                manager,
                (
                    *(forwarder, tariffs, at["GridBands"], settlement, energy),
                    *(at["Communities"], at["CommunityDays"]),
                ),
                _METERS,
            ),
            "PriceOracle": (manager, (quorum, 7200), 6, 2_000),
            "WeatherOracle": (manager, (quorum, 7200)),
            "GridOracle": (manager, (quorum, 7200), at["GridManagement"]),
            "PeerToPeerTrading": (manager, settlement, forwarder),
            "CommunityDays": (
                manager,
                (settlement, energy, at["Communities"], at["SmartMeter"], tariffs),
                *(CHALLENGE, DEADLINE),
            ),
        }
        self.contracts: dict[str, Deployed] = {
            name: chain.deploy(name, *arguments[name]) for name in _ORDER
        }
        assert {name: each.address for name, each in self.contracts.items()} == at
        self.meters = Meters(
            slot=slot,
            chain=chain,
            core=(self["Tariffs"], self["Settlement"], self["EnergyAccounts"]),
            authority=self.manager,
            meters=self["SmartMeter"],
        )

        self.meters_home, self.supplier = HOME, SUPPLIER

    def __getitem__(self, name: str) -> Deployed:
        return self.contracts[name]

    def give(self, holder: str, amount: int) -> None:
        """Settlement tokens, and an allowance."""
        for start in range(0, amount, _FAUCET):
            self.token.faucet(min(_FAUCET, amount - start), by=holder)
        self.token.approve(self["Settlement"].address, 2**256 - 1, by=holder)

    def deposit(self, holder: str, amount: int) -> None:
        """Base units."""
        self.give(holder, amount)
        self["Settlement"].deposit(amount, by=holder)

    def fund(self, amount: int) -> None:
        """The supplier's base units for the grid account."""
        self.give(SUPPLIER, amount)
        self["Settlement"].fundGrid(amount, by=SUPPLIER)

    def household(self, holder: Account, device: Account, *, money: int, rated: int) -> None:
        """An account whose meter counts from the next day on."""
        self.deposit(holder.address, money)
        changes: dict[str, Any] = {"ratedPower": rated, "consumption": 0, "production": 0}
        self.meters.register(device, holder, **changes)

    def free(self, holder: str) -> int:
        """Free money of an account, in thousandths."""
        word = self["Settlement"].accountOf(holder)[1]
        return int(word & 2**88 - 1)
