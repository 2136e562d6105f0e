"""Role assignments: who holds the roles, signs for the Safe, and votes.

An entry names addresses, ``env:NAME`` for addresses in the environment, or ``anvil:N``; an entry of
a role may also be `GOVERNANCE` or ``safe:NAME``, whose addresses are known once they are planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.roles import SAFES, Role
from energy_grid.errors import InputError

__all__ = [
    "GOVERNANCE",
    "TOKEN",
    "Owners",
    "RoleAssignments",
    "Voter",
    "address_problem",
    "is_planned",
    "resolved",
    "shared_keys",
]

GOVERNANCE = "governance"
_SAFE = "safe:"
TOKEN = 10**18  # base units of the governance token
_ZERO = "0x" + 40 * "0"
_ANVIL_ACCOUNTS = 30  # that the README's `anvil --accounts 30` funds
_MIN_THRESHOLD = 2
_OF_VOTES = ("governanceCap", "proposalThreshold", "quorumPercent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Whose signatures a Safe asks for, and how many of them."""

    addresses: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """Who holds whole governance tokens at first."""

    address: str
    tokens: int


def is_planned(holder: str) -> bool:
    """Whether the deployment itself makes a holder: governance, or a Safe."""
    return holder == GOVERNANCE or holder.startswith(_SAFE)


def resolved(
    roles: Mapping[Role, tuple[str, ...]], *, timelock: str, safes: Mapping[str, str]
) -> dict[Role, tuple[str, ...]]:
    """The holders of each role as addresses.

    Args:
        safes: addresses, by their names.
    """
    places = {GOVERNANCE: timelock, **{f"{_SAFE}{name}": where for name, where in safes.items()}}
    return {
        role: tuple(places.get(holder, holder) for holder in holders)
        for role, holders in roles.items()
    }


@dataclass(slots=True, kw_only=True)
class RoleAssignments:
    """Reads entries, and notes in `problems` what is wrong with them, a line for each."""

    chain_id: int
    deployer: str
    environment: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def roles(self, named: Mapping[str, Any], quorum: object) -> dict[Role, tuple[str, ...]]:
        """Who is to hold each role."""
        known = Role.__members__
        self.problems += [f"roles.{name} is not a role" for name in named if name not in known]
        roles = {role: self._role(role, named.get(role.name)) for role in Role}
        reporters = len(roles[Role.REPORTER])
        if isinstance(quorum, int) and 0 < reporters < quorum:
            self._wrong("roles.REPORTER", f"{reporters} of the {quorum} that oracleQuorum needs")
        return roles

    def safes(
        self, roles: Mapping[Role, tuple[str, ...]], entries: Mapping[str, Any]
    ) -> dict[str, Owners]:
        """The Safes that roles are for. No two of them may be in the hands of the same keys."""
        held = {holder for holders in roles.values() for holder in holders}
        found = {
            name: self._owners(name, entry if isinstance(entry := entries.get(name), dict) else {})
            for name in SAFES
            if f"{_SAFE}{name}" in held
        }
        self.problems += shared_keys(found)
        return found

    def _owners(self, name: str, entry: Mapping[str, Any]) -> Owners:
        """Those of a Safe; no single one of them may be able to sign alone."""
        where = f"safes.{name}.owners"
        owners = [self._address(where, text) for text in self._texts(where, entry.get("owners"))]
        found = [owner for owner in owners if owner is not None]
        self._check(where, found)
        of, threshold = f"safes.{name}.threshold", entry.get("threshold")
        if not isinstance(threshold, int) or isinstance(threshold, bool):
            self._wrong(of, f"must be a whole number, not {threshold!r}")
            threshold = _MIN_THRESHOLD
        elif threshold < _MIN_THRESHOLD:
            self._wrong(of, f"{threshold} leaves everything to one key")
        elif threshold > len(owners) > 0:
            self._wrong(of, f"{threshold} signatures of {len(owners)} owners")
        return Owners(addresses=tuple(found), threshold=threshold)

    def voters(self, entry: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[Voter, ...]:
        """Who holds the governance tokens at first; nobody alone may reach the quorum."""
        where = "governance.holders"
        before = len(self.problems)
        voters = []
        for text in self._texts(where, entry.get("holders")):
            who, _, tokens = text.partition("=")
            if not tokens.strip().replace("_", "").isdecimal() or int(tokens) == 0:
                self._wrong(where, f"{text!r} is not of the form ADDRESS=TOKENS")
            elif (address := self._address(where, who)) is not None:
                voters.append(Voter(address=address, tokens=int(tokens)))
        self._check(where, [voter.address for voter in voters])
        values = [parameters.get(name) for name in _OF_VOTES]
        if len(self.problems) == before and all(isinstance(value, int) for value in values):
            for problem in _vote_problems(voters, *values):  # type: ignore[arg-type]
                self._wrong(where, problem)
        return tuple(voters)

    def _role(self, role: Role, entry: object) -> tuple[str, ...]:
        where = f"roles.{role.name}"
        holders: list[str] = []
        for text in self._texts(where, entry):
            known = text if is_planned(text) else self._address(where, text)
            if text.startswith(_SAFE) and text.removeprefix(_SAFE) not in SAFES:
                self._wrong(where, f"{text} is none of the Safes {', '.join(SAFES)}")
            elif known is not None:
                holders.append(known)
        self._check(where, holders)
        return tuple(holders)

    def _texts(self, where: str, entry: object) -> list[str]:
        """The texts of an entry, those in the environment included."""
        before = len(self.problems)
        texts: list[str] = []
        for item in entry if isinstance(entry, list) else [] if entry is None else [entry]:
            kind, _, name = str(item).partition(":")
            if kind != "env":
                texts += str(item).split(",")
            elif value := self.environment.get(name):
                texts += value.split(",")
            else:
                self._wrong(where, f"the environment variable {name} is not set")
        if not texts and len(self.problems) == before:
            self._wrong(where, "no address is given")
        return [text.strip() for text in texts]

    def _address(self, where: str, text: str) -> str | None:
        kind, _, number = text.partition(":")
        if kind == "anvil":
            if number.isdecimal() and int(number) < _ANVIL_ACCOUNTS:
                return Account.local(int(number)).address
            self._wrong(where, f"the local accounts are anvil:0 to anvil:{_ANVIL_ACCOUNTS - 1}")
            return None
        if problem := address_problem(text):
            self._wrong(where, problem)
            return None
        return to_checksum_address(text)

    def _check(self, where: str, holders: Sequence[str]) -> None:
        for place, holder in enumerate(holders):
            if holder == self.deployer:
                self._wrong(where, f"{holder} is the deployer, which must end without a role")
            if holder in holders[:place]:
                self._wrong(where, f"{holder} is given twice")
            if is_planned(holder):
                continue
            try:
                refuse_well_known([holder], self.chain_id)
            except InputError as error:
                self._wrong(where, str(error))

    def _wrong(self, where: str, problem: str) -> None:
        self.problems.append(f"{where}: {problem}")


def shared_keys(safes: Mapping[str, Owners]) -> Iterator[str]:
    """A line for each two Safes that the same keys can act for, as few as one of them asks."""
    for (first, one), (second, other) in combinations(safes.items(), 2):
        both = sorted({*one.addresses} & {*other.addresses})
        if len(both) >= max(one.threshold, other.threshold):
            yield (
                f"safes.{second}.owners: {', '.join(both)} can act for the Safes {first} and"
                f" {second}: give them other owners"
            )


def address_problem(text: str) -> str | None:
    """What is wrong with an address; None if nothing is."""
    if not is_hex_address(text) or not text.startswith("0x"):
        return f"{text!r} is no address"
    if text == _ZERO:
        return "the zero address cannot hold or be anything"
    if text != text.lower() and not is_checksum_address(text):
        return f"{text} has a wrong checksum"
    return None


def _vote_problems(
    voters: Sequence[Voter], cap: int, threshold: int, quorum_percent: int
) -> Iterator[str]:
    total = sum(voter.tokens for voter in voters)
    if total > cap:
        yield f"{total} tokens, above governanceCap ({cap})"
    if total < threshold:
        yield f"{total} tokens, fewer than proposalThreshold ({threshold})"
    quorum = total * TOKEN * quorum_percent // 100
    largest = max(voters, key=lambda voter: voter.tokens)
    if largest.tokens * TOKEN >= quorum:
        yield (
            f"{largest.address} alone has the quorum: {largest.tokens} of {total} tokens, "
            f"{quorum_percent} % are needed"
        )
