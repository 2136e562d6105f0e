"""``energy-grid community``: energy communities, their members, and the price among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.chain.files import read_bytes
from energy_grid.chain.roles import Role
from energy_grid.cli.answers import Answer, as_document, facts, listed, stacked, word
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, AsJson, Date, Limit, Region, day, moment, reading
from energy_grid.cli.options import CommunityNumber as Which
from energy_grid.cli.options import percent as percentage
from energy_grid.cli.reads import account_number, ask
from energy_grid.cli.session import Planned, Session, View, event_of, newest
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_wh, parse_percent
from energy_grid.errors import InputError
from energy_grid.market.call_words import percent

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts import events
    from energy_grid.contracts.communities import Community
    from energy_grid.market.communities import Coefficient

__all__ = ["communities"]

communities = CommandGroup("community")

_FILE = Path("join.json")
_WEEK_SECONDS = 7 * DAY_SECONDS
_BPS_DECIMALS = 2
# Of 256 accounts with 96 slots, and more.
_MAX_LEAVES_BYTES = 2**18

Share = Annotated[
    int,
    typer.Argument(
        parser=reading(lambda text: parse_percent(text, _BPS_DECIMALS)),
        metavar="PERCENT",
        help="Of all surplus that the community shares, at most 100.",
    ),
]


@communities.does("create")
def create(
    session: Session,
    region: Region,
    theta: Annotated[
        int, percentage("--theta", "The shared price, from feed-in (0) to purchase (100).", "50")
    ] = 5000,
    manager: Annotated[
        str | None,
        typer.Option("--manager", metavar="ADDRESS", help="By default the sender."),
    ] = None,
    gateway: Annotated[
        str | None,
        typer.Option(
            "--gateway",
            metavar="ADDRESS",
            help="A meter operator that reads whole days of all members; whether there is one"
            " never changes.",
        ),
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="Share by coefficients; only with a gateway.")
    ] = False,
) -> Planned[Any]:
    """Create a community of a region; the manager can expel members and set theta."""
    address, market, needs = session.recipient(manager), session.market, ""
    about = f"theta {percent(theta)}, managed by {address}"
    if gateway is None:
        if static:
            raise InputError("--static needs --gateway: only days that one reads share so")
        plan = market.create_community(session.who, region, theta, address)
    else:
        reader = session.address_of(gateway)
        about += f", read by {reader}{', shared by coefficients' if static else ''}"
        needs = _needs_role(session, reader)
        plan = market.create_community_with_gateway(
            session.who, region, theta, reader, address, is_static=static
        )
    return Planned(plan, lambda made: f"Created community {made} in {region}: {about}{needs}")


@communities.does("gateway")
def gateway(
    session: Session,
    community: Which,
    to: Address,
    first: Annotated[
        int | None, day("--from", "The first day; by default the first possible one")
    ] = None,
) -> Planned[Any]:
    """Name another gateway, a week beyond the horizon or later (manager)."""

    address = session.address_of(to)
    needs = _needs_role(session, address)

    def message(made: events.Communities_GatewayNamed) -> str:
        since = format_day(made.day)
        return f"The gateway of community {made.id} is {made.gateway} from {since} on{needs}"

    return Planned(session.market.set_gateway(session.who, community, address, first), message)


@communities.does("coefficient")
def coefficient(session: Session, community: Which, member: Address, share: Share) -> Planned[Any]:
    """Lower a member's coefficient of the static key, or offer a higher one (manager)."""

    def message(made: Coefficient) -> str:
        if made.from_day is None:
            return f"Offered {made.account} {percent(made.bps)}: it holds once it is accepted"
        since = format_day(made.from_day)
        return f"The coefficient of {made.account} is {percent(made.bps)} from {since} on"

    address = session.address_of(member)
    plan = session.market.set_coefficient(session.who, community, address, share)
    return Planned(plan, message)


@communities.does("accept-coefficient")
def accept_coefficient(session: Session) -> Planned[Any]:
    """Accept the coefficient that the manager offers, from tomorrow on."""

    def message(made: events.Communities_CoefficientSet) -> str:
        since = format_day(made.day)
        return f"The coefficient of {made.account} is {percent(made.bps)} from {since} on"

    return Planned(session.market.accept_coefficient(session.who), message)


@communities.does("join")
def join(session: Session, community: Which) -> Planned[Any]:
    """Join a community from the next day on."""
    return Planned(
        session.market.join_community(session.who, community), lambda made: _joined(made)
    )


@communities.signs("sign-join")
def sign_join(
    session: Session,
    community: Which,
    until: Annotated[
        int | None, moment("--until", "Until when the signature counts; a week by default")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where the signature is written.")
    ] = _FILE,
    as_json: AsJson = False,
) -> str:
    """Sign that the account joins; anybody can send it with `community admit`."""
    from energy_grid.market.consent_files import JoinConsent, join_document, save_join

    market, holder = session.market, session.key()
    deadline = market.node.time + _WEEK_SECONDS if until is None else until
    signature = market.sign_join(holder, community, deadline)
    consent = JoinConsent(
        account=holder.address, community=community, deadline=deadline, signature=signature
    )
    domain = (market.node.chain_id, market.communities.address)
    if as_json:
        return json.dumps(join_document(consent, domain))
    save_join(out, consent, domain)
    return f"Signed that {holder.address} joins community {community}: {out}"


@communities.does("admit")
def admit(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Of `community sign-join`.")],
) -> Planned[Any]:
    """Let an account join that has signed (anybody)."""
    from energy_grid.market.consent_files import load_join

    market = session.market
    found = load_join(file, (market.node.chain_id, market.communities.address))
    plan = market.join_for(
        session.who, found.account, found.community, found.deadline, found.signature
    )
    return Planned(plan, lambda made: _joined(made))


@communities.does("leave")
def leave(session: Session) -> Planned[Any]:
    """Leave the community, after the days that can be traded already."""
    contract = session.market.communities

    def message(receipts: list[Receipt]) -> str:
        return _left(event_of(contract, receipts, "Left"))

    return Planned(session.market.leave_community(session.who), message)


@communities.does("expel")
def expel(session: Session, community: Which, member: Address) -> Planned[Any]:
    """End the membership of an account (manager)."""
    address = session.address_of(member)
    return Planned(session.market.expel_member(session.who, community, address), _left)


@communities.does("readmit")
def readmit(session: Session, community: Which, member: Address) -> Planned[Any]:
    """Let an account that was expelled join again (manager)."""
    address = session.address_of(member)
    plan = session.market.readmit_member(session.who, community, address)
    return Planned(plan, lambda made: f"{made.account} may join community {made.id} again")


@communities.does("suspend")
def suspend(session: Session, member: Address) -> Planned[Any]:
    """End the membership of an account in debt (anybody)."""
    address = session.address_of(member)
    return Planned(session.market.suspend_member(session.who, address), _left)


@communities.does("theta")
def theta(
    session: Session,
    community: Which,
    share: Annotated[
        int,
        typer.Argument(
            parser=reading(lambda text: parse_percent(text, _BPS_DECIMALS)),
            metavar="PERCENT",
            help="From 0 (feed-in) to 100 (purchase less network fee).",
        ),
    ],
    first: Annotated[
        int | None, day("--from", "The first day; by default the first possible one")
    ] = None,
) -> Planned[Any]:
    """Schedule the price of shared energy (manager)."""

    def message(made: events.Communities_ThetaSet) -> str:
        return (
            f"Theta of community {community} is {percent(made.theta)} from"
            f" {format_day(made.day)} on"
        )

    return Planned(session.market.set_theta(session.who, community, share, first), message)


@communities.does("manager")
def manager(session: Session, community: Which, to: Address) -> Planned[Any]:
    """Hand a community to another manager (manager)."""
    address = session.address_of(to)
    return session.plan(
        session.market.communities.set_manager(community, address),
        lambda _: f"Community {community} is managed by {address}",
    )


@communities.shows("show")
def show(view: View, community: Which) -> Answer:
    """Show a community: its price of shared energy, and its members."""
    market, contract = view.market, view.market.communities
    known = contract.community_of(community)
    today = market.node.time // DAY_SECONDS
    later = contract.beyond_horizon()
    next_theta = contract.theta_at(community, later)
    tariff = market.tariffs.tariff_of(known.region, today)
    between = tariff.buy - tariff.network_fee - tariff.feed_in
    shared = tariff.feed_in - (-known.theta * between // 10_000)
    found = _members(view, community)
    rows = {
        "community": str(community),
        "region": known.region,
        "manager": view.named(known.manager),
        "theta": percent(known.theta),
        "givers get": view.price(shared),
        "takers pay": view.price(shared + tariff.network_fee),
    }
    reader = _gateway(view, community, today)
    if reader["gateway"] is not None:
        rows["gateway"] = view.named(reader["gateway"])
        rows["shared by"] = "coefficients" if reader["static"] else "need"
    if reader["next_gateway"] is not None:
        rows["next gateway"] = f"{view.named(reader['next_gateway'])} on {reader['next_from_day']}"
    if next_theta != known.theta:
        rows["later"] = f"theta {percent(next_theta)} on {format_day(later)}"
    members = [
        (account, format_day(begin), "" if end is None else format_day(end))
        for account, begin, end in found
    ]
    document = {
        **_document(community, known),
        **reader,
        "shared_price": shared,
        "theta_beyond_horizon": next_theta,
        "accounts": [
            {
                "account": account,
                "from_day": format_day(begin),
                "until_day": None if end is None else format_day(end),
            }
            for account, begin, end in found
        ],
    }
    table = listed(("member", "from", "until"), members, "It has no members.")
    return Answer(document=document, shown=stacked(facts(rows), table))


@communities.shows("list")
def list_communities(view: View, limit: Limit = 20) -> Answer:
    """List the communities, the newest first."""
    from energy_grid.contracts.communities import Community

    contract = view.market.communities
    numbers = newest(contract.community_count(), limit)
    records = contract.call_many("communityOf", zip(numbers), kind=Community)
    found = list(zip(numbers, records, strict=True))
    rows = [
        (str(at), each.region, str(each.members), percent(each.theta), each.manager)
        for at, each in found
    ]
    titles = (">no", "region", ">members", ">theta", "manager")
    shown = listed(titles, rows, "There is no community yet.")
    return Answer(document=[_document(at, each) for at, each in found], shown=shown)


@communities.shows("member")
def member(view: View, account: Address) -> Answer:
    """Show the membership of an account, today and later."""
    address, of = view.address_of(account), account_number(view, account)
    today = view.market.node.time // DAY_SECONDS
    (now, later, from_day) = ask(view, (view.market.energy_accounts, "membershipOf", of))[0]
    if from_day <= today:
        now = later
    rows = {"account": address, "today": _community(now)}
    if from_day > today:
        rows["later"] = f"{_community(later)}, from {format_day(from_day)}"
    contract = view.market.communities
    (bps,), offer = contract.coefficients_on(today, [of]), contract.offer_of(address)
    if bps:
        rows["coefficient"] = percent(bps)
    if offer:
        rows["offered"] = f"{percent(offer)}: energy-grid community accept-coefficient takes it"
    document = {
        "account": address,
        "coefficient_bps": bps,
        "offered_bps": offer or None,
        "community": now or None,
        "next": (later or None) if from_day > today else None,
        "from_day": format_day(from_day) if from_day > today else None,
    }
    return Answer(document=document, shown=facts(rows))


@communities.shows("audit")
def audit(
    view: View,
    community: Which,
    date: Date,
    leaves: Annotated[
        Path | None,
        typer.Option(
            "--leaves",
            metavar="FILE",
            help="The leaves.bin that the gateway has published, if the data of the call lacks it.",
        ),
    ] = None,
) -> Answer:
    """Compute a settled day anew from the chain alone; exit with 1 if a figure differs."""
    data = None if leaves is None else read_bytes(leaves, _MAX_LEAVES_BYTES)
    found = view.market.audit_day(community, date, data)
    passed = found.record.passed_over
    rows = {
        "community": str(community),
        "day": format_day(date),
        "settled in": found.record.transaction,
        "root": f"0x{found.record.root.hex()}",
        "members": str(found.members),
        "closed": str(found.closed),
        "passed over": ", ".join(f"account {at} ({word(why)})" for at, why in passed.items()),
        "shared": format_wh(found.shared),
        "not computed": ", ".join(found.left_out),
    }
    differences = [
        (
            "all" if each.number is None else f"account {each.number}",
            each.figure.replace("_", " "),
            *(str(value) for value in (each.found, each.computed)),
        )
        for each in found.differences
    ]
    document = {
        "community_id": community,
        "day": format_day(date),
        "transaction": found.record.transaction,
        "root": found.record.root,
        "members": found.members,
        "closed": found.closed,
        "passed_over": [{"account_number": at, "reason": why} for at, why in passed.items()],
        "shared_wh": found.shared,
        "differences": [
            {
                "account_number": each.number,
                "figure": each.figure,
                "found": str(each.found),
                "computed": str(each.computed),
            }
            for each in found.differences
        ],
        "not_computed": list(found.left_out),
        "agrees": found.agrees,
    }
    table = listed(("of", "figure", ">chain", ">computed"), differences, "The chain agrees.")
    shown = stacked(facts({name: each for name, each in rows.items() if each}), table)
    return Answer(document=document, shown=shown, code=0 if found.agrees else 1)


def _needs_role(view: View, gateway: str) -> str:
    """What is to be said of a gateway that may not anchor days yet."""
    if view.market.access.has_role(Role.METER_GATEWAY, gateway).is_member:
        return ""
    return "; it cannot anchor days before governance gives it the role METER_GATEWAY"


def _members(view: View, community: int) -> list[tuple[str, int, int | None]]:
    """Account, first day, and the day it ends of those that are members or will be."""
    today = view.market.node.time // DAY_SECONDS
    # Of an account that came back, the newest membership.
    known = {each.account: each for each in view.market.memberships(community)}
    return [
        (each.account, each.first_day, each.end_day)
        for each in known.values()
        if each.end_day is None or (each.end_day > today and each.end_day > each.first_day)
    ]


def _gateway(view: View, community: int, today: int) -> dict[str, Any]:
    """Who reads the members' days, today and later; all null without a gateway."""
    contract = view.market.communities
    if not contract.is_by_gateway(community):
        return dict.fromkeys(("gateway", "static", "next_gateway", "next_from_day"))
    later = contract.next_gateway_of(community)
    is_later = later.from_day > today
    return {
        "gateway": contract.gateway_of(community),
        "static": contract.terms_of(community, today).is_static,
        "next_gateway": later.gateway if is_later else None,
        "next_from_day": format_day(later.from_day) if is_later else None,
    }


def _document(community: int, known: Community) -> dict[str, Any]:
    return {"community_id": community, **as_document(known)}


def _community(which: int) -> str:
    return f"community {which}" if which else "no community"


def _joined(made: events.Communities_Joined) -> str:
    return f"{made.account} is in community {made.id} from {format_day(made.day)} on"


def _left(made: Any) -> str:
    return f"{made.account} is in community {made.id} until {format_day(made.day)} begins"
