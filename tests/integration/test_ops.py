"""The commands in scripts/ops: what they would do, by whom, as a file for the Safe, and done."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.tx.multisig import Multisig, Operation, calls_in
from energy_grid.chain.tx.safe_file import SafeFile
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.contracts.safe import Safe
from energy_grid.domain.enums import StopLevel
from energy_grid.errors import EnergyGridError, InputError
from scripts._ops.run import run
from scripts._ops.stopping import STOPPABLE
from tests.integration.terminal import Terminal, address
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script
from tests.support.safes import transaction_hash

SAFE, VOTER = "safe:local:26,local:28", "local:5"
AUTHORITY, REGISTRAR, TREASURY = (
    f"safe:local:{first},local:{second}" for first, second in ((20, 22), (1, 3), (23, 25))
)
TARIFF = {
    "region": "home",
    "buy": "0.31",
    **dict.fromkeys(("feed_in", "network_fee", "protocol_fee", "max_factor", "first")),
}
NAMES = (
    "fees",
    "meter_keys",
    "oracle_reporters",
    "pause",
    "resume",
    "roles",
    "shutdown",
    "tariffs",
)


def operation(name: str) -> Callable[..., Any]:
    """What prepares an operation, such as ``"fees change"``."""
    module, _, function = name.partition(" ")
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"scripts.ops.{module}"), function or module
    )
    return found


@dataclass
class Operator:
    """Runs operations on the terminal's market."""

    terminal: Terminal

    def runs(self, name: str, *, json_: bool = False, **values: Any) -> str:
        """What an operation prints."""
        ways = {"account": None, "safe_transaction": None, "transaction_builder": None}
        run(
            operation(name),
            url=self.terminal.market.node.url,
            file=self.terminal.file,
            **{**ways, "dry_run": False, "because": "", "as_json": json_, **values},
        )
        found: str = self.terminal.capsys.readouterr().out
        return found

    def plans(self, name: str, **values: Any) -> Any:
        """What a dry run would do, for programs; it changes nothing."""
        before = self.terminal.market.node.block()
        found = json.loads(self.runs(name, json_=True, dry_run=True, **values))
        assert self.terminal.market.node.block() == before
        return found

    def level(self, contract: str) -> StopLevel:
        return StopLevel(self.terminal.market.contracts[contract].call("stopLevel"))


@pytest.fixture
def operator(terminal: Terminal) -> Operator:
    return Operator(terminal)


def test_ways__none_or_two__are_refused(operator: Operator, tmp_path: Path) -> None:
    for ways in (
        {},
        {"dry_run": True, "safe_transaction": tmp_path / "a"},
        {"account": SAFE, "transaction_builder": tmp_path / "a"},
    ):
        with pytest.raises(InputError, match="name one of --account WHO"):
            operator.runs("pause", contracts=(), **ways)


def test_pause__dry_run__says_calls_and_owners(operator: Operator) -> None:
    contracts = operator.terminal.market.contracts
    found = operator.plans("pause", contracts=())
    assert [(each["contract"], each["to"]) for each in found["transactions"]] == [
        (name, contracts[name].address) for name in STOPPABLE
    ]
    for each in found["transactions"]:
        assert (each["function"], each["data"]) == ("pause()", "0x8456cb59")
        assert (each["outcome"], each["role"]["name"]) == ("succeeds", "GUARDIAN")
    assert found["signatures"] == {
        "needed": 2,
        "of": [address(f"local:{number}") for number in (26, 27, 28)],
        "safe_nonce": 0,
    }
    shown = operator.runs("pause", contracts=("Settlement",), dry_run=True)
    assert "call        pause Settlement" in shown
    assert "2 owners of the Safe" in shown


def test_pause__by_the_safe__all_with_one_signature_round(operator: Operator) -> None:
    output = operator.runs("pause", contracts=(), account=SAFE)
    assert output.startswith("Done: pause EnergyTrading; pause Settlement; ")
    assert {operator.level(name) for name in STOPPABLE} == {StopLevel.PAUSED}
    assert operator.terminal.answers("safe show")[3]["nonce"] == 1
    assert (
        operator.runs("pause", contracts=(), account=SAFE) == "Nothing to do: it is done already.\n"
    )


def test_pause__what_cannot_be_paused__is_refused(operator: Operator) -> None:
    with pytest.raises(InputError, match="'SmartMeter' is not one of EnergyTrading, Settlement"):
        operator.runs("pause", contracts=("SmartMeter",), account=SAFE)


def test_resume__some_are_paused__those_go_on(operator: Operator) -> None:
    operator.runs("pause", contracts=("settlement", "EnergyTrading"), account=SAFE)
    output = operator.runs("resume", contracts=(), account=SAFE)
    assert output.startswith("Done: resume EnergyTrading; resume Settlement (")
    assert {operator.level(name) for name in STOPPABLE} == {StopLevel.RUNNING}


def test_safe_transaction__of_several_calls__signed_apart_and_sent(
    operator: Operator, tmp_path: Path
) -> None:
    path, terminal = tmp_path / "pause.json", operator.terminal
    contracts = ("EnergyTrading", "Settlement")
    output = operator.runs("pause", contracts=contracts, safe_transaction=path)
    assert output.startswith(f"Written: {path}; 2 owners sign it with energy-grid safe sign {path}")
    reviewed = terminal.answers(f"safe review {path}")
    assert reviewed["call"] == "pause EnergyTrading; pause Settlement"
    other = f"safe sign {path} --account local:27 --hash 0x{64 * '1'}"
    assert terminal.refuses(other, code=2) == (
        f"{path} has changed since the review: its call is now pause EnergyTrading; pause"
        " Settlement"
    )
    safe = Safe(terminal.market.node, terminal.market.roles[Role.GUARDIAN])
    batch = SafeFile.load(path).transaction
    assert reviewed["hash"] == f"0x{transaction_hash(safe, batch).hex()}"
    for owner in ("local:27", "local:28"):
        terminal.says(f"safe sign {path} --account {owner} --hash {reviewed['hash']}")
    terminal.does("local:11", f"safe send {path}")
    assert [operator.level(name) for name in contracts] == [StopLevel.PAUSED] * 2


def test_safe_transaction__of_more_gas_than_one_has__is_several_files(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.market.plan._TRANSACTION_GAS", 50_000)
    path, terminal = tmp_path / "pause.json", operator.terminal
    contracts = ("EnergyTrading", "Settlement")
    output = operator.runs("pause", contracts=contracts, safe_transaction=path)
    second = tmp_path / "pause-2.json"
    assert f"Written: {second}; 2 owners sign it" in output
    for each, contract in zip((path, second), contracts, strict=True):
        assert operator.level(contract) is StopLevel.RUNNING
        for number in (26, 27):
            terminal.says(f"safe sign {each} --account local:{number}")
        terminal.does("local:11", f"safe send {each}")
        assert operator.level(contract) is StopLevel.PAUSED


def test_safe_transaction__file_is_there__is_not_written_over(
    operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "pause.json"
    path.write_text("mine")
    with pytest.raises(InputError, match="is there"):
        operator.runs("pause", contracts=(), safe_transaction=path)
    assert path.read_text() == "mine"


def test_safe_transaction__made_to_run_somebodys_code__nobody_signs_it(
    operator: Operator, tmp_path: Path
) -> None:
    """A delegate call to any other address would hand the Safe over."""
    path, terminal = tmp_path / "pause.json", operator.terminal
    operator.runs("pause", contracts=(), safe_transaction=path)
    document = json.loads(path.read_text())
    assert document["operation"] == Operation.DELEGATE_CALL
    thief = address("local:15")
    path.write_text(json.dumps({**document, "to": thief}))
    for command in (f"safe review {path}", f"safe sign {path} --account local:26"):
        refused = terminal.refuses(command, code=2)
        assert refused == (f"{path} delegates the Safe to the code of {thief}: do not sign it")


def test_safe_transaction__of_a_call_to_nobody__is_the_safes_own_and_nobody_signs_it(
    operator: Operator, tmp_path: Path
) -> None:
    """In a batch the zero address stands for the Safe itself: this would make a thief its owner,
    and whoever reviews it would see a call to nowhere."""
    path, terminal = tmp_path / "pause.json", operator.terminal
    operator.runs("pause", contracts=(), safe_transaction=path)
    document, helper = json.loads(path.read_text()), terminal.market.contracts["MultiSendCallOnly"]
    taken = load("Safe").function("addOwnerWithThreshold").encode([address("local:15"), 1])
    call = bytes([Operation.CALL]) + bytes(20 + 32) + len(taken).to_bytes(32, "big") + taken
    data = helper.prepare("multiSend", call).data
    path.write_text(json.dumps({**document, "data": f"0x{data.hex()}"}))
    for command in (f"safe review {path}", f"safe sign {path} --account local:26"):
        refused = terminal.refuses(command, code=2)
        assert refused == "this batch calls the zero address, which would be the Safe itself"


def test_safe_transaction__would_be_refused__is_not_written(
    operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "tariff.json"
    with pytest.raises(errors.Tariffs_FeeAbove):
        operator.runs(
            "tariffs schedule",
            **{**TARIFF, "buy": None, "protocol_fee": "0.02"},
            safe_transaction=path,
        )
    assert not path.exists()


def test_transaction_builder__of_several_calls__has_their_data(
    operator: Operator, tmp_path: Path
) -> None:
    path, market = tmp_path / "builder.json", operator.terminal.market
    operator.runs("pause", contracts=("EnergyTrading", "Settlement"), transaction_builder=path)
    found = json.loads(path.read_text())
    assert (found["version"], found["chainId"]) == ("1.0", "31337")
    assert found["meta"] == {
        "name": "EnergyTrading.pause(); Settlement.pause()",
        "createdFromSafeAddress": market.roles[Role.GUARDIAN],
    }
    assert [(each["to"], each["value"], each["data"]) for each in found["transactions"]] == [
        (market.contracts[name].address, "0", "0x8456cb59")
        for name in ("EnergyTrading", "Settlement")
    ]


def test_shutdown__is_for_governance__a_vote_is_proposed(operator: Operator) -> None:
    found = operator.plans("shutdown", contracts=("EnergyTrading",))
    (planned,) = found["transactions"]
    assert (planned["function"], planned["outcome"]) == ("shutdown()", "succeeds")
    timelock = operator.terminal.market.roles[Role.ADMIN]
    assert found["signatures"]["vote"] == {
        "proposer_needs": str(10_000 * 10**18),
        "quorum": str(300_000 * 10**18),
        "timelock": timelock,
        "delay": 600,
    }
    shown = operator.runs("shutdown", contracts=("EnergyTrading",), dry_run=True)
    assert "a vote: the proposer needs 10000 GGT, the quorum is 300000 GGT" in shown
    output = operator.runs("shutdown", contracts=("EnergyTrading",), account=VOTER, because="Over")
    assert output.startswith(
        "Proposed 1: Shut down EnergyTrading permanently; only its exits stay open."
    )
    assert operator.level("EnergyTrading") is StopLevel.RUNNING


def test_shutdown__nothing_named__is_refused(operator: Operator) -> None:
    with pytest.raises(InputError, match="name the contracts to shut down"):
        operator.runs("shutdown", contracts=(), account=VOTER)


def test_safe_transaction__of_what_is_voted_on__is_a_proposal_of_the_safe(
    operator: Operator, grid: EnergyGrid, tmp_path: Path
) -> None:
    """Which takes votes, that the Safe has only if it was given them."""
    path, terminal = tmp_path / "grant.json", operator.terminal
    grant = {"role": "keeper", "address": "local:15"}
    with pytest.raises(errors.GovernorInsufficientProposerVotes):
        operator.runs("roles grant", **grant, safe_transaction=path)
    assert not path.exists()

    safe = terminal.market.roles[Role.GUARDIAN]
    terminal.says(f"govern delegate {safe} --account {VOTER}")
    terminal.market.node.mine()
    operator.runs("roles grant", **grant, safe_transaction=path)
    for owner in ("local:26", "local:27"):
        terminal.says(f"safe sign {path} --account {owner}")
    terminal.does("local:11", f"safe send {path}")
    assert grid.proposal(1).proposer == safe


def test_roles__unknown_or_governances_own_end__is_refused(operator: Operator) -> None:
    with pytest.raises(InputError, match="'BOSS' is not one of ADMIN, GRID_AUTHORITY"):
        operator.runs("roles grant", role="BOSS", address="local:1", dry_run=True)
    timelock = operator.terminal.market.roles[Role.ADMIN]
    with pytest.raises(InputError, match="no rule could change afterwards"):
        operator.runs("roles revoke", role="ADMIN", address=timelock, dry_run=True)


def test_roles__as_they_are__nothing_to_do(operator: Operator) -> None:
    for name, role, who in (("grant", "KEEPER", "local:7"), ("revoke", "KEEPER", "local:15")):
        output = operator.runs(f"roles {name}", role=role, address=who, dry_run=True)
        assert output == "Nothing to do: it is done already.\n"


def test_roles__given_and_taken__are_voted_on(operator: Operator) -> None:
    for name, who in (("grant", "local:15"), ("revoke", "local:7")):
        (planned,) = operator.plans(f"roles {name}", role="keeper", address=who)["transactions"]
        assert planned["function"].startswith(f"{name}Role(")
        assert planned["arguments"]["role_id"] == Role.KEEPER
        assert planned["arguments"]["account"] == address(who)
        assert planned["outcome"] == "succeeds"


def test_reporters__added_replaced_and_removed__are_voted_on(operator: Operator) -> None:
    (added,) = operator.plans("oracle_reporters add", address="local:15")["transactions"]
    assert added["arguments"]["account"] == address("local:15")
    replaced = operator.plans("oracle_reporters replace", old="local:4", new="local:15")
    functions = [each["function"].partition("(")[0] for each in replaced["transactions"]]
    assert functions == ["grantRole", "revokeRole"]
    assert operator.plans("oracle_reporters remove", address="local:4")["transactions"]
    for name, values in (("add", {"address": "local:4"}), ("remove", {"address": "local:15"})):
        output = operator.runs(f"oracle_reporters {name}", **values, dry_run=True)
        assert output == "Nothing to do: it is done already.\n"


def test_reporters__no_more_than_a_round_needs__none_is_removed(operator: Operator) -> None:
    market = operator.terminal.market
    market.do(
        market.roles[Role.ADMIN], market.access, "revokeRole", Role.REPORTER, address("local:14")
    )
    with pytest.raises(InputError, match=r"3 reporters are as many as a round needs \(3\)"):
        operator.runs("oracle_reporters remove", address="local:4", dry_run=True)


def test_reporters__fewer_than_the_highest_quorum__none_is_removed(operator: Operator) -> None:
    market = operator.terminal.market
    admin = market.roles[Role.ADMIN]
    market.do(admin, market.grid_oracle, "setParameters", 4, 7200)
    with pytest.raises(InputError, match=r"4 reporters are as many as a round needs \(4\)"):
        operator.runs("oracle_reporters remove", address="local:4", dry_run=True)


def test_reporters__quorum_and_age_of_an_oracle__are_voted_on(operator: Operator) -> None:
    values = {"oracle": "weather", "quorum": None, "max_age": "3h"}
    found = operator.plans("oracle_reporters parameters", **values)
    (planned,) = found["transactions"]
    assert planned["function"] == "setParameters(uint256,uint256)"
    assert planned["arguments"] == {"new_quorum": 3, "new_max_age": 10_800}
    assert "vote" in found["signatures"]
    with pytest.raises(InputError, match="name a change: --quorum or --max-age"):
        operator.runs(
            "oracle_reporters parameters",
            oracle="grid",
            quorum=None,
            max_age=None,
            dry_run=True,
        )


def test_reporters__replaced_by_or_for_the_wrong_one__is_refused(operator: Operator) -> None:
    with pytest.raises(InputError, match="is not a reporter"):
        operator.runs("oracle_reporters replace", old="local:15", new="local:16", dry_run=True)
    with pytest.raises(InputError, match="is a reporter already"):
        operator.runs("oracle_reporters replace", old="local:4", new="local:12", dry_run=True)


def test_meter_keys__rotated_and_deactivated__by_the_registrar(
    operator: Operator, grid: EnergyGrid
) -> None:
    old, new = Account.local(15), Account.local(16)
    registrar = grid.acting_safe([Account.local(1), Account.local(2)])
    grid.register_meter(
        registrar, old, Account.local(11), region="home", rated_power=5000, settlement=False
    ).execute()
    rotation = {"meter": old.address, "new_key": "local:16", "account": REGISTRAR}
    with pytest.raises(EnergyGridError, match="SmartMeter: no consent"):
        operator.runs("meter_keys rotate", consent_of=None, **rotation)
    operator.runs("meter_keys rotate", consent_of="local:11", **rotation)
    assert grid.meters.get_meter(new.address).account == address("local:11")
    assert grid.meters.get_meter(old.address).number == 0
    operator.runs("meter_keys deactivate", meter=new.address, account=REGISTRAR)
    assert not grid.meters.get_meter(new.address).active


def test_tariffs__prices_by_the_safe__the_others_by_a_vote(
    operator: Operator, grid: EnergyGrid
) -> None:
    output = operator.runs("tariffs schedule", **TARIFF, account=AUTHORITY)
    assert output.startswith("Done: set the tariff of home from 2024-01-17 on: buy 0.31 tUSD/kWh, ")
    assert grid.tariffs.tariff_of("home", grid.first_changeable_day()).buy == 310_000
    output = operator.runs("tariffs credit_value", value="0.05", first=None, account=AUTHORITY)
    assert output.startswith(
        "Done: set the value of energy credits to 0.05 tUSD/kWh from 2024-01-17"
    )
    for name, values, function in (
        ("emission_factor", {"grams": 250}, "setEmissionFactor(uint256)"),
        ("outflow_limit", {"limit": "2500"}, "setOutflowLimit(uint256)"),
    ):
        found = operator.plans(f"tariffs {name}", **values)
        (planned,) = found["transactions"]
        assert (planned["function"], planned["outcome"]) == (function, "succeeds")
        assert "vote" in found["signatures"]


def test_fees__collected_when_there_are_none__is_refused(operator: Operator) -> None:
    output = operator.runs("fees collect", amount="1", to="local:1", account=TREASURY)
    assert output.startswith("Scheduled: run the same command again from ")
    market = operator.terminal.market
    market.go_to(market.now + 90_001)
    with pytest.raises(EnergyGridError, match="collect above"):
        operator.runs("fees collect", amount="1", to="local:1", account=TREASURY)
    with pytest.raises(typer.Exit):
        operator.runs("fees collect", amount="1", to="local:1", dry_run=True)
    shown = operator.terminal.capsys.readouterr().out
    assert f"  to        {address('local:1')}" in shown
    assert "would revert: Settlement: collect above" in shown


def test_calls_in__a_batch__gives_back_its_calls(operator: Operator) -> None:
    contracts = operator.terminal.market.contracts
    calls = [contracts[name].prepare("pause") for name in STOPPABLE]
    helper = contracts["MultiSendCallOnly"].address
    batch = Multisig(helper, [], helper).batch(calls)
    assert calls_in(batch.data) == [(call.to, 0, call.data) for call in calls]


@pytest.mark.parametrize("wrong", ["no batch", "in the Safe's place", "cut off"])
def test_calls_in__anything_else__is_refused(operator: Operator, wrong: str) -> None:
    helper: Contract = operator.terminal.market.contracts["MultiSendCallOnly"]
    one = bytes([Operation.CALL]) + bytes([1] * 20) + bytes(32) + (4).to_bytes(32, "big") + b"????"
    data = {
        "no batch": b"????",
        "in the Safe's place": helper.prepare("multiSend", bytes([1]) + one[1:]).data,
        "cut off": helper.prepare("multiSend", one[:-1]).data,
    }[wrong]
    with pytest.raises(InputError, match="this is no batch of"):
        calls_in(data)


def test_ops__as_a_user_runs_them__ape_finds_all_and_connects(tmp_path: Path) -> None:
    files = {path.stem for path in (ROOT / "scripts/ops").glob("[!_]*.py")}
    assert files == set(NAMES)
    file = tmp_path / "local.json"
    with Anvil(accounts=30) as node:
        network = f"ethereum:local:{node.url}"
        assert run_script("deploy", network, file).returncode == 0
        planned = run_script("ops tariffs schedule home --buy 0.31 --dry-run", network, file)
        assert planned.returncode == 0, planned.stdout
        assert "on: buy 0.31 tUSD/kWh, feed-in 0.08" in " ".join(planned.stdout.split())
        dear = "ops tariffs schedule home --protocol-fee 0.02 --dry-run"
        failing = run_script(dear, network, file)
        assert failing.returncode == 1
        assert "would revert: Tariffs: " in failing.stdout
        refused = run_script("ops pause Settlment --dry-run", network, file)
        assert refused.returncode == 1
        assert refused.stdout.splitlines()[-1].startswith("Error: 'Settlment' is not one of")
