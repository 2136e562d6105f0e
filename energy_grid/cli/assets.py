"""``energy-grid asset``: production assets, their maintenance and their production."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    as_document,
    facts,
    listed,
    numbered,
    stacked,
    word,
    yes_or_no,
)
from energy_grid.cli.asset_shares import shares
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import (
    Address,
    Limit,
    Region,
    choice,
    day,
    moment,
    money,
    number,
    reading,
    watts,
    whole,
)
from energy_grid.cli.session import Planned, Session, View, event_of, newest
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import EnergyType, Permission
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_wh
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["assets"]

assets = CommandGroup("asset")
assets.add(shares)

Asset = Annotated[int, number("ASSET", "Its number.", 1)]
Meter = Annotated[str, typer.Argument(metavar="METER", help="The address of the meter's key.")]

_YEAR = 365 * DAY_SECONDS
_HISTORY_DAYS = 30
_BAR = 40
_SWITCH = {"on": True, "off": False}


def _switch(text: str) -> bool:
    if text not in _SWITCH:
        raise InputError(f"{text!r} is neither on nor off: write one of them")
    return _SWITCH[text]


@assets.does("mint")
def mint(
    session: Session,
    owner: Address,
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 bytes of plain text.")],
    region: Region,
    kind: Annotated[EnergyType, choice(EnergyType, "TYPE", "--type", "The energy source")],
    capacity: Annotated[int, watts("--capacity", "The power that it can produce, in W.")],
    commissioned: Annotated[int, day("--commissioned", "The day of its commissioning")],
    cost: Annotated[str, money("--cost", "Its cost")],
    years: Annotated[
        int,
        typer.Option(
            "--years",
            parser=whole(1, 100),
            metavar="YEARS",
            help="Its lifetime, in years of 365 days, for linear depreciation.",
        ),
    ] = 20,
) -> Planned[Any]:
    """Register an asset for its owner (registrar)."""
    from energy_grid.contracts.energy_asset_nft import AssetTerms

    address = session.address_of(owner)
    terms = AssetTerms(
        kind=kind,
        capacity=capacity,
        region=region,
        commissioned_at=commissioned * DAY_SECONDS,
        value=session.parse_tokens(cost),
        lifetime=years * _YEAR,
        name=name,
    )

    def message(receipts: list[Receipt]) -> str:
        asset = event_of(session.market.assets, receipts, "AssetMinted")["asset"]
        return f"Registered asset {asset}, {name}, for {address}: {word(kind)}, {capacity} W"

    return session.plan(session.market.assets.mint(address, terms), message)


@assets.does("link-meter")
def link_meter(session: Session, asset: Asset, meter: Meter) -> Planned[Any]:
    """Link a meter to an asset (registrar)."""
    address = session.address_of(meter)

    def message(receipts: list[Receipt]) -> str:
        first = event_of(session.market.assets, receipts, "MeterLinked")["from_day"]
        return f"Linked meter {address} to asset {asset} from {format_day(first)} on"

    return session.plan(session.market.assets.link_meter(asset, address), message)


@assets.does("unlink-meter")
def unlink_meter(session: Session, asset: Asset, meter: Meter) -> Planned[Any]:
    """Unlink a meter from an asset from tomorrow on (registrar)."""
    address = session.address_of(meter)
    known = session.market.meters.get_meter(address)

    def message(receipts: list[Receipt]) -> str:
        last = event_of(session.market.assets, receipts, "MeterUnlinked")["last_day"]
        day = format_day(last)
        return f"Unlinked meter {address} from asset {asset}; its last day is {day}"

    return session.plan(session.market.assets.unlink_meter(asset, known.number), message)


@assets.does("permit")
def permit(
    session: Session,
    asset: Asset,
    user: Address,
    permission: Annotated[Permission, choice(Permission, "PERMISSION")],
    until: Annotated[int | None, moment("--until", "The last second of the permission")] = None,
) -> Planned[Any]:
    """Give an account a permission for an asset; none ends it (owner; steward of shares)."""
    from energy_grid.market.assets import is_divided

    if (until is None) != (permission is Permission.NONE):
        raise InputError("a permission needs --until; the permission none takes no --until")
    address = session.address_of(user)
    holder = session.market.assets
    if is_divided(holder.get_asset(asset)):
        call = session.market.shares(asset).set_permission(address, permission, until or 0)
    else:
        call = holder.set_permission(asset, address, permission, until or 0)

    def message(_: Any) -> str:
        if until is None:
            return f"{address} has no permission for asset {asset} any more"
        return f"{address} is {word(permission)} of asset {asset} until {format_time(until)}"

    return session.plan(call, message)


@assets.does("maintain")
def maintain(
    session: Session,
    asset: Asset,
    note: Annotated[str, typer.Argument(metavar="NOTE", help="1 to 256 bytes of plain text.")],
    document: Annotated[
        Path,
        typer.Option(
            "--document",
            metavar="FILE",
            help="The document that proves it; its SHA-256 is stored on the chain.",
        ),
    ],
) -> Planned[Any]:
    """Record the maintenance of an asset (owner, or maintainer)."""
    digest = _sha256(document)

    def message(receipts: list[Receipt]) -> str:
        index = event_of(session.market.assets, receipts, "MaintenanceRecorded")["index"]
        return (
            f"Recorded maintenance {index + 1} of asset {asset}: {note}, proven by {document.name}"
            f" (0x{digest.hex()})"
        )

    return session.plan(session.market.assets.add_maintenance_record(asset, digest, note), message)


@assets.does("service")
def service(
    session: Session,
    asset: Asset,
    on: Annotated[
        bool,
        typer.Argument(parser=reading(_switch), metavar="on|off", help="Whether it is in service."),
    ],
) -> Planned[Any]:
    """Put an asset into service, or out of service (owner, or operator)."""
    return session.plan(
        session.market.assets.set_in_service(asset, on),
        lambda _: f"Asset {asset} is {'in' if on else 'out of'} service",
    )


@assets.does("send")
def send(session: Session, asset: Asset, to: Address) -> Planned[Any]:
    """Transfer an asset; all its permissions end (owner)."""
    address = session.address_of(to)
    call = session.market.assets.safe_transfer_from(session.address, address, asset)
    return session.plan(call, lambda _: f"Sent asset {asset} to {address}")


@assets.does("share")
def share(
    session: Session,
    asset: Asset,
    count: Annotated[
        int,
        typer.Option(
            "--shares", parser=whole(3, 10**12), metavar="COUNT", help="The number of shares."
        ),
    ],
    name: Annotated[
        str, typer.Option("--name", help="The name of the shares, 1 to 64 bytes of plain text.")
    ],
    symbol: Annotated[
        str, typer.Option("--symbol", help="The symbol of the shares, 1 to 16 bytes.")
    ],
) -> Planned[Any]:
    """Divide an asset into shares; the owner gets all of them (owner)."""
    contract = session.market.assets

    def message(receipts: list[Receipt]) -> str:
        address = event_of(contract, receipts, "Fractionalized")["shares"]
        return f"Divided asset {asset} into {count} {symbol}: {address}"

    return session.plan(contract.fractionalize(asset, count, name, symbol), message)


@assets.shows("list")
def list_assets(
    view: View,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="ADDRESS", help="Only assets of this account."),
    ] = None,
    limit: Limit = 20,
) -> Answer:
    """List the newest assets."""
    from energy_grid.contracts.energy_asset_nft import Asset as AssetRecord
    from energy_grid.market.assets import is_divided

    contract = view.market.assets
    count, none = contract.asset_count(), "There is no asset yet."
    numbers = newest(count, limit if owner is None else count)
    owners = dict(zip(numbers, contract.call_many("ownerOf", zip(numbers), kind=str), strict=True))
    if owner is not None:
        address = view.address_of(owner)
        owners = dict([pair for pair in owners.items() if pair[1] == address][:limit])
        none = f"{address} has no asset."
    found = list(
        zip(owners, contract.call_many("getAsset", zip(owners), kind=AssetRecord), strict=True)
    )
    rows = [
        (
            str(number),
            each.terms.name,
            word(each.terms.kind),
            f"{each.terms.capacity} W",
            each.terms.region,
            yes_or_no(each.in_service),
            "its shareholders" if is_divided(each) else owners[number],
        )
        for number, each in found
    ]
    titles = (">asset", "name", "type", ">capacity", "region", "in service", "owner")
    document = [
        {**record, "owner": owners[record["asset_id"]]} for record in numbered("asset_id", found)
    ]
    return Answer(document=document, shown=listed(titles, rows, none))


@assets.shows("show")
def show(
    view: View,
    asset: Asset,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="ADDRESS", help="Show the permission of this account too."),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Write its on-chain picture there."),
    ] = None,
) -> Answer:
    """Show an asset: its terms, owner, meters and maintenance."""
    from energy_grid.contracts.energy_asset_nft import MaintenanceRecord
    from energy_grid.market.assets import is_divided

    contract = view.market.assets
    known = contract.get_asset(asset)
    owner, value = contract.owner_of(asset), contract.book_value_of(asset)
    meters = view.market.meters.call_many("meterAt", zip(contract.meters_of(asset)), kind=str)
    numbers = ((asset, each) for each in range(contract.maintenance_count(asset)))
    records = contract.call_many("maintenanceRecord", numbers, kind=MaintenanceRecord)
    terms = known.terms
    rows = {
        "asset": f"{asset}: {terms.name}",
        "type": word(terms.kind),
        "capacity": f"{terms.capacity} W",
        "region": terms.region,
        "in service": yes_or_no(known.in_service),
        "commissioned": format_day(terms.commissioned_at // DAY_SECONDS),
        "cost": view.tokens(terms.value),
        "book value": view.tokens(value),
        "owner": f"{owner} (its shares)" if is_divided(known) else owner,
        "meters": ", ".join(meters) or "none",
    }
    document = {
        "asset_id": asset,
        **as_document(known),
        "owner": owner,
        "book_value": value,
        "meters": meters,
        "maintenance": records,
    }
    if user is not None:
        address = view.address_of(user)
        permission, until = contract.permission_of(asset, address)
        ends = f" until {format_time(until)}" if until else ""
        rows[address] = f"{word(permission)}{ends}"
        document["permission"] = {"user": address, "permission": permission, "until": until}
    if svg is not None:
        svg.write_bytes(view.market.card(asset)[1])
        rows["picture"] = str(svg)
    done = [
        (format_time(each.time), each.author, each.note, f"0x{each.document_hash.hex()}")
        for each in records
    ]
    titles = ("maintained", "by", "note", "SHA-256 of the document")
    shown = stacked(facts(rows), listed(titles, done, "No maintenance is recorded."))
    return Answer(document=document, shown=shown)


@assets.shows("history")
def history(
    view: View,
    asset: Asset,
    first: Annotated[
        int | None, day("--from", "The first day; by default 30 days before the last")
    ] = None,
    last: Annotated[int | None, day("--to", "The last day; by default today")] = None,
) -> Answer:
    """List the production of an asset by day, at most 92 days."""
    end = (view.market.node.time // DAY_SECONDS if last is None else last) + 1
    begin = max(end - _HISTORY_DAYS, 0) if first is None else first
    produced = view.market.assets.get_production_history(asset, begin, end)
    most = max(produced, default=0) or 1
    rows = [
        (format_day(begin + index), format_wh(wh), "█" * -(-wh * _BAR // most))
        for index, wh in enumerate(produced)
    ]
    total = f"{format_wh(sum(produced))} in all"
    document = [
        {"asset_id": asset, "day": format_day(begin + index), "wh": wh}
        for index, wh in enumerate(produced)
    ]
    shown = stacked(listed(("day", ">produced", ""), rows, "No day."), total)
    return Answer(document=document, shown=shown)


def _sha256(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise InputError(f"--document {file}: {error.strerror}") from None
