"""The market of a trading day on a chain: each call sends what it says and waits for its blocks.

Households sign their orders, and their meters the readings. The keeper trades the orders in a
batch. The gateway of the community keeps the readings of its members' meters; it relays the first
one of each meter, and those of plants.
"""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.demo.bidding import Offer
from energy_grid.demo.gateway import GATEWAY, KEEPER, Gateway
from energy_grid.demo.residents import Resident
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.demo.trading_day import Reading
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.errors import CheckFailedError
from energy_grid.market.signing import sign_order

__all__ = ["ChainMarket"]

# The profiles know energy alone: frequency in centihertz and voltage in decivolts are nominal.
_FREQUENCY, _VOLTAGE = 5000, 2300
_READINGS, _ACCOUNTS = 100, 40
_READING_GAS, _CLOSING_GAS = 100_000, 380_000


class ChainMarket:
    """`energy_grid.demo.trading_day.Market` on the contracts of a development node."""

    def __init__(
        self,
        node: DevNode,
        contracts: EnergyGrid,
        sender: GasCountingSender,
        people: Sequence[Resident],
        gateway: Gateway,
    ) -> None:
        self._node = node
        self._contracts = contracts
        self._sender = sender
        self._gateway = gateway
        self._people = {person.household.number: person for person in people}

    def advance_to(self, timestamp: int) -> None:
        """Set the chain's clock forward to a Unix second; nothing if it is past."""
        if self._node.time < timestamp:
            self._node.set_time(timestamp)

    def trade(self, offers: Sequence[Offer], hour: int) -> int | None:
        """Have the orders for the hour that begins then signed, cleared and traded; gives the
        price, None where nothing was matched.

        Raises:
            CheckFailedError: the chain rejected an order.
        """
        period = Period(kind=PeriodKind.HOURLY, start=hour)
        orders = []
        for offer in offers:
            wallet = self._people[offer.household].wallet
            terms = OrderTerms(
                trader=wallet.address,
                order_type=offer.order_type,
                amount=offer.wh,
                price=offer.price,
                expiry=period.last_order,
                period=period,
            )
            # One order an hour: no nonce comes twice.
            nonce = hour // period.kind.seconds
            orders.append(sign_order(wallet, terms, nonce, self._contracts.trading_domain))
        if not orders:
            return None
        session = self._contracts.trade_batch(KEEPER, orders, period, stored=False).execute()
        if session.dropped:
            dropped = session.dropped[0]
            raise CheckFailedError(
                f"{len(session.dropped)} orders were rejected, the first of"
                f" {dropped.order.trader}: {dropped.reason.name}"
            )
        for batch in session.settled:
            self._sender.gas.add(Operation.TRADE, batch.gas_used, len(batch.matches))
        return session.settled[0].price if session.settled else None

    def report(self, readings: Sequence[Reading]) -> None:
        """Have the readings signed by their meters and handed to the gateway."""
        self._gateway.collect(map(self._sign, readings))

    def relay(self, readings: Sequence[Reading]) -> None:
        """Have the first readings of meters signed and relayed, from which the gateway goes on."""
        self._relay([self._sign(reading) for reading in readings], Operation.FIRST_READING)

    def relay_plants(self, timestamp: int, generated: dict[int, int], operation: Operation) -> None:
        """Relay what the sub-meters of plants have produced, in Wh by their households."""
        self._relay(
            [self.plant_reading(number, timestamp, wh) for number, wh in generated.items()],
            operation,
        )

    def plant_reading(self, household: int, timestamp: int, wh: int) -> SignedReading:
        """What the meter of a household's plant signs when it has produced so much."""
        return self._signed(self._people[household].plant_meter, timestamp, 0, wh)

    def close(self, day: int) -> None:
        """Close the days of all households up to and including the one on which they joined."""
        addresses = [person.wallet.address for person in self._people.values()]
        chunks = [
            addresses[first : first + _ACCOUNTS] for first in range(0, len(addresses), _ACCOUNTS)
        ]
        close = self._contracts.settlement.close_through
        self._sender.send(
            Operation.FIRST_CLOSE,
            [(KEEPER, close(chunk, day)) for chunk in chunks],
            sizes=[len(chunk) for chunk in chunks],
            each=_CLOSING_GAS,
        )

    def _relay(self, signed: Sequence[SignedReading], operation: Operation) -> None:
        chunks = [signed[first : first + _READINGS] for first in range(0, len(signed), _READINGS)]
        submit = self._contracts.meters.submit_signed_readings
        self._sender.send(
            operation,
            [(GATEWAY, submit(chunk)) for chunk in chunks],
            sizes=[len(chunk) for chunk in chunks],
            each=_READING_GAS,
        )

    def _sign(self, reading: Reading) -> SignedReading:
        meter = self._people[reading.household].meter
        return self._signed(meter, reading.timestamp, reading.imported, reading.exported)

    def _signed(
        self, meter: Account, timestamp: int, imported: int, exported: int
    ) -> SignedReading:
        taken = MeterReading(
            timestamp=timestamp,
            consumption=imported,
            production=exported,
            grid_frequency=_FREQUENCY,
            voltage=_VOLTAGE,
        )
        return self._contracts.sign_reading(meter, taken)
