"""The parameters of a network: defaults.yaml, networks/<name>.yaml, environment, command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from eth_utils.address import to_checksum_address

from energy_grid.chain.roles import Role
from energy_grid.errors import InputError
from scripts._deploy.limits import PARAMETERS, problems_of
from scripts._deploy.role_assignments import Owners, RoleAssignments, Voter, address_problem

__all__ = ["Settings", "load_settings", "network_file", "parse_overrides"]

_NETWORKS = Path(__file__).parent / "networks"
_DEFAULTS = Path(__file__).parent / "defaults.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to deploy.

    Attributes:
        network: the name of the parameters, and of the file that the deployment is written to.
        parameters: see the comments in defaults.yaml for names and units.
        token: the settlement token; None to deploy the test dollar.
        decimals: of the settlement token; amounts of money count at most six of them.
        roles: who is to hold each role: addresses, `role_assignments.GOVERNANCE` or
            ``safe:NAME``.
        safes: whose Safes are to be deployed, by their names: those that a role is for.
        voters: who holds the governance tokens at first.
    """

    network: str
    parameters: Mapping[str, int]
    token: str | None
    decimals: int
    roles: Mapping[Role, tuple[str, ...]]
    safes: Mapping[str, Owners]
    voters: tuple[Voter, ...]


def network_file(chain_id: int, named: str | None) -> Path:
    """The parameter file: the one named (a path, or a name in networks/), else the chain's own.

    Raises:
        InputError: there is none.
    """
    if named is not None:
        for path in (Path(named), _NETWORKS / f"{named}.yaml"):
            if path.is_file():
                return path
        known = ", ".join(sorted(path.stem for path in _NETWORKS.glob("*.yaml")))
        raise InputError(f"no parameter file {named}: give a path, or one of {known}")
    for path in sorted(_NETWORKS.glob("*.yaml")):
        if chain_id in _chain_ids(_read(path)):
            return path
    raise InputError(f"no parameters for chain {chain_id}: name a file with --parameters")


def parse_overrides(texts: Iterable[str]) -> dict[str, int]:
    """Values from the command line, such as ``slotLength=900``.

    Raises:
        InputError: one of them is not of this form, or no parameter has its name.
    """
    values = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in PARAMETERS:
            raise InputError(f"--set {text}: the parameters are {', '.join(PARAMETERS)}")
        try:
            values[name] = int(value)
        except ValueError:
            raise InputError(f"--set {text}: {name} must be a whole number") from None
    return values


def load_settings(
    path: Path,
    *,
    chain_id: int,
    deployer: str,
    overrides: Mapping[str, int],
    environment: Mapping[str, str],
) -> Settings:
    """Read and validate a network's parameters.

    Raises:
        InputError: with one line for everything that is wrong.
    """
    defaults, document = _read(_DEFAULTS), _read(path)

    def merged(key: str) -> dict[str, Any]:
        return {**_mapping(defaults, key), **_mapping(document, key)}

    parameters = {**merged("parameters"), **overrides}
    problems = list(problems_of(parameters))
    token = _mapping(document, "settlementToken")
    problems += _token_problems(token)
    assignments = RoleAssignments(chain_id=chain_id, deployer=deployer, environment=environment)
    roles = assignments.roles(merged("roles"), parameters.get("oracleQuorum"))
    safes = assignments.safes(roles, merged("safes"))
    voters = assignments.voters(merged("governance"), parameters)
    problems += assignments.problems
    if problems:
        raise InputError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return Settings(
        network=path.stem,
        parameters={name: parameters[name] for name in PARAMETERS},
        token=None if "deploy" in token else to_checksum_address(token["address"]),
        decimals=token["decimals"],
        roles=roles,
        safes=safes,
        voters=voters,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path.name}: not YAML: {reason}") from None
    return document if isinstance(document, dict) else {}


def _chain_ids(document: Mapping[str, Any]) -> Sequence[int]:
    ids = document.get("chainId", [])
    return ids if isinstance(ids, list) else [ids]


def _mapping(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _token_problems(token: Mapping[str, Any]) -> Iterator[str]:
    if ("deploy" in token) == ("address" in token):
        yield "settlementToken needs either deploy or address"
    elif "deploy" in token:
        if token["deploy"] != "TestDollar":
            yield f"settlementToken.deploy must be TestDollar, not {token['deploy']}"
    elif problem := address_problem(str(token["address"])):
        yield f"settlementToken.address: {problem}"
    decimals = token.get("decimals")
    if not isinstance(decimals, int) or not 0 <= decimals <= 36:
        yield f"settlementToken.decimals must be from 0 to 36, not {decimals}"
