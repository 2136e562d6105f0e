"""``energy-grid meter``: meters, their keys and their readings."""

from __future__ import annotations

import json
import re
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
from energy_grid.cli.session import Planned, Session, View, event_of, events_of
from energy_grid.cli.slot_words import span
from energy_grid.cli.times import format_time
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import (
    format_day,
    format_decimal,
    format_hertz,
    format_wh,
    parse_decimal,
    parse_watts,
)
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import Account
    from energy_grid.contracts.smart_meter import MeterInfo, MeterReading

__all__ = ["meter_table", "meters"]

meters = CommandGroup("meter")

_FILE = Path("readings.json")
_VOLT_DECIMALS = 1
_NOMINAL_HERTZ = 5000
_HISTORY_DAYS = 30
_NUMBER = re.compile("[0-9]{1,20}")


def _volts(text: str) -> int:
    volts = parse_decimal(text, _VOLT_DECIMALS, "a voltage in V")
    if volts < 0:
        raise InputError(f"{text!r} is not a voltage: write a number above 0, such as 230")
    return volts


Meter = Annotated[
    str, typer.Argument(metavar="METER", help="The address of its key, or its number.")
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="WHO",
        help="The key of the meter, which signs the registration: named like --account.",
    ),
]
Produced = Annotated[int, kwh("--produced", "In kWh, since its last reading.")]
Consumed = Annotated[int, kwh("--consumed", "In kWh, since its last reading.")]
Time = Annotated[
    int | None,
    moment(
        "--time",
        "When it was read, by default now; a reading at the end of a slot completes the slot",
    ),
]
Volts = Annotated[
    int | None,
    typer.Option(
        "--voltage", parser=reading(_volts), metavar="V", help="By default the nominal one."
    ),
]


def _rating(text: str) -> int:
    # A meter of 10 W would reject nearly every reading: users who write 10 mean kW.
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
            help="The maximum power that it measures, with its unit, such as 10kW.",
        ),
    ],
) -> Planned[Any]:
    """Register a meter for an account (registrar)."""
    from energy_grid.market.signing import sign_registration

    market, address, meter = session.market, session.address_of(owner), _key(session, key)
    proof = sign_registration(meter, address, region, power, market.meter_domain)

    def message(receipts: list[Receipt]) -> str:
        number = event_of(market.meters, receipts, "MeterRegistered")["number"]
        return (
            f"Registered meter {number} ({meter.address}) for {address} in {region}, up to"
            f" {power} W"
        )

    return session.plan(
        market.meters.register_meter(meter.address, address, region, power, proof), message
    )


@meters.does("assign")
def assign(session: Session, meter: Meter, owner: Address) -> Planned[Any]:
    """Assign a meter to another account, from its next reading on (registrar)."""
    address, account = _meter_key(session, meter), session.address_of(owner)
    return session.plan(
        session.market.meters.set_meter_account(address, account),
        lambda _: f"Assigned meter {address} to {account} from its next reading on",
    )


@meters.does("replace")
def replace(session: Session, meter: Meter, key: Key) -> Planned[Any]:
    """Replace the key of a meter; the old key is invalid at once (registrar)."""
    from energy_grid.market.signing import sign_rotation

    address, new = _meter_key(session, meter), _key(session, key)
    proof = sign_rotation(new, address, session.market.meter_domain)
    return session.plan(
        session.market.meters.rotate_meter_key(address, new.address, proof),
        lambda _: f"Replaced the key {address} of a meter by {new.address}",
    )


@meters.does("revoke")
def revoke(session: Session, meter: Meter) -> Planned[Any]:
    """Revoke a meter: its readings are rejected for ever (registrar)."""
    address = _meter_key(session, meter)
    return session.plan(
        session.market.meters.deactivate_meter(address),
        lambda _: f"Revoked meter {address}: its readings are rejected for ever",
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
    """Submit a reading; the sender is the meter."""
    found = _reading(session, (produced, consumed), time, frequency, voltage)

    def message(receipts: list[Receipt]) -> str:
        return f"Recorded {_words(found)} of {session.address}{_counted_for(session, receipts)}"

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
    """Sign a reading as the meter and add it to a file; with --json print it instead.

    Nothing is sent: anybody can submit it with `meter relay`.
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
    return f"Signed {_words(found)} of {meter.address}; {kept} has {held}"


@meters.does("relay")
def relay(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Of signed readings, as JSON.")],
) -> Planned[Any]:
    """Submit the signed readings of a file (anybody).

    A call holds at most one reading of each meter.
    """
    from energy_grid.market.reading_file import load_readings

    contract = session.market.meters
    found = load_readings(file, session.market.meter_domain)
    if not found:
        raise InputError(f"{file} has no reading: add one with energy-grid meter sign")

    def summary(receipts: list[Receipt]) -> str:
        skipped = events_of(contract, receipts, "ReadingSkipped")
        recorded = len(events_of(contract, receipts, "ReadingRecorded"))
        message = f"Recorded {counted(recorded, 'reading')} of {file}"
        if not skipped:
            return message
        conflicting = sum(each["conflicting"] for each in skipped)
        why = f", {conflicting} of them in conflict with the chain" if conflicting else ""
        return f"{message}; skipped {len(skipped)} older than the last recorded reading{why}"

    return Planned(session.market.submit_readings(session.who, found), summary)


@meters.shows("show")
def show(view: View, meter: Meter) -> Answer:
    """Show a meter: its account, its last reading, and its energy of today."""
    address, contract = _meter_key(view, meter), view.market.meters
    known = contract.get_meter(address)
    if not known.number:
        raise EnergyGridError(
            f"{address} is not the key of a meter: energy-grid meter list ADDRESS lists those of an"
            " account"
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
        "account": known.account,
        "active": yes_or_no(known.active),
        "last reading": "none yet" if last is None else _words(last),
        "today": f"{format_wh(produced)} produced, {format_wh(consumed)} consumed",
    }
    if last is not None:
        rows["grid then"] = f"{format_hertz(last.grid_frequency)}, {_in_volts(last.voltage)}"
    document = {
        **_document(address, known),
        "latest": as_document(last),
        "today": {"produced": produced, "consumed": consumed},
    }
    return Answer(document=document, shown=facts(rows))


@meters.shows("list")
def list_meters(view: View, account: Address) -> Answer:
    """List the meters of an account, and its total energy."""
    address = view.address_of(account)
    found, shown = meter_table(view, address)
    produced, consumed = view.market.meters.get_lifetime(address)
    total = f"{format_wh(produced)} produced and {format_wh(consumed)} consumed in total"
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
    """Show the energy of a meter on each day."""
    address, contract = _meter_key(view, meter), view.market.meters
    end = (view.market.node.time // DAY_SECONDS if last is None else last) + 1
    days = range(max(end - _HISTORY_DAYS, 0) if first is None else first, end)
    if len(days) > 10 * _HISTORY_DAYS:
        raise InputError(f"these are {len(days)} days: at most {10 * _HISTORY_DAYS} at once")
    views = ("getDailyProduction(address,uint256)", "getDailyConsumption(address,uint256)")
    questions = ((contract, name, address, each) for each in days for name in views)
    answers = iter(ask(view, *questions))
    number = contract.get_meter(address).number
    found = [
        {
            "meter_id": number,
            "key": address,
            "day": format_day(each),
            "produced": next(answers),
            "consumed": next(answers),
        }
        for each in days
    ]
    rows = [
        (each["day"], format_wh(each["produced"]), format_wh(each["consumed"]))
        for each in found
        if each["produced"] or each["consumed"]
    ]
    shown = listed(("day", ">produced", ">consumed"), rows, "There is no reading of these days.")
    return Answer(document=found, shown=shown)


@meters.shows("readings")
def readings(view: View, meter: Meter, limit: Limit = 20) -> Answer:
    """List the newest readings of a meter."""
    from energy_grid.chain.multicall import past_events

    address, contract = _meter_key(view, meter), view.market.meters
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
    titles = ("time", ">produced", ">consumed", ">frequency", ">voltage", ">slot")
    shown = listed(titles, rows, f"{address} has no reading yet.")
    number = contract.get_meter(address).number
    document = [
        {"meter_id": number, "key": address}
        | {name: each[name] for name in each.arguments if name != "meter"}
        for each in logs
    ]
    return Answer(document=document, shown=shown)


def meter_table(view: View, address: str) -> tuple[list[dict[str, Any]], RenderableType]:
    """The meters of an account as documents and as a table."""
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
        {**_document(key, each), "latest": as_document(last)}
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
    return found, listed(titles, rows, "The account has no active meter.")


def latest_of(view: View, keys: Sequence[str]) -> list[MeterReading | None]:
    """The latest readings of meters, None where there is none yet."""
    from energy_grid.chain.contract import structure
    from energy_grid.contracts.smart_meter import MeterReading

    contract = view.market.meters
    answers = ask(view, *((contract, "getLatestReading(address)", key) for key in keys))
    found = [structure(MeterReading, values) for values in answers]
    # Before the first reading, the chain gives the time of registration, and no voltage.
    return [each if each.voltage else None for each in found]


def _document(key: str, known: MeterInfo) -> dict[str, Any]:
    document = as_document(known)
    return {"meter_id": document.pop("number"), "key": key, **document}


def _meter_key(view: View, word: str) -> str:
    """The key of a meter that the user names by its key or by its number.

    Raises:
        InputError: it is neither.
        EnergyGridError: no meter has this number.
    """
    if _NUMBER.fullmatch(word) is None:
        return view.address_of(word)
    key = view.market.meters.meter_at(int(word))
    if not int(key, 16):
        count = view.market.meters.meter_count()
        raise EnergyGridError(f"there is no meter {word}: the market has {counted(count, 'meter')}")
    return key


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
