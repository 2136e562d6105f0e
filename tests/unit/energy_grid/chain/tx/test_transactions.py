"""Transactions are the bytes that everybody else would make."""

from __future__ import annotations

import pytest
import rlp
from eth_account import Account as Reference
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.transactions import (
    SignedTransaction,
    Transaction,
    sign_transaction,
)

KEY = b"\7" * 32
TO = Account.local(0).address
LENGTHS = (2, 54, 55, 56, 255, 256, 65_535, 65_536)
word = st.integers(0, 2**64 - 1)


@given(
    chain_id=st.integers(1, 2**31),
    nonce=word,
    tip=word,
    max_fee=word,
    gas=st.integers(21_000, 2**40),
    to=st.sampled_from([TO, ""]),
    value=st.integers(0, 2**128),
    data=st.binary(max_size=300),
)
def test_sign__as_the_reference_does(
    chain_id: int, nonce: int, tip: int, max_fee: int, gas: int, to: str, value: int, data: bytes
) -> None:
    transaction = Transaction(
        chain_id=chain_id,
        nonce=nonce,
        tip=tip,
        max_fee=max_fee,
        gas=gas,
        to=to,
        value=value,
        data=data,
    )
    signed = sign_transaction(transaction, Account(KEY))
    expected = Reference.from_key(KEY).sign_transaction(
        {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "maxPriorityFeePerGas": tip,
            "maxFeePerGas": max_fee,
            "gas": gas,
            "value": value,
            "data": data,
            **({"to": to} if to else {}),
        }
    )
    assert signed.raw == bytes(expected.raw_transaction)
    assert signed.hash == expected.hash.to_0x_hex()
    assert SignedTransaction.from_raw(signed.raw) == signed


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x7f", b"\x80", *(bytes(n) for n in LENGTHS)])
def test_sign__data_at_the_edges_of_the_encoding__comes_back(data: bytes) -> None:
    transaction = Transaction(
        chain_id=1, nonce=127, tip=128, max_fee=255, gas=256, to=TO, value=0, data=data
    )
    signed = sign_transaction(transaction, Account(KEY))
    assert SignedTransaction.from_raw(signed.raw) == signed
    fields = rlp.decode(signed.raw[1:])
    assert signed.raw[1:] == rlp.encode(fields)


def test_from_raw__something_else__is_rejected() -> None:
    for raw in (b"", b"\2", b"\2\xc3\1\2"):
        with pytest.raises(ValueError, match=r"RLP|unpack"):
            SignedTransaction.from_raw(raw)


def test_most__is_gas_at_the_highest_fee_and_the_value() -> None:
    transaction = Transaction(
        chain_id=1, nonce=0, tip=1, max_fee=7, gas=100, to=TO, value=5, data=b""
    )
    assert transaction.max_cost == 705
