"""The journal in the database: whatever dies wherever, every keyed call has exactly one effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import func, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal, OtherLeaderError
from energy_grid.backend.store.transactions import SENT_ATTEMPTS
from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import Sender
from energy_grid.errors import InputError, TransactionFailedError
from tests.support.dollars import Dollars, dollar_chain
from tests.support.killing import KilledError, dying

ALICE, BOB = Account.local(0), Account.local(1)
AMOUNTS, KEYS = (1, 2, 4), ("a", "b", "c")


@pytest.fixture(scope="module")
def one_chain() -> Iterator[Dollars]:
    with dollar_chain(mining=False) as dollars:
        yield dollars


@pytest.fixture
def chain(one_chain: Dollars) -> Iterator[Dollars]:
    """Nothing is mined unless it is asked for."""
    snapshot = one_chain.node.snapshot()
    yield one_chain
    one_chain.node.rpc("anvil_dropAllTransactions")
    one_chain.node.revert(snapshot)


def journal_of(chain: Dollars, database: Database, name: str = "settlement") -> DatabaseJournal:
    return DatabaseJournal(database, name, lambda: chain.node.time)


def sender_of(chain: Dollars, journal: DatabaseJournal, confirmations: int = 0) -> Sender:
    policy = Policy(timeout=5, resend_after=0.02, confirmations=confirmations)
    return Sender(chain.node, policy=policy, journal=journal, after_send=chain.node.mine)


def work(
    chain: Dollars, database: Database, keys: Sequence[str] = KEYS, *, confirmations: int = 0
) -> list[Receipt]:
    """All that a process does between its start and its end."""
    sender = sender_of(chain, journal_of(chain, database), confirmations)
    sender.resume([ALICE])
    return sender.send_many([(ALICE, chain.faucet(each)) for each in AMOUNTS], keys=keys)


@pytest.mark.parametrize("is_lost", [False, True], ids=["", "pool lost"])
def test_killed_at_every_moment__every_call_happens_once(
    chain: Dollars, database: Database, is_lost: bool
) -> None:
    nonce, times = chain.node.nonce(ALICE.address), 0
    for moment in count(1):
        snapshot = chain.node.snapshot()
        try:
            with dying(database, chain.node, moment):
                receipts = work(chain, database)
        except KilledError:
            if is_lost:
                chain.node.rpc("anvil_dropAllTransactions")
            receipts = work(chain, database)
            times += 1
        else:
            break
        finally:
            assert chain.balance(ALICE) == sum(AMOUNTS), f"killed at {moment}"
            assert chain.node.nonce(ALICE.address) - nonce == len(AMOUNTS)
            assert all(each.ok for each in receipts)
            chain.node.revert(snapshot)
            journal_of(chain, database).forget()
    # Statements, commits and requests, before and after.
    assert times > 20


def test_killed__mined_and_taken_back__the_same_bytes_come_again(database: Database) -> None:
    with dollar_chain(mining=False) as chain:
        for moment in range(1, 90, 4):
            chain.node.mine(5)
            before, keys = chain.balance(ALICE), [f"{each}{moment}" for each in KEYS]
            try:
                with dying(database, chain.node, moment):
                    work(chain, database, keys, confirmations=2)
            except KilledError:
                is_killed = True
            else:
                is_killed = False
            chain.node.rpc("anvil_reorg", 2, [])
            sent = {each.latest.hash for each in journal_of(chain, database).unfinished}
            receipts = work(chain, database, keys, confirmations=2)
            assert chain.balance(ALICE) - before == sum(AMOUNTS), f"killed at {moment}"
            assert sent <= {each.transaction for each in receipts}
            if not is_killed:
                break
        assert not is_killed
        assert moment > 20


def test_gas_since__counts_limits_until_they_are_used(chain: Dollars, database: Database) -> None:
    journal = journal_of(chain, database)
    before = chain.node.time
    sender = Sender(chain.node, journal=journal)
    pending = sender.submit_many([(ALICE, chain.faucet(1)), (ALICE, chain.faucet(2))])
    assert journal.gas_since(before) == 2 * 100_000
    chain.node.mine()
    used = sum(each.gas_used for each in sender.wait(pending))
    assert journal.gas_since(before) == used < 2 * 100_000
    assert journal.gas_since(chain.node.time + 1) == 0
    assert journal_of(chain, database, "other").gas_since(before) == 0
    # The bytes of what has no key are of no use any more.
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SENT_ATTEMPTS)) == 0


def test_two_senders__same_nonce__only_one_sends(chain: Dollars, database: Database) -> None:
    Sender(chain.node, journal=journal_of(chain, database)).resume()
    # Both take up the journal while it is empty.
    first, second = (Sender(chain.node, journal=journal_of(chain, database)) for _ in range(2))
    first.submit_many([(ALICE, chain.faucet(1))])
    chain.node.rpc("anvil_dropAllTransactions")
    with pytest.raises(OtherLeaderError, match="account of settlement"):
        second.submit_many([(ALICE, chain.faucet(2))])
    assert chain.pool == 0
    # It goes on once it has read what the first one sent.
    again = sender_of(chain, journal_of(chain, database))
    again.resume([ALICE])
    assert again.send(ALICE, chain.faucet(2)).ok
    assert chain.balance(ALICE) == 3


def test_two_senders__the_first_ones_is_mined__only_one_sends(
    chain: Dollars, database: Database
) -> None:
    Sender(chain.node, journal=journal_of(chain, database)).resume()
    first, second = (sender_of(chain, journal_of(chain, database)) for _ in range(2))
    first.send(ALICE, chain.faucet(1))
    # Its nonce is free: but what it found to do may be just what was done.
    with pytest.raises(OtherLeaderError, match="account of settlement"):
        second.send(ALICE, chain.faucet(1))
    assert chain.balance(ALICE) == 1


def test_stuck__the_raised_attempt_is_known_to_the_next(chain: Dollars, database: Database) -> None:
    journal = journal_of(chain, database)
    (entry,) = sender_of(chain, journal).submit_many([(ALICE, chain.faucet(1))], keys=["a"])
    transaction = entry.latest.transaction
    journal = journal_of(chain, database)
    (found,) = journal.pending.values()
    assert (found.sender, found.nonce, found.key) == (ALICE.address, transaction.nonce, "a")
    assert found.call == replace(chain.faucet(1), contract=found.call.contract)
    found.attempts.append(found.latest)
    journal.record_sent([found])
    (again,) = journal_of(chain, database).pending.values()
    assert [each.hash for each in again.attempts] == [entry.latest.hash] * 2


def test_rejected__leaves_the_store(chain: Dollars, database: Database) -> None:
    journal = journal_of(chain, database)
    sender = sender_of(chain, journal)
    hopeless = replace(chain.faucet(16), gas=100)
    with pytest.raises(TransactionFailedError, match="the node rejects"):
        sender.send_many([(ALICE, hopeless)], keys=["x"])
    assert journal.pending == journal_of(chain, database).pending == {}
    assert sender.send(ALICE, chain.faucet(1), key="x").ok
    assert [*journal_of(chain, database).by_key] == ["x"]


def test_other_chain__is_refused(chain: Dollars, database: Database) -> None:
    journal_of(chain, database).bind(1, "0x01")
    with pytest.raises(InputError, match="the journal settlement belongs to another chain"):
        journal_of(chain, database).bind(1, "0x02")
    first, second = journal_of(chain, database, "new"), journal_of(chain, database, "new")
    first.bind(1, "0x01")
    with pytest.raises(OtherLeaderError):
        second.bind(1, "0x01")
