"""``energy-grid community``: energy communities, their members, and the price among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, listed, stacked
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.measures import percent
from energy_grid.cli.options import Address, AsJson, Limit, Region, day, moment, number, reading
from energy_grid.cli.options import percent as percentage
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, event_of, newest
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, parse_percent
from energy_grid.errors import EnergyGridError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.contracts import events
    from energy_grid.contracts.communities import Community

__all__ = ["communities"]

communities = CommandGroup("community")

_FILE = Path("join.json")
_WEEK_SECONDS = 7 * DAY_SECONDS
_BPS_DECIMALS = 2

Which = Annotated[int, number("COMMUNITY", "Its number.", 1)]


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
) -> Planned[Any]:
    """Create a community of a region; the manager can expel members and set theta."""
    address = session.recipient(manager)
    plan = session.market.create_community(session.who, region, theta, address)

    def message(made: int) -> str:
        return f"Created community {made} in {region}: theta {percent(theta)}, managed by {address}"

    return Planned(plan, message)


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
    if next_theta != known.theta:
        rows["later"] = f"theta {percent(next_theta)} on {format_day(later)}"
    members = [
        (account, format_day(begin), "" if end is None else format_day(end))
        for account, begin, end in found
    ]
    document = {
        **_document(community, known),
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
    address = view.address_of(account)
    settlement, energy = view.market.settlement, view.market.energy_accounts
    account_number = settlement.number_of(address)
    if not account_number:
        raise EnergyGridError(
            f"{address} has no settlement account: energy-grid money deposit opens one"
        )
    (now, later, from_day), today = (
        ask(view, (energy, "membershipOf", account_number))[0],
        view.market.node.time // DAY_SECONDS,
    )
    if from_day <= today:
        now = later
    rows = {"account": address, "today": _community(now)}
    if from_day > today:
        rows["later"] = f"{_community(later)}, from {format_day(from_day)}"
    document = {
        "account": address,
        "community": now or None,
        "next": (later or None) if from_day > today else None,
        "from_day": format_day(from_day) if from_day > today else None,
    }
    return Answer(document=document, shown=facts(rows))


def _members(view: View, community: int) -> list[tuple[str, int, int | None]]:
    """Account, first day, and the day it ends of those that are members or will be."""
    from energy_grid.chain.multicall import past_events

    contract, first = view.market.communities, view.market.deployment.first_block
    logs = [
        *past_events(contract, "Joined", first, id=community),
        *past_events(contract, "Left", first, id=community),
    ]
    today = view.market.node.time // DAY_SECONDS
    known: dict[str, tuple[int, int | None]] = {}
    for log in sorted(logs, key=lambda each: (each.block, each.index)):
        begin = known[log["account"]][0] if log.event == "Left" else log["day"]
        known[log["account"]] = (begin, log["day"] if log.event == "Left" else None)
    return [
        (account, begin, end)
        for account, (begin, end) in known.items()
        if end is None or (end > today and end > begin)
    ]


def _document(community: int, known: Community) -> dict[str, Any]:
    return {"community_id": community, **as_document(known)}


def _community(which: int) -> str:
    return f"community {which}" if which else "no community"


def _joined(made: events.Communities_Joined) -> str:
    return f"{made.account} is in community {made.id} from {format_day(made.day)} on"


def _left(made: Any) -> str:
    return f"{made.account} is in community {made.id} until {format_day(made.day)} begins"
