"""AccessManager, which says who may call what, and what the contracts under it share."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.adapters.chain.connection import BlockId
from energy_grid.adapters.chain.contract import Call, Contract
from energy_grid.adapters.chain.roles import Role
from energy_grid.services.ports import StopLevel

__all__ = ["AccessManager", "Managed", "Stoppable"]


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
        granted = {log["account"] for log in self.history("RoleGranted") if log["role_id"] == role}
        return frozenset(account for account in granted if self.has_role(role, account))
