"""``energy-grid gateway``: days of communities that a gateway reads, from readings to history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, facts, listed, stacked, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address, Date, reading
from energy_grid.cli.options import CommunityNumber as Which
from energy_grid.cli.reads import account_number
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_day
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts import events
    from energy_grid.contracts.community_days import AnchoredDay
    from energy_grid.domain.enums import Reason
    from energy_grid.market.day_store import StoredDay
    from energy_grid.market.gateway import SettledDay

__all__ = ["gateway"]

gateway = CommandGroup("gateway")
days = CommandGroup("day", "A day of a community: its leaves, their challenge and settlement.")
gateway.add(days)

_STORE = Path("days")


def _slots(text: str) -> range:
    first, dash, end = text.partition("-")
    if not (dash and first.isdecimal() and end.isdecimal() and int(first) < int(end)):
        raise InputError(f"{text!r} is not a range of slots: write 0-24, the second exclusive")
    return range(int(first), int(end))


def _folder(flag: str, help: str) -> Any:
    return typer.Option(flag, metavar="FOLDER", help=help)


Store = Annotated[Path, _folder("--store", "Where the gateway keeps its days.")]
Published = Annotated[
    Path | None,
    _folder("--published", "Where the gateway has published its days; in place of its store."),
]


@days.shows("build")
def build(
    view: View,
    community: Which,
    day: Date,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Of signed readings, as JSON.")
    ],
    store: Store = _STORE,
    seal: Annotated[
        list[str] | None,
        typer.Option("--seal", metavar="ADDRESS", help="A member whose day stays secret."),
    ] = None,
    alone: Annotated[
        bool,
        typer.Option("--alone", help="Do not go on from the day before, which nobody settles."),
    ] = False,
) -> Answer:
    """Make the leaves of a day from the readings of its members and store them; sends nothing.

    A member is measured if its meter's readings at both bounds of every slot are there.
    """
    from energy_grid.market.day_store import DayStore
    from energy_grid.market.reading_file import load_readings

    market = view.market
    found = [each for path in files for each in load_readings(path, market.meter_domain)]
    places = DayStore(store)
    secret = [view.address_of(each) for each in seal or []]
    stored, absent = market.build_day(
        places, community, day, found, sealed=secret, continues=not alone
    )
    document = {
        **_head(stored),
        "leaves": len(stored.leaves.leaves),
        "absent": [{"account_number": each, "reason": why} for each, why in absent.items()],
    }
    rows = [(str(each), why) for each, why in absent.items()]
    shown = stacked(
        _facts(stored), listed((">account", "not measured"), rows, "All members have leaves.")
    )
    return Answer(document=document, shown=shown)


@days.does("anchor")
def anchor(session: Session, community: Which, day: Date, store: Store = _STORE) -> Planned[Any]:
    """Anchor the newest stored leaves of a day (the community's gateway, role METER_GATEWAY)."""
    from energy_grid.market.day_store import DayStore

    market = session.market

    def message(made: events.CommunityDays_DayAnchored) -> str:
        opens = market.community_days.day_of(community, day).anchored_at
        opens += market.community_days.challenge()
        return (
            f"Anchored {format_day(day)} of community {community}: root 0x{made.root.hex()}; it can"
            f" be settled from {format_time(opens)} on"
        )

    return Planned(market.anchor_day(session.who, DayStore(store), community, day), message)


@days.does("settle")
def settle(
    session: Session,
    community: Which,
    day: Date,
    store: Store = _STORE,
    published: Published = None,
) -> Planned[Any]:
    """Close a day for all members at once, after its challenge (anybody)."""
    stored = _stored(session, community, day, store, published)

    def message(made: SettledDay) -> str:
        closed = counted(len(made.closed), "member")
        passed = _passed(made.passed_over) if made.passed_over else "nobody"
        return f"Settled {format_day(day)} for {closed}; passed over: {passed}"

    return Planned(session.market.settle_day(session.who, stored), message)


@days.shows("show")
def show(view: View, community: Which, day: Date) -> Answer:
    """Show what is anchored for a day, and what became of each member."""
    from energy_grid.chain.multicall import past_events
    from energy_grid.domain.enums import Reason

    market, contract = view.market, view.market.community_days
    market.communities.community_of(community)
    known, first = contract.day_of(community, day), market.deployment.first_block
    opens = known.anchored_at + contract.challenge() if known.anchored_at else 0
    about = {"community": community, "day": day}
    anchored, contradictions, settled, passed = (
        past_events(contract, name, first, **about)
        for name in ("DayAnchored", "LeafContradicted", "DaySettled", "MemberPassedOver")
    )
    # Leaves that were anchored before are of no account, nor is who contradicts a second time.
    newest = max(((each.block, each.index) for each in anchored), default=(0, 0))
    contradicted = sorted(
        {each["number"] for each in contradictions if (each.block, each.index) > newest}
    )
    closed = market.members_days(settled)
    reasons = {each["number"]: Reason(each["reason"]) for each in passed}
    rows = {
        "community": str(community),
        "day": format_day(day),
        "state": _state(known),
        "root": f"0x{known.root.hex()}" if known.anchored_at else "",
        "settled from": format_time(opens) if opens and not known.is_settled else "",
        "contradicted": ", ".join(f"account {each}" for each in contradicted),
        "passed over": _passed(reasons),
    }
    document = {
        "community_id": community,
        "day": format_day(day),
        "state": _state(known),
        "root": known.root if known.anchored_at else None,
        "anchored_at": known.anchored_at or None,
        "settled_from_at": opens or None,
        "contradicted": contradicted,
        "passed_over": [{"account_number": at, "reason": why} for at, why in reasons.items()],
        "closed": [{"account": each.account, "money": str(each.money)} for each in closed],
    }
    members = [(each.account, view.exact_money(each.money)) for each in closed]
    table = listed(("member", ">money"), members, "It has closed nobody's day.")
    return Answer(
        document=document, shown=stacked(facts({a: b for a, b in rows.items() if b}), table)
    )


@days.shows("prove")
def prove(
    view: View,
    community: Which,
    day: Date,
    member: Address,
    store: Store = _STORE,
    published: Published = None,
) -> Answer:
    """Show an account's leaf with the proof that the chain takes."""
    stored = _stored(view, community, day, store, published)
    proven = stored.prove(account_number(view, member))
    document = {
        **_head(stored),
        "account": view.address_of(member),
        "record": proven.record,
        "opening": proven.opening,
        "proof": list(proven.proof),
    }
    rows = {
        "record": f"0x{proven.record.hex()}",
        "opening": f"0x{proven.opening.hex()}" if proven.opening else "none",
        "proof": " ".join(f"0x{each.hex()}" for each in proven.proof) or "none",
    }
    return Answer(document=document, shown=stacked(_facts(stored), facts(rows)))


@days.shows("publish")
def publish(
    view: View,
    community: Which,
    day: Date,
    to: Annotated[Path, _folder("--to", "Where members find it.")],
    store: Store = _STORE,
) -> Answer:
    """Copy the anchored leaves of a day, without secrets, to where members find them."""
    from energy_grid.market.day_store import DayStore
    from energy_grid.market.day_store import publish as copy

    stored = view.market.stored_day(DayStore(store), community, day)
    folder = copy(stored, to)
    document = {**_head(stored), "folder": str(folder)}
    return Answer(document=document, shown=stacked(_facts(stored), facts({"folder": str(folder)})))


@days.does("contradict")
def contradict(
    session: Session,
    community: Which,
    day: Date,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Of signed readings; its last one is sent.")
    ],
    store: Store = _STORE,
    published: Published = None,
) -> Planned[Any]:
    """Show that a meter has signed other registers than its leaf has (anybody)."""
    from energy_grid.market.reading_file import load_readings

    market = session.market
    found = load_readings(file, market.meter_domain)
    if not found:
        raise InputError(f"{file} has no reading: add one with energy-grid meter sign")
    stored = _stored(session, community, day, store, published)
    account = market.meters.reading_of(found[-1]).number

    def message(made: events.CommunityDays_LeafContradicted) -> str:
        return f"Contradicted the leaf of account {made.number}: its day will be passed over"

    return Planned(market.contradict_leaf(session.who, stored, account, found[-1]), message)


@days.does("read-late")
def read_late(
    session: Session,
    community: Which,
    day: Date,
    member: Address,
    store: Store = _STORE,
    published: Published = None,
) -> Planned[Any]:
    """Bring in the registers of an account that was passed over (anybody).

    Slots before them that nobody has read are skipped by its holder alone for 30 days.
    """

    def message(made: events.CommunityDays_LeafRead) -> str:
        until = format_time(session.market.time_of(made.to_slot))
        return f"Read {session.address_of(member)} late, until {until}"

    stored = _stored(session, community, day, store, published)
    number = account_number(session, member)
    return Planned(session.market.read_late(session.who, stored, number), message)


@days.does("hand-over")
def hand_over(
    session: Session,
    community: Which,
    day: Date,
    member: Address,
    store: Store = _STORE,
    published: Published = None,
) -> Planned[Any]:
    """Let an account's own readings go on from its newest settled day (anybody)."""

    def message(made: events.CommunityDays_HandedOver) -> str:
        who = session.address_of(member)
        return f"Own readings of {who} go on from the end of {format_day(made.day)}"

    stored = _stored(session, community, day, store, published)
    number = account_number(session, member)
    return Planned(session.market.hand_over(session.who, stored, number), message)


@days.does("history")
def history(
    session: Session,
    community: Which,
    day: Date,
    member: Address,
    slots: Annotated[
        range | None,
        typer.Option(
            "--slots",
            parser=reading(_slots),
            metavar="FIRST-END",
            help="Slots of the day from 0, the second exclusive; by default all.",
        ),
    ] = None,
    store: Store = _STORE,
    published: Published = None,
) -> Planned[Any]:
    """Write an account's nets of a settled day where others read history (anybody)."""
    stored = _stored(session, community, day, store, published)

    def message(made: events.CommunityDays_HistoryProven) -> str:
        written = counted(made.to_slot - made.from_slot, "slot")
        return f"Wrote {written} of {session.address_of(member)} on {format_day(made.day)}"

    number = account_number(session, member)
    return Planned(session.market.prove_history(session.who, stored, number, slots), message)


def _stored(view: View, community: int, day: int, store: Path, published: Path | None) -> StoredDay:
    """The anchored leaves of a day, from the gateway's store or from what it has published."""
    from energy_grid.market.day_store import DayStore, load_published

    if published is None:
        return view.market.stored_day(DayStore(store), community, day)
    return load_published(published, view.market.anchored_root(community, day))


def _state(known: AnchoredDay) -> str:
    if known.is_settled:
        return "settled"
    return "anchored" if known.anchored_at else "not anchored"


def _passed(reasons: Mapping[int, Reason]) -> str:
    return ", ".join(f"account {at} ({word(why)})" for at, why in reasons.items())


def _head(stored: StoredDay) -> dict[str, Any]:
    return {"community_id": stored.community, "day": format_day(stored.day), "root": stored.root}


def _facts(stored: StoredDay) -> RenderableType:
    rows = {
        "community": str(stored.community),
        "day": format_day(stored.day),
        "root": f"0x{stored.root.hex()}",
    }
    return facts(rows)
