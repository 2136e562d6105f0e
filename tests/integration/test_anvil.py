"""The local node: it starts anywhere, and never outlives who started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from energy_grid.chain.accounts import MNEMONIC, Account
from energy_grid.chain.rpc.anvil import Anvil, AnvilNotFoundError, find_anvil
from energy_grid.chain.rpc.node import Node, RpcError
from energy_grid.errors import ChainError, NodeUnreachableError

PATIENCE = 10.0


def _ends(pid: int) -> bool:
    """Whether a process is gone within a while; one that waits to be reaped is gone."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_start__answers_at_once_and_stops_with_the_block() -> None:
    anvil = Anvil(chain_id=1337, timestamp=1_700_000_000, accounts=12, gas_limit=10_000_000)
    with anvil as node:
        pid = anvil.pid
        assert anvil.node is node
        assert node.url == anvil.url
        assert node.chain_id == 1337
        assert node.time == 1_700_000_000
        assert int(node.block()["gasLimit"], 16) == 10_000_000
        assert node.balance(Account.local(11).address) == 10_000 * 10**18
        assert node.balance(Account.local(12).address) == 0
    assert _ends(pid)
    with pytest.raises(NodeUnreachableError):
        Node(node.url).rpc("eth_chainId")
    with pytest.raises(ChainError, match="not running"):
        _ = anvil.url
    with pytest.raises(ChainError, match="not running"):
        _ = anvil.pid


def test_start__two_at_a_time__have_ports_of_their_own() -> None:
    with Anvil() as one, Anvil() as other:
        assert one.url != other.url


def test_start__port_is_taken__says_so() -> None:
    with Anvil() as node:
        port = int(node.url.rpartition(":")[2])
        with pytest.raises(ChainError, match=r"Anvil did not start: .*in use"):
            Anvil(port=port).start()
        assert node.chain_id == 31337


def test_start__other_mnemonic_and_intervals() -> None:
    with Anvil(mnemonic=MNEMONIC, block_time=1, mining=True) as node:
        first = node.block_number
        time.sleep(1.2)
        assert node.block_number > first


def test_start__without_mining__nothing_is_mined() -> None:
    with Anvil(mining=False) as node:
        node.rpc("eth_sendTransaction", {"from": Account.local(0).address, "to": "0x" + "1" * 40})
        assert node.block_number == 0
        node.mine(3)
        assert node.block_number == 3


def test_state__written_at_the_end_and_read_at_the_start(tmp_path: Path) -> None:
    stranger = Account.create().address
    with Anvil(state=tmp_path / "state.json") as node:
        node.set_balance(stranger, 5)
        node.mine()
    with Anvil(state=tmp_path / "state.json") as node:
        assert node.balance(stranger) == 5


def test_state__read_and_written_many_times__is_of_one_chain(tmp_path: Path) -> None:
    hashes, state = set(), tmp_path / "state.json"
    for second in range(10):
        # Otherwise first blocks of the same second are equal.
        with Anvil(state=state, timestamp=1_700_000_000 + second) as node:
            hashes.add(node.block(0)["hash"])
            node.mine()
    assert len(hashes) == 1
    # Anvil adds one at each start, and reads back any of them.
    blocks = json.loads(state.read_text())["blocks"]
    assert [int(each["header"]["number"], 16) for each in blocks].count(0) <= 2


def test_state__of_a_node_that_runs__belongs_to_it_until_it_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.chain.rpc.anvil._STOP_SECONDS", 0.05)
    state = tmp_path / "state.json"
    with (
        Anvil(state=state),
        pytest.raises(ChainError, match=f"another node has {state}: stop it, take another"),
        Anvil(state=state),
    ):
        pass
    with Anvil(state=state) as node:
        assert node.block_number == 0


def test_clock__moves_as_set_and_back() -> None:
    with Anvil(timestamp=1_700_000_000) as node:
        before = node.snapshot()
        node.set_time(1_700_000_100)
        assert node.time == 1_700_000_100
        node.set_next_time(1_700_000_200)
        node.mine()
        assert node.time == 1_700_000_200
        node.revert(before)
        assert (node.time, node.block_number) == (1_700_000_000, 0)
        with pytest.raises(ChainError, match="no snapshot"):
            node.revert(before)


def test_find__neither_on_path_nor_in_a_project__says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    # The temporary folder may lie below a project, whose node_modules would be found.
    nowhere = Path("/nowhere/at/all")
    monkeypatch.setattr("energy_grid.chain.rpc.anvil._PACKAGE_ROOT", nowhere)
    with pytest.raises(AnvilNotFoundError, match=r"no Anvil 1\.0 or newer.*run `make setup`"):
        find_anvil(nowhere)
    _fake(tmp_path / "anvil", "anvil 0.2.0 (abcdef 2024-01-01)")
    with pytest.raises(AnvilNotFoundError):
        find_anvil(nowhere)


def test_find__path_first_then_the_nearest_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "project" / "notebooks" / "today"
    local = tmp_path / "project" / "node_modules" / ".bin" / "anvil"
    on_path = tmp_path / "bin" / "anvil"
    deep.mkdir(parents=True)
    _fake(local, "anvil Version: 1.7.1")
    monkeypatch.setenv("PATH", f"{on_path.parent}:/bin")
    assert find_anvil(deep) == local
    _fake(on_path, "anvil Version: 0.3.0")
    assert find_anvil(deep) == local
    _fake(on_path, "anvil Version: 1.0.0-stable")
    assert find_anvil(deep) == on_path


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("careful", ["with Anvil() as node:", "if Anvil.start(anvil):"])
def test_parent_dies__node_dies(how: signal.Signals, careful: str) -> None:
    program = f"""
        import time
        from energy_grid.chain.rpc.anvil import Anvil

        anvil = Anvil()
        {careful.replace("Anvil()", "anvil")}
            print(anvil.pid, flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.send_signal(how)
        parent.wait(PATIENCE)
    assert _ends(pid)


def test_parent_ends_without_stopping__node_ends() -> None:
    program = """
        from energy_grid.chain.rpc.anvil import Anvil

        anvil = Anvil()
        anvil.start()
        print(anvil.pid)
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert _ends(int(done.stdout))


def _fake(path: Path, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)


def test_execute_as__anybody__gives_the_receipt() -> None:
    with Anvil() as node:
        stranger = "0x" + "ab" * 20
        node.set_balance(stranger, 10**18)
        receipt = node.execute_as(stranger, stranger, b"", value=7)
        assert (receipt["status"], receipt["from"]) == ("0x1", stranger)
        assert receipt == node.receipt(receipt["transactionHash"])
        with pytest.raises(RpcError, match=r"(?i)insufficient funds"):
            node.execute_as(stranger, stranger, b"", value=10**18)
