"""The account that deploys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from energy_grid.chain.accounts import LOCAL_CHAINS, refuse_well_known
from energy_grid.errors import DeploymentError, InputError

if TYPE_CHECKING:
    from ape.api import AccountAPI

__all__ = ["find_deployer", "quiet", "require_alias", "unlock"]


def require_alias(alias: str | None) -> None:
    """Refuse the name of an account that Ape does not have; needs no chain.

    Raises:
        InputError: there is none of this name.
    """
    from ape import accounts

    if alias is not None and alias not in accounts.aliases:
        raise InputError(f"Ape has no account {alias}: see `ape accounts list`")


def find_deployer(alias: str | None, chain_id: int) -> AccountAPI:
    """One of Ape's accounts; without an alias, the first of a local chain.

    Raises:
        InputError: an alias is missing or unknown.
        DeploymentError: everybody has this account's key, and the chain is not local.
    """
    from ape import accounts

    require_alias(alias)
    if alias is not None:
        account = accounts.load(alias)
    elif chain_id in LOCAL_CHAINS:
        account = accounts.test_accounts[0]
    else:
        raise InputError(f"who deploys to chain {chain_id}? Name an Ape account with --account")
    try:
        refuse_well_known([account.address], chain_id)
    except InputError as error:
        raise DeploymentError(str(error)) from None
    return account


def unlock(account: Any) -> None:
    """Let a keystore sign everything that follows; asks for its passphrase once.

    Ape takes it from APE_ACCOUNTS_<alias>_PASSPHRASE if that is set.
    """
    if hasattr(account, "set_autosign"):
        with quiet():
            account.set_autosign(True)


@contextmanager
def quiet() -> Iterator[None]:
    """Ape warns about its own cached key at every signature: only its errors are shown."""
    from ape.logging import LogLevel, logger

    with logger.at_level(LogLevel.ERROR):
        yield
