"""`energy-grid chain start`: a market outlives its chain's process, and time never goes back."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from energy_grid.chain.rpc.node import DevNode
from energy_grid.cli.main import main
from energy_grid.client import Account, EnergyGrid, OrderType
from energy_grid.domain.orders import OrderStatus
from tests.integration.terminal import Terminal
from tests.support.deploying import run_script

BUYER, SELLER = Account.local(11), Account.local(16)
MONTH = 30 * 86_400
PATIENCE = 20


@contextmanager
def chain(*options: str) -> Iterator[tuple[DevNode, subprocess.Popen[str]]]:
    """`energy-grid chain start` on a free port, and a connection to it."""
    program = str(Path(sys.executable).parent / "energy-grid")
    process = subprocess.Popen(
        [program, "chain", "start", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"Chain \d+ at (http://\S+), block \d+; Ctrl-C ends it\n", line)
        assert found is not None, line
        with DevNode(found[1]) as node:
            yield node, process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C; gives the output after it."""
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0
    return output


def test_start__of_a_new_chain__funds_the_owners_of_all_safes() -> None:
    with chain() as (node, _):
        assert all(node.balance(Account.local(number).address) for number in range(30))


def test_start__stopped_and_started_again__everything_has_more(tmp_path: Path) -> None:
    state, file = tmp_path / "chain.json", tmp_path / "local.json"
    with chain("--state", str(state)) as (node, process):
        done = run_script("deploy", f"ethereum:local:{node.url}", file)
        assert done.returncode == 0, done.stdout
        with EnergyGrid.connect(node.url, file) as market:
            for trader in (BUYER, SELLER):
                market.plan(trader, market.money.faucet(50_000_000)).execute()
                market.deposit_with_permit(trader, 50_000_000).execute()
            bought = (
                market.place_order(BUYER, OrderType.BUY, energy=1500, price=250_000)
                .execute()
                .order_id
            )
        # Set ahead of this machine's, the clock must not fall back to it.
        node.set_time(node.time + MONTH)
        time, height = node.time, node.block_number
        output = interrupt(process)
    assert output == f"Written: {state}\n"

    with (
        chain("--state", str(state)) as (again, process),
        EnergyGrid.connect(again.url, file) as market,
    ):
        assert (again.block_number, again.time) == (height, time)
        assert market.settlement.balance_of(BUYER.address) == 50_000_000 - 375_000
        order = market.trading.get_order(bought)
        assert (order.trader, order.status) == (BUYER.address, OrderStatus.ACTIVE)
        assert again.balance(Account.local(19).address) == 10_000 * 10**18
        sold = (
            market.place_order(SELLER, OrderType.SELL, energy=1500, price=250_000)
            .execute()
            .order_id
        )
        assert market.trading.get_order(sold).status is OrderStatus.ACTIVE
        assert sold == bought + 1
        assert time < again.time < time + 60
        logs = again.logs(market.trading.address)
        placed = market.trading.events(logs, "OrderCreated")
        assert [event["order_id"] for event in placed] == [bought, sold]


def test_start__fork__has_what_the_chain_has_and_leaves_it_alone() -> None:
    stranger = Account.create().address
    with chain("--chain-id", "1337") as (node, _):
        node.set_balance(stranger, 5)
        node.set_time(node.time + MONTH)
        with chain("--fork", node.url) as (copy, process):
            assert (copy.chain_id, copy.balance(stranger)) == (1337, 5)
            copy.set_balance(stranger, 7)
            copy.mine()
            assert 0 < copy.time - node.time < 60
            assert interrupt(process) == "Ended; the chain is not saved\n"
        assert (node.balance(stranger), node.block_number) == (5, 1)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--state", "/nowhere/at/all.json"), 2, "the folder /nowhere/at does not exist"),
        (("--fork", "http://127.0.0.1:9"), 1, "Anvil did not start: "),
        (("--state", "{bad}"), 1, "Anvil did not start: error: invalid value '{bad}'"),
        (("--port", "65536"), 2, "'--port': Input should be less than or equal to 65535"),
    ],
)
def test_start__cannot__one_line(
    options: tuple[str, ...],
    code: int,
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    words = [option.format(bad=bad) for option in options]

    assert main(["chain", "start", "--port", "0", *words]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("energy-grid: ")
    assert says.format(bad=bad) in captured.err
    assert captured.err.count("\n") == 1


def test_advance__moves_the_clock_of_a_local_chain_alone(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = terminal.market.now
    found = terminal.answers("chain advance 2h")
    assert found["time"] == terminal.market.now == before + 7200
    assert "is not a duration" in terminal.refuses("chain advance later", 2)
    monkeypatch.setattr("energy_grid.chain.accounts.LOCAL_CHAINS", frozenset())
    assert "time passes by itself on chain" in terminal.refuses("chain advance 2h", 2)
