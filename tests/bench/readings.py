"""How many readings a second are signed, verified and recorded one by one.

    python -m tests.bench.readings

Verified: the signature is recovered off the chain, as a service does that takes readings in.
Recorded: `submitSignedReadings` in calls of 100, up to the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.contracts.smart_meter import MeterReading, SignedReading, SmartMeter
from energy_grid.market.signing import meter_domain, reading_signer, sign_reading, sign_registration
from tests.bench.chain import bench_market
from tests.bench.timing import rate, seconds
from tests.support.market import Market, actor

__all__ = ["SignedReadings", "measure_signed_readings"]

PER_CALL = 100
_EVERY = 300  # seconds
_GAS = 5_000_000


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
    """Readings of so many meters, every few minutes."""
    node = DevNode(market.node.url)
    contract = SmartMeter(node, market.meters.address)
    domain = meter_domain(node.chain_id, contract.address)
    devices = [Account(keccak(text=f"bench meter {at}")) for at in range(meters)]
    registrar = market.roles[Role.METER_REGISTRAR]
    for device in devices:
        owner = actor(f"owner of {device.address}").address
        proof = sign_registration(device, owner, "NORTH", 20_000, domain)
        market.send(
            registrar, contract.register_meter(device.address, owner, "NORTH", 20_000, proof)
        )
    since = market.now
    relays = [Account(keccak(text=f"bench relay {at}")) for at in range(4)]
    for relay in relays:
        node.set_balance(relay.address, 10**24)

    def reading(number: int) -> MeterReading:
        return MeterReading(
            timestamp=since + number * _EVERY,
            consumption=21,
            production=13,
            grid_frequency=5001,
            voltage=2301,
        )

    def signed_by_all(number: int) -> list[SignedReading]:
        return [sign_reading(device, reading(number), domain) for device in devices]

    signed = [signed_by_all(number) for number in range(1, rounds + 1)]
    calls = [
        replace(contract.submit_signed_readings(batch[at : at + PER_CALL]), gas=_GAS)
        for batch in signed
        for at in range(0, meters, PER_CALL)
    ]
    market.go_to(since + rounds * _EVERY)
    per_round = -(-meters // PER_CALL)
    items = [(relays[at % per_round % len(relays)], call) for at, call in enumerate(calls)]
    sender = Sender(node, policy=Policy(batch=per_round), after_send=node.mine)
    took = seconds(lambda: sender.send_many(items))
    one = signed[0][0]
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
