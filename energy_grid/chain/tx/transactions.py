"""EIP-1559 transactions: made, signed, and read back from their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account, Signature, recover
from energy_grid.chain.remote_accounts import RemoteAccount
from energy_grid.domain.hashing import keccak
from energy_grid.errors import InputError

__all__ = ["SignedTransaction", "Transaction", "sign_transaction"]

_TYPE = b"\x02"
_SHORT, _SHORT_LIST, _SHORT_BYTES = 0x80, 0xC0, 55
_NO_ACCESS_LIST = bytes([_SHORT_LIST])


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What is signed. Fees are wei per gas; ``to`` is empty where a contract is created."""

    chain_id: int
    nonce: int
    tip: int
    max_fee: int
    gas: int
    to: str
    value: int
    data: bytes

    @property
    def fields(self) -> list[bytes]:
        """The fields in the order in which they are signed, each as RLP."""
        return [
            _number(self.chain_id),
            _number(self.nonce),
            _number(self.tip),
            _number(self.max_fee),
            _number(self.gas),
            _item(bytes.fromhex(self.to[2:])),
            _number(self.value),
            _item(self.data),
            _NO_ACCESS_LIST,
        ]

    @property
    def json(self) -> dict[str, str]:
        """The fields as a signer takes them over JSON-RPC."""
        numbers = {
            "chainId": self.chain_id,
            "nonce": self.nonce,
            "maxPriorityFeePerGas": self.tip,
            "maxFeePerGas": self.max_fee,
            "gas": self.gas,
            "value": self.value,
        }
        place = {"to": self.to} if self.to else {}
        data = "0x" + self.data.hex()
        return {
            "type": "0x2",
            **{name: hex(number) for name, number in numbers.items()},
            **place,
            "data": data,
            # The one is the older name of the other.
            "input": data,
        }

    @property
    def max_cost(self) -> int:
        """Its maximal cost, in wei."""
        return self.gas * self.max_fee + self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """A signed transaction; the same bytes can be sent any number of times."""

    transaction: Transaction
    raw: bytes
    hash: str

    @classmethod
    def from_raw(cls, raw: bytes) -> SignedTransaction:
        """The transaction in bytes that `sign_transaction` made.

        Raises:
            ValueError: they are something else.
        """
        import rlp  # type: ignore[import-untyped]

        try:
            fields = rlp.decode(raw[1:])
        except rlp.DecodingError as error:
            raise ValueError(str(error)) from None
        chain_id, nonce, tip, max_fee, gas = (int.from_bytes(part, "big") for part in fields[:5])
        transaction = Transaction(
            chain_id=chain_id,
            nonce=nonce,
            tip=tip,
            max_fee=max_fee,
            gas=gas,
            to=checksum("0x" + fields[5].hex()) if fields[5] else "",
            value=int.from_bytes(fields[6], "big"),
            data=fields[7],
        )
        return cls(transaction=transaction, raw=raw, hash="0x" + keccak(raw).hex())


def sign_transaction(transaction: Transaction, account: Account) -> SignedTransaction:
    """Sign a transaction, or have it signed where the key is.

    Raises:
        InputError: a signer signed something else, or with another key.
        ChainError: a signer refuses, or does not answer.
    """
    fields = transaction.fields
    digest = keccak(_TYPE + _list(fields))
    if isinstance(account, RemoteAccount):
        signature = _signature_in(account.signed(transaction.json), account.address)
        if recover(digest, signature) != account.address:
            raise InputError(f"the signer of {account.address} signed something else")
    else:
        signature = account.sign(digest)
    parts = (signature.parity, signature.r, signature.s)
    raw = _TYPE + _list([*fields, *map(_number, parts)])
    return SignedTransaction(transaction=transaction, raw=raw, hash="0x" + keccak(raw).hex())


def _signature_in(raw: bytes, signer: str) -> Signature:
    """The signature at the end of a signed transaction."""
    import rlp

    try:
        parity, r, s = (int.from_bytes(part, "big") for part in rlp.decode(raw[1:])[-3:])
    except (rlp.DecodingError, ValueError, TypeError):
        raise InputError(f"the signer of {signer} answers no transaction") from None
    return Signature(r, s, parity)


# The rlp package finds out the type of every value anew, which takes longer than the signature.


def _number(value: int) -> bytes:
    return _item(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _item(data: bytes) -> bytes:
    if len(data) == 1 and data[0] < _SHORT:
        return data
    return _head(len(data), _SHORT) + data


def _list(items: Sequence[bytes]) -> bytes:
    content = b"".join(items)
    return _head(len(content), _SHORT_LIST) + content


def _head(length: int, short: int) -> bytes:
    if length <= _SHORT_BYTES:
        return bytes([short + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([short + _SHORT_BYTES + len(size)]) + size
