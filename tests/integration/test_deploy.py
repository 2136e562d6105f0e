"""`ape run deploy` against real chains: whole, interrupted, refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from eth_account import Account as EthAccount

from energy_grid.chain.abi import checksum, load
from energy_grid.chain.accounts import MNEMONIC, Account
from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import PERMISSIONS, SAFES, Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.contracts.access_manager import AccessManager
from energy_grid.contracts.tariffs import Tariffs
from energy_grid.market.roles import role_members
from scripts._deploy.plan import GROUP, STANDALONE
from tests.support.artifacts import ROOT, artifact
from tests.support.deploying import killed_when, run_script, started, wait_until

SEPOLIA, VOLTA = 11155111, 73799
# The contracts and the Safes; the community, the restricted functions, the grants, the handover.
TRANSACTIONS = len(STANDALONE) + len(GROUP) + len(SAFES) + 4
# Overloads are functions of their own.
RESTRICTED = sum(
    each.name in names
    for targets in PERMISSIONS.values()
    for contract, names in targets.items()
    for each in load(contract).functions.values()
)
OWNERS = {
    "authority": (20, 21, 22),
    "registrar": (1, 2, 3),
    "treasury": (23, 24, 25),
    "guardian": (26, 27, 28),
}
DEPLOYER = Account.local(0).address
PASSPHRASE = "correct horse"
DEAD = "http://127.0.0.1:9"  # the discard port: nothing listens
ETHER = 10**18


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "market.json"


@pytest.fixture(scope="module")
def chain() -> Iterator[DevNode]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def market(chain: DevNode, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a market that was deployed in one go."""
    path = tmp_path_factory.mktemp("market") / "market.json"
    done = run_script("deploy", local(chain), path, "--set", "slotLength=900")
    assert done.returncode == 0, done.stdout
    assert (
        f"Checked: {len(Role)} roles and {RESTRICTED} restricted functions; no key alone"
        in done.stdout
    )
    assert (
        "Checked: Safes: authority 2 of 3, registrar 2 of 3, treasury 2 of 3, guardian 2 of 3"
        in done.stdout
    )
    return path


@pytest.fixture
def stopped_chain() -> Iterator[DevNode]:
    """A chain on which a transaction is mined when the test says so."""
    with Anvil(mining=False) as node:
        yield node


def local(node: DevNode) -> str:
    return f"ethereum:local:{node.url}"


def nonce_of(node: DevNode, address: str = DEPLOYER) -> int:
    return int(node.rpc("eth_getTransactionCount", address, "latest"), 16)


def addresses(file: Path) -> dict[str, str]:
    contracts = json.loads(file.read_text())["contracts"]
    return {name: entry["address"] for name, entry in contracts.items()}


def journal_of(file: Path) -> Path:
    return file.with_suffix(".partial.json")


def accounts(*numbers: int) -> set[str]:
    return {Account.local(number).address for number in numbers}


def keystore(folder: Path, alias: str, account: EthAccount) -> dict[str, str]:
    """An encrypted keystore in an Ape data folder, and the environment that makes Ape use it."""
    accounts = folder / "ape" / "accounts"
    accounts.mkdir(parents=True)
    encrypted = EthAccount.encrypt(account.key, PASSPHRASE, kdf="pbkdf2", iterations=2)
    (accounts / f"{alias}.json").write_text(json.dumps(encrypted))
    return {
        "APE_DATA_FOLDER": str(accounts.parent),
        f"APE_ACCOUNTS_{alias}_PASSPHRASE": PASSPHRASE,
    }


def holders() -> dict[str, str]:
    """Environment variables that name the Safes' owners, voters, reporters and keepers."""

    def some(number: int) -> list[str]:
        return [Account.create().address for _ in range(number)]

    owners, voters = {name: some(4) for name in SAFES}, some(4)
    reporters, keepers = some(4), some(4)
    return {
        **{
            f"ENERGY_GRID_{name.upper()}_OWNERS": ",".join(accounts)
            for name, accounts in owners.items()
        },
        "ENERGY_GRID_VOTERS": ",".join(f"{voter}=10_000" for voter in voters),
        "ENERGY_GRID_REPORTER": ",".join(reporters),
        "ENERGY_GRID_KEEPER": ",".join(keepers),
    }


def test_deploy__fresh_chain__market_wired_and_deployer_without_role(
    chain: DevNode, market: Path
) -> None:
    record = json.loads(market.read_text())

    assert nonce_of(chain) == TRANSACTIONS
    assert not journal_of(market).exists()
    assert record["network"] == "ethereum:local:node"
    assert record["parameters"]["slotLength"] == 900
    where = addresses(market)
    assert where["SettlementToken"] == where["TestDollar"]
    assert Contract(chain, where["Settlement"], "Settlement").call("SLOT_LENGTH") == 900
    manager = AccessManager(chain, where["AccessManager"])
    safes, timelock = record["safes"], where["TimelockController"]
    wanted = {
        Role.ADMIN: {timelock},
        Role.GRID_AUTHORITY: {safes["authority"]["address"], timelock},
        Role.GUARDIAN: {safes["guardian"]["address"]},
        Role.METER_REGISTRAR: {safes["registrar"]["address"]},
        Role.REGISTRAR: {safes["registrar"]["address"]},
        Role.TREASURY: {safes["treasury"]["address"]},
        Role.REPORTER: accounts(4, 12, 13, 14),
        Role.KEEPER: accounts(7),
        Role.METER_GATEWAY: accounts(6),
    }
    for role in Role:
        assert role_members(manager, role) == wanted[role]
        assert not manager.has_role(role, DEPLOYER).is_member
    for name, numbers in OWNERS.items():
        multisig = Contract(chain, safes[name]["address"], "Safe")
        assert set(multisig.call("getOwners")) == accounts(*numbers)
        assert multisig.call("getThreshold") == 2
    votes = Contract(chain, where["GovernanceToken"], "GovernanceToken")
    for voter in accounts(5, 8, 9, 10):
        assert votes.call("balanceOf", voter) == 250_000 * ETHER


def test_deploy__role_for_a_key__refused_and_nothing_sent(tmp_path: Path) -> None:
    own, file = tmp_path / "own.yaml", tmp_path / "own.json"
    document = yaml.safe_load((ROOT / "scripts/_deploy/networks/local.yaml").read_text())
    document["roles"]["GUARDIAN"] = "anvil:3"
    own.write_text(yaml.safe_dump(document))
    with Anvil() as node:
        done = run_script("deploy", local(node), file, "--parameters", str(own))
        sent = nonce_of(node)

    assert done.returncode == 1
    (guardian,) = accounts(3)
    complaint = f"Error: {guardian} holds GUARDIAN and is a single key: name a contract"
    assert done.stdout.splitlines()[-1].startswith(complaint)
    assert sent == 0


def test_deploy__again__nothing_sent_and_other_wishes_refused(chain: DevNode, market: Path) -> None:
    before, written = nonce_of(chain), market.read_bytes()

    again = run_script("deploy", local(chain), market, "--set", "slotLength=900")
    other = run_script("deploy", local(chain), market, "--set", "slotLength=3600")

    assert again.returncode == 0
    assert "Deployed already" in again.stdout
    assert other.returncode == 1
    assert "other parameters or roles were asked for" in other.stdout
    assert (nonce_of(chain), market.read_bytes()) == (before, written)


@pytest.mark.parametrize(
    "wish",
    [
        {"safes": {"registrar": {"owners": ["anvil:1", "anvil:2", "anvil:15"], "threshold": 2}}},
        {"safes": {"registrar": {"owners": ["anvil:1", "anvil:2", "anvil:3"], "threshold": 3}}},
        {"governance": {"holders": [f"anvil:{number}=250_001" for number in (5, 8, 9, 10)]}},
    ],
    ids=["owner", "threshold", "votes"],
)
def test_deploy__again_for_others__refused(
    chain: DevNode, market: Path, tmp_path: Path, wish: dict[str, dict[str, object]]
) -> None:
    before, own = nonce_of(chain), tmp_path / "own.yaml"
    document = yaml.safe_load((ROOT / "scripts/_deploy/networks/local.yaml").read_text())
    ((section, values),) = wish.items()
    document[section] |= values
    own.write_text(yaml.safe_dump(document))

    options = ("--set", "slotLength=900", "--parameters", str(own))
    other = run_script("deploy", local(chain), market, *options)

    assert other.returncode == 1
    assert "other parameters or roles were asked for" in other.stdout
    assert nonce_of(chain) == before


def test_deploy__token_and_fees_given__used(chain: DevNode, market: Path, tmp_path: Path) -> None:
    token = addresses(market)["TestDollar"]
    parameters = (ROOT / "scripts/_deploy/networks/local.yaml").read_text()
    own = tmp_path / "own.yaml"

    def deploy(entry: str) -> str:
        own.write_text(parameters.replace("deploy: TestDollar", entry))
        options = ("--parameters", str(own), "--set", "protocolFee=50")
        return run_script("deploy", local(chain), tmp_path / "own.json", *options).stdout

    assert f"token {DEPLOYER} is no token" in deploy(f'address: "{DEPLOYER}"')
    assert "Written" in deploy(f'address: "{token}"')
    where = addresses(tmp_path / "own.json")
    assert where["SettlementToken"] == token
    assert "TestDollar" not in where
    today = chain.time // 86_400
    assert Tariffs(chain, where["Tariffs"]).tariff_of("home", today).protocol_fee == 50


def test_deploy__killed_at_several_points__has_more_with_nothing_doubled(
    stopped_chain: DevNode, file: Path
) -> None:
    planned = None
    # What the kill leaves behind: True: the transaction is mined while nobody looks; False: lost.
    for step, mined in (
        ("AccessManager", False),
        ("Settlement", True),
        ("EnergyTrading", False),
        ("GridGovernor", True),
        ("safe registrar", False),
        ("permissions", True),
        ("handover", False),
    ):
        killed_when(step, stopped_chain, local(stopped_chain), file)
        if mined:
            stopped_chain.mine()
        else:
            stopped_chain.rpc("anvil_dropAllTransactions")
        journal = json.loads(journal_of(file).read_text())
        where = {name: entry["address"] for name, entry in journal["contracts"].items()}
        planned = planned or where
        assert where == planned
        assert not file.exists()
    stopped_chain.set_automine(True)

    done = run_script("deploy", local(stopped_chain), file)

    assert done.returncode == 0, done.stdout
    assert "Going on with" in done.stdout
    assert "beginning anew" not in done.stdout
    assert {name: addresses(file)[name] for name in planned} == planned
    # Every transaction had exactly one effect (a lost one may have been mined before the kill).
    assert nonce_of(stopped_chain) == TRANSACTIONS
    assert not journal_of(file).exists()


def test_deploy__nonce_used_in_between__group_begun_anew(
    stopped_chain: DevNode, file: Path
) -> None:
    killed_when("GridManagement", stopped_chain, local(stopped_chain), file)
    stopped_chain.rpc("anvil_dropAllTransactions")
    before = json.loads(journal_of(file).read_text())["contracts"]
    stopped_chain.set_automine(True)
    stopped_chain.send_as(DEPLOYER, DEPLOYER, b"")

    done = run_script("deploy", local(stopped_chain), file)

    assert done.returncode == 0, done.stdout
    nonce = before["GridManagement"]["nonce"]
    assert re.search(rf"nonce {nonce}, planned for GridManagement, .* from {GROUP[0]}", done.stdout)
    where = addresses(file)
    for name in STANDALONE:
        assert where[name] == before[name]["address"]
    for name in GROUP:
        assert where[name] != before[name]["address"]


def test_deploy__safe_made_by_somebody_else__is_the_same_one(
    stopped_chain: DevNode, file: Path
) -> None:
    """Whoever sees the call on its way can only send it again: same owners, same address."""

    def waiting(identifier: str) -> Any:
        return stopped_chain.rpc("eth_getTransactionByHash", identifier)

    lost = killed_when(
        "safe registrar",
        stopped_chain,
        local(stopped_chain),
        file,
        arrived=lambda identifier: waiting(identifier) is not None,
    )
    seen = waiting(lost)
    stopped_chain.rpc("anvil_dropAllTransactions")
    stopped_chain.set_automine(True)
    stranger = Account.local(19).address
    stopped_chain.set_balance(stranger, ETHER)
    stopped_chain.send_as(stranger, seen["to"], bytes.fromhex(seen["input"][2:]))

    done = run_script("deploy", local(stopped_chain), file)

    assert done.returncode == 0, done.stdout
    assert "Checked: Safes: authority 2 of 3, registrar 2 of 3" in done.stdout
    assert nonce_of(stopped_chain) == TRANSACTIONS - 1


def test_deploy__other_parameters_after_kill__begun_anew(
    stopped_chain: DevNode, file: Path
) -> None:
    killed_when("TestDollar", stopped_chain, local(stopped_chain), file)
    stopped_chain.mine()
    stopped_chain.set_automine(True)

    done = run_script("deploy", local(stopped_chain), file, "--set", "grace=900")

    assert done.returncode == 0, done.stdout
    assert "Beginning anew" in done.stdout
    assert json.loads(file.read_text())["contracts"]["AccessManager"]["block"] > 2


def test_deploy__node_gone__one_line_and_journal_kept(file: Path) -> None:
    anvil = Anvil(mining=False)
    node = anvil.start()
    try:
        with started(local(node), file) as running:
            wait_until(journal_of(file).exists)
            anvil.stop()
            done = running.wait()
    finally:
        anvil.stop()

    assert done.returncode == 1
    assert "Error: the node does not answer" in done.stdout
    assert "Traceback" not in done.stdout
    assert journal_of(file).exists()
    assert not file.exists()


@pytest.mark.parametrize("network", ["ethereum:local", "ethereum:sepolia"])
def test_deploy__well_known_key_on_public_chain__refused(
    network: str, file: Path, tmp_path: Path
) -> None:
    EthAccount.enable_unaudited_hdwallet_features()
    account = EthAccount.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/19")
    environment = keystore(tmp_path, "wellknown", account) | holders()
    with Anvil(chain_id=SEPOLIA) as node:
        options = ("--account", "wellknown")
        done = run_script(
            "deploy", f"{network}:{node.url}", file, *options, environment=environment
        )
        sent = nonce_of(node, account.address)

    assert done.returncode == 1
    errors = [line for line in done.stdout.splitlines() if not line.startswith("INFO")]
    assert errors == [
        f"Error: the key of {account.address} is public knowledge: use another one on chain "
        f"{SEPOLIA}"
    ]
    assert sent == 0
    assert not journal_of(file).exists()


def test_deploy__keystore_on_test_network__passes(file: Path, tmp_path: Path) -> None:
    account = EthAccount.create()
    environment = keystore(tmp_path, "operator", account)
    options = ("--account", "operator")
    roles = holders()
    with Anvil(chain_id=VOLTA) as node:
        network = f"energyweb:volta:{node.url}"
        nameless = run_script("deploy", network, file, *options, environment=environment)
        environment |= roles
        poor = run_script("deploy", network, file, *options, environment=environment)
        node.set_balance(account.address, ETHER)
        done = run_script("deploy", network, file, *options, environment=environment)
        manager = AccessManager(node, addresses(file)["AccessManager"])
        reporters, keepers = (
            role_members(manager, Role.REPORTER),
            role_members(manager, Role.KEEPER),
        )
        safe = json.loads(file.read_text())["safes"]["guardian"]
        guardians = role_members(manager, Role.GUARDIAN)

    assert nameless.returncode == 1
    assert set(re.findall(r"the environment variable (\w+) is not set", nameless.stdout)) == {
        *roles
    }
    assert poor.returncode == 1
    assert "Error: AccessManager: Insufficient funds" in poor.stdout
    assert done.returncode == 0, done.stdout
    assert json.loads(file.read_text())["network"] == "energyweb:volta:node"
    assert reporters == set(roles["ENERGY_GRID_REPORTER"].split(","))
    assert keepers == set(roles["ENERGY_GRID_KEEPER"].split(","))
    assert safe["owners"] == roles["ENERGY_GRID_GUARDIAN_OWNERS"].split(",")
    assert guardians == {safe["address"]}
    assert PASSPHRASE not in done.stdout


@pytest.mark.parametrize("script", ["deploy", "check_deployment"])
@pytest.mark.parametrize(
    ("network", "line"),
    [
        (f"ethereum:local:{DEAD}", f"no node answers at {DEAD}: is it running?"),
        (
            "ethereum:mainnet:node",
            "no node is known for ethereum:mainnet: pass --network ethereum:mainnet:https://...",
        ),
        (
            "nonsense:net",
            "--network: No ecosystem named 'nonsense' (see `ape networks list`)",
        ),
        (
            "ethereum:local",
            "ethereum:local:foundry ends with this command: start a node (`anvil`) and pass "
            "--network ethereum:local:http://127.0.0.1:8545",
        ),
    ],
)
def test_command__no_chain_to_work_on__one_line(
    script: str, network: str, line: str, file: Path
) -> None:
    done = run_script(script, network, file)

    assert (done.returncode, done.stdout) == (1, f"Error: {line}\n")
    assert not file.exists()


@pytest.mark.parametrize("script", ["deploy", "check_deployment"])
def test_command__no_network__asked_for(script: str, file: Path) -> None:
    ape = Path(sys.executable).parent / "ape"
    done = subprocess.run(
        [str(ape), "run", script, "--deployment-file", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "Error: which chain? pass --network ecosystem:network:provider\n"
    assert not file.exists()


def test_command__node_of_another_chain__one_line(chain: DevNode, file: Path) -> None:
    done = run_script("deploy", f"ethereum:sepolia:{chain.url}", file)

    assert done.returncode == 1
    error = done.stdout.splitlines()[-1]
    assert error.startswith("Error: ")
    assert "31337" in error
    assert str(SEPOLIA) in error
    assert "Traceback" not in done.stdout


def test_deploy__unknown_account__noticed_before_the_chain(file: Path) -> None:
    done = run_script("deploy", f"ethereum:local:{DEAD}", file, "--account", "nobody")

    assert done.returncode == 1
    assert done.stdout == "Error: Ape has no account nobody: see `ape accounts list`\n"


def test_ape_config__every_public_network__has_its_node() -> None:
    """Without one, Ape picks a public node at random, another one in each run."""
    nodes = yaml.safe_load((ROOT / "ape-config.yaml").read_text())["node"]

    for ecosystem, network in (
        ("ethereum", "sepolia"),
        ("base", "sepolia"),
        ("energyweb", "volta"),
    ):
        assert nodes[ecosystem][network]["uri"].startswith("https://")


def test_deploy__token_that_charges_the_sender__refused(tmp_path: Path) -> None:
    """Half of what the deployer holds is tried, in a call that changes nothing."""
    own, file = tmp_path / "own.yaml", tmp_path / "own.json"
    with Anvil() as node:
        node.rpc("anvil_autoImpersonateAccount", True)
        code = artifact("SurchargeToken").bytecode + (100).to_bytes(32, "big")
        made = node.rpc("eth_sendTransactionSync", {"from": DEPLOYER, "data": f"0x{code.hex()}"})
        document = yaml.safe_load((ROOT / "scripts/_deploy/networks/local.yaml").read_text())
        token = Contract(node, checksum(made["contractAddress"]), "TestDollar")
        document["settlementToken"] = {"address": token.address, "decimals": 6}
        own.write_text(yaml.safe_dump(document))
        call = token.prepare("faucet", 1000)
        node.execute_as(DEPLOYER, call.to, call.data)
        before = nonce_of(node)
        done = run_script("deploy", local(node), file, "--parameters", str(own))
        sent = nonce_of(node) - before

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        f"Error: the settlement token {token.address} takes 505 of its units from the sender for a"
        " transfer of 500: payouts would be refused; choose another token"
    )
    assert sent == 0
