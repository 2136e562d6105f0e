"""The journal of a sender: it remembers through every crash, at every byte."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.transactions import Transaction, sign_transaction
from energy_grid.errors import InputError, TransactionFailedError

ACCOUNT = Account(b"\7" * 32)
CALL = Call(contract="Settlement", function="deposit(uint256)", to=ACCOUNT.address, data=b"\1\2")


def _entry(nonce: int, key: str | None = None) -> PendingTransaction:
    transaction = Transaction(
        chain_id=1, nonce=nonce, tip=1, max_fee=8, gas=50_000, to=CALL.to, value=3, data=CALL.data
    )
    return PendingTransaction(
        sender=ACCOUNT.address,
        nonce=nonce,
        call=CALL,
        account=ACCOUNT,
        attempts=[sign_transaction(transaction, ACCOUNT)],
        key=key,
    )


def _raise(entry: PendingTransaction) -> None:
    raised = replace(entry.latest.transaction, max_fee=99)
    entry.attempts.append(sign_transaction(raised, ACCOUNT))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_unfinished__is_there_again_with_all_it_was_sent_as(path: Path) -> None:
    journal, entry = Journal(path), _entry(4, "monday")
    journal.bind(1, "0xaa")
    journal.record_sent([entry])
    _raise(entry)
    journal.record_sent([entry])
    journal.close()
    journal = Journal(path)
    (found,) = journal.unfinished
    assert journal.by_key["monday"] is found
    assert found.attempts == entry.attempts
    assert (found.sender, found.nonce, found.key) == (ACCOUNT.address, 4, "monday")
    assert found.call == replace(CALL, value=3, gas=50_000)
    assert found.account is None
    assert found.seen
    assert not found.cancellation
    journal.close()


def test_done__is_forgotten_unless_it_has_a_key(path: Path) -> None:
    journal, plain, named = Journal(path), _entry(1), _entry(2, "monday")
    journal.record_sent([plain, named])
    journal.record_ended([plain, named])
    assert journal.unfinished == []
    assert journal.by_key == {"monday": named}
    journal.close()
    for _ in range(2):
        journal = Journal(path)
        assert journal.unfinished == []
        assert journal.by_key["monday"].done
        assert journal.by_key["monday"].attempts == named.attempts
        assert list(journal.pending) == [(ACCOUNT.address, 2)]
        journal.close()
    assert len(path.read_text().splitlines()) == 2


def test_lost__frees_its_key(path: Path) -> None:
    journal, entry = Journal(path), _entry(1, "monday")
    journal.record_sent([entry])
    entry.failure = TransactionFailedError("another transaction has used this nonce")
    journal.record_ended([entry])
    assert journal.by_key == journal.pending == {}
    journal.close()
    journal = Journal(path)
    assert journal.by_key == journal.pending == {}
    journal.close()


def test_forget__drops_everything(path: Path) -> None:
    journal = Journal(path)
    journal.record_sent([_entry(1), _entry(2, "monday")])
    journal.forget()
    assert journal.by_key == journal.pending == {}
    journal.close()
    journal = Journal(path)
    assert journal.unfinished == []
    journal.close()


def test_crash_at_every_byte__gives_a_prefix_of_what_was_written(path: Path) -> None:
    journal, pending = Journal(path), [_entry(nonce, f"key {nonce}") for nonce in range(3)]
    for entry in pending:
        journal.record_sent([entry])
    journal.close()
    content = path.read_bytes()
    ends = [at for at, byte in enumerate(content, 1) if byte == ord("\n")]
    for length in range(0, len(content) + 1, 7):
        path.write_bytes(content[:length])
        journal = Journal(path)
        assert [each.nonce for each in journal.unfinished] == list(
            range(sum(end <= length for end in ends))
        )
        # What is written next must not stick to the torn line.
        journal.record_sent([_entry(9)])
        journal.close()
        journal = Journal(path)
        assert journal.unfinished[-1].nonce == 9
        journal.close()


def test_sent__is_on_disk_before_it_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(path.read_text()))
    journal, entry = Journal(path), _entry(1)
    synced.clear()
    journal.record_sent([entry])
    assert entry.latest.raw.hex() in synced[-1]
    assert [json.loads(line)["from"] for line in synced[-1].splitlines()] == [ACCOUNT.address]
    journal.close()


def test_sent__disk_full__leaves_no_trace(path: Path) -> None:
    journal = Journal(path)
    journal.record_sent([_entry(1)])
    before = path.read_bytes()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, old[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.record_sent([_entry(2)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert path.read_bytes() == before
    assert [each.nonce for each in journal.unfinished] == [1]
    journal.record_sent([_entry(3)])
    journal.close()
    journal = Journal(path)
    assert [each.nonce for each in journal.unfinished] == [1, 3]
    journal.close()


def test_chain__of_another_one__is_rejected(path: Path) -> None:
    journal = Journal(path)
    journal.bind(1, "0xaa")
    journal.bind(1, "0xaa")
    journal.close()
    journal = Journal(path)
    for chain in ((2, "0xaa"), (1, "0xbb")):
        with pytest.raises(InputError, match="belongs to another chain"):
            journal.bind(*chain)
    journal.close()


def test_two_at_a_time__the_second_is_rejected(path: Path) -> None:
    journal = Journal(path)
    with pytest.raises(InputError, match="is used by another process"):
        Journal(path)
    journal.record_sent([_entry(1)])
    with pytest.raises(InputError, match="is used by another process"):
        Journal(path)
    journal.close()
    Journal(path).close()


@pytest.mark.parametrize(
    "content", ["hello\n", "[]\n", '{"sent": "0x02"}\n', '{"done": [["0x1", 5]]}\n']
)
def test_something_else__is_refused_and_left_alone(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(InputError, match="is no journal of transactions"):
        Journal(path)
    assert path.read_text() == content


def test_in_memory__remembers_as_long_as_it_lives() -> None:
    journal, entry = Journal(), _entry(1, "monday")
    journal.bind(1, "0xaa")
    journal.record_sent([entry])
    assert journal.unfinished == [entry]
    journal.record_ended([entry])
    assert journal.unfinished == []
    assert journal.by_key == {"monday": entry}
    journal.close()
