"""Who holds which role and what each role may call, by the AccessManager's events and views.

The events tell of everybody who ever held a role; the views tell who holds it now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product

from energy_grid.chain.roles import DELAYED, Role, functions_of
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain, Entry
from scripts._deploy.keys import refuse_few_reporters, refuse_single_keys
from scripts._deploy.plan import MANAGED

__all__ = ["check"]

_MANAGER = "AccessManager"
_ORACLES = ("PriceOracle", "WeatherOracle", "GridOracle")
# What can be made with a role and outlives it: a false meter mints energy credits.
_MADE = {
    "SmartMeter": ("MeterRegistered",),
    "GridOperatorVerification": ("OperatorVerified",),
    "DemandResponse": ("GridOperatorRegistered",),
    "EnergyAssetNFT": ("AssetMinted",),
    "EnergyCertificates": ("DeviceRegistered",),
    "CarbonCredits": ("CleanProducerRegistered",),
}


def check(chain: Chain) -> str:
    """Compare holders, administrators and restricted functions with what was asked for.

    Raises:
        DeploymentError: somebody has more or less than they should.
    """
    log = list(chain.history(_MANAGER))
    held, seen = _history(log)
    wanted = {int(role): set(holders) for role, holders in chain.deployment.roles.items()}
    _check_deployer(chain, {*wanted, *held})
    _check_delays(chain, log)
    _check_beginning(chain, log, wanted)
    for role in sorted({*wanted, *held}):
        for holder in sorted(held[role] - wanted.get(role, set())):
            raise DeploymentError(f"{holder} holds {_name(role)}, and must not")
        for holder in sorted(wanted.get(role, set()) - held[role]):
            raise DeploymentError(f"{holder} does not hold {_name(role)}")
    _check_views(chain, held, seen)
    functions = _check_functions(chain)
    refuse_single_keys(chain.web3, chain.deployment.roles)
    reporters = len(chain.deployment.roles.get(Role.REPORTER, ()))
    for oracle in _ORACLES:
        refuse_few_reporters(reporters, chain.read(oracle, "quorum"), f"{oracle}.quorum")
    return (
        f"{len(wanted)} roles and {functions} restricted functions; no key alone but a reporter's, "
        "a keeper's or a gateway's, and not the deployer, can call one; calls of"
        f" {', '.join(_name(role) for role in sorted(DELAYED))} wait"
        f" {chain.deployment.parameters['roleDelay']} s"
    )


def _history(log: Sequence[Entry]) -> tuple[Mapping[int, set[str]], set[str]]:
    """Who holds each role after all events, and who ever held one."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    seen: set[str] = set()
    for _, name, values in log:
        if name == "RoleGranted":
            held[values["role_id"]].add(values["account"])
            seen.add(values["account"])
        elif name == "RoleRevoked":
            held[values["role_id"]].discard(values["account"])
    return held, seen


def _check_deployer(chain: Chain, roles: set[int]) -> None:
    deployer = chain.deployment.deployer
    ordered = sorted(roles)
    answers = chain.read_manager([("hasRole", (role, deployer)) for role in ordered])
    for role, (member, _) in zip(ordered, answers, strict=True):
        if member:
            raise DeploymentError(f"the deployer {deployer} still holds {_name(role)}")


def _check_beginning(chain: Chain, log: Sequence[Entry], wanted: Mapping[int, set[str]]) -> None:
    """While the deployer could do everything, it did nothing but deploy, and nobody got a role who
    may have used and renounced it since."""
    deployer, handover = chain.deployment.deployer, 0
    given: dict[tuple[int, str], int] = {}
    for block, event, values in log:
        if event not in ("RoleGranted", "RoleRevoked"):
            continue
        role, account = values["role_id"], values["account"]
        if event == "RoleGranted":
            given.setdefault((role, account), block)
        elif account == deployer:
            handover = block
    for (role, account), block in given.items():
        if block <= handover and account not in {deployer, *wanted.get(role, ())}:
            raise DeploymentError(f"{account} was given {_name(role)} before the handover")
    for contract, made in _MADE.items():
        for _, event, _ in chain.history(contract, until=handover):
            if event in made:
                raise DeploymentError(f"{contract} emitted {event} before the handover")


def _check_delays(chain: Chain, log: Sequence[Entry]) -> None:
    """Nobody has made governance wait. A delay comes into force days after it was set, and no view
    tells of it until then; one that is taken back lasts as long as it is."""
    coming: dict[tuple[str, int | str], int] = {}
    for _, name, values in log:
        if name == "RoleGrantDelayChanged":
            coming["getRoleGrantDelay", values["role_id"]] = values["delay"]
        elif name == "TargetAdminDelayUpdated":
            coming["getTargetAdminDelay", values["target"]] = values["delay"]
    present = chain.read_manager([(view, (of,)) for view, of in coming])
    for ((view, of), later), now in zip(coming.items(), present, strict=True):
        if delay := max(now, later):
            where = _name(of) if isinstance(of, int) else of
            raise DeploymentError(f"{view} of {where} is or will be {delay} s, not 0")


def _check_views(chain: Chain, held: Mapping[int, set[str]], accounts: set[str]) -> None:
    """What the contract answers now, for every account that ever held anything."""
    roles = sorted({*held, *Role})
    pairs = list(product(roles, sorted(accounts)))
    answers = chain.read_manager([("hasRole", pair) for pair in pairs])
    for (role, account), (member, delay) in zip(pairs, answers, strict=True):
        if member != (account in held.get(role, set())):
            verb = "is" if member else "is not"
            raise DeploymentError(f"{account} {verb} in {_name(role)}, against the events")
        wanted = chain.deployment.parameters["roleDelay"] if role in DELAYED else 0
        if member and delay != wanted:
            raise DeploymentError(
                f"{account} holds {_name(role)} with a delay of {delay} s, not {wanted} s"
            )
    for view, other in (("getRoleAdmin", Role.ADMIN), ("getRoleGuardian", Role.GUARDIAN)):
        answers = chain.read_manager([(view, (role,)) for role in roles])
        for role, answer in zip(roles, answers, strict=True):
            if answer != (right := other if role in DELAYED else Role.ADMIN):
                raise DeploymentError(
                    f"{view} of {_name(role)} is {_name(answer)}, not {_name(right)}"
                )


def _check_functions(chain: Chain) -> int:
    """Every function of a managed contract is for its role, or for ADMIN where none is named."""
    restricted = 0
    for contract in MANAGED:
        address = chain.address(contract)
        wanted = functions_of(contract)
        functions = [
            entry for entry in chain.abi(contract).functions.values() if not entry.constant
        ]
        missing = wanted.keys() - {entry.name for entry in functions}
        if missing:
            raise DeploymentError(f"{contract} has no function {', '.join(sorted(missing))}")
        answers = chain.read_manager(
            [("getTargetFunctionRole", (address, entry.selector)) for entry in functions]
        )
        for entry, role in zip(functions, answers, strict=True):
            restricted += entry.name in wanted
            if role != (right := wanted.get(entry.name, Role.ADMIN)):
                raise DeploymentError(
                    f"{contract}.{entry.name} is for {_name(role)}, not for {_name(right)}"
                )
        if chain.read(_MANAGER, "isTargetClosed", address):
            raise DeploymentError(f"{contract} is closed to every role")
    return restricted


def _name(role: int) -> str:
    return Role(role).name if role in [*Role] else f"role {role}"
