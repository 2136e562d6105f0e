"""A real Safe on a real node: what its owners sign happens once, and nothing else happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from eth_account import Account as EthAccount
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import RpcError
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.multisig import (
    Multisig,
    Operation,
    SafeTransaction,
    exec_transaction,
    joined,
)
from energy_grid.chain.tx.sender import FundsMissingError, Sender
from energy_grid.contracts import errors
from energy_grid.contracts.safe import Safe
from energy_grid.errors import InputError
from energy_grid.market.safe import signed_by
from tests.support.dollars import Dollars, dollar_chain
from tests.support.safes import deploy_safe, transaction_hash

OWNERS = [Account.local(index) for index in (1, 2, 3)]
FIRST, SECOND, THIRD = OWNERS
STRANGER = Account.local(7)
TOO_MUCH = 10**18
GAS = 250_000
TERMS = {
    "safeTxGas": 0,
    "baseGas": 0,
    "gasPrice": 0,
    "gasToken": "0x" + "0" * 40,
    "refundReceiver": "0x" + "0" * 40,
}
KINDS = {
    **dict.fromkeys(("to", "gasToken", "refundReceiver"), "address"),
    **dict.fromkeys(("value", "safeTxGas", "baseGas", "gasPrice", "nonce"), "uint256"),
    "data": "bytes",
    "operation": "uint8",
}
# Sends three calls of the Safe with keys and dies before it hears of them.
DOOMED = """
    import os, signal, sys
    from dataclasses import replace
    from pathlib import Path
    from energy_grid.chain.accounts import Account
    from energy_grid.chain.rpc.node import Node
    from energy_grid.chain.tx.journal import Journal
    from energy_grid.contracts.safe import Safe
    from energy_grid.market.safe import signed_by
    from energy_grid.chain.tx.sender import Sender
    from energy_grid.contracts.test_dollar import TestDollar

    url, token, safe, multi_send, journal = sys.argv[1:]
    node = Node(url)
    money = TestDollar(node, token)
    actor = signed_by(Safe(node, safe), [Account.local(1), Account.local(2)], multi_send)
    sender = Sender(node, journal=Journal(Path(journal)))
    calls = [replace(money.faucet(amount), gas=250_000) for amount in (1, 2, 4)]
    sender.submit_many([(actor, call) for call in calls], keys=["a", "b", "c"])
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Stage(NamedTuple):
    """A chain with the dollar, a Safe of two out of three, and a MultiSendCallOnly."""

    chain: Dollars
    safe: Safe
    multi_send: str

    def acting(self, *owners: Account) -> Multisig:
        return signed_by(self.safe, owners or (FIRST, SECOND), self.multi_send)

    def faucet(self, amount: int = 1) -> Call:
        """A call that names its gas, so that it is not estimated."""
        return replace(self.chain.money.faucet(amount), gas=GAS)

    @property
    def balance(self) -> int:
        return self.chain.money.balance_of(self.safe.address)


def _stage(chain: Dollars) -> Stage:
    chain.node.set_automine(True)
    return Stage(chain, *deploy_safe(chain.node, [one.address for one in OWNERS], 2))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Every transaction is mined at once."""
    with dollar_chain() as chain:
        yield _stage(chain)


@pytest.fixture
def quiet() -> Iterator[Stage]:
    """Nothing is mined unless it is asked for."""
    with dollar_chain() as chain:
        stage = _stage(chain)
        chain.node.set_automine(False)
        yield stage


def test_send__by_two_owners__is_the_safes_own_call(stage: Stage) -> None:
    receipt = stage.chain.sender().send(stage.acting(), stage.chain.money.faucet(5))
    assert (receipt.contract, receipt.function) == ("TestDollar", "faucet(uint256)")
    assert receipt.sender == FIRST.address
    (transfer,) = stage.chain.money.events(receipt.logs, "Transfer")
    assert (transfer["to"], transfer["value"]) == (stage.safe.address, 5)
    assert (stage.balance, stage.safe.nonce()) == (5, 1)
    (done,) = stage.safe.events(receipt.logs, "ExecutionSuccess")
    assert done["payment"] == 0


@pytest.mark.parametrize("owners", [(0, 1), (1, 0), (0, 2), (2, 1), (2, 1, 0)])
def test_send__by_any_two_owners_in_any_order(stage: Stage, owners: tuple[int, ...]) -> None:
    actor = stage.acting(*(OWNERS[index] for index in owners))
    assert len(actor.owners) == 2
    receipt = stage.chain.sender().send(actor, stage.chain.money.faucet(5))
    assert receipt.sender == OWNERS[owners[0]].address
    assert stage.balance == 5


def test_send__refused_by_the_called_contract__raises_its_error_and_sends_nothing(
    stage: Stage,
) -> None:
    before = stage.chain.node.nonce(FIRST.address)
    with pytest.raises(errors.TestDollar_AboveLimit) as refusal:
        stage.chain.sender().send(stage.acting(), stage.chain.money.faucet(TOO_MUCH))
    assert refusal.value.amount == TOO_MUCH
    assert stage.chain.node.nonce(FIRST.address) == before


def test_send__refused_when_mined__raises_the_same_and_uses_no_nonce_of_the_safe(
    stage: Stage,
) -> None:
    sender, actor = stage.chain.sender(), stage.acting()
    with pytest.raises(errors.TestDollar_AboveLimit) as refusal:
        sender.send(actor, stage.faucet(TOO_MUCH))
    assert refusal.value.amount == TOO_MUCH
    assert stage.safe.nonce() == 0
    assert sender.send(actor, stage.faucet(3)).ok
    assert stage.balance == 3


def test_send__value__is_the_safes(stage: Stage) -> None:
    stage.chain.node.set_balance(stage.safe.address, 10)
    paid = Call(contract="", function="pay", to=STRANGER.address, data=b"", value=4)
    before = stage.chain.node.balance(STRANGER.address)
    stage.chain.sender().send(stage.acting(), paid)
    assert stage.chain.node.balance(STRANGER.address) == before + 4
    assert stage.chain.node.balance(stage.safe.address) == 6


def test_send__owner_in_front_without_money__is_rejected(stage: Stage) -> None:
    stage.chain.node.set_balance(FIRST.address, 0)
    with pytest.raises(FundsMissingError, match=FIRST.address):
        stage.chain.sender().send(stage.acting(), stage.faucet())


def test_send__owner_whose_key_everybody_knows__is_refused_on_a_real_chain() -> None:
    secret = Account.create()
    with Anvil(chain_id=246) as node:
        actor = Multisig(STRANGER.address, [secret, SECOND], STRANGER.address)
        nothing = Call(contract="", function="", to=STRANGER.address, data=b"")
        with pytest.raises(InputError, match=f"the key of {SECOND.address} is public"):
            Sender(node).send(actor, nothing)


def test_batch__happens_as_a_whole_in_the_safes_name(stage: Stage) -> None:
    actor, money = stage.acting(), stage.chain.money
    calls = [money.faucet(amount) for amount in (1, 2, 4)]
    receipt = stage.chain.sender().send(
        actor, actor.batch([*calls, money.transfer(STRANGER.address, 0)])
    )
    assert receipt.contract == "MultiSendCallOnly"
    assert (stage.balance, stage.safe.nonce()) == (7, 1)
    assert actor.batch(calls).function == "faucet(uint256)"
    with pytest.raises(errors.TestDollar_AboveLimit):
        stage.chain.sender().send(actor, actor.batch([*calls, money.faucet(TOO_MUCH)]))
    refused = replace(actor.batch([*calls, money.faucet(TOO_MUCH)]), gas=GAS)
    with pytest.raises(errors.TestDollar_AboveLimit):
        stage.chain.sender().send(actor, refused)
    assert (stage.balance, stage.safe.nonce()) == (7, 1)


def test_batch__of_an_account__is_rejected(stage: Stage) -> None:
    batch = stage.acting().batch([stage.faucet(1)])
    before = stage.chain.node.nonce(FIRST.address)
    with pytest.raises(InputError, match="only a Safe"):
        stage.chain.sender().send(FIRST, batch)
    assert stage.chain.node.nonce(FIRST.address) == before


def test_signed_by__others_than_enough_owners__is_rejected(stage: Stage) -> None:
    with pytest.raises(InputError, match=f"{STRANGER.address} is no owner of the Safe"):
        stage.acting(FIRST, STRANGER)
    with pytest.raises(InputError, match="needs 2 owners to sign, not 1"):
        stage.acting(FIRST)
    with pytest.raises(InputError, match="named twice"):
        stage.acting(FIRST, FIRST)
    with pytest.raises(InputError, match="no owner signs"):
        stage.chain.sender().send(
            Multisig(stage.safe.address, [], stage.multi_send), stage.faucet()
        )


def test_digest__is_the_chains_and_that_of_eth_account(stage: Stage) -> None:
    for operation in Operation:
        transaction = SafeTransaction(
            to=STRANGER.address, value=7, data=b"\x01\x02", operation=operation, nonce=3
        )
        digest = transaction.digest(stage.safe.address, stage.chain.node.chain_id)
        assert digest == transaction_hash(stage.safe, transaction)
        fields = {
            **TERMS,
            "to": transaction.to,
            "value": 7,
            "data": b"\x01\x02",
            "operation": int(operation),
            "nonce": 3,
        }
        order = ("to", "value", "data", "operation", *TERMS, "nonce")
        message = encode_typed_data(
            {"chainId": stage.chain.node.chain_id, "verifyingContract": stage.safe.address},
            {"SafeTx": [{"name": name, "type": KINDS[name]} for name in order]},
            fields,
        )
        assert digest == keccak(b"\x19\x01" + message.header + message.body)
        key = "0x" + (5).to_bytes(32, "big").hex()
        signed = EthAccount.sign_message(message, key)
        assert signed.signature == Account.from_key(key).sign(digest).long


def _executing(stage: Stage, *signers: Account, nonce: int = 0, data: bytes | None = None) -> Call:
    """The Safe's call of the faucet for 5, with real signatures of a nonce."""
    faucet = stage.chain.money.faucet(5)
    transaction = SafeTransaction(
        to=faucet.to, value=0, data=faucet.data, operation=Operation.CALL, nonce=nonce
    )
    digest = transaction.digest(stage.safe.address, stage.chain.node.chain_id)
    signatures = {one.address: one.sign(digest).long for one in signers}
    sent = replace(transaction, data=data or transaction.data)
    return exec_transaction(stage.safe.address, faucet, sent, joined(signatures))


def test_exec_transaction__signed_by_two__anybody_sends_and_only_once(stage: Stage) -> None:
    call = _executing(stage, SECOND, THIRD)
    assert stage.chain.sender().send(STRANGER, call).ok
    assert stage.balance == 5
    with pytest.raises(errors.SafeRevert) as refusal:
        stage.chain.sender().send(STRANGER, call)
    assert refusal.value.text == "GS026"
    assert str(refusal.value) == (
        "Safe: a signature is not of an owner, is there twice, or is for another transaction"
        " (GS026)"
    )
    assert stage.balance == 5


def test_exec_transaction__too_few_or_other_signatures__is_rejected(stage: Stage) -> None:
    sender, other = stage.chain.sender(), stage.chain.money.faucet(6).data
    wrong = {
        "GS020": [_executing(stage, FIRST), _executing(stage)],
        "GS026": [
            _executing(stage, FIRST, STRANGER),
            _executing(stage, FIRST, SECOND, nonce=1),
            _executing(stage, FIRST, SECOND, data=other),
        ],
    }
    for code, calls in wrong.items():
        for call in calls:
            with pytest.raises(errors.SafeRevert, match=code):
                sender.send(FIRST, call)
    with pytest.raises(errors.SafeRevert, match="reverted"):
        raise errors.decode_revert(bytes.fromhex("08c379a0") + _text("GS999"), "Settlement")
    assert (stage.balance, stage.safe.nonce()) == (0, 0)


def _text(text: str) -> bytes:
    padded = text.encode().ljust(32, b"\0")
    return (32).to_bytes(32, "big") + len(text).to_bytes(32, "big") + padded


def test_signed__in_front_of_others__is_worthless_in_another_hand(quiet: Stage) -> None:
    """Who sees the transaction on its way can neither be faster with it nor keep it for later."""
    sender = quiet.chain.sender()
    (entry,) = sender.submit_many([(quiet.acting(), quiet.faucet(5))])
    seen = entry.call
    for thief in (STRANGER, THIRD):
        with pytest.raises(RpcError, match="GS025"):
            quiet.chain.node.call(seen.to, seen.data, sender=thief.address)
    quiet.chain.node.call(seen.to, seen.data, sender=FIRST.address)
    quiet.chain.node.mine()
    (receipt,) = sender.wait([entry])
    assert receipt.ok
    with pytest.raises(RpcError, match="GS026"):
        quiet.chain.node.call(seen.to, seen.data, sender=FIRST.address)
    assert quiet.balance == 5


def test_carries__says_what_a_call_of_the_safe_is_for(stage: Stage) -> None:
    actor, faucet = stage.acting(), stage.faucet(5)
    sent = actor.signed(faucet, 4, 31337)
    assert actor.carries(sent, faucet)
    assert not actor.carries(sent, stage.faucet(6))
    assert not actor.carries(sent, replace(faucet, value=1))
    assert not actor.carries(sent, replace(faucet, to=STRANGER.address))
    assert not actor.carries(faucet, faucet)
    assert actor.carries(actor.signed(actor.batch([faucet]), 0, 31337), actor.batch([faucet]))
    other = exec_transaction(STRANGER.address, faucet, actor.transaction(faucet, 0), b"")
    assert not actor.carries(other, faucet)


def test_send_many__of_the_safe_and_of_others__once_each_in_their_order(quiet: Stage) -> None:
    actor, sender = quiet.acting(), quiet.chain.sender(after_send=quiet.chain.node.mine, batch=3)
    items = [(actor, quiet.faucet(amount)) for amount in range(1, 8)]
    items.insert(3, (FIRST, quiet.faucet(100)))
    receipts = sender.send_many(items)
    amounts = [quiet.chain.money.events(one.logs, "Transfer")[0]["value"] for one in receipts]
    assert amounts == [1, 2, 3, 100, 4, 5, 6, 7]
    assert (quiet.balance, quiet.safe.nonce()) == (28, 7)
    assert quiet.chain.balance(FIRST) == 100


def test_send_many__estimated__several_calls_of_the_safe(stage: Stage) -> None:
    calls = [stage.chain.money.faucet(amount) for amount in (1, 2)]
    stage.chain.sender().send_many([(stage.acting(), call) for call in calls])
    assert stage.balance == 3


def test_send_many__one_refused_when_mined__those_behind_have_no_effect_and_can_be_sent_again(
    quiet: Stage,
) -> None:
    actor, sender = quiet.acting(), quiet.chain.sender(after_send=quiet.chain.node.mine)
    items = [(actor, quiet.faucet(amount)) for amount in (1, TOO_MUCH, 2)]
    receipts = sender.send_many(items, check=False)
    assert [receipt.ok for receipt in receipts] == [True, False, False]
    assert isinstance(receipts[1].error, errors.TestDollar_AboveLimit)
    assert isinstance(receipts[2].error, errors.SafeRevert)
    assert (quiet.balance, quiet.safe.nonce()) == (1, 1)
    assert sender.send(actor, quiet.faucet(2)).ok
    assert quiet.balance == 3


def test_dropped__is_sent_again_with_the_same_bytes_and_happens_once(quiet: Stage) -> None:
    sender = quiet.chain.sender(resend_after=0.05)
    pending = sender.submit_many([(quiet.acting(), quiet.faucet(amount)) for amount in (1, 2)])
    before = [entry.latest.hash for entry in pending]
    quiet.chain.node.rpc("anvil_dropAllTransactions")
    assert quiet.chain.pool == 0
    quiet.chain.node.set_automine(True)
    receipts = sender.wait(pending)
    assert [receipt.transaction for receipt in receipts] == before
    assert (quiet.balance, quiet.safe.nonce()) == (3, 2)


def test_stuck__offers_more_under_both_nonces_and_happens_once(quiet: Stage) -> None:
    node = quiet.chain.node
    sender = quiet.chain.sender(raise_after=1, resend_after=60)
    (entry,) = sender.submit_many([(quiet.acting(), quiet.faucet(5))])
    # The base fee rises above what was offered, and blocks pass it by.
    node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10 * entry.latest.transaction.max_fee))
    node.mine(2)
    node.rpc("anvil_setNextBlockBaseFeePerGas", "0x1")
    node.set_interval(1)
    (receipt,) = sender.wait([entry])
    assert receipt.ok
    assert len(entry.attempts) > 1
    assert {one.transaction.data for one in entry.attempts} == {entry.call.data}
    assert (quiet.balance, quiet.safe.nonce()) == (5, 1)


def test_on_its_way__the_next_call_has_the_next_nonces(quiet: Stage) -> None:
    sender, actor = quiet.chain.sender(), quiet.acting()
    pending = sender.submit_many([(actor, quiet.faucet(1))])
    pending += sender.submit_many([(actor, quiet.faucet(2))])
    assert [entry.safe for entry in pending] == [(actor.address, 0), (actor.address, 1)]
    quiet.chain.node.mine()
    sender.wait(pending)
    assert quiet.balance == 3


def test_refused_but_not_deep_yet__leaves_its_nonce_to_the_next(quiet: Stage) -> None:
    sender, actor = quiet.chain.sender(confirmations=2), quiet.acting()
    pending = sender.submit_many([(actor, quiet.faucet(TOO_MUCH))])
    quiet.chain.node.mine()
    pending += sender.submit_many([(actor, quiet.faucet(5))])
    assert [entry.safe for entry in pending] == [(actor.address, 0), (actor.address, 0)]
    quiet.chain.node.mine(3)
    refused, done = sender.wait(pending, check=False)
    assert isinstance(refused.error, errors.TestDollar_AboveLimit)
    assert done.ok
    assert quiet.balance == 5


def _die_after_sending(stage: Stage, journal: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DOOMED), stage.chain.node.url]
    command += [stage.chain.money.address, stage.safe.address, stage.multi_send, str(journal)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("lost", [False, True])
def test_process_killed__the_next_one_has_more__once_each(
    quiet: Stage, tmp_path: Path, lost: bool
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    if lost:
        quiet.chain.node.rpc("anvil_dropAllTransactions")
    quiet.chain.node.set_automine(True)
    if not lost:
        quiet.chain.node.mine()
    journal = Journal(tmp_path / "journal")
    sender, actor = Sender(quiet.chain.node, journal=journal), quiet.acting()
    # A fourth under a new key goes behind the three; those under the old keys do nothing more.
    items = [(actor, quiet.faucet(amount)) for amount in (1, 2, 4, 8)]
    receipts = sender.send_many(items, keys=["a", "b", "c", "d"])
    assert all(receipt.ok for receipt in receipts)
    assert (quiet.balance, quiet.safe.nonce()) == (15, 4)
    with pytest.raises(InputError, match="was used for another call"):
        sender.send(actor, quiet.faucet(9), key="a")
    journal.close()


def test_process_killed__resumed_with_the_safe__once_each(quiet: Stage, tmp_path: Path) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    journal = Journal(tmp_path / "journal")
    assert [entry.safe for entry in journal.unfinished] == [
        (quiet.safe.address, nonce) for nonce in range(3)
    ]
    quiet.chain.node.set_automine(True)
    quiet.chain.node.mine()
    receipts = Sender(quiet.chain.node, journal=journal).resume([quiet.acting()])
    assert [receipt.ok for receipt in receipts] == [True] * 3
    assert (quiet.balance, quiet.safe.nonce()) == (7, 3)
    journal.close()
