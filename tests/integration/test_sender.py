"""The transaction sender on a real node: every call takes effect once, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import Request, RpcError
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.sender import FundsMissingError, Receipt, Sender
from energy_grid.contracts import errors
from energy_grid.errors import (
    EnergyGridError,
    InputError,
    NodeUnreachableError,
    TransactionFailedError,
    TransactionPendingError,
)
from tests.support.dollars import Dollars, dollar_chain

PROSUMER, CONSUMER = Account.local(0), Account.local(1)
HOUSEHOLDS = [Account.local(index) for index in range(8)]
TOO_MUCH = 10**18


@pytest.fixture
def chain() -> Iterator[Dollars]:
    """Every transaction is mined at once."""
    with dollar_chain() as dollars:
        yield dollars


@pytest.fixture
def quiet() -> Iterator[Dollars]:
    """Nothing is mined unless it is asked for."""
    with dollar_chain(mining=False) as dollars:
        yield dollars


def test_send__accepted__gives_the_receipt(chain: Dollars) -> None:
    receipt = chain.sender().send(PROSUMER, chain.money.faucet(5))
    assert receipt.ok
    assert receipt.require() is receipt
    assert receipt.sender == PROSUMER.address
    assert (receipt.contract, receipt.function) == ("TestDollar", "faucet(uint256)")
    assert receipt.block == chain.node.block_number
    assert receipt.gas_used > 21_000
    transfer = chain.money.events(receipt.logs, "Transfer")[0]
    assert (transfer["to"], transfer["value"]) == (PROSUMER.address, 5)
    assert transfer.transaction == receipt.transaction
    assert chain.balance(PROSUMER) == 5


def test_send__refused_by_the_estimate__sends_nothing(chain: Dollars) -> None:
    before = chain.node.nonce(PROSUMER.address)
    with pytest.raises(errors.TestDollar_AboveLimit) as refusal:
        chain.sender().send(PROSUMER, chain.money.faucet(TOO_MUCH))
    assert refusal.value.amount == TOO_MUCH
    assert refusal.value.maximum == chain.money.faucet_limit()
    assert chain.node.nonce(PROSUMER.address) == before


def test_send__refused_when_mined__raises_the_same(chain: Dollars) -> None:
    before = chain.node.nonce(PROSUMER.address)
    with pytest.raises(errors.TestDollar_AboveLimit) as refusal:
        chain.sender().send(PROSUMER, chain.faucet(TOO_MUCH))
    assert refusal.value.amount == TOO_MUCH
    assert chain.node.nonce(PROSUMER.address) == before + 1


def test_send__out_of_gas__says_so(chain: Dollars) -> None:
    call = replace(chain.money.faucet(5), gas=30_000)
    with pytest.raises(TransactionFailedError, match=r"faucet\(uint256\).*(?i:out of ?gas)"):
        chain.sender().send(PROSUMER, call)
    assert chain.balance(PROSUMER) == 0


def test_send__key_that_everybody_knows__is_refused_on_a_real_chain() -> None:
    nothing = Call(contract="", function="", to=PROSUMER.address, data=b"")
    with Anvil(chain_id=246) as node:
        sender, secret = Sender(node), Account.create()
        with pytest.raises(InputError, match=f"the key of {PROSUMER.address} is public"):
            sender.send(PROSUMER, nothing)
        assert node.nonce(PROSUMER.address) == 0
        node.set_balance(secret.address, 10**18)
        assert sender.send(secret, nothing).ok


def test_send__account_without_money__is_refused_before_anything_is_sent(chain: Dollars) -> None:
    poor, sender = Account.create(), chain.sender()
    with pytest.raises(FundsMissingError, match=f"{poor.address} has 0 wei"):
        sender.send_many([(PROSUMER, chain.faucet()), (poor, chain.faucet())])
    assert chain.balance(PROSUMER) == 0
    chain.node.set_balance(poor.address, 10**18)
    assert sender.send(poor, chain.faucet()).ok
    assert chain.balance(poor) == 1


def test_send_many__one_fails__the_others_count(chain: Dollars) -> None:
    items = [(PROSUMER, chain.faucet(amount)) for amount in (1, TOO_MUCH, 2)]
    receipts = chain.sender().send_many(items, check=False)
    assert [receipt.ok for receipt in receipts] == [True, False, True]
    assert isinstance(receipts[1].error, errors.TestDollar_AboveLimit)
    assert chain.balance(PROSUMER) == 3
    with pytest.raises(errors.TestDollar_AboveLimit):
        chain.sender().send_many(items)
    assert chain.balance(PROSUMER) == 6


def test_send_many__automatic_mining__once_each(chain: Dollars) -> None:
    items = [(HOUSEHOLDS[index % 8], chain.faucet(index)) for index in range(200)]
    receipts = chain.sender(batch=50).send_many(items)
    amounts = [chain.money.events(receipt.logs, "Transfer")[0]["value"] for receipt in receipts]
    assert amounts == list(range(200))
    assert chain.money.total_supply() == sum(range(200))


def test_send_many__mining_by_hand__fills_blocks(quiet: Dollars) -> None:
    items = [(HOUSEHOLDS[index % 8], quiet.faucet()) for index in range(400)]
    receipts = quiet.sender(after_send=quiet.node.mine, batch=200).send_many(items)
    assert len({receipt.block for receipt in receipts}) == 2
    assert quiet.money.total_supply() == 400
    for household in HOUSEHOLDS:
        mine = [receipt for receipt in receipts if receipt.sender == household.address]
        places = [(receipt.block, receipt.index) for receipt in mine]
        assert places == sorted(places)


def test_send_many__more_than_a_block_holds__mines_on() -> None:
    with dollar_chain(mining=False, gas_limit=2_000_000) as chain:
        receipts = chain.sender(after_send=chain.node.mine).send_many(
            [(PROSUMER, chain.faucet())] * 100
        )
        assert len({receipt.block for receipt in receipts}) > 1
        assert chain.money.total_supply() == 100


def test_send_many__blocks_in_intervals__waits_for_them() -> None:
    with dollar_chain(mining=False) as chain:
        chain.node.set_interval(1)
        receipts = chain.sender().send_many([(each, chain.faucet()) for each in HOUSEHOLDS])
        assert all(receipt.ok for receipt in receipts)
        assert chain.money.total_supply() == len(HOUSEHOLDS)


def test_send_many__bounded__never_more_on_their_way(quiet: Dollars) -> None:
    waiting = []

    def mine() -> None:
        waiting.append(quiet.pool)
        if len(waiting) % 3 == 0:
            quiet.node.mine()

    sender = quiet.sender(after_send=mine, batch=10, max_pending=20)
    sender.send_many([(PROSUMER, quiet.faucet())] * 60)
    assert max(waiting) == 20
    assert quiet.balance(PROSUMER) == 60


def test_send_many__from_threads__nonces_never_collide(chain: Dollars) -> None:
    sender = chain.sender()
    with ThreadPoolExecutor(4) as threads:
        work = [threads.submit(sender.send, PROSUMER, chain.faucet()) for _ in range(40)]
        blocks = {each.result().block for each in work}
    assert len(blocks) == 40
    assert chain.balance(PROSUMER) == 40


def test_send_many__chain_set_back_and_the_same_again__the_same_blocks(quiet: Dollars) -> None:
    quiet.node.rpc("anvil_setBlockTimestampInterval", 1)
    sender = quiet.sender(after_send=_mining_at(quiet, 10**9))
    items = [(PROSUMER, quiet.faucet())] * 30
    quiet.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    before = quiet.node.snapshot()
    first = sender.send_many(items)
    head = quiet.node.block()["hash"]
    quiet.node.revert(before)
    # Anvil goes back to the state of the snapshot, but not to its fee.
    quiet.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    assert sender.send_many(items) == first
    assert quiet.node.block()["hash"] == head
    assert quiet.balance(PROSUMER) == 30


def test_wait__nothing_is_mined__gives_up_and_can_be_taken_up_again(quiet: Dollars) -> None:
    sender = quiet.sender(timeout=0.3)
    pending = sender.submit_many([(PROSUMER, quiet.faucet())] * 2)
    with pytest.raises(
        TransactionPendingError, match=r"is not final after 0\.3 s without progress"
    ):
        sender.wait(pending)
    quiet.node.mine()
    assert all(receipt.ok for receipt in sender.wait(pending))
    assert quiet.balance(PROSUMER) == 2


def test_forget__chain_set_back_under_the_sender__starts_afresh(quiet: Dollars) -> None:
    sender = quiet.sender()
    before = quiet.node.snapshot()
    sender.submit_many([(PROSUMER, quiet.faucet(2))] * 3)
    quiet.node.revert(before)
    quiet.node.rpc("anvil_dropAllTransactions")
    sender.forget()
    assert sender.resume() == []
    quiet.node.set_automine(True)
    sender.send(PROSUMER, quiet.faucet(5))
    assert quiet.balance(PROSUMER) == 5


def test_nonce_gap__transaction_dropped_by_the_node__is_sent_again(quiet: Dollars) -> None:
    sender = quiet.sender()
    pending = sender.submit_many([(PROSUMER, quiet.faucet(amount)) for amount in (1, 2, 4)])
    sent = pending[0].latest
    quiet.node.rpc("anvil_dropTransaction", sent.hash)
    quiet.node.mine()
    assert quiet.balance(PROSUMER) == 0
    quiet.node.set_automine(True)
    receipts = sender.wait(pending)
    assert receipts[0].transaction == sent.hash
    assert quiet.balance(PROSUMER) == 7
    assert quiet.node.nonce(PROSUMER.address) == 3


def test_nonce_used_by_somebody_else__fails_without_effect(quiet: Dollars) -> None:
    ours, theirs = quiet.sender(), quiet.sender()
    pending = ours.submit_many([(PROSUMER, quiet.faucet(1))])
    quiet.node.rpc("anvil_dropTransaction", pending[0].latest.hash)
    (other,) = theirs.submit_many([(PROSUMER, quiet.faucet(2))])
    assert other.nonce == pending[0].nonce
    quiet.node.mine()
    with pytest.raises(TransactionFailedError, match="another transaction has used this nonce"):
        ours.wait(pending)
    assert quiet.balance(PROSUMER) == 2
    quiet.node.set_automine(True)
    assert ours.send(PROSUMER, quiet.faucet(4)).ok
    assert quiet.balance(PROSUMER) == 6


def test_nonce_used__as_only_one_of_two_nodes_knows__is_pending_until_it_is_mined(
    quiet: Dollars, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind one address, the node that takes transactions is ahead of the one that is read."""
    monkeypatch.setattr("energy_grid.chain.tx.broadcaster._STALE_PAUSE", 0.001)
    sender = quiet.sender(timeout=1.0, resend_after=0.01)
    pending = sender.submit_many([(PROSUMER, quiet.faucet(3))])
    batch = sender.node.rpc_batch

    def ahead(requests: Sequence[Request]) -> list[Any]:
        answers = batch(requests)
        return [
            RpcError(method, -32000, "nonce too low") if "send" in method else answer
            for (method, _), answer in zip(requests, answers, strict=True)
        ]

    monkeypatch.setattr(sender.node, "rpc_batch", ahead)
    with pytest.raises(TransactionPendingError):
        sender.wait(pending)
    quiet.node.mine()
    (receipt,) = sender.wait(pending)
    assert (receipt.ok, quiet.balance(PROSUMER)) == (True, 3)


def test_fee_rises__stuck_transaction_is_replaced__once(quiet: Dollars) -> None:
    first = quiet.sender().submit_many([(PROSUMER, quiet.faucet())])[0].latest.transaction
    quiet.node.mine()
    mine = _mining_at(quiet, 3 * first.max_fee)
    sender = quiet.sender(after_send=mine, raise_after=2)
    pending = sender.submit_many([(PROSUMER, quiet.faucet(amount)) for amount in (2, 4)])
    cheap = pending[0].latest
    assert cheap.transaction.max_fee < 3 * first.max_fee
    receipts = sender.wait(pending)
    assert receipts[0].transaction == pending[0].latest.hash != cheap.hash
    raised = pending[0].latest.transaction
    assert raised.nonce == cheap.transaction.nonce
    assert raised.tip * 8 >= cheap.transaction.tip * 9
    assert raised.max_fee >= 3 * first.max_fee
    assert quiet.balance(PROSUMER) == 7
    assert quiet.node.nonce(PROSUMER.address) == 3


def test_fee_rises__above_the_limit__is_not_paid(quiet: Dollars) -> None:
    sender = quiet.sender(
        after_send=_mining_at(quiet, 10**11), raise_after=1, max_fee=10**10, timeout=0.5
    )
    with pytest.raises(TransactionPendingError, match="it may still take effect"):
        sender.send(PROSUMER, quiet.faucet())
    assert quiet.balance(PROSUMER) == 0


def test_fee_rises__replacement_is_refused__the_first_still_counts(quiet: Dollars) -> None:
    limits = [50_000] * 6 + [30_000_000] * 50

    def lower_the_limit_then_mine() -> None:
        quiet.node.rpc("evm_setBlockGasLimit", hex(limits.pop(0)))
        quiet.node.mine()

    sender = quiet.sender(after_send=lower_the_limit_then_mine, raise_after=1)
    pending = sender.submit_many([(PROSUMER, quiet.faucet(5))])
    receipts = sender.wait(pending)
    assert len(pending[0].attempts) > 1
    assert receipts[0].ok
    assert quiet.balance(PROSUMER) == 5


def test_fee_rises__journal_cannot_write__what_it_has_not_is_never_sent(quiet: Dollars) -> None:
    class Full(Journal):
        """A journal whose disk is full for a while."""

        is_full = False

        def _save_sent(self, pending: Sequence[PendingTransaction]) -> None:
            if self.is_full:
                raise DiskFull
            super()._save_sent(pending)

    class DiskFull(EnergyGridError):
        """Its error."""

    first = quiet.sender().submit_many([(PROSUMER, quiet.faucet())])[0].latest.transaction
    quiet.node.mine()
    journal = Full()
    mine = _mining_at(quiet, 3 * first.max_fee)
    policy = Policy(timeout=30, resend_after=0.1, raise_after=2)
    sender = Sender(quiet.node, policy=policy, journal=journal, after_send=mine)
    (entry,) = sender.submit_many([(PROSUMER, quiet.faucet(2))])
    journal.is_full = True
    with pytest.raises(DiskFull):
        sender.wait([entry])
    assert len(entry.attempts) == 1
    journal.is_full = False
    (receipt,) = sender.wait([entry])
    assert receipt.ok
    assert len(entry.attempts) == 2


def test_reorganisation__transaction_falls_out__is_sent_again_unchanged(quiet: Dollars) -> None:
    quiet.node.mine(5)
    balances = []

    def mine_then_reorganise() -> None:
        balances.append(quiet.balance(PROSUMER))
        if len(balances) == 2:
            quiet.node.rpc("anvil_reorg", 1, [])
        else:
            quiet.node.mine()

    sender = quiet.sender(after_send=mine_then_reorganise, confirmations=3)
    pending = sender.submit_many([(PROSUMER, quiet.faucet(amount)) for amount in (1, 2)])
    receipts = sender.wait(pending)
    # Before, mined, fallen out, mined again, and on to the third block on top.
    assert balances[:3] == [0, 3, 0]
    assert balances[-1] == quiet.balance(PROSUMER) == 3
    assert [len(entry.attempts) for entry in pending] == [1, 1]
    assert [each.transaction for each in receipts] == [each.latest.hash for each in pending]
    assert quiet.node.block_number - receipts[0].block >= 3
    assert quiet.node.nonce(PROSUMER.address) == 2


def test_refused_for_good__what_comes_after_it_still_happens(quiet: Dollars) -> None:
    hopeless = replace(quiet.faucet(16), gas=100)
    calls = [quiet.faucet(1), hopeless, quiet.faucet(2)]
    sender = quiet.sender()
    pending = sender.submit_many([(PROSUMER, call) for call in calls])
    quiet.node.set_automine(True)
    with pytest.raises(TransactionFailedError, match=r"the node rejects faucet.*gas"):
        sender.wait(pending)
    assert sender.wait([pending[0], pending[2]])[1].ok
    assert quiet.balance(PROSUMER) == 3
    assert sender.send(PROSUMER, quiet.faucet(4)).ok
    assert quiet.balance(PROSUMER) == 7


def _mining_at(chain: Dollars, base_fee: int) -> Callable[[], None]:
    """Mines blocks that cost so much, whatever they hold."""

    def mine() -> None:
        chain.node.rpc("anvil_setNextBlockBaseFeePerGas", hex(base_fee))
        chain.node.mine()

    return mine


def test_node_gone__says_where() -> None:
    with dollar_chain() as chain:
        sender, call = chain.sender(), chain.faucet()
        port = chain.node.url.rpartition(":")[2]
    with pytest.raises(NodeUnreachableError, match=f"no node answers at 127.0.0.1:{port}"):
        sender.send(PROSUMER, call)


def test_results__some_are_mined_in_time__only_the_others_are_pending(quiet: Dollars) -> None:
    sender = quiet.sender(timeout=0.3)
    pending = sender.submit_many([(PROSUMER, quiet.faucet(1))])
    quiet.node.mine()
    pending += sender.submit_many([(PROSUMER, quiet.faucet(2))])
    first, second = sender.results(pending)
    assert isinstance(first, Receipt)
    assert isinstance(second, TransactionPendingError)
    assert second.transactions == (pending[1].latest.hash,)
    assert f"look for transaction {pending[1].latest.hash} before sending it again" in str(second)
    quiet.node.mine()
    assert [isinstance(each, Receipt) for each in sender.results(pending)] == [True, True]


def test_send__a_proxy_gives_up__is_not_rejected(
    chain: Dollars, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = chain.node.transport
    carried = transport.batch

    def gives_up(requests: Sequence[Request]) -> Any:
        answers = carried(requests)
        if not requests[0][0].startswith("eth_sendRawTransaction"):
            return answers
        return [{"error": {"code": -32000, "message": "upstream request timeout"}}]

    monkeypatch.setattr(transport, "batch", gives_up)
    assert chain.sender().send(PROSUMER, chain.faucet(1)).ok
    assert chain.balance(PROSUMER) == 1


def test_send__the_node_fails_before_it_gives_a_reason__has_all_receipts(
    chain: Dollars, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = chain.node.transport
    carried = transport.batch

    def gives_no_traces(requests: Sequence[Request]) -> Any:
        if requests[0][0] == "debug_traceTransaction":
            raise NodeUnreachableError("no node answers")
        return carried(requests)

    monkeypatch.setattr(transport, "batch", gives_no_traces)
    reverting = replace(chain.faucet(TOO_MUCH), gas=100_000)
    items = [(PROSUMER, chain.faucet(1)), (PROSUMER, reverting)]
    first, second = chain.sender().send_many(items, check=False)
    assert first.ok
    assert isinstance(second.error, TransactionFailedError)
