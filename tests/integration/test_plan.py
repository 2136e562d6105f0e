"""Plans on a chain: tried, executed as far as that goes, joined for a Safe, drafted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import RpcError
from energy_grid.chain.tx.fees import with_room
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import FundsMissingError, Policy, Sender
from energy_grid.chain.tx.transactions import sign_transaction
from energy_grid.cli.accounts import Signers
from energy_grid.cli.raw_transactions import RawTransaction
from energy_grid.cli.running import _drafted as drafted
from energy_grid.cli.running import _executed as executed
from energy_grid.cli.session import Planned, Session
from energy_grid.client import EnergyGrid, errors
from energy_grid.domain.orders import OrderType
from energy_grid.errors import (
    ChainError,
    ContractError,
    InputError,
    NodeUnreachableError,
    TransactionFailedError,
    TransactionPendingError,
)
from energy_grid.market.plan import Execution, Plan, Step, StepsFailedError, split_by_gas
from tests.integration.conftest import AUTHORITY_OWNERS, BUYER, OWNERS, SELLER
from tests.integration.terminal import Terminal
from tests.support.market import Market

PRICE = 250_000
HOUSEHOLDS = 60


def deposits(grid: EnergyGrid, *amounts: int) -> list[Step]:
    grid.plan(BUYER, grid.money.approve(grid.settlement.address, 10**12)).execute()
    return [Step(call=grid.settlement.deposit(amount)) for amount in amounts]


def test_execute__a_step_that_fails__does_not_stop_the_others(grid: EnergyGrid) -> None:
    plan = grid.plan(BUYER, *deposits(grid, 1, 10**9, 3))
    with pytest.raises(StepsFailedError, match=r"1 of 3 calls failed, the first one: ") as failed:
        plan.execute()
    assert grid.settlement.balance_of(BUYER.address) == 4
    first, second, third = failed.value.outcomes
    assert isinstance(second.error, errors.ERC20InsufficientBalance)
    assert first.receipt is not None
    assert third.receipt is not None


def test_execute__a_step_that_needs_the_one_before__is_left_out_with_it(grid: EnergyGrid) -> None:
    failing, passing = deposits(grid, 10**9, 5)
    follower = Step(call=passing.call, needs_previous=True)
    done = grid.plan(BUYER, failing, follower, follower).carry_out()
    assert [each.receipt for each in done.outcomes] == [None, None, None]
    assert isinstance(done.outcomes[2].error, TransactionFailedError)
    assert grid.settlement.balance_of(BUYER.address) == 0


def test_execute__the_only_step__raises_its_own_refusal(grid: EnergyGrid) -> None:
    with pytest.raises(errors.EnergyTrading_NoSuchOrder):
        grid.cancel_order(BUYER, 99).execute()


def test_execute__an_address__can_be_tried_alone(grid: EnergyGrid) -> None:
    plan = grid.deposit(BUYER.address, 5)
    approval, payment = plan.unsigned(plan.trials())
    assert approval.gas is not None
    assert approval.transaction is not None
    assert payment.untried == "it needs the call before it"
    assert payment.transaction is None
    with pytest.raises(InputError, match="its key is elsewhere"):
        plan.execute()


def test_trials__change_nothing_and_give_the_refusal(grid: EnergyGrid) -> None:
    block = grid.node.block_number
    (trial,) = grid.cancel_order(BUYER, 99).trials()
    assert isinstance(trial.error, errors.EnergyTrading_NoSuchOrder)
    assert grid.node.block_number == block


def test_before_sending__is_called_by_execution_alone(grid: EnergyGrid) -> None:
    called: list[int] = []
    (deposit,) = deposits(grid, 7)
    step = Step(call=deposit.call, before_sending=lambda: called.append(1))
    plan = grid.plan(BUYER, step)
    plan.trials()
    assert called == []
    plan.execute()
    assert called == [1]


def test_key__of_two_plans__takes_effect_once(grid: EnergyGrid, tmp_path: Path) -> None:
    grid.deposit_with_permit(BUYER, 10_000_000).execute()
    placed = []
    for _ in range(2):
        journal = Journal(tmp_path / "journal")
        grid.sender = Sender(grid.node, journal=journal)
        plan = grid.place_order(BUYER, OrderType.BUY, energy=500, price=PRICE, key="a bid")
        placed.append(plan.execute().order_id)
        journal.close()
    assert placed == [1, 1]
    assert grid.trading.order_count() == 1


def test_execute__no_gas_left_for_the_second_step__reports_the_first(grid: EnergyGrid) -> None:
    plan = grid.deposit(BUYER, 5)
    approval, deposit = plan.steps

    def spend() -> None:
        grid.node.rpc("anvil_setBalance", BUYER.address, "0x0")

    poor = grid.plan(BUYER, approval, replace(deposit, before_sending=spend)).carry_out()
    assert [each.function for each in poor.receipts] == ["approve(address,uint256)"]
    assert isinstance(poor.failures[0].error, FundsMissingError)


def test_execute__only_the_approval_took_effect__nothing_else_is_claimed(
    terminal: Terminal, grid: EnergyGrid
) -> None:
    approval, deposit = grid.deposit(BUYER, 5).steps
    too_much = replace(deposit, call=grid.settlement.deposit(10**12))
    session = Session(grid, BUYER, Signers("local:10", (BUYER.address,)))
    answer = executed(session, session.plan([approval, too_much], lambda _: "Deposited 5"))
    assert answer.code == 1
    assert answer.document["message"] == "Only the approval was executed"
    assert answer.document["calls"] == {"done": 1, "failed": 1, "pending": 0}
    assert "Deposited" not in str(answer.shown)


def test_execute__a_hash_that_a_node_made_up__moves_no_cursor(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(grid, BUYER, Signers("local:10", (BUYER.address,)))
    planned = session.plan(deposits(grid, 1), lambda _: "Deposited 1")
    (done,) = planned.plan.carry_out().outcomes
    assert done.receipt is not None
    lie = replace(done, receipt=replace(done.receipt, transaction="0x\x1b[2J"))
    monkeypatch.setattr(Plan, "carry_out", lambda _: Execution((lie,), list))
    assert "\x1b" not in str(executed(session, planned).shown)


def test_execute__the_node_fails_amid_a_plan__reports_what_was_sent(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = deposits(grid, 1, 2, 3)
    sent = replace(first, before_sending=lambda: None)

    def away(*_: object) -> list[int]:
        raise NodeUnreachableError("no node answers")

    plan = grid.plan(BUYER, sent, second, third)
    monkeypatch.setattr("energy_grid.market.plan.estimated_gas", away)
    done = plan.carry_out()
    assert [each.error is None for each in done.outcomes] == [True, False, False]
    assert grid.settlement.balance_of(BUYER.address) == 1


def test_execute__the_node_fails_once_it_is_sent__is_no_failure(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(grid, BUYER, Signers("local:10", (BUYER.address,)))

    def message(_: object) -> str:
        monkeypatch.setattr(grid.node.transport, "single", away)
        return str(grid.settlement.balance_of(BUYER.address))

    def away(*_: object) -> None:
        raise NodeUnreachableError("no node answers")

    answer = executed(session, session.plan(deposits(grid, 1), message))
    assert answer.code == 0
    assert answer.document["message"] == (
        "Executed, but its result cannot be read: no node answers"
    )
    assert len(answer.document["transactions"]) == 1


def test_execute__a_receipt_without_its_event__is_one_clear_error(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.deposit_with_permit(BUYER, 10_000_000).execute()
    plan = grid.place_order(BUYER, OrderType.BUY, energy=500, price=PRICE)
    monkeypatch.setattr(Receipt, "logs", ())
    with pytest.raises(ChainError, match="the receipt has no event EnergyTrading_OrderCreated"):
        plan.execute()


def test_execute__the_rest_cannot_go_on__reports_what_was_sent(grid: EnergyGrid) -> None:
    def give_up(done: Execution[list[Receipt]]) -> None:
        raise done.failures[0].error or AssertionError

    passing, failing = deposits(grid, 1, 10**9)
    rest = Plan(grid.sender, BUYER, [failing], list, following=give_up)
    done = Plan(grid.sender, BUYER, [passing], list, following=lambda _: rest).carry_out()
    assert (len(done.receipts), len(done.failures)) == (1, 1)


def test_key__of_several_steps_of_a_safe__takes_effect_once(grid: EnergyGrid) -> None:
    safe = grid.acting_safe(OWNERS)
    steps = [
        Step(call=grid.money.faucet(amount), key=f"grant {amount}") for amount in (1_000, 2_000)
    ]
    for _ in range(2):
        receipts = grid.plan(safe, *steps).execute()
        assert len(receipts) == 2
    assert grid.money.balance_of(safe.address) == 3_000


def test_split_by_gas__a_call_of_its_own_size__stands_alone() -> None:
    assert list(split_by_gas([])) == []
    assert list(split_by_gas([20_000_000])) == [(0, 1)]
    assert list(split_by_gas([9_000_000, 2_000_000, 1])) == [(0, 2), (2, 3)]
    assert list(split_by_gas([1, 20_000_000, 1])) == [(0, 1), (1, 2), (2, 3)]


def test_split_by_gas__with_room_and_what_a_safe_needs__is_within_the_cap(
    grid: EnergyGrid,
) -> None:
    overhead = grid.acting_safe(OWNERS).overhead
    gas = [500_000] * 100
    sums = [sum(gas[first:end]) for first, end in split_by_gas(gas)]
    assert max(with_room(each) + overhead for each in sums) <= 2**24


def street(grid: EnergyGrid) -> list[Call]:
    """A meter for each of many households."""
    calls = []
    for number in range(HOUSEHOLDS):
        meter, owner = (Account(keccak(text=f"{each} {number}")) for each in ("meter", "household"))
        draft = grid.draft_registration(
            meter, owner.address, region="home", rated_power=9_000, settlement=False
        )
        calls.append(grid.prepare_draft(grid.sign_consent(owner, draft)))
    return calls


def test_execute__a_street_of_calls_of_a_safe__is_few_transactions(grid: EnergyGrid) -> None:
    done = grid.plan(grid.acting_safe(OWNERS), *street(grid)).carry_out()
    assert len(done.outcomes) == HOUSEHOLDS == grid.meters.meter_count()
    assert not done.failures
    assert len(done.receipts) == 3
    assert all(receipt.gas_used < 2**24 for receipt in done.receipts)


def test_safe_files__of_too_few_owners__are_signed_and_sent_one_after_the_other(
    market: Market, grid: EnergyGrid, tmp_path: Path
) -> None:
    alone = grid.acting_safe(OWNERS[:1], enough=False)
    safe = grid.require_safe("registrar")
    plan = grid.plan(alone, *street(grid))
    first = safe.nonce()
    paths = plan.save_safe_files(tmp_path)
    assert [path.name for path in paths] == [f"safe-{first + at}.json" for at in range(len(paths))]
    assert len(paths) > 1
    with pytest.raises(InputError, match="is there: sign or send it first"):
        plan.save_safe_files(tmp_path)
    for file in plan.safe_files():
        signed = file.signed_by(OWNERS[1])
        grid.execute_signed(SELLER, safe, signed.transaction, signed.signatures).execute()
    assert grid.meters.meter_count() == HOUSEHOLDS


def test_safe_files__what_must_be_durable__is_before_they_are_written(
    grid: EnergyGrid, tmp_path: Path
) -> None:
    alone = grid.acting_safe(AUTHORITY_OWNERS[:1], enough=False)
    call = grid.grid.set_base_price(PRICE)
    seen: list[list[Path]] = []
    step = Step(call=call, before_sending=lambda: seen.append(list(tmp_path.iterdir())))
    before = set(tmp_path.iterdir())
    paths = grid.plan(alone, step).save_safe_files(tmp_path)
    assert [set(each) for each in seen] == [before]
    with pytest.raises(InputError, match="is there: sign or send it first"):
        grid.plan(alone, step).save_safe_files(tmp_path)
    assert len(seen) == len(paths) == 1


def test_safe_files__of_a_step_with_a_key__are_refused(grid: EnergyGrid, tmp_path: Path) -> None:
    alone = grid.acting_safe(AUTHORITY_OWNERS[:1], enough=False)
    step = Step(call=grid.grid.set_base_price(PRICE), key="once")
    with pytest.raises(InputError, match="a key needs as many owners"):
        grid.plan(alone, step).save_safe_files(tmp_path)
    assert list(tmp_path.glob("safe-*")) == []


def test_settle_trades__nothing_to_settle__is_refused_before_anything_is_sent(
    grid: EnergyGrid,
) -> None:
    with pytest.raises(errors.EnergyTrading_NoSuchTransaction):
        grid.settle_trades(BUYER, [7, 8])


def test_book_place__twice_with_a_key__places_one_order(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    terminal.does("local:11", "money faucet --amount 50")
    terminal.does("local:11", "money deposit --amount 50")
    command = "book place buy --amount 1.5 --price 0.25 --key morning"
    first = terminal.does("local:11", command)
    again = terminal.repeats("local:11", command)
    assert first == again
    assert terminal.market.trading.call("orderCount") == 1


def test_book_place__a_private_key_as_its_key__is_refused_and_not_kept(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    secret = "ab" * 32
    command = f"book place buy --amount 1.5 --price 0.25 --key {secret} --account local:11"
    output = terminal.refuses(command, code=2)
    assert output.startswith("do not type a key on a command line")
    assert not (tmp_path / "state").exists()


@pytest.fixture
def unmined(grid: EnergyGrid) -> Iterator[EnergyGrid]:
    """A client that loses patience soon, on a chain that mines no transaction by itself."""
    grid.deposit_with_permit(BUYER, 10_000_000).execute()
    grid.sender = Sender(grid.node, policy=Policy(timeout=0.2))
    grid.node.rpc("evm_setAutomine", False)
    yield grid
    grid.node.rpc("anvil_mine")


def test_execute__not_mined_in_time__is_pending_and_not_failed(unmined: EnergyGrid) -> None:
    plan = unmined.place_order(BUYER, OrderType.BUY, energy=500, price=PRICE)
    with pytest.raises(TransactionPendingError) as pending:
        plan.execute()
    (transaction,) = pending.value.transactions
    unmined.node.rpc("anvil_mine")
    assert unmined.node.rpc("eth_getTransactionReceipt", transaction)["status"] == "0x1"


def test_execute__some_are_not_mined_in_time__says_so_of_each(unmined: EnergyGrid) -> None:
    first, second, third = (
        Step(call=unmined.trading.cancel_signed([nonce])) for nonce in (1, 2, 3)
    )
    last = replace(third, before_sending=lambda: pytest.fail("it was sent"))
    plan = unmined.plan(BUYER, first, second, last)
    with pytest.raises(
        StepsFailedError, match=r"1 of 3 calls failed.*; 2 of 3 calls are not final"
    ):
        plan.execute()
    session = Session(unmined, BUYER, Signers("local:10", (BUYER.address,)))
    unmined.node.rpc("anvil_dropAllTransactions")
    unmined.sender.forget()
    answer = executed(session, session.plan([first, second, last], lambda _: "Voided 3"))
    assert answer.code == 1
    assert answer.document["message"] == "Nothing is final yet"
    assert answer.document["calls"] == {"done": 0, "failed": 1, "pending": 2}
    errors_of = [each["error"] for each in answer.document["pending"]]
    assert {each["error"] for each in errors_of} == {"TransactionPendingError"}
    hashes = [each["arguments"]["transactions"][0] for each in errors_of]
    assert all(f"look for transaction {each}" in str(answer.shown) for each in hashes)
    assert "Voided" not in str(answer.shown)


def test_key__not_mined_in_time__again_sends_the_same_bytes(
    unmined: EnergyGrid, tmp_path: Path
) -> None:
    for _ in range(2):
        unmined.remember_in(tmp_path)
        plan = unmined.place_order(BUYER, OrderType.BUY, energy=500, price=PRICE, key="a bid")
        with pytest.raises(TransactionPendingError):
            plan.execute()
        unmined.sender.close()
    unmined.node.rpc("anvil_mine")
    unmined.remember_in(tmp_path)
    plan = unmined.place_order(BUYER, OrderType.BUY, energy=500, price=PRICE, key="a bid")
    assert plan.execute().order_id == unmined.trading.order_count() == 1


def test_raw_transaction__not_mined_in_time__can_be_sent_again(unmined: EnergyGrid) -> None:
    plan = unmined.cancel_signed(BUYER.address, [1])
    (trial,) = plan.unsigned(plan.trials())
    assert trial.transaction is not None
    raw = RawTransaction.read(unmined, sign_transaction(trial.transaction, BUYER).raw)
    for _ in range(2):
        with pytest.raises(TransactionPendingError, match=raw.signed.hash):
            raw.send()
        unmined.sender.forget()
    unmined.node.rpc("anvil_mine")
    assert raw.send().transaction == raw.signed.hash


def test_execute__an_approval_and_what_needs_it__are_one_transaction_of_a_safe(
    grid: EnergyGrid,
) -> None:
    safe = grid.acting_safe(OWNERS)
    grid.plan(safe, grid.money.faucet(9)).execute()
    plan = grid.deposit(safe, 5)
    assert [step.prepares for step in plan.steps] == [True, False]
    assert len(plan.execute()) == 1
    assert grid.settlement.balance_of(safe.address) == 5
    assert grid.money.allowance(safe.address, grid.settlement.address) == 0


def test_execute__what_needs_an_approval_reverts__a_safe_approves_nothing(
    grid: EnergyGrid,
) -> None:
    safe = grid.acting_safe(OWNERS)
    approval, deposit = grid.deposit(BUYER, 5).steps
    too_much = replace(deposit, call=grid.settlement.deposit(10**12))
    done = grid.plan(safe, approval, too_much).carry_out()
    assert done.receipts == []
    assert all(isinstance(each.error, ContractError) for each in done.outcomes)
    assert grid.money.allowance(safe.address, grid.settlement.address) == 0


@pytest.mark.parametrize(
    ("says", "deposited"), [("header not found", 0), ("gas required exceeds allowance", 5)]
)
def test_execute__a_node_cannot_try_what_needs_an_approval__nothing_is_sent_in_parts(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch, says: str, deposited: int
) -> None:
    safe = grid.acting_safe(OWNERS)
    grid.plan(safe, grid.money.faucet(9)).execute()

    def busy(*_: object) -> list[RpcError]:
        return [RpcError("eth_estimateGas", -32000, says)]

    plan = grid.deposit(safe, 5)
    monkeypatch.setattr("energy_grid.market.plan.estimated_gas", busy)
    plan.carry_out()
    assert grid.settlement.balance_of(safe.address) == deposited
    assert grid.money.allowance(safe.address, grid.settlement.address) == 0


def test_execute__calls_that_need_each_other_and_too_much_gas__are_sent_one_by_one(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.market.plan._TRANSACTION_GAS", 200_000)
    safe = grid.acting_safe(OWNERS)
    grid.plan(safe, grid.money.faucet(9)).execute()
    assert len(grid.deposit(safe, 5).execute()) == 2


def test_drafted__more_calls_follow__the_message_says_so(
    grid: EnergyGrid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    alone = grid.acting_safe(OWNERS[:1], enough=False)
    session = Session(grid, alone, Signers("safe:local:1", (OWNERS[0].address,), safe=True))
    step = Step(call=grid.money.faucet(1))
    for following, has_more in ((None, False), (lambda _: None, True)):
        plan = Plan(grid.sender, alone, [step], list, following=following)
        answer = drafted(session, Planned(plan, lambda _: "Sent"))
        assert answer is not None
        (path,) = answer.document["files"]
        Path(path).unlink()
        assert (answer.document["has_more"], answer.document["not_before"]) == (has_more, None)
        hint = "later calls depend on it: run this again once it is executed"
        assert (hint in str(answer.shown)) == has_more
