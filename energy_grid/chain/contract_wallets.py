"""Contract wallets, which confirm their signatures themselves (EIP-1271)."""

from __future__ import annotations

from energy_grid.chain.accounts import Signature, recover
from energy_grid.chain.codec import tuple_coder, value_coder
from energy_grid.chain.rpc.node import BlockId, Node, RpcError
from energy_grid.domain.hashing import keccak
from energy_grid.domain.signed_orders import compact
from energy_grid.errors import InputError

__all__ = ["is_confirmed", "is_contract_wallet", "is_signed"]

_IS_VALID = keccak(b"isValidSignature(bytes32,bytes)")[:4]
_ARGUMENTS = tuple_coder([value_coder("bytes32"), value_coder("bytes")])
# Gas of a transaction before its first instruction (EIP-2028), and its least of all (EIP-7623).
_TRANSACTION, _ZERO, _NONZERO, _TOKEN = 21_000, 4, 16, 10
# Of an account that has a key and borrows the code of a contract (EIP-7702).
_DELEGATED = bytes.fromhex("ef0100")


def is_contract_wallet(code: bytes) -> bool:
    """Whether an account with this code has no key: others send for it."""
    return bool(code) and not code.startswith(_DELEGATED)


def is_signed(node: Node, account: str, digest: bytes, signature: bytes, *, gas: int) -> bool:
    """Whether an account has signed: with its key, or as a contract wallet that confirms it."""
    try:
        if recover(digest, Signature.from_compact(*compact(signature))) == account:
            return True
    except InputError:
        # It may be a contract wallet's.
        pass
    return is_confirmed(node, account, digest, signature, gas=gas)


def is_confirmed(
    node: Node,
    wallet: str,
    digest: bytes,
    signature: bytes,
    *,
    gas: int,
    block_identifier: BlockId = "latest",
) -> bool:
    """Whether a contract wallet confirms a signature, with so much gas as it has on the chain.

    An account without code confirms nothing. What a wallet answers can change with every block.
    """
    data = _IS_VALID + _ARGUMENTS.encode((digest, signature))
    try:
        answer = node.call(wallet, data, gas=gas + _before(data, gas), block=block_identifier)
    except RpcError:
        return False
    return answer[:32] == _IS_VALID.ljust(32, b"\0")


def _before(data: bytes, gas: int) -> int:
    """What a call of its own costs above ``gas``."""
    zeros = data.count(0)
    tokens = zeros + 4 * (len(data) - zeros)
    start = _TRANSACTION + _ZERO * zeros + _NONZERO * (len(data) - zeros)
    return max(start, _TRANSACTION + _TOKEN * tokens - gas)
