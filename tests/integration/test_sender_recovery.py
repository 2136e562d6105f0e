"""The sender after the node or its own process has died: nothing is lost, nothing happens twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.sender import Sender
from energy_grid.contracts import test_dollar
from energy_grid.errors import InputError, TransactionPendingError
from tests.support.dollars import Dollars, dollar_chain

PROSUMER, CONSUMER = Account.local(0), Account.local(1)
# Sends three calls with keys and dies before it hears of them.
DOOMED = """
    import os, signal, sys
    from pathlib import Path
    from dataclasses import replace
    from energy_grid.chain.accounts import Account
    from energy_grid.chain.rpc.node import Node
    from energy_grid.chain.tx.journal import Journal
    from energy_grid.chain.tx.sender import Sender
    from energy_grid.contracts.test_dollar import TestDollar

    url, token, journal = sys.argv[1:]
    node = Node(url)
    money = TestDollar(node, token)
    sender = Sender(node, journal=Journal(Path(journal)))
    calls = [replace(money.faucet(amount), gas=100_000) for amount in (1, 2, 4)]
    sender.submit_many([(Account.local(0), call) for call in calls], keys=["a", "b", "c"])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def quiet() -> Iterator[Dollars]:
    """Nothing is mined unless it is asked for."""
    with dollar_chain(mining=False) as dollars:
        yield dollars


def _die_after_sending(chain: Dollars, journal: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DOOMED)]
    command += [chain.node.url, chain.money.address, str(journal)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def test_process_killed__next_one_resumes__once_each(quiet: Dollars, tmp_path: Path) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    quiet.node.set_automine(True)
    journal = Journal(tmp_path / "journal")
    assert len(journal.unfinished) == 3
    sender = Sender(quiet.node, journal=journal)
    receipts = sender.resume()
    assert [receipt.function for receipt in receipts] == ["faucet(uint256)"] * 3
    assert quiet.balance(PROSUMER) == 7
    assert sender.resume() == []
    journal.close()


def test_process_killed__node_has_lost_them_too__sends_the_same_bytes(
    quiet: Dollars, tmp_path: Path
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    quiet.node.rpc("anvil_dropAllTransactions")
    quiet.node.set_automine(True)
    journal = Journal(tmp_path / "journal")
    sent = [entry.latest.hash for entry in journal.unfinished]
    receipts = Sender(quiet.node, journal=journal).resume()
    assert [receipt.transaction for receipt in receipts] == sent
    assert quiet.balance(PROSUMER) == 7
    journal.close()


def test_process_killed__next_one_sends_at_once__both_happen(
    quiet: Dollars, tmp_path: Path
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    quiet.node.rpc("anvil_dropAllTransactions")
    quiet.node.set_automine(True)
    journal = Journal(tmp_path / "journal")
    assert Sender(quiet.node, journal=journal).send(PROSUMER, quiet.faucet(8)).ok
    assert quiet.balance(PROSUMER) == 15
    journal.close()


def test_process_killed__work_done_again_under_its_keys__happens_once(
    quiet: Dollars, tmp_path: Path
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")
    quiet.node.mine()
    quiet.node.set_automine(True)
    work = [(PROSUMER, quiet.faucet(amount)) for amount in (1, 2, 4, 8)]
    seen = []
    for _ in range(3):
        journal = Journal(tmp_path / "journal")
        receipts = Sender(quiet.node, journal=journal).send_many(work, keys=["a", "b", "c", "d"])
        seen.append([receipt.transaction for receipt in receipts])
        journal.close()
        assert quiet.balance(PROSUMER) == 15
    assert seen[0] == seen[1] == seen[2]
    assert quiet.node.nonce(PROSUMER.address) == 4


def test_process_killed__stuck_since__is_raised_with_the_accounts_key(
    quiet: Dollars, tmp_path: Path
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")

    def mine() -> None:
        quiet.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**11))
        quiet.node.mine()

    policy = Policy(timeout=1, resend_after=0.1, raise_after=2)
    journal = Journal(tmp_path / "journal")
    with pytest.raises(TransactionPendingError, match="it may still take effect"):
        Sender(quiet.node, policy=policy, journal=journal, after_send=mine).resume()
    journal.close()
    journal = Journal(tmp_path / "journal")
    sender = Sender(quiet.node, policy=policy, journal=journal, after_send=mine)
    receipts = sender.resume([CONSUMER, PROSUMER])
    assert all(receipt.gas_price >= 10**11 for receipt in receipts)
    assert quiet.balance(PROSUMER) == 7
    assert quiet.node.nonce(PROSUMER.address) == 3
    journal.close()


def test_process_killed__stuck_since__is_raised_by_the_same_work_under_its_keys(
    quiet: Dollars, tmp_path: Path
) -> None:
    _die_after_sending(quiet, tmp_path / "journal")

    def mine() -> None:
        quiet.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**11))
        quiet.node.mine()

    policy = Policy(timeout=2, resend_after=0.1, raise_after=2)
    journal = Journal(tmp_path / "journal")
    sender = Sender(quiet.node, policy=policy, journal=journal, after_send=mine)
    work = [(PROSUMER, quiet.faucet(amount)) for amount in (1, 2, 4)]
    receipts = sender.send_many(work, keys=["a", "b", "c"])
    assert all(receipt.gas_price >= 10**11 for receipt in receipts)
    assert (quiet.balance(PROSUMER), quiet.node.nonce(PROSUMER.address)) == (7, 3)
    journal.close()


def test_key_of_another_call__is_rejected(quiet: Dollars) -> None:
    sender = quiet.sender(after_send=quiet.node.mine)
    first = sender.send(PROSUMER, quiet.faucet(1), key="monday")
    assert sender.send(PROSUMER, quiet.faucet(1), key="monday") == first
    with pytest.raises(InputError, match="the key monday was used for another call"):
        sender.send(PROSUMER, quiet.faucet(2), key="monday")
    with pytest.raises(InputError, match="the key monday was used for another call"):
        sender.send(CONSUMER, quiet.faucet(1), key="monday")
    with pytest.raises(InputError, match="the key tuesday stands for several calls"):
        sender.send_many([(PROSUMER, quiet.faucet())] * 2, keys=["tuesday"] * 2)
    with pytest.raises(InputError, match="2 calls and 1 keys"):
        sender.send_many([(PROSUMER, quiet.faucet())] * 2, keys=["tuesday"])
    assert quiet.balance(PROSUMER) == 1


def test_key_of_a_failed_call__fails_again_without_being_sent(quiet: Dollars) -> None:
    sender = quiet.sender(after_send=quiet.node.mine)
    items = [(PROSUMER, quiet.faucet(10**18))]
    first, again = (sender.send_many(items, keys=["x"], check=False)[0] for _ in range(2))
    assert first.error is not None
    assert first.transaction == again.transaction
    assert quiet.node.nonce(PROSUMER.address) == 1


def test_journal_of_another_chain__is_rejected(quiet: Dollars, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    Sender(quiet.node, journal=journal).submit_many([(PROSUMER, quiet.faucet())])
    with Anvil(timestamp=1) as other, pytest.raises(InputError, match="belongs to another chain"):
        Sender(other, journal=journal).resume()
    journal.close()


def test_node_restarted_from_its_state__pending_ones_are_sent_again(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with dollar_chain(state=state, mining=False) as chain:
        sender, port = chain.sender(), int(chain.node.url.rpartition(":")[2])
        mined = sender.submit_many([(PROSUMER, chain.faucet(1))])
        chain.node.mine()
        lost = sender.submit_many([(PROSUMER, chain.faucet(2)), (CONSUMER, chain.faucet(4))])
        address = chain.money.address
    with Anvil(port=port, state=state) as node:
        assert isinstance(node, DevNode)
        receipts = sender.wait([*mined, *lost])
        money = test_dollar.TestDollar(node, address)
        assert [receipt.transaction for receipt in receipts] == [
            entry.latest.hash for entry in (*mined, *lost)
        ]
        assert money.balance_of(PROSUMER.address) == 3
        assert money.balance_of(CONSUMER.address) == 4
        assert node.nonce(PROSUMER.address) == 2
        sender.send(PROSUMER, chain.faucet(8))
        assert money.balance_of(PROSUMER.address) == 11


def test_node_comes_back_while_waiting__has_more(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with dollar_chain(state=state, mining=False) as chain:
        sender, port = chain.sender(), int(chain.node.url.rpartition(":")[2])
        pending = sender.submit_many([(PROSUMER, chain.faucet(1))])
    command = [sys.executable, "-c", textwrap.dedent(_LATE), str(port), str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as late:
        receipts = sender.wait(pending)
        assert receipts[0].transaction == pending[0].latest.hash
        assert chain.balance(PROSUMER) == 1
        late.communicate()


# Starts the node again after a while, and stops it when its input is closed.
_LATE = """
    import sys, time
    from pathlib import Path
    from energy_grid.chain.rpc.anvil import Anvil

    time.sleep(0.5)
    with Anvil(port=int(sys.argv[1]), state=Path(sys.argv[2])):
        sys.stdin.read()
"""
