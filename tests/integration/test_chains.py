"""The documented way to each test network, on a chain of this machine that carries its number.

Every step is a command as docs/networks.md has it: a key is imported into Ape's keystore, people
are named in the environment, the market is deployed with the network's own parameters, checked,
and used by the SDK and by the command line. What runs here runs under Cancun rules, no later ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from eth_account import Account as Keystore

from energy_grid.chain.accounts import Account
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.roles import SAFES, Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid, OrderType
from energy_grid.domain.enums import StopLevel
from energy_grid.market.signing import domain_of
from tests.support.artifacts import ROOT, artifact
from tests.support.deploying import run_script

ETHER = 10**18
PASSPHRASE = "correct horse 7"
SEPOLIA, BASE_SEPOLIA, VOLTA = 11155111, 84532, 73799
# ERC20's storage: its name and its symbol.
NAME_SLOT, SYMBOL_SLOT = 3, 4


@dataclass(frozen=True)
class Place:
    """A test network, played by a chain of this machine, and the market on it."""

    parameters: str
    network: str
    chain_id: int
    node: DevNode
    environment: dict[str, str]
    file: Path
    deployer: str
    keystore: Path
    keeper: Account
    output: str


@pytest.fixture(
    scope="module",
    params=[
        ("sepolia", "ethereum:sepolia", SEPOLIA),
        ("base_sepolia", "base:sepolia", BASE_SEPOLIA),
        ("volta", "energyweb:volta", VOLTA),
    ],
    ids=lambda network: network[0],
)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    parameters, network, chain_id = request.param
    folder = tmp_path_factory.mktemp(parameters)
    key, keeper = Keystore.create(), Account.create()
    environment = people(keeper) | ape(folder)
    with Anvil(chain_id=chain_id, hardfork="cancun") as node:
        import_key(key.key.hex(), environment)
        node.set_balance(key.address, ETHER)
        put_foreign_token(node, parameters)
        file = folder / f"{parameters}.json"
        where, options = f"{network}:{node.url}", ("--account", "deployer")
        with going_on(node):
            done = run_script("deploy", where, file, *options, environment=environment)
        assert done.returncode == 0, done.stdout
        yield Place(
            parameters=parameters,
            network=network,
            chain_id=chain_id,
            node=node,
            environment=environment,
            file=file,
            deployer=key.address,
            keystore=folder / "ape/accounts/deployer.json",
            keeper=keeper,
            output=done.stdout,
        )


@contextmanager
def going_on(node: DevNode) -> Iterator[None]:
    """Let blocks follow each other: on Sepolia, Ape waits for two more after a transaction's."""
    over = threading.Event()

    def mine() -> None:
        with DevNode(node.url) as own:
            while not over.wait(0.02):
                own.mine(2)

    miner = threading.Thread(target=mine)
    miner.start()
    try:
        yield
    finally:
        over.set()
        miner.join()


def people(keeper: Account) -> dict[str, str]:
    """Who owns the Safes, votes, reports and sends batches."""
    voters, reporters, *owners = ([Account.create().address for _ in range(4)] for _ in range(6))
    return {
        **{
            f"ENERGY_GRID_{name.upper()}_OWNERS": ",".join(accounts)
            for name, accounts in zip(SAFES, owners, strict=True)
        },
        "ENERGY_GRID_VOTERS": ",".join(f"{voter}=10_000" for voter in voters),
        "ENERGY_GRID_REPORTER": ",".join(reporters),
        "ENERGY_GRID_KEEPER": keeper.address,
    }


def ape(folder: Path) -> dict[str, str]:
    """An Ape with nothing in its keystore, that knows the passphrase of the deployer to be."""
    return {
        "APE_DATA_FOLDER": str(folder / "ape"),
        "APE_ACCOUNTS_deployer_PASSPHRASE": PASSPHRASE,
    }


def import_key(key: str, environment: dict[str, str]) -> None:
    """`ape accounts import deployer`: asks for the key, and twice for a passphrase."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ape"), "accounts", "import", "deployer"],
        input=f"{key}\n{PASSPHRASE}\n{PASSPHRASE}\n",
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "has been added with the id 'deployer'" in done.stdout + done.stderr


def put_foreign_token(node: DevNode, parameters: str) -> None:
    """Put a token where the network's parameters say that one is; a faucet's, for its tests."""
    text = (ROOT / f"scripts/_deploy/networks/{parameters}.yaml").read_text()
    address = yaml.safe_load(text)["settlementToken"].get("address")
    if address is None:
        return
    stranger = Account.create().address
    node.set_balance(stranger, ETHER)
    node.rpc("anvil_impersonateAccount", stranger)
    code = "0x" + artifact("TestDollar").creation_code(stranger).hex()
    sent = node.rpc("eth_sendTransaction", {"from": stranger, "data": code})
    made = node.receipt(sent)["contractAddress"]
    node.rpc("anvil_setCode", address, "0x" + node.code(made).hex())
    for slot, text in ((NAME_SLOT, b"USDC"), (SYMBOL_SLOT, b"USDC")):
        word = text.ljust(31, b"\0") + bytes([2 * len(text)])
        node.rpc("anvil_setStorageAt", address, hex(slot), "0x" + word.hex())


def command(place: Place, *words: str) -> str:
    """`energy-grid ...` to its end; gives what it printed."""
    program = str(Path(sys.executable).parent / "energy-grid")
    done = subprocess.run(
        [program, *words, "--rpc", place.node.url, "--deployment", str(place.file)],
        env={**os.environ, "ENERGY_GRID_PASSWORD": PASSPHRASE},
        cwd=place.file.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_deploy__network_s_own_parameters__market_of_the_people_named(place: Place) -> None:
    deployment = Deployment.load(place.file)
    defaults = yaml.safe_load((ROOT / "scripts/_deploy/defaults.yaml").read_text())

    assert place.output.splitlines()[-1].startswith("Written: ")
    assert PASSPHRASE not in place.output
    assert deployment.chain_id == place.chain_id
    assert deployment.network == f"{place.network}:node"
    assert deployment.deployer == place.deployer
    assert deployment.parameters == defaults["parameters"]
    for name, safe in deployment.safes.items():
        owners = place.environment[f"ENERGY_GRID_{name.upper()}_OWNERS"]
        assert safe.owners == tuple(owners.split(","))
    assert tuple(deployment.safes) == SAFES
    assert deployment.roles[Role.KEEPER] == (place.keeper.address,)
    assert deployment.roles[Role.GUARDIAN] == (deployment.safes["guardian"].address,)
    assert ("TestDollar" in deployment.contracts) == (place.chain_id != BASE_SEPOLIA)


def test_check_deployment__on_the_network__passes(place: Place) -> None:
    where = f"{place.network}:{place.node.url}"
    done = run_script("check_deployment", where, place.file, environment=place.environment)

    assert done.returncode == 0, done.stdout
    contracts = len(Deployment.load(place.file).contracts)
    assert f"Checked: code and constructor arguments of {contracts} contracts" in done.stdout
    assert "Checked: Safes: authority 2 of 4, registrar 2 of 4, treasury 2 of 4" in done.stdout


def test_sdk__new_account__deposits_and_trades(place: Place) -> None:
    trader = Account.create()
    place.node.set_balance(trader.address, ETHER)
    with EnergyGrid.connect(place.node.url, place.file) as market:
        market.plan(trader, market.money.faucet(50_000_000)).execute()
        market.deposit_with_permit(trader, 50_000_000).execute()
        order = (
            market.place_order(trader, OrderType.BUY, energy=1500, price=250_000).execute().order_id
        )
        asked = market.trading.get_order(order)
        left = market.settlement.balance_of(trader.address)
        # A signature is for this chain and no other.
        domain = domain_of(market.money)

    assert (asked.trader, asked.amount) == (trader.address, 1500)
    assert left == 50_000_000 - 375_000
    assert domain.chain_id == place.chain_id


def test_command_line__keystore_of_ape__sends_and_reads(place: Place) -> None:
    register = ("operator", "register", "Riverside", "NORTH", "--capacity", "500kW")
    output = command(place, *register, "--account", str(place.keystore))
    shown = command(place, "operator", "show", place.deployer, "--json")

    assert output.startswith("Registered Riverside ")
    assert json.loads(shown)["region"] == "NORTH"


def test_fork__safe_and_governance_impersonated__network_itself_untouched(place: Place) -> None:
    deployment = Deployment.load(place.file)
    safe, timelock = deployment.safes["guardian"].address, deployment.address("TimelockController")
    before = place.node.block_number
    with (
        Anvil(fork=place.node.url) as copy,
        EnergyGrid.connect(copy.url, place.file) as market,
        EnergyGrid.connect(place.node.url, place.file) as original,
    ):
        for sender, call in (
            (safe, market.trading.pause()),
            (timelock, market.grid.set_base_price(310_000)),
        ):
            copy.set_balance(sender, ETHER)
            assert copy.execute_as(sender, call.to, call.data)["status"] == "0x1"
        copy.set_time(copy.time + 30 * 86_400)

        assert copy.chain_id == place.chain_id
        assert market.trading.stop_level() is StopLevel.PAUSED
        today = copy.time // 86_400
        assert market.tariffs.tariff_of("home", today).buy == 310_000
        assert original.trading.stop_level() is StopLevel.RUNNING
        assert original.tariffs.tariff_of("home", today).buy == 300_000
    assert place.node.block_number == before


def test_deploy__volta_as_it_is__refused_before_anything_is_sent(tmp_path: Path) -> None:
    """Energy Web's own chain specification ends with London."""
    key = Keystore.create()
    environment = people(Account.create()) | ape(tmp_path)
    file = tmp_path / "volta.json"
    with Anvil(chain_id=VOLTA, hardfork="london") as node:
        import_key(key.key.hex(), environment)
        node.set_balance(key.address, ETHER)
        where, options = f"energyweb:volta:{node.url}", ("--account", "deployer")
        done = run_script("deploy", where, file, *options, environment=environment)
        sent = node.nonce(key.address)

    assert done.returncode == 1
    error = done.stdout.splitlines()[-1]
    assert error.startswith("Error: this chain does not run Cancun code, to which the contracts")
    assert (sent, file.exists()) == (0, False)
