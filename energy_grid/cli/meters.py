"""``energy-grid meter``: meters, their keys and their readings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    stacked,
    yes_or_no,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    AsJson,
    Frequency,
    Limit,
    day,
    kwh,
    moment,
    reading,
)
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, event_of, events_of, short
from energy_grid.cli.slot_words import span
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import (
    format_day,
    format_decimal,
    format_hertz,
    format_time,
    format_wh,
    parse_decimal,
    parse_watts,
)
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import Account
    from energy_grid.contracts.smart_meter import MeterReading

__all__ = ["meter_table", "meters"]

meters = CommandGroup("meter")

_FILE = Path("readings.json")
_VOLT_DECIMALS = 1
_NOMINAL_HERTZ = 5000
_HISTORY_DAYS = 30


def _volts(text: str) -> int:
    volts = parse_decimal(text, _VOLT_DECIMALS, "a voltage in V")
    if volts < 0:
        raise InputError(f"{text!r} is no voltage of an alternating current")
    return volts


Meter = Annotated[str, typer.Argument(metavar="METER", help="The address of its key.")]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="WHO",
        help="The meter's own key, which confirms that the device is there: told like --account.",
    ),
]
Produced = Annotated[int, kwh("--produced", "In kWh, since its last reading.")]
Consumed = Annotated[int, kwh("--consumed", "In kWh, since its last reading.")]
Time = Annotated[
    int | None,
    moment("--time", "When it was read, by default now; at the end of a slot it completes it"),
]
Volts = Annotated[
    int | None,
    typer.Option(
        "--voltage", parser=reading(_volts), metavar="V", help="By default the nominal one."
    ),
]


def _rating(text: str) -> int:
    # A meter of 10 W refuses nearly every reading, and a bare 10 was meant in kW.
    if text[-1:].isdigit():
        raise InputError(f"{text!r} has no unit: write 10kW, or 800W")
    return parse_watts(text)


@meters.does("register")
def register(
    session: Session,
    owner: Address,
    key: Key,
    region: Annotated[str, typer.Option("--region", help="Where it is.")],
    power: Annotated[
        int,
        typer.Option(
            "--power",
            parser=reading(_rating),
            metavar="POWER",
            help="The most it can see, with its unit, such as 10kW.",
        ),
    ],
) -> Planned[Any]:
    """Register a meter that counts for an account from now on (registrar)."""
    from energy_grid.market.signing import sign_registration

    market, address, meter = session.market, session.address_of(owner), _key(session, key)
    proof = sign_registration(meter, address, region, power, market.meter_domain)

    def message(receipts: list[Receipt]) -> str:
        number = event_of(market.meters, receipts, "MeterRegistered")["number"]
        return (
            f"Registered meter {number} ({meter.address}) for {short(address)} in {region}, up to"
            f" {power} W"
        )

    return session.plan(
        market.meters.register_meter(meter.address, address, region, power, proof), message
    )


@meters.does("assign")
def assign(session: Session, meter: Meter, owner: Address) -> Planned[Any]:
    """Let a meter count for another account, from its next reading on (registrar)."""
    address, account = session.address_of(meter), session.address_of(owner)
    return session.plan(
        session.market.meters.set_meter_account(address, account),
        lambda _: f"Meter {short(address)} counts for {short(account)} from its next reading on",
    )


@meters.does("replace")
def replace(session: Session, meter: Meter, key: Key) -> Planned[Any]:
    """Give a meter another key; the old one fails at once (registrar)."""
    from energy_grid.market.signing import sign_rotation

    address, new = session.address_of(meter), _key(session, key)
    proof = sign_rotation(new, address, session.market.meter_domain)
    return session.plan(
        session.market.meters.rotate_meter_key(address, new.address, proof),
        lambda _: f"Meter {short(address)} is now {new.address}; its old key counts no more",
    )


@meters.does("revoke")
def revoke(session: Session, meter: Meter) -> Planned[Any]:
    """Refuse the readings of a meter for good (registrar)."""
    address = session.address_of(meter)
    return session.plan(
        session.market.meters.deactivate_meter(address),
        lambda _: f"Revoked meter {short(address)}: its readings are refused for good",
    )


@meters.does("submit")
def submit(
    session: Session,
    produced: Produced = 0,
    consumed: Consumed = 0,
    time: Time = None,
    frequency: Frequency = _NOMINAL_HERTZ,
    voltage: Volts = None,
) -> Planned[Any]:
    """Record a reading of the sender, which is the meter."""
    found = _reading(session, (produced, consumed), time, frequency, voltage)

    def message(receipts: list[Receipt]) -> str:
        return (
            f"Recorded {_words(found)} of {short(session.address)}{_counted_for(session, receipts)}"
        )

    return session.plan(session.market.meters.submit_reading(found), message)


@meters.signs("sign")
def sign(
    session: Session,
    produced: Produced = 0,
    consumed: Consumed = 0,
    time: Time = None,
    frequency: Frequency = _NOMINAL_HERTZ,
    voltage: Volts = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Adds the reading to this file; by default to readings.json.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> str:
    """Sign a reading of the sender, the meter, and add it to a file; with --json print it instead.

    Nothing is sent: anybody brings it in, with `meter relay`.
    """
    from energy_grid.chain.accounts import refuse_well_known
    from energy_grid.market.reading_file import document_of, load_readings, save_readings

    market, meter = session.market, session.key()
    refuse_well_known([meter.address], market.node.chain_id)
    kept = _FILE if out is None and not as_json else out
    domain, before = market.meter_domain, []
    if kept is not None and kept.exists():
        before = load_readings(kept, domain)
    found = _reading(session, (produced, consumed), time, frequency, voltage)
    signed = market.sign_reading(meter, found)
    if kept is not None:
        save_readings(kept, [*before, signed], domain)
    if as_json:
        return json.dumps(document_of(signed, domain))
    held = counted(len(before) + 1, "reading")
    return f"Signed {_words(found)} of {short(meter.address)}; {kept} has {held}"


@meters.does("relay")
def relay(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Of signed readings, as JSON.")],
) -> Planned[Any]:
    """Submit the signed readings of a file (anybody).

    Two readings of one meter go into two calls.
    """
    from energy_grid.market.reading_file import load_readings

    contract = session.market.meters
    found = load_readings(file, session.market.meter_domain)
    if not found:
        raise InputError(f"there is no reading in {file}")

    def message(receipts: list[Receipt]) -> str:
        skipped = events_of(contract, receipts, "ReadingSkipped")
        told = f"Recorded {counted(len(found) - len(skipped), 'reading')} of {file}"
        if not skipped:
            return told
        conflicting = sum(each["conflicting"] for each in skipped)
        why = f", {conflicting} of them contradict what is recorded" if conflicting else ""
        return f"{told}; passed over {len(skipped)} that later ones have overtaken{why}"

    return Planned(session.market.submit_readings(session.who, found), message)


@meters.shows("show")
def show(view: View, meter: Meter) -> Answer:
    """A meter: who it counts for, and what it has read last and today."""
    address, contract = view.address_of(meter), view.market.meters
    known = contract.get_meter(address)
    if not known.number:
        raise EnergyGridError(
            f"{short(address)} is no meter's key: energy-grid meter list ADDRESS shows an account's"
        )
    last = latest_of(view, [address])[0]
    today = view.market.node.time // DAY_SECONDS
    produced, consumed = ask(
        view,
        (contract, "getDailyProduction(address,uint256)", address, today),
        (contract, "getDailyConsumption(address,uint256)", address, today),
    )
    rows = {
        "meter": f"{known.number}, in {known.region}, up to {known.rated_power} W",
        "key": address,
        "counts for": known.account,
        "active": yes_or_no(known.active),
        "last reading": "none yet" if last is None else _words(last),
        "today": f"{format_wh(produced)} produced, {format_wh(consumed)} consumed",
    }
    if last is not None:
        rows["grid then"] = f"{format_hertz(last.grid_frequency)}, {_in_volts(last.voltage)}"
    document = {
        "meter": address,
        **as_document(known),
        "latest": as_document(last),
        "today": {"produced": produced, "consumed": consumed},
    }
    return Answer(document=document, shown=facts(rows))


@meters.shows("list")
def list_meters(view: View, account: Address) -> Answer:
    """The meters of an account, and all that was ever counted for it."""
    address = view.address_of(account)
    found, shown = meter_table(view, address)
    produced, consumed = view.market.meters.get_lifetime(address)
    total = f"{format_wh(produced)} produced and {format_wh(consumed)} consumed in all"
    document = {"account": address, "meters": found, "produced": produced, "consumed": consumed}
    return Answer(document=document, shown=stacked(shown, total))


@meters.shows("history")
def history(
    view: View,
    meter: Meter,
    first: Annotated[
        int | None, day("--from", "The first day; by default the last 30 are shown")
    ] = None,
    last: Annotated[int | None, day("--to", "The last day; today by default")] = None,
) -> Answer:
    """What a meter has read on each day."""
    address, contract = view.address_of(meter), view.market.meters
    end = (view.market.node.time // DAY_SECONDS if last is None else last) + 1
    days = range(max(end - _HISTORY_DAYS, 0) if first is None else first, end)
    if len(days) > 10 * _HISTORY_DAYS:
        raise InputError(f"these are {len(days)} days: at most {10 * _HISTORY_DAYS} at once")
    views = ("getDailyProduction(address,uint256)", "getDailyConsumption(address,uint256)")
    answers = iter(ask(view, *((contract, name, address, each) for each in days for name in views)))
    found = [
        {"day": format_day(each), "produced": next(answers), "consumed": next(answers)}
        for each in days
    ]
    rows = [
        (each["day"], format_wh(each["produced"]), format_wh(each["consumed"]))
        for each in found
        if each["produced"] or each["consumed"]
    ]
    shown = listed(("day", ">produced", ">consumed"), rows, "Nothing was read on these days.")
    return Answer(document=found, shown=shown)


@meters.shows("readings")
def readings(view: View, meter: Meter, limit: Limit = 20) -> Answer:
    """The newest readings of a meter."""
    from energy_grid.chain.multicall import past_events

    address, contract = view.address_of(meter), view.market.meters
    first = view.market.deployment.first_block
    logs = past_events(contract, "ReadingRecorded", first, meter=address)[::-1][:limit]
    rows = [
        (
            format_time(each["timestamp"]),
            format_wh(each["production"]),
            format_wh(each["consumption"]),
            format_hertz(each["grid_frequency"]),
            _in_volts(each["voltage"]),
            str(each["slot"]),
        )
        for each in logs
    ]
    titles = ("read", ">produced", ">consumed", ">frequency", ">voltage", ">slot")
    shown = listed(titles, rows, f"{short(address)} has read nothing yet.")
    return Answer(document=[dict(each.arguments) for each in logs], shown=shown)


def meter_table(view: View, address: str) -> tuple[list[dict[str, Any]], RenderableType]:
    """The meters of an account as documents, and as people read them."""
    from energy_grid.chain.contract import structure
    from energy_grid.contracts.smart_meter import MeterInfo

    contract = view.market.meters
    keys = contract.get_meters(address)
    known: list[MeterInfo] = [
        structure(MeterInfo, values)
        for values in ask(view, *((contract, "getMeter", key) for key in keys))
    ]
    latest = latest_of(view, keys)
    found = [
        {"meter": key, **as_document(each), "latest": as_document(last)}
        for key, each, last in zip(keys, known, latest, strict=True)
    ]
    rows = [
        (
            str(each.number),
            key,
            each.region,
            f"{each.rated_power} W",
            "never" if last is None else format_time(last.timestamp).removesuffix(" UTC"),
        )
        for key, each, last in zip(keys, known, latest, strict=True)
    ]
    titles = (">meter", "key", "region", ">up to", "last read")
    return found, listed(titles, rows, "No meter of its own is active.")


def latest_of(view: View, keys: Sequence[str]) -> list[MeterReading | None]:
    """The latest readings of meters, None where there is none yet."""
    from energy_grid.chain.contract import structure
    from energy_grid.contracts.smart_meter import MeterReading

    contract = view.market.meters
    answers = ask(view, *((contract, "getLatestReading(address)", key) for key in keys))
    found = [structure(MeterReading, values) for values in answers]
    # Before the first one, the chain gives the time of registration, and no voltage.
    return [each if each.voltage else None for each in found]


def _key(session: Session, word: str) -> Account:
    from energy_grid.chain.accounts import refuse_well_known
    from energy_grid.cli.accounts import account_of

    meter = account_of(word)
    refuse_well_known([meter.address], session.market.node.chain_id)
    return meter


def _reading(
    session: Session, energy: tuple[int, int], time: int | None, frequency: int, voltage: int | None
) -> MeterReading:
    from energy_grid.chain.multicall import next_time
    from energy_grid.contracts.smart_meter import MeterReading

    market, (produced, consumed) = session.market, energy
    return MeterReading(
        timestamp=next_time(market.node) if time is None else time,
        consumption=consumed,
        production=produced,
        grid_frequency=frequency,
        voltage=market.meters.nominal_voltage() if voltage is None else voltage,
    )


def _counted_for(session: Session, receipts: list[Receipt]) -> str:
    slot = event_of(session.market.meters, receipts, "ReadingRecorded")["slot"]
    return f", in slot {slot} ({span(session, slot)})"


def _words(found: MeterReading) -> str:
    return (
        f"{format_wh(found.production)} produced and {format_wh(found.consumption)} consumed up to"
        f" {format_time(found.timestamp)}"
    )


def _in_volts(decivolts: int) -> str:
    return f"{format_decimal(decivolts, _VOLT_DECIMALS)} V"
