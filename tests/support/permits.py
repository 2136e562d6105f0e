"""EIP-2612 permits, signed field by field from the page of the standard."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from tests.support.market import Market

__all__ = ["Permit", "assert_own_domain", "sign_permit"]

_FIELDS = {
    "owner": "address",
    "spender": "address",
    "value": "uint256",
    "nonce": "uint256",
    "deadline": "uint256",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What goes with a permit's amount."""

    deadline: int
    v: int
    r: bytes
    s: bytes


def sign_permit(
    token: Contract,
    owner: LocalAccount,
    spender: str,
    amount: int,
    *,
    deadline: int,
    signer: LocalAccount | None = None,
    nonce: int | None = None,
    **domain: object,
) -> Permit:
    """The owner's permit, or one that somebody else signs in its place; with the nonce that comes
    next, unless one is given, and for the token's own domain, less what is given of another."""
    signed = (signer or owner).sign_typed_data(
        {
            "name": token.call("name"),
            "version": "1",
            "chainId": token.node.chain_id,
            "verifyingContract": token.address,
            **domain,
        },
        {"Permit": [{"name": name, "type": type_} for name, type_ in _FIELDS.items()]},
        {
            "owner": owner.address,
            "spender": spender,
            "value": amount,
            "nonce": token.call("nonces", owner.address) if nonce is None else nonce,
            "deadline": deadline,
        },
    )
    return Permit(deadline=deadline, v=signed.v, r=signed.r.to_bytes(32), s=signed.s.to_bytes(32))


def assert_own_domain(market: Market, token: Contract) -> None:
    """The token's domain is that of its own name, on this chain, at its address."""
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    name, chain_id = token.call("name"), market.node.chain_id
    separator = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(text=kind), keccak(text=name), keccak(text="1"), chain_id, token.address],
        )
    )
    assert token.call("DOMAIN_SEPARATOR") == separator
    # 0x0f: the first four of EIP-712's five fields.
    assert token.call("eip712Domain") == (
        *(b"\x0f", name, "1", chain_id, token.address, bytes(32), ()),
    )
