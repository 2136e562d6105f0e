"""Executes operations, or drafts them: for the owners of a Safe, or for a vote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import Node
from energy_grid.cli.proposals import description_of, measured, put_to_vote
from energy_grid.cli.running import act
from energy_grid.cli.session import View
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError
from scripts._deploy.journal import write_atomically
from scripts._deploy.settings import network_file
from scripts._ops.builder import for_transaction_builder

if TYPE_CHECKING:
    from energy_grid.cli.session import Planned, Session
    from energy_grid.contracts.safe import Safe
    from energy_grid.market.plan import Plan

__all__ = ["run"]

_DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments"
_GOVERNANCE = "governance"


def run(
    prepare: Callable[..., Sequence[Call]],
    *,
    url: str,
    file: Path | None,
    account: str | None,
    dry_run: bool,
    safe_transaction: Path | None,
    transaction_builder: Path | None,
    because: str,
    as_json: bool,
    **values: Any,
) -> None:
    """Execute or draft an operation, as the options say.

    Raises:
        InputError: the options name no way or several, or neither a Safe nor governance may.
        EnergyGridError: a call reverts.
    """
    ways = [account and not dry_run, dry_run, safe_transaction, transaction_builder]
    if sum(map(bool, ways)) != 1:
        raise InputError(
            "name one of --account WHO (send it), --dry-run, --safe-transaction FILE,"
            " --transaction-builder FILE"
        )
    place = file or _file_of(url)
    with closing(EnergyGrid.connect(url, place)) as market:
        view = View(market)
        calls = prepare(view, **values)
        if not calls:
            print("Nothing to do: it is done already.")
            return
        who = _who_may(market, calls)
        if safe_transaction or transaction_builder:
            name = _proposer(market) if who == _GOVERNANCE else who
            safe = market.acting_safe((), name, enough=False)
            _write(
                market.propose(safe, calls, description_of(view, calls, because))
                if who == _GOVERNANCE
                else market.delayed(market.plan(safe, *calls)),
                market,
                market.require_safe(name),
                safe_transaction,
                transaction_builder,
            )
            return

    def planned(session: Session) -> Planned[Any]:
        if who != _GOVERNANCE or (dry_run and account is None):
            return session.plan(calls, lambda _: f"Done: {measured(session, calls)}")
        return put_to_vote(session, calls, because)

    act(
        planned,
        account=_in_files(account) if account else who if who == _GOVERNANCE else f"safe:{who}",
        dry_run=dry_run,
        relay=None,
        as_json=as_json,
        network=None,
        rpc=url,
        deployment=place,
    )


def _file_of(url: str) -> Path:
    with closing(Node(url)) as node:
        return _DEPLOYMENTS / f"{network_file(node.chain_id, None).stem}.json"


def _who_may(market: EnergyGrid, calls: Sequence[Call]) -> str:
    """The one that may make all calls: a Safe, by its name, else governance.

    Raises:
        InputError: nobody of them may.
    """
    places = {name: safe.address for name, safe in market.safes.items()}
    for who, address in {**places, _GOVERNANCE: market.timelock.address}.items():
        if all(_may(market, address, call) for call in calls):
            return who
    raise InputError(
        "neither one Safe nor governance may make all of these calls: energy-grid role list shows"
        " the roles"
    )


def _proposer(market: EnergyGrid) -> str:
    """The Safe that proposes a vote: the one with the most votes."""
    votes = {name: market.votes.get_votes(safe.address) for name, safe in market.safes.items()}
    return max(votes, key=lambda name: votes[name])


def _may(market: EnergyGrid, address: str, call: Call) -> bool:
    if call.to == market.access.address:
        return market.access.has_role(Role.ADMIN, address).is_member
    allowed = market.access.can_call(address, call.to, call.data[:4])
    return allowed.immediate or allowed.delay > 0


def _write(
    plan: Plan[Any], market: EnergyGrid, safe: Safe, signing: Path | None, builder: Path | None
) -> None:
    """Write the transactions of a Safe, if no call would revert now."""
    files = plan.safe_files()
    if builder is not None:
        write_atomically(builder, for_transaction_builder(market, safe.address, plan.calls))
        print(f"Written: {builder}; import it in the Transaction Builder of the Safe's app")
    needed = safe.get_threshold()
    for number, file in enumerate(files if signing else (), 1):
        path = signing if number == 1 else signing.with_stem(f"{signing.stem}-{number}")
        file.save(path, fresh=True)
        print(
            f"Written: {path}; {needed} owners sign it with energy-grid safe sign {path}"
            f" --account WHO, then energy-grid safe send {path} --account WHO"
        )


def _in_files(word: str) -> str:
    """The accounts of ``--account``, with the names of Ape accounts replaced by their files."""
    from ape.utils import ManagerAccessMixin

    folder = ManagerAccessMixin.config_manager.DATA_FOLDER / "accounts"
    prefix = "safe:" if word.startswith("safe:") else ""
    names = word.removeprefix(prefix).split(",")
    files = ((name, folder / f"{name.strip()}.json") for name in names)
    return prefix + ",".join(str(file) if file.is_file() else name for name, file in files)
