"""The plants of the demo on a chain: registered as assets before the day, put to use after it.

Each call sends what it says and waits for its blocks. The registrar registers plants, their meters
as devices that earn certificates, and clean producers; owners and neighbours do what is theirs.
Every account can issue carbon credits; here the keeper does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from energy_grid.chain.contract import Call
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.client import EnergyGrid
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.energy_asset_nft import AssetTerms
from energy_grid.demo.bills import earned
from energy_grid.demo.chain_market import ChainMarket
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.gateway import KEEPER, Gateway
from energy_grid.demo.opening import home_region, operators_safe
from energy_grid.demo.plan import DemoPlan
from energy_grid.demo.plants import SHARES, SHARES_EACH, Plant, Sharing
from energy_grid.demo.residents import Resident
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["ChainAssets"]

# Dividing a plant makes a contract.
_PLANT_CALL_GAS, _DIVISION_GAS = 300_000, 1_000_000
_PLANT_CALLS = 40


class ChainAssets:
    """`energy_grid.demo.post_trading.AssetMarket` on the contracts of a development node."""

    def __init__(
        self,
        contracts: EnergyGrid,
        sender: GasCountingSender,
        people: Sequence[Resident],
        plan: DemoPlan,
        readers: tuple[ChainMarket, Gateway],
    ) -> None:
        self._contracts = contracts
        self._sender = sender
        self._people = {person.household.number: person for person in people}
        self._plan, self._plants = plan, plan.plants
        self._exchange, self._gateway = readers

    def open(self) -> None:
        """Register the plants, and divide the one that is shared."""
        plants = self._plants.plants
        registrar = operators_safe(self._contracts, "registrar")
        first = self._contracts.assets.asset_count() + 1
        self._sender.send_batches(
            Operation.PLANT,
            registrar,
            [
                call
                for number, plant in enumerate(plants, first)
                for call in self._registrations(number, plant)
            ],
            at_once=_PLANT_CALLS,
            each=_PLANT_CALL_GAS,
        )
        if (sharing := self._plants.sharing) is not None:
            self._divide(first + plants.index(sharing.plant), sharing)

    def certify(self, household: int, day: int) -> None:
        """Issue the certificates of a household's plant, have the household retire what it used
        itself, and issue carbon credits for that."""
        contracts, wallet = self._contracts, self._people[household].wallet
        slots = DAY_SECONDS // self._plan.config.slot_seconds
        readings = [
            self._exchange.plant_reading(household, slot * self._plan.config.slot_seconds, wh)
            for slot, wh in enumerate(self._plan.generated_on_the_day(household), day * slots)
        ]
        device = contracts.meters.get_meter(readings[0].meter).number
        plan = contracts.issue_certificates(wallet, readings)
        self._sender.carry_out(Operation.CERTIFICATES, plan)
        self._gateway.prove(wallet.address, range(day * slots, (day + 1) * slots))
        amounts = contracts.matchable_certificates(wallet.address, device, day)
        if not amounts:
            return
        retired = self._sender.carry_out(
            Operation.CERTIFICATES, contracts.retire_certificates(wallet, device, amounts)
        )
        call = contracts.carbon.issue_carbon_credits(wallet.address, [retired.id])
        self._sender.send(Operation.CREDITS, [(KEEPER, call)])

    def credits_of(self, household: int) -> int:
        """The credits that a household has, in g."""
        return self._contracts.carbon.balance_of(self._address(household))

    def retire(self, household: int, grams: int, reason: str) -> None:
        """Have a household retire credits for those who share its plant."""
        call = self._contracts.carbon.retire(grams, self._shares.address, reason)
        self._send(Operation.RETIRE, [(household, call)])

    def redeem(self, households: Sequence[int]) -> None:
        """Have the household that has most energy credits turn half of them into money."""
        settlement = self._contracts.settlement
        addresses = [self._address(household) for household in households]
        held = settlement.call_many("creditsOf", zip(addresses), kind=int)
        wh, household = max(zip(held, households, strict=True))
        if wh > 1:
            self._send(Operation.REDEEM, [(household, settlement.redeem(wh // 2))])

    def earned(self, household: int, day: int) -> int:
        """What a household got on a day for energy that it shared, fed in and sold."""
        return earned(read_records(self._contracts, day), self._address(household))

    def share_out(self, household: int, amount: int) -> None:
        """Have a household pay money to the shares of its plant, out of its settlement account."""
        call = self._contracts.settlement.withdraw(amount, self._shares.address)
        self._send(Operation.REVENUE, [(household, call)])

    def claim(self, households: Sequence[int]) -> None:
        """Have holders take the revenue of the shares, as far as they are due any."""
        shares = self._shares
        addresses = [self._address(household) for household in households]
        due = shares.call_many("claimableOf", ([address] for address in addresses))
        self._send(
            Operation.CLAIM,
            [
                (household, shares.claim_revenue(address))
                for household, address, amount in zip(households, addresses, due, strict=True)
                if amount
            ],
        )

    @cached_property
    def _shares(self) -> AssetShares:
        """The shares of the plant that is shared."""
        (divided,) = self._contracts.assets.history("Fractionalized")
        return self._contracts.shares(divided["shares"])

    def _registrations(self, number: int, plant: Plant) -> list[Call]:
        """Of a plant as an asset, of its meter as a device, and of its owner as clean."""
        assets, person = self._contracts.assets, self._people[plant.number]
        terms = AssetTerms(
            kind=EnergyType.SOLAR,
            capacity=plant.capacity_w,
            region=home_region(self._contracts),
            commissioned_at=plant.commissioned_at,
            value=plant.value * 10**self._decimals,
            lifetime=plant.lifetime,
            name=f"Solar plant of {plant.household.name}",
        )
        owner = person.wallet.address
        meter, carbon = person.plant_meter.address, self._contracts.carbon
        return [
            assets.mint(owner, terms),
            assets.link_meter(number, meter),
            self._contracts.certificates.register_device(
                self._contracts.meters.get_meter(meter).number, EnergyType.SOLAR
            ),
            carbon.register_clean_energy_producer(owner),
        ]

    def _divide(self, asset: int, sharing: Sharing) -> None:
        """Divide a plant into shares, and hand the neighbours theirs."""
        owner = sharing.plant.number
        name, symbol = f"Solar plant {owner}", f"SUN{owner}"
        call = self._contracts.assets.fractionalize(asset, SHARES, name, symbol)
        wallet = self._people[owner].wallet
        self._sender.send(Operation.DIVIDE, [(wallet, call)], limit=_DIVISION_GAS)
        self._send(
            Operation.SHARE,
            [
                (owner, self._shares.transfer(self._address(number), SHARES_EACH))
                for number in sharing.neighbours
            ],
        )

    def _send(self, operation: Operation, work: Sequence[tuple[int, Call]]) -> list[Receipt]:
        """Carry out calls of households, by their numbers."""
        return self._sender.send(
            operation, [(self._people[household].wallet, call) for household, call in work]
        )

    def _address(self, household: int) -> str:
        return self._people[household].wallet.address

    @cached_property
    def _decimals(self) -> int:
        return self._contracts.money.decimals()
