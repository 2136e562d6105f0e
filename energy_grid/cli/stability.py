"""``energy-grid grid stability``: frequency and voltage of a region, and responses to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    identified,
    listed,
    stacked,
    table,
    word,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import (
    Event,
    Frequency,
    Limit,
    Offset,
    Priority,
    Region,
    Voltage,
    choice,
    kw,
    reading,
)
from energy_grid.cli.session import Planned, Session, View, events_of
from energy_grid.cli.times import format_time
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.domain.grid_levels import BANDS, StabilityLevel
from energy_grid.domain.units import format_hertz, format_volts, parse_decimal

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts.grid_bands import Band
    from energy_grid.contracts.stability_maintenance import (
        AutomatedResponse,
        CriticalEvent,
        StabilityReport,
    )

__all__ = ["stability"]

stability = CommandGroup("stability", "Frequency and voltage of a region, and responses to them.")

_NOBODY = "0x" + "0" * 40
_BOUNDED = ("normal", "alert", "emergency")


def _degrees(text: str) -> int:
    return parse_decimal(text, 0, "an angle in degrees")


@stability.does("report")
def report(
    session: Session,
    region: Region,
    frequency: Frequency,
    voltage: Voltage,
    phase: Annotated[
        int,
        typer.Option("--phase", parser=reading(_degrees), metavar="DEGREES", help="Phase angle."),
    ] = 0,
) -> Planned[Any]:
    """Report a measurement, which can trigger automated responses (operator of the region)."""
    call = session.market.stability.report_stability_metrics(region, frequency, voltage, phase)

    def message(receipts: list[Receipt]) -> str:
        level = session.market.stability.get_stability_level(region, frequency, voltage)
        measured = f"{format_hertz(frequency)}, {voltage} %"
        found = _consequences(session, receipts)
        return f"Reported {region}: {measured}: {word(level)}{found}{_waiting(session, region)}"

    return session.plan(call, message)


@stability.does("respond")
def respond(
    session: Session,
    region: Region,
    frequency: Frequency,
    voltage: Voltage,
    severity: Annotated[StabilityLevel, choice(StabilityLevel, "LEVEL", "--severity")],
) -> Planned[Any]:
    """Respond manually, without a measurement (operator of the region)."""
    call = session.market.stability.trigger_stability_response(region, frequency, voltage, severity)

    def message(receipts: list[Receipt]) -> str:
        given = f"{word(severity)} at {format_hertz(frequency)}, {voltage} %"
        found = _consequences(session, receipts)
        return f"Responded in {region}: {given}{found}{_waiting(session, region)}"

    return session.plan(call, message)


@stability.does("configure")
def configure(
    session: Session,
    trigger: Annotated[Trigger, choice(Trigger, "TRIGGER")],
    action: Annotated[ActionType, choice(ActionType, "ACTION")],
    adjust: Annotated[int, kw("--adjust", "The power, in kW; 0 removes the response.")],
    priority: Priority = 1,
) -> Planned[Any]:
    """Configure an automated response of the region (operator with 80 points)."""
    call = session.market.stability.configure_automated_response(trigger, action, adjust, priority)

    def message(_: Any) -> str:
        region = session.market.operators.get_operator(session.address).region
        if adjust == 0:
            return f"Removed {word(action)} on {word(trigger)} in {region}"
        return (
            f"Configured {region}: {word(action)} by {adjust} kW on {word(trigger)},"
            f" priority {priority}"
        )

    return session.plan(call, message)


@stability.does("set-bands")
def set_bands(
    session: Session,
    region: Region,
    bands: Annotated[
        str,
        typer.Argument(
            metavar="BANDS",
            help=f"{', '.join(BANDS)}; or a file, as `grid stability bands REGION --json` has it.",
        ),
    ],
) -> Planned[Any]:
    """Set what is nominal in a region, and how far it may deviate (grid authority)."""
    from energy_grid.market.grid_bands import bands_called

    found = bands_called(bands)

    def message(_: Any) -> str:
        return (
            f"{region} has {format_hertz(found.nominal_frequency)} and"
            f" {format_volts(found.nominal_voltage)} now; energy-grid grid stability bands {region}"
            " shows the rest"
        )

    return session.plan(session.market.bands.set_bands(region, found), message)


@stability.does("respond-to-load")
def respond_to_load(session: Session, region: Region) -> Planned[Any]:
    """Execute a region's responses to a critical load, as the grid oracle says (anybody)."""
    call = session.market.stability.respond_to_load(region)

    def message(receipts: list[Receipt]) -> str:
        return f"Responded to the load of {region}{_consequences(session, receipts)}"

    return session.plan(call, message)


@stability.does("resolve")
def resolve(session: Session, event: Event) -> Planned[Any]:
    """Resolve a critical event and end the emergency of its region (operator with 80 points)."""

    def message(_: Any) -> str:
        region = session.market.stability.get_critical_event(event).region
        still = session.market.grid.is_region_in_emergency(region)
        state = "an emergency protocol is still in force" if still else "no longer in an emergency"
        return f"Resolved critical event {event} of {region}: {state}"

    return session.plan(session.market.stability.resolve_critical_event(event), message)


@stability.shows("show")
def show(view: View, region: Region) -> Answer:
    """Show the newest measurement, and the configured responses."""
    from energy_grid.contracts import errors

    grid = view.market.stability
    try:
        now = grid.get_current_stability(region)
    except errors.StabilityMaintenance_NoReport:
        now = None
    responses = grid.get_automated_responses(region)
    emergency = grid.is_in_emergency(region)
    rows = {"emergency": "a critical event is open" if emergency else "none"}
    voice = grid.voice_of(region)
    if voice.until:
        rows["critical"] = f"says {voice.operator}, until {format_time(voice.until)}"
    if now is None:
        rows["measured"] = "not yet"
    else:
        rows |= {
            "level": word(now.level),
            "frequency": format_hertz(now.frequency),
            "voltage": f"{now.voltage} % of nominal",
            "phase angle": f"{now.phase_angle} degrees",
            "measured": format_time(now.timestamp),
        }
    document = {
        "region": region,
        "report": None if now is None else as_document(now),
        "emergency": emergency,
        "voice": as_document(voice) if voice.until else None,
        "responses": responses,
    }
    return Answer(document=document, shown=stacked(facts(rows), _responses(responses)))


@stability.shows("bands")
def bands(view: View, region: Region) -> Answer:
    """Show what is nominal in a region, and up to where each level reaches."""
    found = view.market.bands.bands_of(region)
    rows = [
        (level, _span(found.frequency, level, format_hertz), _span(found.voltage, level, _percent))
        for level in _BOUNDED
    ]
    nominal = (
        "nominal",
        format_hertz(found.nominal_frequency),
        format_volts(found.nominal_voltage),
    )
    shown = table(("level", ">frequency", ">voltage"), [nominal, *rows])
    return Answer(document=as_document(found), shown=shown)


def _span(band: Band, level: str, words: Callable[[int], str]) -> str:
    low, high = (getattr(band, f"{level}_{end}") for end in ("low", "high"))
    return f"{words(low)} to {words(high)}"


def _percent(value: int) -> str:
    return f"{value} %"


@stability.shows("history")
def history(view: View, region: Region, limit: Limit = 20, offset: Offset = 0) -> Answer:
    """List the measurements of a region, newest first."""
    reports = view.market.stability.get_stability_history(region, offset, limit)
    titles = ("measured", ">frequency", ">voltage", ">phase", "level")
    shown = listed(titles, map(_report_row, reports), f"No measurement of {region}.")
    return Answer(document=reports, shown=shown)


@stability.shows("events")
def events(view: View, region: Region, limit: Limit = 20, offset: Offset = 0) -> Answer:
    """List the critical events of a region, newest first."""
    found = view.market.stability.get_critical_events(region, offset, limit)
    titles = (">event", "opened", ">frequency", ">voltage", "operator", "resolved")
    shown = listed(titles, map(_event_row, found), f"No critical event in {region}.")
    document = [identified("event_id", each) for each in found]
    return Answer(document=document, shown=shown)


@stability.shows("event")
def event(view: View, which: Event) -> Answer:
    """Show a critical event: its measurement, and its resolution."""
    known = view.market.stability.get_critical_event(which)
    rows = {
        "critical event": str(known.id),
        "region": known.region,
        "opened": f"{format_time(known.opened_at)} by {known.operator}",
        "confirmed by": view.named(known.confirmed_by),
        "frequency": format_hertz(known.frequency),
        "voltage": f"{known.voltage} % of nominal",
        "resolved": _resolved(known),
    }
    return Answer(document=identified("event_id", known), shown=facts(rows))


def _responses(responses: list[AutomatedResponse]) -> RenderableType:
    rows = [
        (
            word(each.trigger),
            word(each.action_type),
            f"{each.adjustment} kW",
            str(each.priority),
            str(each.action_id) if each.action_id else "-",
        )
        for each in responses
    ]
    titles = ("on", "action", ">by", ">priority", ">last action")
    return listed(titles, rows, "No automated response is configured.")


def _report_row(report: StabilityReport) -> tuple[str, ...]:
    return (
        format_time(report.timestamp),
        format_hertz(report.frequency),
        f"{report.voltage} %",
        str(report.phase_angle),
        word(report.level),
    )


def _event_row(event: CriticalEvent) -> tuple[str, ...]:
    return (
        str(event.id),
        format_time(event.opened_at),
        format_hertz(event.frequency),
        f"{event.voltage} %",
        event.operator,
        _resolved(event),
    )


def _resolved(event: CriticalEvent) -> str:
    if event.resolved_by == _NOBODY:
        return "open"
    return f"{format_time(event.resolved_at)} by {event.resolved_by}"


def _waiting(session: Session, region: str) -> str:
    """That the sender's voice for a critical event waits for a second one, after a semicolon."""
    voice = session.market.stability.voice_of(region)
    if voice.operator != session.address or session.market.stability.is_in_emergency(region):
        return ""
    return f"; an emergency needs a second operator until {format_time(voice.until)}"


def _consequences(session: Session, receipts: list[Receipt]) -> str:
    """The consequences of a report, after semicolons."""
    from energy_grid.contracts import errors

    found = []
    for log in events_of(session.market.balancing, receipts, "BalancingActionOpened"):
        found.append(f"opened action {log['id']}: {word(log['action_type'])} by {log['target']} kW")
    for log in events_of(session.market.stability, receipts, "AutomatedActionFailed"):
        reason = errors.decode_revert(log["reason"], "BalancingCoordination")
        found.append(f"no {word(log['action_type'])} ({reason})")
    for log in events_of(session.market.stability, receipts, "CriticalEventOpened"):
        found.append(f"opened critical event {log['id']}: emergency mode")
    return "".join(f"; {line}" for line in found)
