"""``energy-grid meter``: meters, their keys and their readings."""

from __future__ import annotations

import json
import re
from collections import Counter
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
from energy_grid.cli.hints import readable
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import (
    Address,
    AsJson,
    FrequencyOrNominal,
    Limit,
    day,
    kwh,
    moment,
    reading,
)
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, events_of
from energy_grid.cli.slot_words import span
from energy_grid.cli.times import format_time
from energy_grid.domain.account_words import reading as unpacked
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import (
    format_day,
    format_hertz,
    format_volts,
    format_wh,
    parse_decimal,
    parse_watts,
)
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import Account
    from energy_grid.contracts import events
    from energy_grid.contracts.smart_meter import MeterInfo, MeterReading
    from energy_grid.market.meters import MeterDraft

__all__ = ["meter_table", "meters"]

meters = CommandGroup("meter")

_FILE, _DRAFT = Path("readings.json"), Path("meter.json")
_NO_END = 2**16 - 1
_VOLT_DECIMALS = 1
_HISTORY_DAYS = 30
_NUMBER = re.compile("[0-9]{1,20}")
_INVITATION = re.compile("(?P<backend>https?://[^/]+)/enrol/(?P<id>[0-9a-f]{32})/?")
# Of what a device signs: time for its household, the security deposit and the registrar.
_PROOF_SECONDS = 14 * DAY_SECONDS


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
Imported = Annotated[int, kwh("--import", "The import register, in kWh (OBIS 1.8.0).")]
Exported = Annotated[int, kwh("--export", "The export register, in kWh (OBIS 2.8.0).")]
RegionName = Annotated[str, typer.Option("--region", help="Where it is.")]
IsSubMeter = Annotated[
    bool,
    typer.Option(
        "--sub-meter",
        help="Behind the account's settlement meter: for history and certificates, never billed.",
    ),
]
Until = Annotated[
    int | None, moment("--until", "Until when it can be sent; by default a week from now")
]
Holder = Annotated[
    str | None,
    typer.Option(
        "--holder",
        metavar="WHO",
        help="The account's holder, who signs the consent here: named like --account.",
    ),
]
OldKey = Annotated[
    str | None,
    typer.Option("--old-key", metavar="WHO", help="The meter's present key, which agrees instead."),
]
NewKey = Annotated[
    str,
    typer.Option("--key", metavar="WHO", help="The new key, which signs: named like --account."),
]
FinalImport = Annotated[int, kwh("--final-import", "Where the old import register ends, in kWh.")]
FinalExport = Annotated[int, kwh("--final-export", "Where the old export register ends, in kWh.")]
DraftFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Of `meter draft`, draft-exchange or draft-rotation.")
]
DraftOut = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="Where the draft is written.")
]
Time = Annotated[
    int | None,
    moment(
        "--time",
        "When it was read, by default now; readings at slots' ends give the energy between them",
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


Power = Annotated[
    int,
    typer.Option(
        "--power",
        parser=reading(_rating),
        metavar="POWER",
        help="The largest power in either direction, with its unit, such as 10kW.",
    ),
]
NewPower = Annotated[
    int | None,
    typer.Option(
        "--power",
        parser=reading(_rating),
        metavar="POWER",
        help="The largest power of the new device; by default that of the old one.",
    ),
]


@meters.does("register")
def register(
    session: Session,
    owner: Address,
    key: Key,
    region: RegionName,
    power: Power,
    holder: Annotated[
        str,
        typer.Option(
            "--holder",
            metavar="WHO",
            help="The account's holder, who signs the consent here: named like --account. If the"
            " holder is elsewhere, use `meter draft`.",
        ),
    ],
    imported: Imported = 0,
    exported: Exported = 0,
    sub_meter: IsSubMeter = False,
    until: Until = None,
) -> Planned[Any]:
    """Register a meter for an account whose holder signs here (registrar)."""
    draft = _registration(
        session, owner, key, region, power, (imported, exported), not sub_meter, until
    )
    return _completed(session, _agreed(session, draft, holder))


@meters.does("exchange")
def exchange(
    session: Session,
    meter: Meter,
    key: Key,
    final_import: FinalImport,
    final_export: FinalExport,
    holder: Holder = None,
    old_key: OldKey = None,
    imported: Imported = 0,
    exported: Exported = 0,
    power: NewPower = None,
    until: Until = None,
) -> Planned[Any]:
    """Put another device in a meter's place; number, account and history stay (registrar)."""
    final, initial = (final_import, final_export), (imported, exported)
    draft = _exchange(session, meter, key, final, initial, power, until)
    return _completed(session, _agreed(session, draft, _who_agrees(holder, old_key)))


@meters.signs("draft")
def draft_registration(
    session: Session,
    owner: Address,
    region: RegionName,
    power: Power,
    imported: Imported = 0,
    exported: Exported = 0,
    sub_meter: IsSubMeter = False,
    until: Until = None,
    out: DraftOut = _DRAFT,
    as_json: AsJson = False,
) -> str:
    """Sign a registration as the device, for the account's holder; nothing is sent.

    The holder agrees with `meter consent` or `meter sign-consent`; the registrar then sends it with
    `meter complete`.
    """
    return _drafted(
        session,
        _registration(
            session, owner, None, region, power, (imported, exported), not sub_meter, until
        ),
        out,
        as_json,
    )


@meters.alone("prove")
def prove(
    invitation: Annotated[
        str,
        typer.Argument(
            metavar="INVITATION", help="Its address, such as https://grid.example/enrol/4f…."
        ),
    ],
    key: Annotated[
        str,
        typer.Option("--key", metavar="WHO", help="The device's key: named like --account."),
    ],
    imported: Imported = 0,
    exported: Exported = 0,
) -> str:
    """Sign an invitation as its device, once a household has accepted it; needs no chain.

    Compare the account that it prints with the household's: the meter is going to be its own.
    """
    from energy_grid.api.client import EnergyGridApi
    from energy_grid.api.values import time_of
    from energy_grid.chain.accounts import refuse_well_known
    from energy_grid.cli.accounts import account_of
    from energy_grid.contracts.smart_meter import Registration
    from energy_grid.market.signing import meter_domain, sign_registration

    found = _INVITATION.fullmatch(invitation)
    if found is None:
        raise InputError(f"{invitation[:200]!r} is no address of an invitation")
    device, name = account_of(key), found["id"]
    with EnergyGridApi(found["backend"]) as api:
        market, enrolment = api.market(), api.enrolment(name)
        refuse_well_known([device.address], market.chain_id)
        if enrolment.meter != device.address:
            raise InputError(f"the invitation is for the device {enrolment.meter}")
        if enrolment.account is None:
            raise InputError("nobody has accepted the invitation yet: its household opens it first")
        deadline = int(market.head.chain_time.timestamp()) + _PROOF_SECONDS
        terms = Registration(
            meter=device.address,
            account=enrolment.account,
            region=enrolment.region,
            rated_power=enrolment.rated_power_w,
            settlement=enrolment.is_settlement,
            consumption=imported,
            production=exported,
            deadline=deadline,
        )
        domain = meter_domain(market.chain_id, market.contracts["SmartMeter"])
        api.prove(
            name,
            import_wh=imported,
            export_wh=exported,
            deadline=time_of(deadline),
            proof=f"0x{sign_registration(device, terms, domain).hex()}",
        )
    return (
        f"{enrolment.name}: signed for the account {enrolment.account}, with {format_wh(imported)}"
        f" imported and {format_wh(exported)} exported; its holder agrees next"
    )


@meters.signs("draft-exchange")
def draft_exchange(
    session: Session,
    meter: Meter,
    final_import: FinalImport,
    final_export: FinalExport,
    imported: Imported = 0,
    exported: Exported = 0,
    power: NewPower = None,
    until: Until = None,
    out: DraftOut = _DRAFT,
    as_json: AsJson = False,
) -> str:
    """Sign an exchange as the new device, for the account's holder; nothing is sent."""
    final, initial = (final_import, final_export), (imported, exported)
    draft = _exchange(session, meter, None, final, initial, power, until)
    return _drafted(session, draft, out, as_json)


@meters.signs("draft-rotation")
def draft_rotation(
    session: Session, meter: Meter, out: DraftOut = _DRAFT, as_json: AsJson = False
) -> str:
    """Sign as the new key of a meter, for the account's holder; nothing is sent."""
    draft = session.market.draft_rotation(_meter_key(session, meter), session.key())
    return _drafted(session, draft, out, as_json)


@meters.does("consent")
def consent(session: Session, file: DraftFile) -> Planned[Any]:
    """Agree to a draft by a call, as the account's holder."""
    draft = _loaded(session, file)
    plan = session.market.consent_to_meter(session.who, draft)
    return Planned(plan, lambda made: f"{made.account} agrees to {file}")


@meters.signs("sign-consent")
def sign_consent(session: Session, file: DraftFile, as_json: AsJson = False) -> str:
    """Sign a draft as the account's holder; the file then holds the signature.

    With --json the draft is printed instead, and the file stays.
    """
    signed = session.market.sign_consent(session.key(), _loaded(session, file))
    return _drafted(session, signed, file, as_json)


@meters.does("complete")
def complete(session: Session, file: DraftFile) -> Planned[Any]:
    """Register or exchange a meter, or its key, by a draft with consent (registrar)."""
    return _completed(session, _loaded(session, file))


@meters.does("detach")
def detach(session: Session, meter: Meter) -> Planned[Any]:
    """Detach a meter of one's own with the end of the day; readings until then count."""
    address = _meter_key(session, meter)

    def message(made: events.SmartMeter_MeterDetached) -> str:
        return f"Meter {address} measures nothing for {made.account} from" + (
            f" {format_day(made.end_day)} on"
        )

    return Planned(session.market.detach_meter(session.who, address), message)


@meters.does("release-security")
def release_security(session: Session, owner: Address) -> Planned[Any]:
    """Free the security deposit of a meter that is gone, once its days are closed (anybody)."""
    address = session.address_of(owner)

    def message(made: events.Settlement_SecurityReleased) -> str:
        return f"Released {session.exact_money(made.amount)} of security to {made.account}"

    return Planned(session.market.release_security(session.who, address), message)


@meters.does("rotate")
def rotate(
    session: Session,
    meter: Meter,
    key: NewKey,
    holder: Holder = None,
    old_key: OldKey = None,
) -> Planned[Any]:
    """Replace the key of a meter, whose old one is then invalid (registrar)."""
    draft = session.market.draft_rotation(_meter_key(session, meter), _key(session, key))
    return _completed(session, _agreed(session, draft, _who_agrees(holder, old_key)))


@meters.does("revoke")
def revoke(session: Session, meter: Meter) -> Planned[Any]:
    """End a meter: a sub-meter at once, a settlement meter with the day (registrar)."""
    address, contract = _meter_key(session, meter), session.market.meters

    def message(receipts: list[Receipt]) -> str:
        for made in events_of(contract, receipts, "MeterDetached"):
            last = f"its readings count until {format_day(made['end_day'])} begins"
            return f"Detached meter {address}: {last}"
        return f"Revoked meter {address}: its readings are rejected for ever"

    return session.plan(contract.deactivate_meter(address), message)


@meters.does("submit")
def submit(
    session: Session,
    imported: Imported,
    exported: Exported = 0,
    time: Time = None,
    frequency: FrequencyOrNominal = None,
    voltage: Volts = None,
) -> Planned[Any]:
    """Submit a reading; the sender is the meter."""
    found = _reading(session, (imported, exported), time, frequency, voltage)

    def message(_: Any) -> str:
        return f"Recorded {_words(found)} of {session.address}{_boundary(session, found)}"

    return session.plan(session.market.meters.submit_reading(found), message)


@meters.signs("sign")
def sign(
    session: Session,
    imported: Imported,
    exported: Exported = 0,
    time: Time = None,
    frequency: FrequencyOrNominal = None,
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
    found = _reading(session, (imported, exported), time, frequency, voltage)
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
    """Submit the signed readings of a file (anybody)."""
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
        reasons = Counter(_reason(session, each["reason"]) for each in skipped)
        why = "; ".join(f"{count} of them: {reason}" for reason, count in reasons.items())
        return f"{message}; skipped {len(skipped)}, {why}"

    return Planned(session.market.submit_readings(session.who, found), summary)


@meters.does("submit-with-consent")
def submit_with_consent(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Of signed readings; its last one is sent.")
    ],
    holder: Annotated[
        str | None,
        typer.Option(
            "--holder",
            metavar="WHO",
            help="The account's holder, who signs the consent; by default the sender.",
        ),
    ] = None,
) -> Planned[Any]:
    """Submit a reading that skips earlier ones, with the holder's consent.

    The slots in between are charged at the dearest price among them.
    """
    from energy_grid.cli.accounts import account_of
    from energy_grid.market.reading_file import load_readings

    found = load_readings(file, session.market.meter_domain)
    if not found:
        raise InputError(f"{file} has no reading: add one with energy-grid meter sign")
    signed = found[-1]
    signer = None if holder is None else account_of(holder)

    def message(_: Any) -> str:
        which = _boundary(session, signed.reading)
        return f"Recorded {_words(signed.reading)} of {signed.meter}{which}"

    plan = session.market.submit_with_consent(session.who, signed, signer)
    return Planned(plan, message)


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
    exported, imported = ask(
        view,
        (contract, "getDailyProduction(address,uint256)", address, today),
        (contract, "getDailyConsumption(address,uint256)", address, today),
    )
    kind = "settlement meter" if known.settlement else "sub-meter"
    rows = {
        "meter": f"{known.number}, {kind} in {known.region}, up to {known.rated_power} W",
        "key": address,
        "account": known.account,
        "active": yes_or_no(known.active),
        "read to": format_time(view.market.time_of(known.read_to)),
        "last reading": "none yet" if last is None else _words(last),
        "today": f"{format_wh(imported)} imported, {format_wh(exported)} exported",
    }
    if known.settlement:
        rows["billed"] = _billed(known)
    if last is not None:
        rows["grid then"] = f"{format_hertz(last.grid_frequency)}, {format_volts(last.voltage)}"
    document = {
        **_document(address, known),
        "latest": as_document(last),
        "today": {"imported": imported, "exported": exported},
    }
    return Answer(document=document, shown=facts(rows))


@meters.shows("list")
def list_meters(view: View, account: Address) -> Answer:
    """List the meters of an account, and its total energy."""
    address = view.address_of(account)
    found, shown = meter_table(view, address)
    all_time = view.market.meters.get_lifetime(address)
    total = (
        f"In all {format_wh(all_time.imported)} imported and {format_wh(all_time.exported)}"
        f" exported; behind the meter {format_wh(all_time.consumed)} consumed and"
        f" {format_wh(all_time.produced)} produced"
    )
    document = {"account": address, "meters": found, **as_document(all_time)}
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
            "exported": next(answers),
            "imported": next(answers),
        }
        for each in days
    ]
    rows = [
        (each["day"], format_wh(each["imported"]), format_wh(each["exported"]))
        for each in found
        if each["imported"] or each["exported"]
    ]
    shown = listed(("day", ">imported", ">exported"), rows, "There is no reading of these days.")
    return Answer(document=found, shown=shown)


@meters.shows("readings")
def readings(view: View, meter: Meter, limit: Limit = 20) -> Answer:
    """List the newest readings of a meter."""
    from energy_grid.chain.multicall import past_events

    address, contract = _meter_key(view, meter), view.market.meters
    first = view.market.deployment.first_block
    logs = past_events(contract, "ReadingRecorded", first, meter=address)[::-1][:limit]
    found = [unpacked(each["reading"]) for each in logs]
    length = view.market.time_of(1)
    rows = [
        (
            format_time(each.timestamp),
            format_wh(each.consumption),
            format_wh(each.production),
            format_hertz(each.grid_frequency),
            format_volts(each.voltage),
            yes_or_no(each.timestamp % length == 0),
        )
        for each in found
    ]
    titles = ("time", ">import", ">export", ">frequency", ">voltage", "at a slot's end")
    shown = listed(titles, rows, f"{address} has no reading yet.")
    number = contract.get_meter(address).number
    document = [{"meter_id": number, "key": address, **as_document(each)} for each in found]
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
            "settlement" if each.settlement else "sub-meter",
            each.region,
            f"{each.rated_power} W",
            "never" if last is None else format_time(last.timestamp).removesuffix(" UTC"),
        )
        for key, each, last in zip(keys, known, latest, strict=True)
    ]
    titles = (">meter", "key", "for", "region", ">up to", "last read")
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


def _registration(
    session: Session,
    owner: str,
    key: str | None,
    region: str,
    power: int,
    registers: tuple[int, int],
    settlement: bool,
    until: int | None,
) -> MeterDraft:
    device = session.key() if key is None else _key(session, key)
    return session.market.draft_registration(
        device,
        session.address_of(owner),
        region=region,
        rated_power=power,
        settlement=settlement,
        consumption=registers[0],
        production=registers[1],
        deadline=until,
    )


def _exchange(
    session: Session,
    meter: str,
    key: str | None,
    final: tuple[int, int],
    initial: tuple[int, int],
    power: int | None,
    until: int | None,
) -> MeterDraft:
    device = session.key() if key is None else _key(session, key)
    return session.market.draft_exchange(
        _meter_key(session, meter),
        device,
        final=final,
        initial=initial,
        rated_power=power,
        deadline=until,
    )


def _who_agrees(holder: str | None, old_key: str | None) -> str:
    signer = holder or old_key
    if signer is None:
        raise InputError("name who agrees: --holder or --old-key; or make a draft for them to sign")
    return signer


def _agreed(session: Session, draft: MeterDraft, holder: str) -> MeterDraft:
    from energy_grid.cli.accounts import account_of

    return session.market.sign_consent(account_of(holder), draft)


def _completed(session: Session, draft: MeterDraft) -> Planned[Any]:
    from energy_grid.contracts.smart_meter import Exchange, Registration

    terms = draft.terms

    def message(number: int) -> str:
        if isinstance(terms, Registration):
            kind = "settlement meter" if terms.settlement else "sub-meter"
            return (
                f"Registered {kind} {number} ({terms.meter}) for {terms.account} in"
                f" {terms.region}, up to {terms.rated_power} W"
            )
        done = "Exchanged" if isinstance(terms, Exchange) else "Replaced the key of"
        return f"{done} meter {number}: {terms.new_key} goes on for {terms.meter}"

    return Planned(session.market.complete_draft(session.who, draft), message)


def _drafted(session: Session, draft: MeterDraft, out: Path, as_json: bool) -> str:
    from energy_grid.market.consent_files import draft_document, save_draft

    if as_json:
        return json.dumps(draft_document(draft, _place(session)))
    save_draft(out, draft, _place(session))
    return f"Signed {out}; the holder has {'agreed' if draft.consent else 'not agreed yet'}"


def _loaded(session: Session, file: Path) -> MeterDraft:
    from energy_grid.market.consent_files import load_draft

    return load_draft(file, _place(session))


def _place(view: View) -> tuple[int, str]:
    return view.market.node.chain_id, view.market.meters.address


def _billed(known: MeterInfo) -> str:
    begins = f"from {format_day(known.first_day)} on"
    return begins if known.end_day == _NO_END else f"{begins}, until {format_day(known.end_day)}"


def _reason(view: View, data: bytes) -> str:
    """Why a reading of a batch was skipped, as its own transaction would have said."""
    from energy_grid.chain.reverts import decode_revert

    found = decode_revert(data, "SmartMeter")
    return str(readable(view, found))


def _reading(
    session: Session,
    registers: tuple[int, int],
    time: int | None,
    frequency: int | None,
    voltage: int | None,
) -> MeterReading:
    from energy_grid.chain.multicall import next_time
    from energy_grid.contracts.smart_meter import MeterReading

    market, (imported, exported) = session.market, registers
    if frequency is None or voltage is None:
        usual = market.bands.default_bands()
        frequency = usual.nominal_frequency if frequency is None else frequency
        voltage = usual.nominal_voltage if voltage is None else voltage
    return MeterReading(
        timestamp=next_time(market.node) if time is None else time,
        consumption=imported,
        production=exported,
        grid_frequency=frequency,
        voltage=voltage,
    )


def _boundary(view: View, found: MeterReading) -> str:
    slot, rest = divmod(found.timestamp, view.market.time_of(1))
    return "" if rest else f", which ends slot {slot - 1} ({span(view, slot - 1)})"


def _words(found: MeterReading) -> str:
    return (
        f"{format_wh(found.consumption)} of import and {format_wh(found.production)} of export at"
        f" {format_time(found.timestamp)}"
    )
