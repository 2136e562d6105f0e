"""``energy-grid participant``: producers, consumers and storages of the market."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, listed, word, yes_or_no
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, Limit, choice, kwh, whole
from energy_grid.cli.reads import ask_all
from energy_grid.cli.session import Planned, Session, View, event_of
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.units import format_wh

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt

__all__ = ["part_rows", "participants", "parts_of"]

participants = CommandGroup("participant")

# IGridManagement.Confirmation, in words.
_CONFIRMED = ("not confirmed", "confirmed by its meter", "confirmed by the authority")


class Part(IntEnum):
    """The roles in the market that the grid authority can end."""

    CONSUMER = 0
    PRODUCER = 1


Amount = Annotated[int, kwh("--amount", "How much, in kWh.")]
As = Annotated[Part, choice(Part, "PART", help="Its role in the market")]


@participants.does("register-producer")
def register_producer(
    session: Session,
    capacity: Annotated[int, kwh("--capacity", "What it can produce in a slot, in kWh.")],
    kind: Annotated[EnergyType, choice(EnergyType, "TYPE", "--type", "What from")],
) -> Planned[Any]:
    """Register the sender as a producer, for the spot market and for carbon credits."""
    return session.plan(
        session.market.grid.register_producer(capacity, kind),
        lambda _: f"Registered {session.address} to produce {format_wh(capacity)} in a slot",
    )


@participants.does("register-consumer")
def register_consumer(
    session: Session,
    limit: Annotated[int, kwh("--limit", "What it can consume in a slot, in kWh.")],
) -> Planned[Any]:
    """Register the sender as a consumer, for the spot market."""
    return session.plan(
        session.market.grid.register_consumer(limit),
        lambda _: f"Registered {session.address} to consume {format_wh(limit)} in a slot",
    )


@participants.does("register-storage")
def register_storage(
    session: Session,
    capacity: Annotated[int, kwh("--capacity", "The energy that it can store, in kWh.")],
    charge: Annotated[int, kwh("--charge", "What it can charge in a slot, in kWh.")],
    discharge: Annotated[int, kwh("--discharge", "What it can discharge in a slot, in kWh.")],
) -> Planned[Any]:
    """Register an empty storage of the sender."""
    return session.plan(
        session.market.grid.register_storage(capacity, charge, discharge),
        lambda _: f"Registered a storage of {format_wh(capacity)} of {session.address}",
    )


@participants.does("report")
def report(session: Session, amount: Amount) -> Planned[Any]:
    """Declare the sender's production of the running slot; it replaces an earlier report."""
    grid = session.market.grid

    def message(receipts: list[Receipt]) -> str:
        slot = event_of(grid, receipts, "ProductionReported")["slot"]
        return f"Declared {format_wh(amount)} of {session.address} for slot {slot}"

    return session.plan(grid.report_production(amount), message)


@participants.does("consume")
def consume(
    session: Session,
    amount: Amount,
    limit: Annotated[
        str | None,
        typer.Option(
            "--max-price", metavar="MONEY", help="Per kWh; by default the slot's price counts."
        ),
    ] = None,
) -> Planned[Any]:
    """Buy energy of the running slot from the grid, with the balance in the market.

    Without a meter it is consumed; with one, the money is locked for the slot's deficit.
    """
    grid = session.market.grid
    highest = None if limit is None else session.parse_price(limit)

    def message(receipts: list[Receipt]) -> str:
        bought = event_of(grid, receipts, "EnergyConsumed")
        cost = session.money(bought["cost"])
        return f"Locked {cost} for {format_wh(amount)} of slot {bought['slot']}"

    return session.plan(grid.consume_energy(amount, highest), message)


@participants.does("confirm")
def confirm(
    session: Session,
    who: Address,
    part: As,
    meter: Annotated[
        str | None,
        typer.Option(
            "--meter",
            metavar="ADDRESS",
            help="The key of its settlement meter, which anybody can name; otherwise the grid"
            " authority confirms.",
        ),
    ] = None,
) -> Planned[Any]:
    """Confirm a registration, which counts from then on (grid authority, or by a meter)."""
    grid, address = session.market.grid, session.address_of(who)
    is_producer = part is Part.PRODUCER
    if meter is None:
        call = grid.confirm_participant(address, is_producer)
    else:
        call = grid.confirm_by_meter(session.address_of(meter), is_producer)
    return session.plan(call, lambda _: f"Confirmed {address} as a {word(part)}")


@participants.does("charge")
def charge(session: Session, amount: Amount) -> Planned[Any]:
    """Declare that the sender's storage charges in the running slot."""
    grid = session.market.grid

    def message(receipts: list[Receipt]) -> str:
        charged = event_of(grid, receipts, "StorageCharged")
        return f"Charged {format_wh(amount)}: the storage holds {format_wh(charged['stored'])}"

    return session.plan(grid.charge_storage(amount), message)


@participants.does("discharge")
def discharge(session: Session, amount: Amount) -> Planned[Any]:
    """Declare that the sender's storage discharges in the running slot."""
    grid = session.market.grid

    def message(receipts: list[Receipt]) -> str:
        given = event_of(grid, receipts, "StorageDischarged")
        return f"Discharged {format_wh(amount)}: the storage holds {format_wh(given['stored'])}"

    return session.plan(grid.discharge_storage(amount), message)


@participants.does("deactivate")
def deactivate(session: Session, who: Address, part: As) -> Planned[Any]:
    """Stop new SELL orders of a producer, or BUY orders of a consumer (grid authority)."""
    address = session.address_of(who)
    return session.plan(
        session.market.grid.deactivate_participant(address, part is Part.PRODUCER),
        lambda _: f"Deactivated {address} as a {word(part)}",
    )


@participants.does("reactivate")
def reactivate(session: Session, who: Address, part: As) -> Planned[Any]:
    """Permit new orders of a producer or a consumer again (grid authority)."""
    address = session.address_of(who)
    return session.plan(
        session.market.grid.reactivate_participant(address, part is Part.PRODUCER),
        lambda _: f"Reactivated {address} as a {word(part)}",
    )


@participants.does("score")
def score(
    session: Session,
    who: Address,
    points: Annotated[
        int, typer.Argument(parser=whole(0, 100), metavar="SCORE", help="From 0 to 100.")
    ],
) -> Planned[Any]:
    """Set the reputation of a producer (grid authority)."""
    address = session.address_of(who)
    return session.plan(
        session.market.grid.update_producer_reputation(address, points),
        lambda _: f"The reputation of {address} is {points} of 100",
    )


@participants.shows("show")
def show(view: View, account: Address) -> Answer:
    """Show the roles of an account in the market, with limits and declarations."""
    address = view.address_of(account)
    parts = parts_of(view, [address])[address]
    rows = part_rows(parts) or {"registered": "no"}
    document = {"account": address, **as_document(parts)}
    return Answer(document=document, shown=facts({"account": address, **rows}))


@participants.shows("list")
def list_participants(view: View, limit: Limit = 20) -> Answer:
    """List the registered accounts, the newest first."""
    from energy_grid.chain.multicall import past_events

    grid, first = view.market.grid, view.market.deployment.first_block
    events = ("ProducerRegistered", "producer"), ("ConsumerRegistered", "consumer")
    logs = [
        (log.block, log.index, log[name])
        for event, name in (*events, ("StorageRegistered", "owner"))
        for log in past_events(grid, event, first)
    ]
    accounts = list(dict.fromkeys(account for *_, account in sorted(logs, reverse=True)))[:limit]
    known = parts_of(view, accounts)
    rows = [
        (
            account,
            _cell(parts["producer"], "capacity"),
            _cell(parts["consumer"], "consumption_limit"),
            _cell(parts["storage"], "capacity"),
            "" if parts["producer"] is None else str(parts["producer"].reputation),
        )
        for account, parts in known.items()
    ]
    titles = ("account", ">produces", ">consumes", ">stores", ">score")
    document = [{"account": account, **as_document(parts)} for account, parts in known.items()]
    shown = listed(titles, rows, "There is no registered account yet.")
    return Answer(document=document, shown=shown)


def parts_of(view: View, accounts: list[str]) -> dict[str, dict[str, Any]]:
    """The roles of accounts: a record for each role, None for a role that it has not."""
    from energy_grid.chain.contract import structure
    from energy_grid.contracts.grid_management import ConsumerInfo, ProducerInfo, StorageInfo

    views: Mapping[str, tuple[str, type[Any]]] = {
        "producer": ("getProducerInfo", ProducerInfo),
        "consumer": ("getConsumerInfo", ConsumerInfo),
        "storage": ("getStorageInfo", StorageInfo),
    }
    grid = view.market.grid
    answers = iter(
        ask_all(view, [(grid, name, each) for each in accounts for name, _ in views.values()])
    )
    return {
        account: {
            part: None if (values := next(answers)) is None else structure(kind, values)
            for part, (_, kind) in views.items()
        }
        for account in accounts
    }


def part_rows(parts: Mapping[str, Any]) -> dict[str, str]:
    """`parts_of` one account as rows."""
    rows = {}
    if (producer := parts["producer"]) is not None:
        rows["producer"] = (
            f"{format_wh(producer.capacity)} in a slot, {word(producer.energy_type)}, reputation"
            f" {producer.reputation}, active: {yes_or_no(producer.active)},"
            f" {_CONFIRMED[producer.confirmation]}"
        )
        rows["declared"] = (
            f"{format_wh(producer.current_production)} for the running slot,"
            f" {format_wh(producer.total_produced)} in total"
        )
    if (consumer := parts["consumer"]) is not None:
        rows["consumer"] = (
            f"up to {format_wh(consumer.consumption_limit)} in a slot, active:"
            f" {yes_or_no(consumer.active)}, {_CONFIRMED[consumer.confirmation]}"
        )
        rows["from the grid"] = (
            f"{format_wh(consumer.current_usage)} in the running slot,"
            f" {format_wh(consumer.total_consumed)} in total"
        )
    if (storage := parts["storage"]) is not None:
        rows["storage"] = (
            f"{format_wh(storage.stored_amount)} of {format_wh(storage.capacity)}; charges"
            f" {format_wh(storage.charge_rate)}, discharges {format_wh(storage.discharge_rate)}"
            " in a slot; as declared"
        )
    return rows


def _cell(part: Any, name: str) -> str:
    if part is None:
        return ""
    ended = " (ended)" if not getattr(part, "active", True) else ""
    return f"{format_wh(getattr(part, name))}{ended}"
