"""The gateway at a real broker, with certificates and over TLS, and at the one in the process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from energy_grid.backend.meter_gateway.broker import HOST, EmbeddedBroker, embedded_port
from energy_grid.backend.meter_gateway.devices import load_devices
from energy_grid.backend.meter_gateway.gateway import MeterGateway
from energy_grid.backend.meter_gateway.mqtt import (
    BrokerGoneError,
    BrokerPlace,
    Listener,
    Publisher,
    broker_at,
)
from energy_grid.backend.meter_gateway.payload import reading_payload, topic_of
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.backend.store.registers import METER_STATES, QUARANTINED, REGISTERS
from energy_grid.chain.accounts import Account
from energy_grid.cli.accounts import account_of
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.errors import InputError
from tests.support.brokers import Mosquitto, running_mosquitto
from tests.support.deploying import wait_until
from tests.support.killing import KilledError, dying
from tests.support.metering import CHAIN_ID, DOMAIN, LIMITS, NOON, register, signed

METER, OTHER = Account.local(11), Account.local(12)
HOUR = 3600
POWER = 5000


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture(params=["mosquitto", "embedded"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], BrokerPlace]]:
    """Where who has a name finds a broker."""
    if request.param == "mosquitto":
        yield request.getfixturevalue("mosquitto").place
        return
    broker = EmbeddedBroker(tmp_path)
    assert embedded_port(tmp_path) == broker.port
    yield lambda _: BrokerPlace(host=HOST, port=broker.port, is_embedded=True)
    broker.stop()


@pytest.fixture
def store(database: Database) -> Database:
    register(database, {METER.address: POWER, OTHER.address: POWER})
    return database


Make = Callable[..., MeterGateway]


@pytest.fixture
def gateway_at(store: Database) -> Iterator[Make]:
    """Makes gateways which are ended with the test."""
    made: list[MeterGateway] = []

    def make(
        at: BrokerPlace,
        session: str = "gateway",
        log: Callable[[str], object] = print,
        **more: Any,
    ) -> MeterGateway:
        new = MeterGateway(
            store, LIMITS, at, session=session, clock=lambda: NOON + 100 * HOUR, log=log, **more
        )
        made.append(new)
        return new

    yield make
    for each in made:
        each.close()


def day(meter: Account) -> list[SignedReading]:
    return [signed(meter, NOON + hour * HOUR, 100 * hour) for hour in range(25)]


def messages(
    readings: Sequence[SignedReading], *, as_cbor: bool = False
) -> list[tuple[str, bytes]]:
    return [
        (
            topic_of(CHAIN_ID, each.meter, "reading"),
            reading_payload(each, DOMAIN, as_cbor=as_cbor),
        )
        for each in readings
    ]


def send(at: BrokerPlace, sent: Sequence[tuple[str, bytes]]) -> None:
    publisher = Publisher(at, "a device")
    publisher.publish(sent)
    publisher.close()


def rows(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(REGISTERS)).all())


def run(gateway: MeterGateway, until: Callable[[], bool]) -> None:
    """Let it take steps, as long as something is not so."""

    def is_so() -> bool:
        gateway.step()
        return until()

    wait_until(is_so)


def test_readings__published__are_stored(
    place: Callable[[str], BrokerPlace], gateway_at: Make, store: Database
) -> None:
    gateway = gateway_at(place("gateway"))
    gateway.step()
    sent = day(METER)
    send(place(METER.address), [*messages(sent[:9]), *messages(sent[9:], as_cbor=True)])
    send(place(OTHER.address), messages(day(OTHER)))
    run(gateway, lambda: gateway.metrics()["counted_total"] == 50)
    send(place(METER.address), messages(sent))
    run(gateway, lambda: gateway.metrics()["duplicates_total"] == 25)
    assert rows(store) == 50
    assert "50 registers" in gateway.describe()


def test_messages__malformed_giant_or_deep__are_counted_and_not_sent_again(
    place: Callable[[str], BrokerPlace], gateway_at: Make, store: Database
) -> None:
    said: list[str] = []
    gateway = gateway_at(place("gateway"), log=said.append)
    gateway.step()
    topic = topic_of(CHAIN_ID, METER.address, "reading")
    bad = [b"", b"NaN", b"{" * 1000, b"[" * 1000, b"x" * 3000, b'{"importWh": 1e999}', b"\xa1" * 99]
    send(place(METER.address), [(topic, each) for each in bad])
    send(place(METER.address), messages(day(METER)))
    run(gateway, lambda: rows(store) == 25)
    assert gateway.metrics()["malformed_total"] == len(bad)
    assert said == ["meters: message 1 that is none: the message is neither JSON nor a CBOR map"]
    gateway.close()
    again = gateway_at(place("gateway"))
    for _ in range(50):
        again.step()
    assert again.metrics()["malformed_total"] == 0


def test_messages__while_the_gateway_is_away__come_when_it_is_back(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    place = mosquitto.place
    gateway = gateway_at(place("gateway"))
    gateway.step()
    gateway.close()
    send(place(METER.address), messages(day(METER)))
    run(gateway, lambda: rows(store) == 25)


def test_messages__of_a_step_that_failed__come_again(
    place: Callable[[str], BrokerPlace],
    gateway_at: Make,
    store: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = gateway_at(place("gateway"))
    gateway.step()
    send(place(METER.address), messages(day(METER)))

    def fail() -> None:
        raise DatabaseGoneError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(store, "writing", fail)
        with pytest.raises(DatabaseGoneError):
            run(gateway, lambda: False)
    run(gateway, lambda: rows(store) == 25)


class _NoNode:
    rpc = rpc_batch = staticmethod(lambda *_: None)


def test_gateway__ended_at_any_statement__each_register_counts_once(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    place = mosquitto.place

    def is_done(gateway: MeterGateway) -> bool:
        return gateway.metrics()["counted_total"] == 25

    gateway_at(place("gateway")).step()
    send(place(METER.address), messages(day(METER)))
    moment = 0
    while True:
        moment += 1
        # As after kill -9: nobody says goodbye, and the session goes on in another process.
        gateway = gateway_at(place("gateway"))
        try:
            with dying(store, _NoNode(), moment):  # type: ignore[arg-type]
                run(gateway, partial(is_done, gateway))
        except KilledError:
            if rows(store):
                break
            continue
        break
    assert moment > 3
    again = gateway_at(place("gateway"))
    for _ in range(50):
        again.step()
    assert rows(store) == 25


def test_topic__of_another_meter__is_closed_to_a_device(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    gateway = gateway_at(mosquitto.place("gateway"))
    gateway.step()
    with pytest.raises(InputError, match="does not let this client publish"):
        send(mosquitto.place(OTHER.address), messages(day(METER)))
    send(mosquitto.place(METER.address), messages(day(METER)))
    run(gateway, lambda: rows(store) == 25)
    assert gateway.metrics()["quarantined_wrong_key_total"] == 0
    # Who is no gateway gets nothing.
    spy = gateway_at(mosquitto.place(METER.address), "spy")
    spy.step()
    send(mosquitto.place(METER.address), messages(day(METER)))
    for _ in range(20):
        spy.step()
    assert spy.metrics()["duplicates_total"] == 0


def test_broker__without_a_certificate__is_closed(mosquitto: Mosquitto) -> None:
    open_place = BrokerPlace(host="localhost", port=mosquitto.port)
    with pytest.raises(BrokerGoneError):
        Publisher(open_place, "nobody").publish(messages(day(METER)))


def test_reading__signed_by_another_key__is_quarantined_and_shown(
    place: Callable[[str], BrokerPlace], gateway_at: Make, store: Database
) -> None:
    gateway = gateway_at(place("gateway"))
    gateway.step()
    topic = topic_of(CHAIN_ID, METER.address, "reading")
    send(place(METER.address), [(topic, content) for _, content in messages(day(OTHER)[:2])])
    run(gateway, lambda: gateway.metrics()["quarantined_wrong_topic_total"] == 2)
    assert "2 quarantined (2 WRONG_TOPIC)" in gateway.describe()
    with store.reading() as connection:
        assert {row.meter for row in connection.execute(select(QUARANTINED))} == {METER.address}
    assert rows(store) == 0


def test_status__of_a_device__tells_of_its_clock(
    place: Callable[[str], BrokerPlace], gateway_at: Make, store: Database
) -> None:
    gateway = gateway_at(place("gateway"))
    gateway.step()
    topic = topic_of(CHAIN_ID, METER.address, "status")
    time = NOON + 100 * HOUR - 42
    send(place(METER.address), [(topic, b'{"online": true, "time": %d}' % time)])

    def state() -> list[tuple[object, ...]]:
        with store.reading() as connection:
            found = connection.execute(select(METER_STATES.c.online, METER_STATES.c.clock_offset))
            return [*map(tuple, found)]

    run(gateway, lambda: state() == [(True, 42)])


def test_mosquitto__killed_and_started_again__readings_sent_once_more_count_once(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    broker = mosquitto
    gateway = gateway_at(broker.place("gateway"))
    device = Publisher(broker.place(METER.address), "a device")
    gateway.step()
    sent = messages(day(METER))
    device.publish(sent[:10])
    broker.kill()
    with pytest.raises(BrokerGoneError):
        run(gateway, lambda: False)
    with pytest.raises(BrokerGoneError):
        device.publish(sent)
    assert not gateway.metrics()["connected"]
    broker.start()
    run(gateway, lambda: bool(gateway.metrics()["connected"]))
    device.publish(sent)
    run(gateway, lambda: rows(store) == 25)
    device.close()


def test_mosquitto__stopped__keeps_what_it_has(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    broker = mosquitto
    gateway = gateway_at(broker.place("gateway"))
    gateway.step()
    gateway.close()
    send(broker.place(METER.address), messages(day(METER)))
    broker.stop()
    broker.start()
    run(gateway, lambda: rows(store) == 25)


def test_gateways__of_two_sessions__share_the_load(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    gateways = [gateway_at(mosquitto.place("gateway"), each) for each in ("one", "two")]
    for each in gateways:
        each.step()
    send(mosquitto.place(METER.address), messages(day(METER)))

    def are_done() -> bool:
        for each in gateways:
            each.step()
        return rows(store) == 25

    wait_until(are_done)
    counts = [each.metrics()["counted_total"] for each in gateways]
    assert sum(counts) == 25
    assert min(counts) > 0


def test_mosquitto_pub__with_a_reading__is_stored(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    gateway = gateway_at(mosquitto.place("gateway"))
    gateway.step()
    ((topic, content), *_) = messages(day(METER))
    words = ("-q", "1", "-t", topic, "-m", content.decode())
    subprocess.run(mosquitto.client("mosquitto_pub", METER.address, *words), check=True, timeout=20)
    run(gateway, lambda: rows(store) == 1)


@pytest.mark.parametrize(
    "address",
    [
        *("", "broker", "http://localhost", "mqtt://", "mqtts://name:word@host", "mqtt://host:x"),
        *("mqtt://broker.example", "mqtts://broker.example"),
    ],
)
def test_address__of_no_broker_that_is_safe__is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"mqtts://|authority"):
        broker_at(address)


def test_address__of_a_broker__is_read(mosquitto: Mosquitto) -> None:
    assert broker_at("mqtt://127.0.0.1") == BrokerPlace(host="127.0.0.1", port=1883)
    own = mosquitto.place("gateway")
    assert broker_at(f"mqtts://localhost:{own.port}", own.ca, own.certificate, own.key) == own


def test_embedded_broker__none_started__is_said(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no broker was started"):
        embedded_port(tmp_path)


def test_home_assistant__without_a_change__finds_import_and_export_of_a_meter(
    mosquitto: Mosquitto, gateway_at: Make, store: Database
) -> None:
    acl = (mosquitto.folder / "acl").read_text()
    (mosquitto.folder / "acl").write_text(f"{acl}\nuser home\ntopic read #\n")
    mosquitto.stop()
    mosquitto.start()
    gateway = gateway_at(mosquitto.place("gateway"), home_assistant="homeassistant")
    gateway.step()
    send(mosquitto.place(METER.address), messages(day(METER)))
    run(gateway, lambda: rows(store) == 25)
    gateway.step()
    # Home Assistant comes later, and asks for what is retained.
    found: dict[str, Any] = {}
    listener = Listener(mosquitto.place("home"), "home", ["homeassistant/#", "energy-grid/#"])

    def has_all() -> bool:
        for each in listener.receive(100):
            found[each.topic] = json.loads(each.content)
        state = found.get(topic_of(CHAIN_ID, METER.address, "state"), {})
        return len(found) == 5 and state["importWh"] == 2400

    listener.connect()
    wait_until(has_all)
    node = f"homeassistant/sensor/energy-grid-{METER.address}"
    for name, value in (("import", 2400), ("export", 0)):
        config = found[f"{node}/{name}/config"]
        kind = (config["device_class"], config["state_class"], config["unit_of_measurement"])
        assert kind == ("energy", "total_increasing", "Wh")
        assert config["value_template"] == f"{{{{ value_json.{name}Wh }}}}"
        assert found[config["state_topic"]][f"{name}Wh"] == value
    listener.close()


def test_device__that_does_not_sign__has_its_readings_signed_here(
    mosquitto: Mosquitto, gateway_at: Make, store: Database, tmp_path: Path
) -> None:
    (tmp_path / "devices").mkdir()
    content = 'device = "kitchen"\nadapter = "tasmota"\nkey = "local:11"\n'
    (tmp_path / "devices" / "kitchen.toml").write_text(content)
    devices = load_devices(tmp_path / "devices", account_of)
    acl = (mosquitto.folder / "acl").read_text()
    more = "topic read tele/+/SENSOR\n\nuser kitchen\ntopic write tele/kitchen/SENSOR\n"
    (mosquitto.folder / "acl").write_text(f"{acl}{more}")
    mosquitto.stop()
    mosquitto.start()
    gateway = gateway_at(mosquitto.place("gateway"), devices=devices)
    gateway.step()
    sent = b'{"SML": {"Total_in": 4.5213312, "Total_out": 0.5}}'
    send(mosquitto.place("kitchen"), 3 * [("tele/kitchen/SENSOR", sent)])
    run(gateway, lambda: rows(store) == 1)
    with store.reading() as connection:
        row = connection.execute(select(REGISTERS)).one()
    assert (row.meter, row.import_wh, row.export_wh) == (METER.address, 4521, 500)
    assert gateway.metrics()["malformed_total"] == 0
