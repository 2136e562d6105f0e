"""Events of TestDollar.

The settlement token of local and test networks: anybody may mint it, it is worth nothing.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = ["TestDollar_Approval", "TestDollar_EIP712DomainChanged", "TestDollar_Transfer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDollar_Approval(EventLog):
    """Emitted when the allowance of a ``spender`` for an ``owner`` is set by a call to
    `approve`. ``value`` is the new allowance.

    ``Approval(address indexed owner, address indexed spender, uint256 value)``
    """

    contract: ClassVar[str] = "TestDollar"
    event: ClassVar[str] = "Approval"

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDollar_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "TestDollar"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDollar_Transfer(EventLog):
    """Emitted when ``value`` tokens are moved from one account (``from_``) to another (``to``).
    Note that ``value`` may be zero.

    ``Transfer(address indexed from, address indexed to, uint256 value)``
    """

    contract: ClassVar[str] = "TestDollar"
    event: ClassVar[str] = "Transfer"

    from_: str
    to: str
    value: int
