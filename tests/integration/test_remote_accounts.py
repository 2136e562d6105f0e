"""Transactions of accounts whose key a signer keeps: here a node, which has its own accounts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.remote_accounts import RemoteAccount
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode, RpcError
from energy_grid.chain.tx.transactions import Transaction, sign_transaction
from energy_grid.cli.accounts import account_of, address_in
from energy_grid.errors import InputError, NodeUnreachableError

LOCAL = Account.local(3)
CALL = Transaction(
    chain_id=31337,
    nonce=0,
    tip=1,
    max_fee=10**10,
    gas=50_000,
    to=LOCAL.address,
    value=5,
    data=b"\x01",
)


@pytest.fixture(scope="module")
def node() -> Iterator[DevNode]:
    with Anvil() as opened:
        yield opened


def test_sign_transaction__of_a_remote_account__is_as_with_its_key(node: DevNode) -> None:
    word = f"signer:{node.url}#{LOCAL.address}"
    remote = account_of(word)
    assert isinstance(remote, RemoteAccount)
    assert address_in(word) == LOCAL.address
    signed = sign_transaction(CALL, remote)
    assert signed == sign_transaction(CALL, LOCAL)
    node.rpc("eth_sendRawTransaction", "0x" + signed.raw.hex())
    assert node.receipt(signed.hash)["status"] == "0x1"


def test_sign_transaction__that_the_signer_refuses__is_an_error(node: DevNode) -> None:
    with pytest.raises(RpcError, match="eth_signTransaction"):
        sign_transaction(CALL, account_of(f"signer:{node.url}#0x{'11' * 20}"))


def test_sign_transaction__without_its_signer__can_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(NodeUnreachableError):
            sign_transaction(CALL, RemoteAccount(LOCAL.address, f"http://127.0.0.1:{port}"))


class _Elsewhere(RemoteAccount):
    """A signer with an answer of its own."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(LOCAL.address, "http://127.0.0.1:1")
        self.answer = answer

    def signed(self, fields: object) -> bytes:
        return self.answer


def test_sign_transaction__changed_by_the_signer__is_refused() -> None:
    dearer = replace(CALL, tip=2)
    for answer, message in (
        (sign_transaction(dearer, LOCAL).raw, "signed something else"),
        (sign_transaction(CALL, Account.local(4)).raw, "signed something else"),
        (b"", "answers no transaction"),
        (b"\x02\x01", "answers no transaction"),
    ):
        with pytest.raises(InputError, match=message):
            sign_transaction(CALL, _Elsewhere(answer))


def test_remote_account__signs_nothing_else() -> None:
    remote = RemoteAccount(LOCAL.address, "http://127.0.0.1:1")
    with pytest.raises(InputError, match="signs transactions alone"):
        remote.sign(bytes(32))
    with pytest.raises(InputError, match="is in its signer"):
        remote.encrypted("password")


@pytest.mark.parametrize("word", ["signer:", "signer:http://host", "signer:http://host#0x12"])
def test_account_of__half_a_signer__is_said(word: str) -> None:
    with pytest.raises(InputError, match="a signer is written signer:URL#ADDRESS"):
        account_of(word)
