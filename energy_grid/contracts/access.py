"""AccessManager, which says who may call what, and what the contracts under it share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role, functions_of
from energy_grid.chain.rpc.multicall import Question, ask, found
from energy_grid.chain.rpc.node import BlockId
from energy_grid.domain.enums import StopLevel

__all__ = ["AccessManager", "Guarded", "Managed", "Stoppable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A restricted function, and the number of the role that may call it."""

    contract: str
    function: str
    selector: bytes
    role: int


class Managed(Contract):
    """A contract whose restricted functions an AccessManager guards.

    Those refuse everybody else with AccessManagedUnauthorized.
    """

    def authority(self, *, block_identifier: BlockId = "latest") -> str:
        """Address of the AccessManager."""
        return str(self.call("authority", block_identifier=block_identifier))

    def set_authority(self, new_authority: str) -> Call:
        """Hand over to another AccessManager; only the present one may (`update_authority`)."""
        return self.prepare("setAuthority", new_authority)


class Stoppable(Managed):
    """A contract with the two levels of the emergency stop; exits stay open at every level.

    A change that the level does not allow is refused with EmergencyStop_WrongLevel.
    """

    def pause(self) -> Call:
        """Stop everything new until `unpause`. Role: GUARDIAN."""
        return self.prepare("pause")

    def unpause(self) -> Call:
        """End a pause. Role: GUARDIAN."""
        return self.prepare("unpause")

    def shutdown(self) -> Call:
        """Leave only the exits, for good. Role: governance."""
        return self.prepare("shutdown")

    def stop_level(self, *, block_identifier: BlockId = "latest") -> StopLevel:
        """The level in force."""
        return StopLevel(self.call("stopLevel", block_identifier=block_identifier))


class AccessManager(Contract):
    """The wrapper of OpenZeppelin's AccessManager: what the market uses of it.

    The rest is there through `call` and `prepare`.
    """

    NAME = "AccessManager"

    def grant_role(self, role: Role, account: str, execution_delay: int = 0) -> Call:
        """Give an account a role; its calls then wait ``execution_delay`` seconds. Role: ADMIN.

        Raises: AccessManagerUnauthorizedAccount.
        """
        return self.prepare("grantRole", role, account, execution_delay)

    def revoke_role(self, role: Role, account: str) -> Call:
        """Take a role from an account. Role: ADMIN.

        Raises: AccessManagerUnauthorizedAccount.
        """
        return self.prepare("revokeRole", role, account)

    def renounce_role(self, role: Role, sender: str) -> Call:
        """Give up the sender's own role; its address confirms that it is meant.

        Raises: AccessManagerBadConfirmation.
        """
        return self.prepare("renounceRole", role, sender)

    def set_target_function_role(self, target: str, selectors: Sequence[bytes], role: Role) -> Call:
        """Say which role may call functions of a contract. Role: ADMIN."""
        return self.prepare("setTargetFunctionRole", target, list(selectors), role)

    def update_authority(self, target: str, new_authority: str) -> Call:
        """Hand a contract over to another AccessManager. Role: ADMIN."""
        return self.prepare("updateAuthority", target, new_authority)

    def has_role(self, role: Role, account: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether an account has a role."""
        member, _delay = self.call("hasRole", role, account, block_identifier=block_identifier)
        return bool(member)

    def can_call(
        self, caller: str, target: str, selector: bytes, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether an account may call a function at once."""
        immediate, _delay = self.call(
            "canCall", caller, target, selector, block_identifier=block_identifier
        )
        return bool(immediate)

    def role_of(
        self, target: str, selector: bytes, *, block_identifier: BlockId = "latest"
    ) -> Role:
        """The role that may call a function."""
        found = self._number(
            "getTargetFunctionRole", target, selector, block_identifier=block_identifier
        )
        return Role(found)

    def members(self, role: Role) -> frozenset[str]:
        """Who has a role now, by the history of grants."""
        return frozenset(self.holders().get(role, {}))

    def holders(self, first_block: int = 0) -> dict[int, dict[str, int]]:
        """Who has each role now, with the seconds that the holder's calls must wait.

        The events tell of everybody who ever was given one, the view who has it still.
        """
        granted = found(self, "RoleGranted", first_block)
        pairs = list(dict.fromkeys((log["role_id"], log["account"]) for log in granted))
        answers = ask(self.node, [Question(self, "hasRole", pair) for pair in pairs])
        held: dict[int, dict[str, int]] = {}
        for (role, account), (member, delay) in zip(pairs, answers, strict=True):
            if member:
                held.setdefault(role, {})[account] = delay
        return held

    def guarded(self, contracts: Mapping[str, str]) -> list[Guarded]:
        """The restricted functions of contracts, given by name and address, with their roles.

        Those are all that were given to a role, and those that governance has kept: the chain says
        the same of what is for governance and of what is for everybody.
        """
        functions = [
            (name, address, each)
            for name, address in sorted(contracts.items())
            for each in load(name).functions.values()
            if not each.constant and functions_of(name)
        ]
        answers = ask(
            self.node,
            [
                Question(self, "getTargetFunctionRole", (address, each.selector))
                for _, address, each in functions
            ],
        )
        return [
            Guarded(contract=name, function=each.signature, selector=each.selector, role=role)
            for (name, _, each), role in zip(functions, answers, strict=True)
            if role != Role.ADMIN or each.name in functions_of(name)
        ]
