"""Events of GovernanceToken.

Votes on how the market is run: an ERC-20 with 18 decimals (EIP-2612, ERC-5805), never more than
`cap`. A token votes once its holder has delegated it, to itself or to somebody else. Votes are
counted as they stood when the vote began, so borrowing or moving tokens afterwards changes nothing.
Time is in Unix seconds (ERC-6372).

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "GovernanceToken_Approval",
    "GovernanceToken_AuthorityUpdated",
    "GovernanceToken_DelegateChanged",
    "GovernanceToken_DelegateVotesChanged",
    "GovernanceToken_EIP712DomainChanged",
    "GovernanceToken_Transfer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_Approval(EventLog):
    """Emitted when the allowance of a ``spender`` for an ``owner`` is set by a call to
    `approve`. ``value`` is the new allowance.

    ``Approval(address indexed owner, address indexed spender, uint256 value)``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "Approval"

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_AuthorityUpdated(EventLog):
    """Authority that manages this contract was updated.

    ``AuthorityUpdated(address authority)``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "AuthorityUpdated"

    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_DelegateChanged(EventLog):
    """Emitted when an account changes their delegate.

    ``DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed
    toDelegate)``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "DelegateChanged"

    delegator: str
    from_delegate: str
    to_delegate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_DelegateVotesChanged(EventLog):
    """Emitted when a token transfer or delegate change results in changes to a delegate's number
    of voting units.

    ``DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256
    newVotes)``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "DelegateVotesChanged"

    delegate: str
    previous_votes: int
    new_votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_EIP712DomainChanged(EventLog):
    """MAY be emitted to signal that the domain could have changed.

    ``EIP712DomainChanged()``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "EIP712DomainChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceToken_Transfer(EventLog):
    """Emitted when ``value`` tokens are moved from one account (``from_``) to another (``to``).
    Note that ``value`` may be zero.

    ``Transfer(address indexed from, address indexed to, uint256 value)``
    """

    contract: ClassVar[str] = "GovernanceToken"
    event: ClassVar[str] = "Transfer"

    from_: str
    to: str
    value: int
