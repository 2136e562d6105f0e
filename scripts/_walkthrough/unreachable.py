"""Errors that the ABIs declare and no input can raise, and functions that always refuse; why.

They come from library code that is compiled in. An entry that is raised after all fails the tests.
"""

from __future__ import annotations

__all__ = ["ALWAYS_REFUSED", "NOT_RAISED_BY", "RAISED_ONLY_BY", "UNREACHABLE"]

_NAME = "only for EIP-712 names of 32 characters and more; ours are short constants"

UNREACHABLE: dict[str, str] = {
    "AccessManagedRequiredDelay": "declared by OpenZeppelin's interface, and raised nowhere",
    "CheckpointUnorderedInsertion": "values are pushed by the running day or second, which grows",
    "ECDSAInvalidSignatureLength": "permits take v, r and s, whose lengths cannot be wrong",
    "ERC6372InconsistentClock": "only of a governor whose token has a clock and does not name it",
    "ERC721InvalidSender": "assets are numbered anew, so none is made twice",
    "FailedDeployment": "a clone of 45 bytes needs no more than its gas",
    "GovernorAlreadyQueuedProposal": "of other kinds of timelock",
    "GovernorInvalidVoteParams": "of other ways of counting",
    "GovernorProposalQueueingFailed": "the timelock always says when",
    "GovernorProposalQueueingNotRequired": "every proposal goes through the timelock",
    "InsufficientBalance": "clones need no value; a relay gets back what came with its call",
    "InvalidShortString": _NAME,
    "NotInitializing": "of the initialisers' own parts, which only they call",
    "StringTooLong": _NAME,
}

_DEPOSIT = "what governance owns is the timelock's"

ALWAYS_REFUSED: dict[str, str] = {
    "GridGovernor.onERC1155BatchReceived": _DEPOSIT,
    "GridGovernor.onERC1155Received": _DEPOSIT,
    "GridGovernor.onERC721Received": _DEPOSIT,
    "Safe.simulateAndRevert": "it answers by reverting, so that nothing remains of what it tried",
}

# Errors that one contract alone raises: others declare them because they use the same library.
RAISED_ONLY_BY: dict[str, tuple[str, str]] = {
    "InvalidAccountNonce": (
        "GovernanceToken",
        "delegations name their nonce; others use the next one, and another one's does not fit",
    ),
}

# Errors that a contract alone cannot raise: others that declare them do.
NOT_RAISED_BY: dict[tuple[str, str], str] = {
    ("CertificateMarket", "AddressEmptyCode"): "it calls itself, which has code",
    (
        "EnergyCertificates",
        "SafeCastOverflowedUintDowncast",
    ): "registers of 48 bits owe less than 64 bits of Wh",
    (
        "SmartMeter",
        "SafeCastOverflowedUintDowncast",
    ): "registers of 48 bits fit the 64 of a lifetime",
}
