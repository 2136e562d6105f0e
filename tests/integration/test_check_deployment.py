"""The check after a deployment finds whatever is not as it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import Account
from energy_grid.chain.deployments import Deployment, SafeAccount
from energy_grid.chain.roles import PERMISSIONS, Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.contracts.smart_meter import Registration
from energy_grid.errors import DeploymentError
from energy_grid.market.signing import meter_domain, sign_registration
from scripts._artifacts import Artifact, load_artifacts
from scripts._deploy.check import check_deployment
from scripts._deploy.keys import refuse_single_keys
from scripts._deploy.plan import MANAGED, SAFE_PROXY
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script

DEPLOYER, OWNER, VOTER, KEEPER = (Account.local(index).address for index in (0, 1, 5, 7))
STRANGER = "0x00000000000000000000000000000000000000A1"
NOBODY = "0x" + 40 * "0"
AGES = 2**32 - 1  # s


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
    return load_artifacts((*Deployment.load(file).contracts, SAFE_PROXY))


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
    call_as_timelock(node, deployment, "AccessManager", function, *values)


def call_as_timelock(
    node: DevNode, deployment: Deployment, contract: str, function: str, *values: Any
) -> None:
    timelock = deployment.contracts["TimelockController"].address
    data = load(contract).function(function).encode(values)
    node.set_balance(timelock, 10**18)
    node.execute_as(timelock, deployment.contracts[contract].address, data)


def call_as_safe(node: DevNode, deployment: Deployment, function: str, *values: Any) -> None:
    """The Safe changes itself, as its owners may agree on."""
    safe = deployment.safes["guardian"].address
    node.set_balance(safe, 10**18)
    node.execute_as(safe, safe, load("Safe").function(function).encode(values))


def with_guardian(deployment: Deployment, safe: SafeAccount) -> Deployment:
    """A deployment whose guardian is said to be another Safe."""
    return replace(deployment, safes={**deployment.safes, "guardian": safe})


def selector(contract: str, function: str) -> bytes:
    return load(contract).function(function).selector


@pytest.mark.parametrize(
    ("function", "values", "complaint"),
    [
        ("grantRole", (Role.ADMIN, DEPLOYER, 0), f"the deployer {DEPLOYER} still holds ADMIN"),
        ("grantRole", (99, DEPLOYER, 0), f"the deployer {DEPLOYER} still holds role 99"),
        ("grantRole", (Role.KEEPER, STRANGER, 0), f"{STRANGER} holds KEEPER, and must not"),
        ("revokeRole", (Role.KEEPER, KEEPER), f"{KEEPER} does not hold KEEPER"),
        ("grantRole", (Role.KEEPER, KEEPER, 60), f"{KEEPER} holds KEEPER with a delay of"),
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
        (
            "setGrantDelay",
            (Role.GUARDIAN, AGES),
            f"getRoleGrantDelay of GUARDIAN is or will be {AGES} s, not 0",
        ),
        (
            "setTargetAdminDelay",
            (STRANGER, AGES),
            f"getTargetAdminDelay of {STRANGER} is or will be {AGES} s, not 0",
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


def test_check__meter_registered_before_the_handover__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """Its key alone could say what it produced, and mint: the registrar may register it afterwards,
    and not the deployer before."""
    meter, holder = Account.local(11), Account.local(12)
    meters = deployment.contracts["SmartMeter"].address
    terms = Registration(
        meter=meter.address,
        account=holder.address,
        region="village",
        rated_power=10_000,
        settlement=False,
        consumption=0,
        production=0,
        deadline=2**63,
    )
    domain = meter_domain(node.chain_id, meters)
    signatures = (sign_registration(each, terms, domain) for each in (meter, holder))
    data = load("SmartMeter").function("registerMeter").encode((terms, *signatures))
    registrar = deployment.safes["registrar"].address
    node.set_balance(registrar, 10**18)
    before = node.snapshot()
    node.execute_as(registrar, meters, data)
    assert problem(node, deployment, artifacts) == ""

    node.revert(before)
    for role in (Role.ADMIN, Role.METER_REGISTRAR):
        govern(node, deployment, "grantRole", role, DEPLOYER, 0)
    node.execute_as(DEPLOYER, meters, data)
    for role in (Role.METER_REGISTRAR, Role.ADMIN):
        govern(node, deployment, "revokeRole", role, DEPLOYER)
    complaint = "SmartMeter emitted MeterRegistered before the handover"
    assert problem(node, deployment, artifacts) == complaint


def test_check__role_renounced_after_the_handover__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    govern(node, deployment, "grantRole", Role.ADMIN, DEPLOYER, 0)
    govern(node, deployment, "grantRole", Role.METER_REGISTRAR, STRANGER, 0)
    govern(node, deployment, "revokeRole", Role.ADMIN, DEPLOYER)
    govern(node, deployment, "revokeRole", Role.METER_REGISTRAR, STRANGER)

    complaint = f"{STRANGER} was given METER_REGISTRAR before the handover"
    assert problem(node, deployment, artifacts) == complaint


def test_check__delay_taken_back__found_while_it_lasts(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """One that has not come into force is gone at once; one that has goes on for as long."""

    def delay(seconds: int) -> None:
        govern(node, deployment, "setGrantDelay", Role.GUARDIAN, seconds)

    delay(AGES)
    delay(0)
    assert problem(node, deployment, artifacts) == ""
    delay(AGES)
    node.rpc("evm_increaseTime", 5 * 86_400)
    delay(0)
    complaint = f"getRoleGrantDelay of GUARDIAN is or will be {AGES} s, not 0"
    assert problem(node, deployment, artifacts) == complaint


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


def test_check__timelock_changed__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    timelock = load("TimelockController")
    governor = deployment.contracts["GridGovernor"].address

    def ask(name: str) -> bytes:
        call = {
            "to": deployment.contracts["TimelockController"].address,
            "data": "0x" + timelock.function(name).encode([]).hex(),
        }
        return bytes.fromhex(node.rpc("eth_call", call, "latest")[2:])

    before = node.snapshot()
    for function, role, account, complaint in (
        ("grantRole", "PROPOSER_ROLE", STRANGER, "holds PROPOSER_ROLE of the timelock, and must"),
        ("grantRole", "CANCELLER_ROLE", STRANGER, "holds CANCELLER_ROLE of the timelock, and must"),
        ("grantRole", "EXECUTOR_ROLE", STRANGER, "holds EXECUTOR_ROLE of the timelock, and must"),
        ("grantRole", "DEFAULT_ADMIN_ROLE", OWNER, "holds DEFAULT_ADMIN_ROLE of the timelock"),
        ("revokeRole", "EXECUTOR_ROLE", governor, "does not hold EXECUTOR_ROLE of the timelock"),
    ):
        call_as_timelock(node, deployment, "TimelockController", function, ask(role), account)
        assert problem(node, deployment, artifacts).startswith(f"{account} {complaint}")
        node.revert(before)
        before = node.snapshot()
    call_as_timelock(node, deployment, "TimelockController", "updateDelay", 60)
    complaint = "TimelockController.getMinDelay is 60, not 600"
    assert problem(node, deployment, artifacts) == complaint


def test_check__votes_minted__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    call_as_timelock(node, deployment, "GovernanceToken", "mint", VOTER, 1)

    supply = 1_000_000 * 10**18
    complaint = f"there are {supply + 1} base units of votes, not {supply}"
    assert problem(node, deployment, artifacts) == complaint


def test_check__votes_withdrawn__cannot_reach_the_quorum(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """Holders who delegate to nobody do not vote: with two left it can be reached, with one not."""
    token = deployment.contracts["GovernanceToken"]
    _authority, _cap, (*holders, _last), _amounts = token.arguments
    data = load("GovernanceToken").function("delegate").encode(["0x" + 40 * "0"])
    # A node estimates gas at its last block's time: no new checkpoint in that of the deployment.
    node.set_time(node.time + 1)
    for place, holder in enumerate(holders):
        assert problem(node, deployment, artifacts) == "", place
        node.set_balance(holder, 10**18)
        assert node.execute_as(holder, token.address, data)["status"] == "0x1"

    assert problem(node, deployment, artifacts) == (
        "250000 of 1000000 tokens are delegated, and the quorum is 300000: no vote can reach it;"
        " holders delegate with energy-grid govern delegate"
    )


def test_check__safe_changed__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    safe = deployment.safes["guardian"]
    handler = "fallback_manager.handler.address"
    guard = "guard_manager.guard.address"
    module_guard = "module_manager.module_guard.address"

    def wrong(changed: Deployment = deployment) -> str:
        found = problem(node, changed, artifacts)
        node.revert(before[0])
        before[0] = node.snapshot()
        return found

    before = [node.snapshot()]
    call_as_safe(node, deployment, "addOwnerWithThreshold", STRANGER, 2)
    assert wrong() == f"the owners of the guardian's Safe are {', '.join((STRANGER, *safe.owners))}"
    call_as_safe(node, deployment, "changeThreshold", 3)
    assert wrong() == "the guardian's Safe asks 3 owners, not 2"
    call_as_safe(node, deployment, "changeThreshold", 1)
    alone = with_guardian(deployment, replace(safe, threshold=1))
    assert wrong(alone) == f"the guardian's Safe asks 1 of {', '.join(safe.owners)}"
    call_as_safe(node, deployment, "addOwnerWithThreshold", DEPLOYER, 2)
    with_deployer = replace(safe, owners=(DEPLOYER, *safe.owners))
    assert wrong(with_guardian(deployment, with_deployer)).startswith(
        f"the guardian's Safe asks 2 of {DEPLOYER}, "
    )
    call_as_safe(node, deployment, "enableModule", STRANGER)
    assert wrong() == f"the module {STRANGER} can act for the guardian's Safe"
    for slot, what in (
        (0, "singleton"),
        (slot_of(handler), "fallback handler"),
        (slot_of(guard), "guard"),
        (slot_of(module_guard), "guard"),
    ):
        word = "0x" + STRANGER[2:].rjust(64, "0")
        node.rpc("anvil_setStorageAt", safe.address, f"0x{slot:064x}", word)
        assert wrong().startswith(f"the Safe's {what} is {STRANGER}, not ")
    node.rpc("anvil_setCode", safe.address, "0x00")
    assert wrong() == f"the code at {safe.address} is not that of a Safe"


def test_check__same_keys_for_two_safes__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """Each is as the deployment says; together they are in the hands of two keys."""
    guardian = deployment.safes["guardian"]
    both = replace(deployment, safes={"guardian": guardian, "treasury": guardian})
    assert problem(node, both, artifacts) == (
        f"safes.treasury.owners: {', '.join(sorted(guardian.owners))} can act for the Safes"
        " guardian and treasury: give them other owners"
    )


def test_check__payouts_that_do_not_wait__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    treasury = deployment.safes["treasury"].address
    before = node.snapshot()
    govern(node, deployment, "setRoleGuardian", Role.TREASURY, Role.ADMIN)
    complaint = "getRoleGuardian of TREASURY is ADMIN, not GUARDIAN"
    assert problem(node, deployment, artifacts) == complaint
    node.revert(before)
    govern(node, deployment, "revokeRole", Role.TREASURY, treasury)
    govern(node, deployment, "grantRole", Role.TREASURY, treasury, 0)
    complaint = f"{treasury} holds TREASURY with a delay of 0 s, not 90000 s"
    assert problem(node, deployment, artifacts) == complaint


def test_check__safe_with_hidden_owners__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """A setup that runs code of others makes owners whom no view lists, but another address."""
    safe, factory = deployment.safes["guardian"], deployment.contracts["SafeProxyFactory"].address
    node.rpc("anvil_setCode", STRANGER, "0x" + hiding(KEEPER).hex())
    handler = deployment.contracts["CompatibilityFallbackHandler"].address
    extras = (STRANGER, b"?", handler, NOBODY, 0, NOBODY)
    setup = load("Safe").function("setup").encode([list(safe.owners), safe.threshold, *extras])
    create = load("SafeProxyFactory").function("createProxyWithNonce")
    data = create.encode([deployment.contracts["Safe"].address, setup, 0])
    receipt = node.execute_as(VOTER, factory, data)
    made = {Web3.to_checksum_address(log["address"]) for log in receipt["logs"]} - {factory}
    other = with_guardian(deployment, replace(safe, address=made.pop()))
    asked = load("Safe").function("isOwner")
    call = {"to": other.safes["guardian"].address, "data": "0x" + asked.encode([KEEPER]).hex()}
    assert asked.decode(bytes.fromhex(node.rpc("eth_call", call, "latest")[2:])) is True

    complaint = f"{other.safes['guardian'].address} was not set up as a Safe of these owners alone"
    assert problem(node, other, artifacts) == complaint


def hiding(owner: str) -> bytes:
    """Code that writes an owner where a Safe looks, and not into the list that it shows."""
    owners = 2  # the place of the mapping in a Safe's storage
    place = keccak(bytes.fromhex(owner[2:]).rjust(32, b"\0") + owners.to_bytes(32))
    return b"\x60\x01\x7f" + place + b"\x55\x00"  # PUSH1 1, PUSH32 place, SSTORE, STOP


def slot_of(text: str) -> int:
    return int.from_bytes(keccak(text=text), "big")


def test_check__safe_of_others__not_looked_at(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    call_as_safe(node, deployment, "changeThreshold", 3)

    assert problem(node, replace(deployment, safes={}), artifacts) == ""


@pytest.mark.parametrize("code", ["0x", "0xef0100" + 19 * "00" + "01"])
def test_check__role_of_a_key__found(
    code: str, node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    """A key that runs a contract's code for a while (EIP-7702) remains a key."""
    node.rpc("anvil_setCode", STRANGER, code)
    govern(node, deployment, "grantRole", Role.GUARDIAN, STRANGER, 0)
    holders = (*deployment.roles[Role.GUARDIAN], STRANGER)
    changed = replace(deployment, roles={**deployment.roles, Role.GUARDIAN: holders})

    complaint = f"{STRANGER} holds GUARDIAN and is a single key"
    assert problem(node, changed, artifacts).startswith(complaint)


def test_refuse_single_keys__safe_of_one__found(node: DevNode, deployment: Deployment) -> None:
    call_as_safe(node, deployment, "changeThreshold", 1)

    with pytest.raises(DeploymentError, match="is a Safe that one key speaks for"):
        refuse_single_keys(Web3(HTTPProvider(node.url)), deployment.roles)


@pytest.mark.parametrize("oracle", ["PriceOracle", "WeatherOracle", "GridOracle"])
def test_check__quorum_of_an_oracle__is_what_the_chain_says(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact], oracle: str
) -> None:
    """Governance can change it; as many reporters as it needs, and none alone."""
    call_as_timelock(node, deployment, oracle, "setParameters", 4, 3600)
    assert problem(node, deployment, artifacts) == ""
    for quorum, complaint in (
        (5, f"4 of the 5 reporters that {oracle}.quorum needs"),
        (1, f"{oracle}.quorum is 1: every reporter decides alone"),
    ):
        call_as_timelock(node, deployment, oracle, "setParameters", quorum, 3600)
        assert problem(node, deployment, artifacts) == complaint


@pytest.mark.parametrize("machine", [Role.KEEPER, Role.METER_GATEWAY])
def test_refuse_single_keys__keepers_and_gateways__may_be_keys(
    node: DevNode, deployment: Deployment, machine: Role
) -> None:
    """They act for those alone who have signed or joined; whoever holds another role can more."""
    web3, keys = Web3(HTTPProvider(node.url)), (KEEPER, VOTER)

    refuse_single_keys(web3, {**deployment.roles, machine: keys})
    for role in Role:
        if role in (Role.KEEPER, Role.METER_GATEWAY, Role.REPORTER):
            continue
        with pytest.raises(DeploymentError, match=f"holds {role.name} and is a single key"):
            refuse_single_keys(web3, {**deployment.roles, role: keys})


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


def test_check__record_differs__found(
    node: DevNode, deployment: Deployment, artifacts: Mapping[str, Artifact]
) -> None:
    meter = deployment.contracts["SmartMeter"]

    def with_meter(**changes: Any) -> Deployment:
        contracts = {**deployment.contracts, "SmartMeter": replace(meter, **changes)}
        return replace(deployment, contracts=contracts)

    def with_parameter(**changes: int) -> Deployment:
        return replace(deployment, parameters={**deployment.parameters, **changes})

    arguments = [*meter.arguments[:-1], [60, 2_400, *meter.arguments[-1][2:]]]
    other = deployment.contracts["EnergyTrading"].transaction
    for wrong, complaint in (
        (with_meter(arguments=arguments), "its constructor arguments are not those recorded"),
        (with_meter(transaction=other), f"SmartMeter: {other} did not create"),
        (with_meter(transaction="0x" + 64 * "1"), "SmartMeter: no transaction 0x1111"),
        (with_meter(abi_hash="00"), "SmartMeter: the ABI recorded is not the compiled one"),
        (with_parameter(grace=900), "EnergyAccounts.GRACE is 3600, not 900"),
        (with_parameter(votingDelay=61), "GridGovernor.votingDelay is 60, not 61"),
        (with_parameter(votingPeriod=601), "GridGovernor.votingPeriod is 600, not 601"),
        (with_parameter(voteExtension=9), "GridGovernor.lateQuorumVoteExtension is 120, not 9"),
        (with_parameter(proposalThreshold=1), "GridGovernor.proposalThreshold is 1"),
        (
            with_parameter(proposalThreshold=250_001),
            "nobody can propose: that takes 250001 votes, and 250000 are the most",
        ),
        (with_parameter(quorumPercent=31), "GridGovernor.quorumNumerator() is 30, not 31"),
        (with_parameter(quorumPercent=25), f"{VOTER} alone has the quorum of 25000"),
        (with_parameter(governanceCap=1), "GovernanceToken.cap is 1"),
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
    assert fine.stdout.count("Checked: ") == 5
    guardian, *_ = deployment.roles[Role.GUARDIAN]
    assert (
        "Checked: 4 holders decide, none of them alone: 1000000 of 1000000 tokens are delegated,"
        " and the quorum is 300000; a vote lasts 600 s, and 120 s from its quorum on; a decision"
        f" waits 600 s, in which {guardian} can cancel it\n"
    ) in fine.stdout
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
