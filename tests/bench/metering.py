"""How fast signed readings come from a broker into the store, verified and durable.

    python -m tests.bench.metering

A mosquitto on this machine, with certificates, beside it a publisher and the gateway in processes
of their own: what two cores do. Bare delivery is the same messages to somebody who acknowledges
each at once, and does nothing else.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from energy_grid.backend.meter_gateway.gateway import MeterGateway
from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Listener, Publisher
from energy_grid.backend.meter_gateway.payload import reading_payload, topic_of
from energy_grid.backend.store.database import Database
from energy_grid.chain.accounts import Account
from tests.support.brokers import running_mosquitto
from tests.support.databases import BACKENDS, new_database, stop_servers
from tests.support.metering import CHAIN_ID, DOMAIN, LIMITS, NOON, register, signed

__all__ = ["MeteringRow", "measure_metering"]

_ALL = "meters"
_TOPIC = topic_of(CHAIN_ID, "+", "reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringRow:
    """Readings a second into a database, and the same messages to nobody in particular."""

    database: str
    readings: int
    stored: float
    delivered: float


def measure_metering(devices: int = 1_000, slots: int = 10) -> list[MeteringRow]:
    """Readings of so many devices at so many slots' ends."""
    meters = [Account(hashlib.sha256(f"device {at}".encode()).digest()) for at in range(devices)]
    messages = [
        (
            topic_of(CHAIN_ID, each.address, "reading"),
            reading_payload(signed(each, NOON + 900 * slot, 100 * slot), DOMAIN),
        )
        for slot in range(slots)
        for each in meters
    ]
    found = []
    for kind in BACKENDS:
        with TemporaryDirectory() as folder, running_mosquitto(Path(folder) / "broker") as broker:
            # One that may publish for all devices: a process each would measure their start.
            (broker.folder / "acl").write_text(f"user {_ALL}\ntopic readwrite energy-grid/#\n")
            broker.stop()
            broker.start()
            place = broker.place(_ALL)
            with closing(Database.open(new_database(kind, Path(folder)))) as database:
                register(database, {each.address: 5_000 for each in meters})
                gateway = MeterGateway(database, LIMITS, place, clock=lambda: NOON + 86_400)
                gateway.step()

                def stored(gateway: MeterGateway = gateway) -> bool:
                    gateway.step()
                    return gateway.metrics()["counted_total"] >= len(messages)

                took = _seconds(place, messages, stored)
                gateway.close()
            found.append(
                MeteringRow(
                    database=kind,
                    readings=len(messages),
                    stored=len(messages) / took,
                    delivered=len(messages) / _bare(place, messages),
                )
            )
    return found


def _bare(place: BrokerPlace, messages: Sequence[tuple[str, bytes]]) -> float:
    listener, count = Listener(place, "bare", [_TOPIC]), 0
    listener.connect()

    def received() -> bool:
        nonlocal count
        some = listener.receive(500)
        listener.acknowledge(some)
        count += len(some)
        return count >= len(messages)

    took = _seconds(place, messages, received)
    listener.close()
    return took


def _seconds(place: BrokerPlace, messages: Sequence[tuple[str, bytes]], done: object) -> float:
    """From the first message until something is so."""
    sending = multiprocessing.get_context("fork").Process(target=_send, args=(place, messages))
    begin = time.perf_counter()
    sending.start()
    while not done():  # type: ignore[operator]
        pass
    took = time.perf_counter() - begin
    sending.join()
    return took


def _send(place: BrokerPlace, messages: Sequence[tuple[str, bytes]]) -> None:
    publisher = Publisher(place, "devices")
    publisher.publish(messages)
    publisher.close()


def main() -> None:
    """Print the table."""
    print("database     readings   stored/s   delivered/s   ratio")
    for row in measure_metering():
        ratio = row.stored / row.delivered
        print(
            f"{row.database:<12} {row.readings:>8} {row.stored:>10,.0f} {row.delivered:>13,.0f}"
            f" {ratio:>7.2f}"
        )
    stop_servers()


if __name__ == "__main__":
    main()
