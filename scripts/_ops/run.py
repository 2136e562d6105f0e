"""Executes operations, or drafts them: for the Safe's owners, or for a vote."""

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
    from energy_grid.market.plan import Plan

__all__ = ["run"]

_DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments"
_SAFE, _GOVERNANCE = "safe", "governance"


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
        InputError: the options name no way or several, or neither the Safe nor governance may.
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
            safe = market.acting_safe((), enough=False)
            _write(
                market.plan(safe, *calls)
                if who == _SAFE
                else market.propose(safe, calls, description_of(view, calls, because)),
                market,
                safe_transaction,
                transaction_builder,
            )
            return

    def planned(session: Session) -> Planned[Any]:
        if who == _SAFE or (dry_run and account is None):
            return session.plan(calls, lambda _: f"Done: {measured(session, calls)}")
        return put_to_vote(session, calls, because)

    act(
        planned,
        account=_in_files(account) if account else who,
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
    """The one that may make all calls: the Safe, else governance.

    Raises:
        InputError: neither may.
    """
    for who, address in ((_SAFE, _safe(market)), (_GOVERNANCE, market.timelock.address)):
        if all(_may(market, address, call) for call in calls):
            return who
    raise InputError(
        "neither the Safe nor governance may make all of these calls: energy-grid role list shows"
        " the roles"
    )


def _may(market: EnergyGrid, address: str, call: Call) -> bool:
    if call.to == market.access.address:
        return market.access.has_role(Role.ADMIN, address).is_member
    return market.access.can_call(address, call.to, call.data[:4]).immediate


def _safe(market: EnergyGrid) -> str:
    return market.require_safe().address


def _write(plan: Plan[Any], market: EnergyGrid, signing: Path | None, builder: Path | None) -> None:
    """Write the transactions of the Safe, if no call would revert now."""
    files = plan.safe_files()
    if builder is not None:
        write_atomically(builder, for_transaction_builder(market, plan.calls))
        print(f"Written: {builder}; import it in the Transaction Builder of the Safe's app")
    needed = market.require_safe().get_threshold()
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
