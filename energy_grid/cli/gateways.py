"""``energy-grid gateway``: anchors the readings of many accounts, and proves them."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.chain.files import PRIVATE, rewritten
from energy_grid.cli.answers import Answer, facts, listed
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.hashes import hash_in
from energy_grid.cli.numbers import counted
from energy_grid.cli.options import Address, number, watts, whole
from energy_grid.cli.progress import tracked
from energy_grid.cli.session import Planned, Session, View, event_of, events_of
from energy_grid.cli.times import format_time
from energy_grid.domain.units import format_wh
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.domain.merkle import MerkleTree
    from energy_grid.market.anchoring import SlotProof

__all__ = ["gateways"]

gateways = CommandGroup("gateway")

_NOTHING = bytes(32)
_ASSIGNMENT = ["account", "rated_power_w"]
_POWER = re.compile("[0-9]{1,12}")
_NOBODY = "0x" + "0" * 40
_MAX_DIGITS = 18
# The size limit of a household's proof.
_MAX_BYTES = 100_000

Gateway = Annotated[int, number("GATEWAY", "Its number.", lowest=1)]
OptionalSlot = Annotated[
    int | None,
    typer.Option("--slot", parser=whole(), metavar="SLOT", help="By default the current one."),
]


@gateways.does("register")
def register(session: Session, key: Address) -> Planned[Any]:
    """Register a gateway with the address of its key (registrar)."""
    address = session.address_of(key)

    def message(receipts: list[Receipt]) -> str:
        found = event_of(session.market.meters, receipts, "GatewayRegistered")["gateway"]
        return f"Registered gateway {found} with the key {address}"

    return session.plan(session.market.meters.register_gateway(address), message)


@gateways.does("replace")
def replace(session: Session, gateway: Gateway, key: Address) -> Planned[Any]:
    """Replace the key of a gateway; this also ends its suspension (registrar)."""
    address = session.address_of(key)
    return session.plan(
        session.market.meters.replace_gateway(gateway, address),
        lambda _: f"Gateway {gateway} has the key {address}; its former key belongs to no gateway",
    )


@gateways.does("assign")
def assign(
    session: Session,
    owner: Address,
    gateway: Annotated[int, number("GATEWAY", "Its number; 0 unassigns the account.")],
    power: Annotated[int, watts("--power", "The rated power of all devices of the account.")] = 0,
) -> Planned[Any]:
    """Assign an account to a gateway from the current slot on (registrar)."""
    if gateway and not power:
        raise InputError("name the --power of all devices of the account, such as 10kW")
    address, meters = session.address_of(owner), session.market.meters

    def message(receipts: list[Receipt]) -> str:
        slot = event_of(meters, receipts, "GatewayAssigned")["slot"]
        if gateway == 0:
            return f"No gateway reads {address} from slot {slot} on"
        return f"Gateway {gateway} reads {address} from slot {slot} on, up to {power} W"

    return session.plan(meters.assign_gateway(address, gateway, power), message)


@gateways.does("assign-all")
def assign_all(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="ACCOUNTS",
            help="A CSV file with the header account,rated_power_w; to unassign, account is"
            " enough.",
        ),
    ],
    gateway: Annotated[
        int,
        number("GATEWAY", "Its number; 0 unassigns the accounts, whatever their rated power."),
    ],
) -> Planned[Any]:
    """Assign all accounts of a file to a gateway from the current slot on (registrar).

    The command skips accounts that are assigned already, so it can be run again.
    """
    rows = _assignments(file, session.address_of, unassigns=gateway == 0)
    plan = session.market.assign_gateway(session.who, gateway, rows)
    before = len(rows) - len(plan.steps)

    def message(receipts: list[Receipt]) -> str:
        done = len(events_of(session.market.meters, receipts, "GatewayAssigned"))
        verb = "was" if before == 1 else "were"
        passed = f"; {counted(before, 'account')} {verb} assigned before" if before else ""
        if gateway == 0:
            return f"No gateway reads {counted(done, 'account')} of {file} any more{passed}"
        accounts = counted(done, "account")
        return f"Gateway {gateway} reads {accounts} of {file} from the current slot on{passed}"

    return Planned(plan, message, skipped=before)


@gateways.does("anchor")
def anchor(
    session: Session,
    readings: Annotated[
        Path,
        typer.Argument(
            metavar="READINGS", help="A CSV file with the header account,produced_wh,consumed_wh."
        ),
    ],
    slot: Annotated[
        int,
        typer.Option(
            "--slot",
            parser=whole(),
            metavar="SLOT",
            help="The number of a slot that has ended; gateway show prints the current one.",
        ),
    ],
    secret: Annotated[
        Path,
        typer.Option(
            "--secret",
            metavar="FILE",
            help="A file with 32 bytes or more in hexadecimal digits, such as openssl rand -hex 32"
            " prints. It is the secret that all salts derive from.",
        ),
    ],
    proofs: Annotated[
        Path,
        typer.Option("--proofs", metavar="FILE", help="Write the proofs there, before sending."),
    ],
) -> Planned[Any]:
    """Anchor the readings of a slot, and write their proofs to a file (gateway)."""
    meters, sender = session.market.meters, session.address
    anchored = meters.anchor_of(meters.gateway_number_of(sender), slot)
    if anchored == _NOTHING:
        # An anchor that would revert fails before the tree is built.
        meters.simulate(meters.anchor_readings(b"\x01" * 32, slot, 1), sender)
    tree = _tree(readings, slot, _secret(secret), session.address_of)
    root = f"0x{tree.root.hex()}"
    if anchored not in (_NOTHING, tree.root):
        raise EnergyGridError(
            f"slot {slot} has the anchor 0x{anchored.hex()}, and this would be {root}: the"
            " readings or the secret differ"
        )
    kept = f"the root is {root}, the proofs are in {proofs}"
    if anchored == tree.root:
        if not isinstance(session.who, str):  # A dry run writes no file.
            _keep(tree, proofs)
        return session.plan([], lambda _: f"Slot {slot} was anchored before: {kept}")
    plan = session.market.anchor_readings(
        session.who, tree, slot, before_sending=lambda: _keep(tree, proofs)
    )
    return Planned(
        plan, lambda _: f"Anchored {counted(len(tree.rows), 'reading')} of slot {slot}: {kept}"
    )


@gateways.does("prove")
def prove(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A household's proof, or the proofs of a gateway."),
    ],
    accounts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ADDRESS", help="The accounts to prove, from the proofs of a gateway."
        ),
    ] = None,
) -> Planned[Any]:
    """Prove anchored readings, so that they count (anybody)."""
    wanted = [session.address_of(each) for each in accounts or ()]
    found = _proofs(file, wanted)
    plan = session.market.prove_slots(session.who, found)
    before = len(found) - len(plan.steps)

    def message(receipts: list[Receipt]) -> str:
        one, done = found[0], len(receipts)
        if len(found) > 1:
            proved = f"Proved slot {one.slot} of {counted(done, 'account')}"
            return f"{proved}; {before} had been proven or disputed before" if before else proved
        which = f"slot {one.slot} of {session.address_of(one.account)}"
        if before:
            # Another reading may count, or none after a dispute.
            return f"Nothing to prove: {which} was proven or disputed before"
        return (
            f"Proved {which}: {format_wh(one.reading.produced)} produced,"
            f" {format_wh(one.reading.consumed)} consumed"
        )

    return Planned(plan, message, skipped=before)


@gateways.does("dispute")
def dispute(
    session: Session,
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="A household's proof.")],
    second: Annotated[
        Path, typer.Argument(metavar="SECOND", help="Another proof of the same account and slot.")
    ],
) -> Planned[Any]:
    """Suspend a gateway that has anchored two readings of one account (anybody)."""
    one, other = _household(first), _household(second)
    if (one.account, one.slot) != (other.account, other.slot):
        raise InputError(f"{first} and {second} are not of the same account and slot")
    meters, account = session.market.meters, session.address_of(one.account)

    def message(receipts: list[Receipt]) -> str:
        cleared = events_of(meters, receipts, "SlotProven")
        counts = f"slot {one.slot} of {account} {'does not count' if cleared else 'stays proven'}"
        suspended = events_of(meters, receipts, "GatewaySuspended")
        if not suspended:
            return f"The key that anchored it belongs to no gateway; {counts}"
        (found,) = suspended
        return f"Suspended gateway {found['gateway']} ({found['key']}): {counts}"

    return session.plan(
        meters.dispute_double_count(account, one.slot, one.reading, other.reading), message
    )


@gateways.shows("proof")
def proof(
    view: View,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The proofs of a gateway, or a household's proof."),
    ],
    owner: Address,
) -> Answer:
    """Show a household's proof; with --json, print the file that the household needs."""
    (one,) = _proofs(file, [view.address_of(owner)])
    meters = view.market.meters
    gateway, _power = meters.gateway_of(view.address_of(one.account), one.slot)
    anchored = meters.anchor_of(gateway, one.slot) == one.root
    rows = {
        "account": view.address_of(one.account),
        "slot": str(one.slot),
        "produced": format_wh(one.reading.produced),
        "consumed": format_wh(one.reading.consumed),
        "root": f"0x{one.root.hex()}",
        "proof": f"{len(one.reading.proof)} hash{'es' if len(one.reading.proof) != 1 else ''}",
        "anchored": f"yes, by gateway {gateway}" if anchored else "no",
    }
    return Answer(document=one.as_document(), shown=facts(rows))


@gateways.shows("show")
def show(
    view: View,
    which: Annotated[
        str,
        typer.Argument(
            metavar="GATEWAY",
            help="Its number, the address of its key, or a root that it has anchored.",
        ),
    ],
    slot: OptionalSlot = None,
) -> Answer:
    """Show a gateway, and its anchor of a slot."""
    meters, root = view.market.meters, hash_in(which)
    if root is None:
        gateway = _gateway(view, which)
        number = view.market.slot() if slot is None else slot
    elif slot is None:
        gateway, number = _anchored(view, root)
    else:
        raise InputError("a root names its slot: leave --slot out")
    key, anchor = meters.gateway_at(gateway), meters.anchor_of(gateway, number)
    deadline, is_anchored = meters.anchor_deadline(number), anchor != _NOTHING
    rows = {
        "gateway": str(gateway),
        "key": _key(key),
        "slot": str(number),
        "root": f"0x{anchor.hex()}" if is_anchored else "not anchored",
        "anchored until": format_time(deadline),
    }
    document = {
        "gateway_id": gateway,
        "key": None if key == _NOBODY else key,
        "slot": number,
        "root": anchor if is_anchored else None,
        "anchor_deadline": deadline,
    }
    return Answer(document=document, shown=facts(rows))


@gateways.shows("list")
def list_gateways(view: View) -> Answer:
    """List all gateways and their keys."""
    numbers = range(1, view.market.meters.gateway_count() + 1)
    keys = view.market.meters.call_many("gatewayAt", zip(numbers), kind=str)
    found = list(zip(numbers, keys, strict=True))
    document = [{"gateway_id": each, "key": None if key == _NOBODY else key} for each, key in found]
    rows = [(str(each), _key(key)) for each, key in found]
    shown = listed((">gateway", "key"), rows, "No gateway is registered.")
    return Answer(document=document, shown=shown)


@gateways.shows("of")
def reader_of(view: View, owner: Address, slot: OptionalSlot = None) -> Answer:
    """Show the gateway that reads an account in a slot."""
    address = view.address_of(owner)
    number = view.market.slot() if slot is None else slot
    gateway, power = view.market.meters.gateway_of(address, number)
    rows = {
        "account": address,
        "slot": str(number),
        "gateway": f"{gateway}, up to {power} W" if gateway else "none; it has meters of its own",
    }
    document = {
        "account": address,
        "slot": number,
        "gateway_id": gateway or None,
        "rated_power": power,
    }
    return Answer(document=document, shown=facts(rows))


def _gateway(view: View, text: str) -> int:
    """The number of a gateway, by its number or the address of its key.

    Raises:
        EnergyGridError: there is no such gateway.
    """
    meters = view.market.meters
    if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS:
        found = int(text) if 1 <= int(text) <= meters.gateway_count() else 0
    else:
        found = meters.gateway_number_of(view.address_of(text))
    if not found:
        raise EnergyGridError(
            f"there is no gateway {text}: energy-grid gateway list lists the gateways"
        )
    return found


def _anchored(view: View, root: str) -> tuple[int, int]:
    """The gateway and the slot of an anchored root.

    Raises:
        EnergyGridError: no gateway has anchored it.
    """
    from energy_grid.chain.multicall import past_events

    logs = past_events(view.market.meters, "ReadingsAnchored", view.market.deployment.first_block)
    for log in logs:
        if log["root"].hex() == root.removeprefix("0x"):
            return log["gateway"], log["slot"]
    raise EnergyGridError("no gateway has anchored this root")


def _key(key: str) -> str:
    return "none; suspended" if key == _NOBODY else key


def _assignments(
    file: Path, address: Callable[[str], str], *, unassigns: bool
) -> list[tuple[str, int]]:
    """The accounts of a file, each with its rated power in W: 0 if they are to be unassigned."""
    from energy_grid.market.anchoring import ReadingsError

    with _about(file), file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows, None)
        if header != _ASSIGNMENT and not (unassigns and header == _ASSIGNMENT[:1]):
            raise ReadingsError(f"its first line must be {','.join(_ASSIGNMENT)}")
        found = []
        for row in rows:
            if len(row) != len(header) or not all(map(_POWER.fullmatch, row[1:])):
                raise ReadingsError(f"line {rows.line_num} is not an account and a power in W")
            found.append((address(row[0]), 0 if unassigns else int(row[1])))
    return found


def _tree(file: Path, slot: int, secret: bytes, address: Callable[[str], str]) -> MerkleTree:
    from energy_grid.market.anchoring import read_readings, tree_of

    with _about(file), file.open(encoding="utf-8", newline="") as lines:
        return tree_of(tracked(read_readings(lines, address), "readings"), slot, secret)


def _secret(file: Path) -> bytes:
    from energy_grid.market.anchoring import parse_secret

    with _about(file):
        return parse_secret(file.read_text(encoding="ascii"))


def _keep(tree: MerkleTree, file: Path) -> None:
    """Write the proofs atomically, unless the file has them."""
    from energy_grid.market.anchoring import ProofsFile, ReadingsError

    if file.exists():
        with _about(file), _mapped(file) as content:
            if ProofsFile(content).root != tree.root:
                raise ReadingsError("it holds the proofs of other readings: name another file")
        return
    # The consumption of each household is private to the gateway's user.
    with _about(file), rewritten(file, PRIVATE) as out:
        out.writelines(tracked(tree.dump(), "writing proofs", len(tree.rows) * 3 + 2))


def _proofs(file: Path, accounts: list[str]) -> list[SlotProof]:
    """The proofs that were asked for: out of a gateway's file, or the one in a household's."""
    from energy_grid.market.anchoring import ProofsFile, ReadingsError, is_proofs_file

    with _about(file), _mapped(file) as content:
        if is_proofs_file(content):
            if not accounts:
                raise ReadingsError(
                    "it has the proofs of many accounts: name the accounts to prove"
                )
            of_all = ProofsFile(content)
            return [of_all.proof_of(each) for each in accounts]
    one = _household(file)
    if {each.lower() for each in accounts} - {one.account}:
        raise InputError(f"{file}: it is the proof of {one.account} alone")
    return [one]


def _household(file: Path) -> SlotProof:
    from energy_grid.market.anchoring import SlotProof

    with _about(file), file.open("rb") as opened:
        return SlotProof.parse(opened.read(_MAX_BYTES).decode())


@contextmanager
def _mapped(file: Path) -> Iterator[mmap]:
    from energy_grid.market.anchoring import ReadingsError

    with file.open("rb") as opened:
        if not os.fstat(opened.fileno()).st_size:
            raise ReadingsError("it is empty")
        with mmap(opened.fileno(), 0, access=ACCESS_READ) as content:
            yield content


@contextmanager
def _about(file: Path) -> Iterator[None]:
    """Errors name the file."""
    from energy_grid.market.anchoring import ReadingsError

    try:
        yield
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: it is not text") from None
    except ReadingsError as error:
        raise InputError(f"{file}: {error}") from None
