"""The check after a deployment finds whatever is not as it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web3 import HTTPProvider, Web3

from energy_grid.adapters.chain.abi import load
from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.anvil import Anvil
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.deployments import Deployment
from energy_grid.adapters.chain.roles import PERMISSIONS, Role
from energy_grid.errors import DeploymentError
from scripts._artifacts import Artifact, load_artifacts
from scripts._deploy.check import check_deployment
from scripts._deploy.plan import MANAGED
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script

DEPLOYER, GOVERNANCE, GUARDIAN = (Account.local(index).address for index in (0, 1, 3))
STRANGER = "0x00000000000000000000000000000000000000A1"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("market") / "market.json"


@pytest.fixture(scope="module")
def deployed(file: Path) -> Iterator[DevNode]:
    with Anvil() as node:
        done = run_script("deploy", f"ethereum:local:{node.url}", file)
        assert done.returncode == 0, done.stdout
        yield node


@pytest.fixture(scope="module")
def artifacts(deployed: DevNode, file: Path) -> Mapping[str, Artifact]:
    return load_artifacts(Deployment.load(file).contracts)


@pytest.fixture
def node(deployed: DevNode) -> Iterator[DevNode]:
    before = deployed.snapshot()
    yield deployed
    deployed.revert(before)


@pytest.fixture
def deployment(deployed: DevNode, file: Path) -> Deployment:
    return Deployment.load(file)


def problem(node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]) -> str:
    """What the check complains about; nothing if it passes."""
    try:
        check_deployment(Web3(HTTPProvider(node.url)), deployment, artifacts)
    except DeploymentError as error:
        return str(error)
    return ""


def govern(node: DevNode, deployment: Deployment, function: str, *values: Any) -> None:
    """Governance calls the AccessManager."""
    data = load("AccessManager").function(function).encode(values)
    node.send_as(GOVERNANCE, deployment.contracts["AccessManager"].address, data)


def selector(contract: str, function: str) -> bytes:
    return load(contract).function(function).selector


@pytest.mark.parametrize(
    ("function", "values", "complaint"),
    [
        ("grantRole", (Role.ADMIN, DEPLOYER, 0), f"the deployer {DEPLOYER} still holds ADMIN"),
        ("grantRole", (99, DEPLOYER, 0), f"the deployer {DEPLOYER} still holds role 99"),
        ("grantRole", (Role.KEEPER, STRANGER, 0), f"{STRANGER} holds KEEPER, and must not"),
        ("revokeRole", (Role.GUARDIAN, GUARDIAN), f"{GUARDIAN} does not hold GUARDIAN"),
        ("grantRole", (Role.GUARDIAN, GUARDIAN, 60), f"{GUARDIAN} holds GUARDIAN with a delay of"),
        (
            "setRoleAdmin",
            (Role.KEEPER, Role.GUARDIAN),
            "getRoleAdmin of KEEPER is GUARDIAN, not ADMIN",
        ),
        (
            "setRoleGuardian",
            (Role.KEEPER, Role.GUARDIAN),
            "getRoleGuardian of KEEPER is GUARDIAN, not ADMIN",
        ),
    ],
)
def test_check__role_changed__found(
    function: str,
    values: tuple[Any, ...],
    complaint: str,
    node: DevNode,
    deployment: Deployment,
    artifacts: Mapping[str, Artifact],
) -> None:
    govern(node, deployment, function, *values)

    assert problem(node, deployment, artifacts).startswith(complaint)


def test_check__nothing_changed__passes(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    assert problem(node, deployment, artifacts) == ""


@pytest.mark.parametrize(
    ("contract", "function", "role", "complaint"),
    [
        ("EnergyTrading", "pause", Role.KEEPER, "is for KEEPER, not for GUARDIAN"),
        ("Settlement", "shutdown", Role.GUARDIAN, "is for GUARDIAN, not for ADMIN"),
        ("Settlement", "collect", Role.ADMIN, "is for ADMIN, not for TREASURY"),
        ("SmartMeter", "submitReading", Role.KEEPER, "is for KEEPER, not for ADMIN"),
    ],
)
def test_check__function_given_to_another_role__found(
    contract: str,
    function: str,
    role: Role,
    complaint: str,
    node: DevNode,
    deployment: Deployment,
    artifacts: Mapping[str, Artifact],
) -> None:
    address = deployment.contracts[contract].address
    selectors = [selector(contract, function)]
    govern(node, deployment, "setTargetFunctionRole", address, selectors, role)

    assert problem(node, deployment, artifacts) == f"{contract}.{function} {complaint}"


def test_check__contract_taken_over__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    address = deployment.contracts["SmartMeter"].address
    token = deployment.contracts["EnergyToken"].address  # an authority must have code
    govern(node, deployment, "updateAuthority", address, token)

    assert problem(node, deployment, artifacts).startswith(f"SmartMeter.authority is {token}, not")


def test_check__contract_closed__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    address = deployment.contracts["SmartMeter"].address
    govern(node, deployment, "setTargetClosed", address, True)

    assert problem(node, deployment, artifacts) == "SmartMeter is closed to every role"


def test_check__code_replaced__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    address = deployment.contracts["EnergyToken"].address
    code = str(node.rpc("eth_getCode", address, "latest"))
    settlement = deployment.contracts["Settlement"].address[2:].lower()

    # An immutable: not part of the compiled code, so its getter must tell.
    node.rpc("anvil_setCode", address, code.replace(settlement, STRANGER[2:].lower()))
    assert problem(node, deployment, artifacts).startswith(f"EnergyToken.SETTLEMENT is {STRANGER}")

    node.rpc("anvil_setCode", address, code[:-2] + "00")
    complaint = f"EnergyToken: the code at {address} is not the compiled one"
    assert problem(node, deployment, artifacts) == complaint

    node.rpc("anvil_setCode", address, "0x")
    complaint = f"EnergyToken: there is no contract at {address}"
    assert problem(node, deployment, artifacts) == complaint


def test_check__record_tells_something_else__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    meter = deployment.contracts["SmartMeter"]

    def with_meter(**changes: Any) -> Deployment:
        contracts = {**deployment.contracts, "SmartMeter": replace(meter, **changes)}
        return replace(deployment, contracts=contracts)

    def with_parameter(**changes: int) -> Deployment:
        return replace(deployment, parameters={**deployment.parameters, **changes})

    arguments = [*meter.arguments[:2], [60, 2_400]]
    other = deployment.contracts["EnergyTrading"].transaction
    for wrong, complaint in (
        (with_meter(arguments=arguments), "its constructor arguments are not those recorded"),
        (with_meter(transaction=other), f"SmartMeter: {other} did not create"),
        (with_meter(transaction="0x" + 64 * "1"), "SmartMeter: no transaction 0x1111"),
        (with_meter(abi_hash="00"), "SmartMeter: the ABI recorded is not the compiled one"),
        (with_parameter(grace=900), "Settlement.GRACE is 3600, not 900"),
        (replace(deployment, token=meter.address), "Settlement.settlementToken is"),
        (replace(deployment, token=STRANGER), "SettlementToken: there is no contract at"),
        (replace(deployment, deployer=STRANGER), f"AccessManager was deployed by {DEPLOYER}"),
        (replace(deployment, chain_id=1), "the deployment is on chain 1, this is chain 31337"),
    ):
        assert complaint in problem(node, wrong, artifacts)


def test_check_deployment__as_command__one_line_and_exit_code(
    node: DevNode, deployment: Deployment, file: Path
) -> None:
    network = f"ethereum:local:{node.url}"
    fine = run_script("check_deployment", network, file)
    govern(node, deployment, "grantRole", Role.KEEPER, STRANGER, 0)
    wrong = run_script("check_deployment", network, file)

    assert fine.returncode == 0, fine.stdout
    assert fine.stdout.count("Checked: ") == 3
    assert wrong.returncode == 1
    assert wrong.stdout.splitlines()[1:] == [f"Error: {STRANGER} holds KEEPER, and must not"]


def sources_of(contract: str) -> Iterator[str]:
    """The source of a contract and of every contract of ours that it is built on."""
    for path in (ROOT / "contracts").glob(f"*/{contract}.sol"):
        text = path.read_text()
        yield text
        declared = re.search(r"^(?:abstract )?contract \w+ is ([^{]+)\{", text, re.MULTILINE)
        for base in declared[1].split(",") if declared else ():
            yield from sources_of(base.strip())


def test_permissions__every_restricted_function__has_its_role() -> None:
    """What the sources restrict is what the roles are given, no more and no less."""
    restricted = re.compile(r"function (\w+)\([^)]*\)[^{;]*\brestricted\b")
    for contract in MANAGED:
        expected = {name for text in sources_of(contract) for name in restricted.findall(text)}
        given = [name for targets in PERMISSIONS.values() for name in targets.get(contract, ())]
        assert sorted(given) == sorted(expected)


def test_shipped_abis__are_the_compiled_ones(artifacts: Mapping[str, Artifact]) -> None:
    for name, artifact in artifacts.items():
        assert load(name).entries == artifact.abi, f"{name}: run `ape run export_abis`"
