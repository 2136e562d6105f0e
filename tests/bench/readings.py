"""How many readings a second are signed, verified and recorded one by one.

    python -m tests.bench.readings

Verified: the signature is recovered off the chain, as a service does that takes readings in.
Recorded: boundary readings by `submitSignedReadings` in calls of 100, up to the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.contracts.smart_meter import MeterReading, SmartMeter
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.signing import meter_domain, reading_signer, sign_reading
from tests.bench.chain import bench_market
from tests.bench.timing import rate, seconds
from tests.support.market import Market, actor

__all__ = ["SignedReadings", "measure_signed_readings"]

PER_CALL = 100
_GAS = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReadings:
    """Per second: signed by a meter, verified off the chain, recorded on it."""

    readings: int
    signed: float
    verified: float
    recorded: float


def measure_signed_readings(
    market: Market, meters: int = 200, rounds: int = 10, recoveries: int = 2_000
) -> SignedReadings:
    """Readings of so many meters, at the ends of so many slots."""
    node = DevNode(market.node.url)
    contract = SmartMeter(node, market.meters.address)
    domain = meter_domain(node.chain_id, contract.address)
    devices = []
    for number in range(meters):
        key = actor(f"bench meter {number}")
        market.register_meter(actor(f"owner of bench meter {number}"), key)
        devices.append(Account(bytes(key.key)))
    # Meters count from midnight on.
    midnight = (market.now // DAY_SECONDS + 1) * DAY_SECONDS
    relays = [Account(keccak(text=f"bench relay {at}")) for at in range(4)]
    for relay in relays:
        node.set_balance(relay.address, 10**24)

    def reading(number: int) -> MeterReading:
        return MeterReading(
            timestamp=midnight + number * market.slot_length,
            consumption=210 * number,
            production=130 * number,
            grid_frequency=5001,
            voltage=2301,
        )

    sender, took = Sender(node, policy=Policy(batch=32), after_send=node.mine), 0.0
    for number in range(rounds):
        signed = [sign_reading(device, reading(number), domain) for device in devices]
        calls = [
            replace(contract.submit_signed_readings(signed[at : at + PER_CALL]), gas=_GAS)
            for at in range(0, meters, PER_CALL)
        ]
        items = [(relays[at % len(relays)], call) for at, call in enumerate(calls)]
        market.go_to(reading(number).timestamp)
        took += seconds(lambda items=items: sender.send_many(items))
    for device in devices:
        assert (
            contract.get_meter(device.address).read_to
            == reading(rounds - 1).timestamp // market.slot_length
        )
    one = signed[0]
    return SignedReadings(
        readings=meters * rounds,
        signed=rate(lambda: sign_reading(devices[0], reading(1), domain), recoveries),
        verified=rate(lambda: reading_signer(one, domain), recoveries),
        recorded=meters * rounds / took,
    )


def main() -> None:
    """Print what was measured."""
    with bench_market() as market:
        print(measure_signed_readings(market))


if __name__ == "__main__":
    main()
