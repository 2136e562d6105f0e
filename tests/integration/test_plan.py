"""Plans on a chain: tried, executed as far as that goes, joined for a Safe, drafted."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.multisig import joined
from energy_grid.chain.tx.sender import Sender
from energy_grid.client import EnergyGrid, errors
from energy_grid.domain.orders import OrderType
from energy_grid.errors import InputError, TransactionFailedError
from energy_grid.market.plan import Step, StepsFailedError, split_by_gas
from energy_grid.market.safe import exec_transaction
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.integration.terminal import Terminal, address
from tests.support.market import Market, actor

PRICE = 250_000
HOUSEHOLDS = 200
REGISTRAR = OWNERS


def deposits(grid: EnergyGrid, *amounts: int) -> list[Step]:
    grid.plan(BUYER, grid.money.approve(grid.settlement.address, 10**12)).execute()
    return [Step(call=grid.settlement.deposit(amount)) for amount in amounts]


def test_execute__a_step_that_fails__does_not_stop_the_others(grid: EnergyGrid) -> None:
    plan = grid.plan(BUYER, *deposits(grid, 1, 10**9, 3))
    with pytest.raises(StepsFailedError, match="1 of 3 calls failed, the first one: ") as failed:
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
    assert isinstance(trial.refusal, errors.EnergyTrading_NoSuchOrder)
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


def test_split_by_gas__a_call_of_its_own_size__stands_alone() -> None:
    assert list(split_by_gas([])) == []
    assert list(split_by_gas([20_000_000])) == [(0, 1)]
    assert list(split_by_gas([9_000_000, 6_000_000, 1])) == [(0, 2), (2, 3)]
    assert list(split_by_gas([1, 20_000_000, 1])) == [(0, 1), (1, 2), (2, 3)]


def test_assign_gateway__of_a_street__is_few_transactions_and_goes_on_where_it_was(
    market: Market, grid: EnergyGrid
) -> None:
    safe = grid.acting_safe(OWNERS)
    grid.plan(safe, grid.meters.register_gateway(actor("gateway").address)).execute()
    street = [(actor(f"household {number}").address, 9_000) for number in range(HOUSEHOLDS)]
    done = grid.assign_gateway(safe, 1, street[:120]).carry_out()
    assert len(done.outcomes) == 120
    assert not done.failures
    assert len(done.receipts) < 5
    rest = grid.assign_gateway(safe, 1, street)
    assert len(rest.steps) == HOUSEHOLDS - 120
    rest.execute()
    assert grid.assign_gateway(safe, 1, street).steps == ()
    assert all(receipt.gas_used < 2**24 for receipt in done.receipts)


def test_safe_files__of_too_few_owners__are_signed_and_sent_one_after_the_other(
    market: Market, grid: EnergyGrid, tmp_path: Path
) -> None:
    alone = grid.acting_safe(OWNERS[:1], enough=False)
    safe = grid.require_safe()
    grid.plan(grid.acting_safe(OWNERS), grid.meters.register_gateway(BUYER.address)).execute()
    street = [(actor(f"household {number}").address, 9_000) for number in range(HOUSEHOLDS)]
    plan = grid.assign_gateway(alone, 1, street)
    first = safe.nonce()
    paths = plan.save_safe_files(alone, first, tmp_path)
    assert [path.name for path in paths] == [f"safe-{first + at}.json" for at in range(len(paths))]
    assert len(paths) > 1
    with pytest.raises(InputError, match="is there: sign or send it first"):
        plan.save_safe_files(alone, first, tmp_path)
    for file in plan.safe_files(alone, first):
        signed = file.signed_by(OWNERS[1])
        call = exec_transaction(safe, signed.transaction, joined(signed.signatures))
        grid.plan(SELLER, call).execute()
    assert grid.assign_gateway(alone, 1, street).steps == ()


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


def test_assign_all__with_too_few_owners__drafts_and_exits_with_3(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.does("safe:local:1,local:2", f"gateway register {address('local:9')}")
    rows = [f"{actor(f'household {number}').address},9000" for number in range(3)]
    (tmp_path / "street.csv").write_text("\n".join(["account,rated_power_w", *rows]) + "\n")
    line = terminal.drafts("safe:local:1", "gateway assign-all street.csv 1")
    assert line.startswith("Nothing is sent: safe-")
    assert len(list(tmp_path.glob("safe-*.json"))) == 1
