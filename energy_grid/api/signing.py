"""What a key signs of what the interface answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from energy_grid.api.models import Challenge, Quote, RelayRequest, SignedOrderDocument, UnsignedCall
from energy_grid.chain.accounts import Account, message_digest
from energy_grid.domain.hashing import keccak
from energy_grid.errors import InputError

__all__ = ["sign_call", "sign_challenge", "sign_order"]


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
            " that, name it as the origin"
        )
    return f"0x{account.sign(message_digest(challenge.message)).long.hex()}"


def sign_order(account: Account, quote: Quote) -> SignedOrderDocument:
    """The order that was quoted, signed, for `Paths.place_order`.

    Raises:
        InputError: what is to be signed is no order of this account.
    """
    message = _message(account, quote.typed_data, "EnergyOrder", "trader")
    place = quote.typed_data["domain"]
    return SignedOrderDocument.model_validate(
        {
            **message,
            "chainId": place["chainId"],
            "contract": place["verifyingContract"],
            "signature": _signature(account, quote.typed_data),
        }
    )


def sign_call(account: Account, call: UnsignedCall) -> RelayRequest:
    """A call as its account signs it for a relay, for `Paths.relay_call`.

    Raises:
        InputError: it cannot be relayed, or what is to be signed is another call.
    """
    document = call.relay_typed_data
    if document is None:
        raise InputError(
            f"{call.contract}.{call.function.partition('(')[0]} cannot be relayed: let the"
            " account's wallet send it"
        )
    message = _message(account, document, "ForwardRequest", "from")
    if (message["to"], message["data"], message["value"]) != (call.to, call.data, 0):
        raise InputError("what is to be signed is another call: sign nothing from this interface")
    return RelayRequest.model_validate({**message, "signature": _signature(account, document)})


def _message(account: Account, document: dict[str, Any], kind: str, owner: str) -> dict[str, Any]:
    """Raises InputError: it is of another kind, or of another account."""
    message: dict[str, Any] = document["message"]
    if document["primaryType"] != kind or message[owner] != account.address:
        raise InputError(
            f"what is to be signed is no {kind} of {account.address}: ask with its address"
        )
    return message


def _signature(account: Account, document: dict[str, Any]) -> str:
    from eth_account.messages import encode_typed_data

    found = encode_typed_data(full_message=document)
    digest = keccak(b"\x19" + found.version + found.header + found.body)
    return f"0x{account.sign(digest).long.hex()}"
