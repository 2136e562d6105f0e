"""``energy-grid migrate``: out of a market and into its successor, each account by itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from energy_grid.cli.answers import Answer, facts
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_money, format_wh
from energy_grid.errors import InputError

__all__ = ["migration"]

migration = CommandGroup("migrate")

_THOUSANDTH = 3
_MONEY = ("free", "receivable", "security", "queued")
File = Annotated[Path, typer.Argument(metavar="FILE", help="Written by migrate export.")]


@migration.shows("export")
def export(
    view: View,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written, as JSON.")],
) -> Answer:
    """Write what every account has now, with a Merkle root by which each can prove its own."""
    if file.exists():
        raise InputError(f"{file} is there: name another file, or delete it")
    found = view.market.export_holdings()
    found.save(file)
    totals = found.totals
    document = {
        "file": str(file),
        "root": f"0x{found.root.hex()}",
        "block": found.block,
        "time": found.time,
        "addresses": len(found.holdings),
        **{f"total_{name}": str(value) for name, value in totals.items()},
        "total_worth": str(found.worth),
    }
    rows = {
        "root": f"0x{found.root.hex()}",
        "block": f"{found.block}, {format_time(found.time)}",
        "addresses": str(len(found.holdings)),
        "money": _exact(view, sum(totals[each] for each in _MONEY)),
        "of which queued": _exact(view, totals["queued"]),
        "debts": _exact(view, totals["debt"]),
        "energy": format_wh(totals["credits"] + totals["tokens"]),
        "carbon credits": f"{totals['grams']} g CO2e",
        "votes": view.votes(totals["votes"]),
    }
    return Answer(document=document, shown=facts(rows))


@migration.shows("proof")
def proof(view: View, file: File, account: Address) -> Answer:
    """Show what an account had, and the proof of it by the root of an export."""
    from energy_grid.client import Export

    found, address = Export.load(file), view.address_of(account)
    held, steps = found.of(address), found.proof(address)
    document = {
        "account": address,
        "root": f"0x{found.root.hex()}",
        "row": f"0x{held.row.hex()}",
        "proof": [f"0x{each.hex()}" for each in steps],
        "worth": str(held.worth(found.credit_value)),
    }
    rows = {
        "account": address,
        "worth": _exact(view, held.worth(found.credit_value)),
        "energy": format_wh(held.credits + held.tokens),
        "root": f"0x{found.root.hex()}",
        "proof": f"{counted(len(steps), 'step')}; --json prints them",
    }
    return Answer(document=document, shown=facts(rows))


@migration.shows("voters")
def voters(view: View, file: File) -> Answer:
    """Print the first holders of votes for the successor's deployment."""
    from energy_grid.client import Export

    unit = 10 ** view.market.votes.decimals()
    held = {each.address: each.votes // unit for each in Export.load(file).holdings}
    text = ",".join(f"{address}={tokens}" for address, tokens in held.items() if tokens)
    return Answer(document={"voters": text}, shown=f"ENERGY_GRID_VOTERS={text}")


@migration.does("leave")
def leave(session: Session) -> Planned[Any]:
    """Take out all that can leave now: energy becomes money, and money goes to the wallet."""

    def message(amount: int) -> str:
        return (
            f"Withdrew {session.money(amount)}; what open days and a security hold follows when"
            " they are settled: leave again then"
            if amount
            else "Nothing can be taken out now"
        )

    return Planned(session.market.leave_market(session.key()), message)


@migration.does("arrive")
def arrive(session: Session, file: File) -> Planned[Any]:
    """Pay into this market what the account had in the former one and has not paid in yet."""
    from energy_grid.client import Export

    def message(amount: int) -> str:
        if amount:
            return f"Paid in {session.money(amount)}"
        return "Nothing was paid in: the account has paid all in, or its wallet is empty"

    plan = session.market.arrive_from(session.key(), Export.load(file))
    return Planned(plan, message)


@migration.shows("audit")
def audit(
    view: View,
    file: File,
    successor: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="The deployment file of the successor.")
    ],
) -> Answer:
    """Compare an export with this market and its successor; exit with 1 if something is missing."""
    from energy_grid.client import EnergyGrid, Export

    with closing(EnergyGrid.connect(view.market.node.url, successor)) as there:
        found = view.market.audit_migration(Export.load(file), there)
    is_whole = found.missing <= 0 and found.grams[1] >= found.grams[0]
    document = {
        "exported": str(found.exported),
        "left": str(found.left),
        "withdrawn": str(found.withdrawn),
        "missing": str(found.missing),
        "arrived": str(found.arrived),
        "taken": str(found.taken),
        "moved": found.moved,
        "staying": found.staying,
        "grams": found.grams[1],
    }
    rows = {
        "exported": _exact(view, found.exported),
        "still here": _exact(view, found.left),
        "in the successor": _exact(view, found.arrived),
        "paid to wallets": _exact(view, found.withdrawn),
        "missing": _exact(view, found.missing),
        "addresses": f"{found.moved} moved, {found.staying} not",
        "carbon credits": f"{found.grams[0]} g CO2e then, {found.grams[1]} g CO2e now, here",
    }
    return Answer(document=document, shown=facts(rows), code=0 if is_whole else 1)


def _exact(view: View, money: int) -> str:
    """Exact money, to a thousandth of a unit."""
    decimals, symbol = view.coin
    return format_money(money, decimals + _THOUSANDTH, symbol)
