"""Deploys every contract at the address that the plan gives it.

    planned --send--> sent (its hash is in the journal) --mined--> there
       ^                                                  |
       +-- the nonce went to another transaction ---------+-- for a contract of the group, the
                                                              whole group is planned anew

The AccessManager, the test dollar and what the Safe is made with know nobody else's address, so
they stay where they are.
"""

from __future__ import annotations

from web3.utils.address import get_create_address

from energy_grid.errors import DeploymentError
from scripts._deploy.context import Context
from scripts._deploy.encoding import encode_arguments
from scripts._deploy.journal import Planned
from scripts._deploy.plan import (
    GROUP,
    SAFE_CONTRACTS,
    STANDALONE,
    TEST_DOLLAR,
    constructor_arguments,
)

__all__ = ["run"]


def run(context: Context) -> None:
    """Deploy what is not there yet; plan anew what can no longer be where it was planned.

    Raises:
        DeploymentError: a constructor refused, or a transaction was not mined.
    """
    journal = context.journal
    if not journal.contracts:
        _plan(context, [name for name in STANDALONE if _is_wanted(context, name)] + list(GROUP))
    while (blocked := _deploy(context)) is not None:
        missing = [name for name in STANDALONE if _is_missing(context, name)]
        planned = journal.contracts[blocked].nonce
        context.say(
            f"  nonce {planned}, planned for {blocked}, was used by another transaction: "
            f"beginning anew from {missing[0] if missing else GROUP[0]}"
        )
        _plan(context, [*missing, *GROUP])


def _deploy(context: Context) -> str | None:
    """Deploy in the order of the plan; the first contract whose nonce is gone ends it."""
    journal = context.journal
    for name, planned in journal.contracts.items():
        if _is_there(context, planned):
            continue
        nonce = context.sender.nonce()
        if nonce != planned.nonce:
            return name
        _create(context, name, planned)
    return None


def _create(context: Context, name: str, planned: Planned) -> None:
    journal = context.journal
    arguments = constructor_arguments(context.settings, journal.deployer, context.addresses)[name]
    artifact = context.artifacts[name]

    def note(identifier: str) -> None:
        planned.transaction = identifier
        journal.save()

    receipt = context.sender.send(
        name,
        artifact.creation + encode_arguments(artifact.abi, arguments),
        None,
        planned.nonce,
        note,
    )
    if receipt["contractAddress"] != planned.address:
        raise DeploymentError(f"{name} went to {receipt['contractAddress']}, not {planned.address}")
    _mark(context, planned, receipt["blockNumber"])
    context.say(f"  {name:<28} {planned.address}  block {planned.block}")


def _is_there(context: Context, planned: Planned) -> bool:
    """Whether the contract's own transaction was mined, of which the chain alone is asked."""
    receipt = context.sender.outcome(planned.transaction)
    if receipt is None:
        return False
    if planned.block != receipt["blockNumber"]:
        _mark(context, planned, receipt["blockNumber"])
    return True


def _mark(context: Context, planned: Planned, block: int) -> None:
    planned.block = block
    context.journal.save()


def _plan(context: Context, names: list[str]) -> None:
    """Give these contracts the deployer's next nonces, on disk before anything is sent."""
    journal = context.journal
    first = context.sender.nonce()
    for nonce, name in enumerate(names, start=first):
        journal.contracts.pop(name, None)
        address = get_create_address(journal.deployer, nonce)  # type: ignore[arg-type]
        journal.contracts[name] = Planned(nonce=nonce, address=address)
    journal.save()


def _is_wanted(context: Context, name: str) -> bool:
    if name in SAFE_CONTRACTS:
        return bool(context.settings.safes)
    return name != TEST_DOLLAR or context.settings.token is None


def _is_missing(context: Context, name: str) -> bool:
    return _is_wanted(context, name) and not _is_there(context, context.journal.contracts[name])
