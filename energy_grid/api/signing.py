"""Signing in with a key."""

from __future__ import annotations

from urllib.parse import urlsplit

from energy_grid.api.models import Challenge
from energy_grid.chain.accounts import Account, message_digest
from energy_grid.errors import InputError

__all__ = ["sign_challenge"]


def sign_challenge(account: Account, challenge: Challenge, origin: str) -> str:
    """The signature of a challenge (ERC-4361), for `Paths.open_session`.

    Args:
        origin: whom the account signs in for, such as ``https://grid.example``.

    Raises:
        InputError: the message is for somebody else. Its sender could sign in there as the account.
    """
    head = (
        f"{urlsplit(origin).netloc} wants you to sign in with your Ethereum account:\n"
        f"{account.address}\n"
    )
    if not challenge.message.startswith(head):
        first = challenge.message.partition("\n")[0][:100]
        raise InputError(
            f"the message to sign is not for {origin}, but begins with {first!r}: if you trust"
            " that, name it as the client's origin"
        )
    return f"0x{account.sign(message_digest(challenge.message)).long.hex()}"
