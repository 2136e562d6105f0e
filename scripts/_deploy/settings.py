"""The parameters of a network: defaults.yaml, networks/<name>.yaml, environment, command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from energy_grid.adapters.chain.accounts import Account, refuse_well_known
from energy_grid.adapters.chain.roles import PERMISSIONS, Role
from energy_grid.errors import InputError
from scripts._deploy.limits import PARAMETERS, problems_of

__all__ = ["Settings", "load_settings", "network_file", "parse_overrides"]

_NETWORKS = Path(__file__).parent / "networks"
_DEFAULTS = Path(__file__).parent / "defaults.yaml"
_ZERO = "0x" + 40 * "0"
_ANVIL_ACCOUNTS = 10  # that Anvil funds unless told otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to deploy.

    Attributes:
        network: the name of the parameters, and of the file that the deployment is written to.
        parameters: see the comments in defaults.yaml for names and units.
        token: the settlement token; None to deploy the test dollar.
        decimals: of the settlement token, which the parameters' amounts of money rest on.
        roles: who is to hold each role; perhaps nobody, where it may call nothing.
    """

    network: str
    parameters: Mapping[str, int]
    token: str | None
    decimals: int
    roles: Mapping[Role, tuple[str, ...]]


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
    roles: dict[Role, tuple[str, ...]] = {}
    named = merged("roles")
    problems += [f"roles.{name} is not a role" for name in named if name not in Role.__members__]
    for role in Role:
        holders, wrong = _holders(named.get(role.name), environment, needed=bool(PERMISSIONS[role]))
        wrong += _unfit(holders, chain_id, deployer)
        problems += [f"roles.{role.name}: {problem}" for problem in wrong]
        roles[role] = tuple(holders)
    problems += _quorum_problems(parameters, roles[Role.REPORTER])
    if problems:
        raise InputError("\n".join(f"{path.name}: {problem}" for problem in problems))
    return Settings(
        network=path.stem,
        parameters={name: parameters[name] for name in PARAMETERS},
        token=None if "deploy" in token else to_checksum_address(token["address"]),
        decimals=token["decimals"],
        roles=roles,
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
    elif problem := _address_problem(str(token["address"])):
        yield f"settlementToken.address: {problem}"
    decimals = token.get("decimals")
    if not isinstance(decimals, int) or not 0 <= decimals <= 36:
        yield f"settlementToken.decimals must be from 0 to 36, not {decimals}"


def _holders(
    entry: object, environment: Mapping[str, str], *, needed: bool
) -> tuple[list[str], list[str]]:
    """The addresses that an entry of `roles` stands for, and what is wrong with it."""
    holders: list[str] = []
    problems: list[str] = []
    entries = entry if isinstance(entry, list) else [entry]
    for text in entries if entry is not None else []:
        kind, _, rest = str(text).partition(":")
        if kind == "anvil":
            if rest.isdecimal() and int(rest) < _ANVIL_ACCOUNTS:
                holders.append(Account.local(int(rest)).address)
            else:
                problems.append(f"the local accounts are anvil:0 to anvil:{_ANVIL_ACCOUNTS - 1}")
            continue
        if kind == "env" and not environment.get(rest):
            if needed:
                problems.append(f"the environment variable {rest} is not set")
            continue
        for address in (environment[rest] if kind == "env" else str(text)).split(","):
            if problem := _address_problem(address.strip()):
                problems.append(problem)
            else:
                holders.append(to_checksum_address(address.strip()))
    if needed and not holders and not problems:
        problems.append("no address is given")
    return holders, problems


def _quorum_problems(parameters: Mapping[str, Any], reporters: Sequence[str]) -> Iterator[str]:
    quorum = parameters.get("oracleQuorum")
    if isinstance(quorum, int) and 0 < len(reporters) < quorum:
        yield f"roles.REPORTER: {len(reporters)} of the {quorum} that oracleQuorum needs"


def _address_problem(text: str) -> str | None:
    if not is_hex_address(text) or not text.startswith("0x"):
        return f"{text!r} is no address"
    if text == _ZERO:
        return "the zero address cannot hold or be anything"
    if text != text.lower() and not is_checksum_address(text):
        return f"{text} has a wrong checksum"
    return None


def _unfit(holders: Sequence[str], chain_id: int, deployer: str) -> list[str]:
    problems = []
    for place, holder in enumerate(holders):
        if holder == deployer:
            problems.append(f"{holder} is the deployer, which must end without a role")
        if holder in holders[:place]:
            problems.append(f"{holder} is given twice")
        try:
            refuse_well_known([holder], chain_id)
        except InputError as error:
            problems.append(str(error))
    return problems
