"""Messages of custom errors whose names do not explain them.

Most errors of the market's own contracts need none: their names are the message.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MESSAGES"]

_FORM = "the contract was deployed with wrong parameters; no caller can cause this"
_SIGNATURE = "the signature is malformed"

MESSAGES: Mapping[str, str] = {
    "AccessControlBadConfirmation": "only the member itself can renounce a role",
    "AccessControlUnauthorizedAccount": "the caller does not have the role",
    "AccessManagedInvalidAuthority": "an authority must be a contract",
    "AccessManagedRequiredDelay": "the caller must schedule this call and wait for its delay",
    "AccessManagedUnauthorized": "the caller lacks the role that this function needs",
    "AccessManagerAlreadyScheduled": "this operation is already scheduled",
    "AccessManagerBadConfirmation": "only the member itself can renounce a role",
    "AccessManagerExpired": "the scheduled operation has expired; schedule it again",
    "AccessManagerInvalidInitialAdmin": "the first administrator must not be the zero address",
    "AccessManagerLockedFunction": "the role of this function is fixed",
    "AccessManagerLockedRole": "this role cannot be changed",
    "AccessManagerNotReady": "the scheduled operation is not due yet",
    "AccessManagerNotScheduled": "this operation was not scheduled",
    "AccessManagerUnauthorizedAccount": "the caller lacks the role that this function needs",
    "AccessManagerUnauthorizedCall": "the caller may not call this function",
    "AccessManagerUnauthorizedCancel": "the caller may not cancel this",
    "AccessManagerUnauthorizedConsume": "only the called contract may consume an operation",
    "AddressEmptyCode": "there is no contract at this address",
    "AlreadyParticipating": "this consumer already takes part",
    "CarbonCredits_BadReason": "a reason must be printable text of 1 byte to the maximum",
    "CertificateMarket_AboveLimit": "the purchase would cost more than the buyer accepts: look at"
    " the offer again",
    "CertificateMarket_AboveRemaining": "less is left of the offer: buy at most what remains",
    "CertificateMarket_BadAmount": "an amount is from 1 to 2^64 - 1",
    "CertificateMarket_BadPrice": "a price is from 1 to 2^64 - 1 of the coin's smallest unit",
    "CertificateMarket_BadSlots": "the last slot is before the first one, or too late",
    "CertificateMarket_NoSuchDevice": "no device of this number has earned certificates",
    "CertificateMarket_NotOffered": "the certificate is of another device or time than the offer",
    "CertificateMarket_NotOpen": "the offer is sold out or withdrawn, or there is none of this"
    " number: choose another one",
    "CertificateMarket_NotSeller": "only the seller withdraws an offer",
    "CertificateMarket_OtherKind": "the offer sells the other kind: certificates of a device, or"
    " carbon credits where the device is 0",
    "CheckpointUnorderedInsertion": _FORM,
    "ConsumerNotRegistered": "this account is not a registered consumer",
    "ECDSAInvalidSignature": _SIGNATURE,
    "ECDSAInvalidSignatureLength": _SIGNATURE,
    "ECDSAInvalidSignatureS": _SIGNATURE,
    "ERC1155InsufficientBalance": "the holder has fewer of this certificate",
    "ERC1155InvalidApprover": "the zero address cannot approve",
    "ERC1155InvalidArrayLength": "every certificate needs one amount",
    "ERC1155InvalidOperator": "the zero address cannot be approved",
    "ERC1155InvalidReceiver": "this address can receive no certificates",
    "ERC1155InvalidSender": "the zero address cannot send certificates",
    "ERC1155MissingApprovalForAll": "the holder has not approved the caller",
    "ERC20ExceededCap": "the total supply must not exceed the cap",
    "ERC20ExceededSafeSupply": "the total supply must not exceed what votes can count",
    "ERC20InsufficientAllowance": "the allowance of the spender is too small",
    "ERC20InsufficientBalance": "the balance of the sender is too small",
    "ERC20InvalidApprover": "the zero address cannot approve",
    "ERC20InvalidCap": "a cap must not be zero",
    "ERC20InvalidReceiver": "this address can receive no tokens",
    "ERC20InvalidSender": "the zero address cannot send tokens",
    "ERC20InvalidSpender": "the zero address cannot be a spender",
    "ERC2612ExpiredSignature": "the permit has expired",
    "ERC2612InvalidSigner": "the owner did not sign this permit, or it was used before",
    "ERC2771ForwarderExpiredRequest": "the signed call has expired",
    "ERC2771ForwarderInvalidSigner": "the account did not sign this call, or it was sent before",
    "ERC2771ForwarderMismatchedValue": "a relayed call carries no native money",
    "ERC2771ForwarderNoRefundReceiver": "a refund needs a recipient",
    "ERC2771UntrustfulTarget": "this contract accepts no calls of the forwarder",
    "ERC5805FutureLookup": "the value is known only after its time has passed",
    "ERC6372InconsistentClock": _FORM,
    "EnergyCertificates_BadReason": "a reason must be printable text of 1 byte to the maximum",
    "EnergyCertificates_Contradicted": "the market was settled with another net of the slot: the"
    " device has signed two different registers",
    "EnergyCertificates_CountedTwice": "another device of the account counts the same energy: end"
    " its registration first",
    "EnergyCertificates_InactiveProducer": "the account is no active and confirmed producer: the"
    " grid authority, or its meter, confirms it",
    "EnergyCertificates_IsStorage": "the account has a storage: register a meter at its plant",
    "EnergyCertificates_NotConsumed": "the account consumed less in this slot, in time and not"
    " matched yet: retire at most what is free",
    "EnergyCertificates_NotSettled": "the market is not settled with this slot yet: publish the"
    " meter's reading first, or prove its day",
    "EnergyCertificates_OtherDay": "one retirement is of one device and one day: retire this"
    " certificate on its own",
    "EnergyCertificates_OtherRegion": "the certificate is of another region than the consumption:"
    " sell it, or give it to somebody there",
    "EnergyCertificates_ReadingsMissing": "issue the device's readings of the former registration"
    " first",
    "EnergyCertificates_Skipped": "the reading at the end of the slot that is due is missing: send"
    " it as well, or let the holder go on without it",
    "ERC721IncorrectOwner": "another account owns the asset",
    "ERC721InsufficientApproval": "the caller has no approval for this asset",
    "ERC721InvalidApprover": "the caller may not approve others for this asset",
    "ERC721InvalidOperator": "the zero address cannot be an operator",
    "ERC721InvalidOwner": "the zero address owns no assets",
    "ERC721InvalidReceiver": "this address can receive no assets",
    "ERC721InvalidSender": "the zero address cannot send assets",
    "ERC721NonexistentToken": "there is no such asset",
    "EmergencyStop_Stopped": "the contract is stopped",
    "EmergencyStop_WrongLevel": "the level of the emergency stop does not allow this",
    "EnergyAssetNFT_BadText": "a text must be printable, of 1 byte to the maximum",
    "EnergyTrading_AlreadySettled": "both accounts have closed the trade's period",
    "EnergyTrading_BeyondHorizon": "the period ends too far from now",
    "EnergyTrading_InvalidAmount": "an amount must be the same whole Wh in every slot of its"
    " period; the nearest valid are lower and higher",
    "EnergyTrading_NoSuchTransaction": "no such trade",
    "EventExpired": "the event is over",
    "EventNotActive": "the state of the event does not allow this",
    "EventNotFound": "there is no such event",
    "FailedCall": "an inner call failed",
    "FailedDeployment": "a contract could not be deployed",
    "GovernorAlreadyCastVote": "this account has already voted",
    "GovernorAlreadyQueuedProposal": "the proposal is already queued",
    "GovernorDisabledDeposit": "the governor accepts no native money",
    "GovernorInsufficientProposerVotes": "the proposer has fewer votes than it needs",
    "GovernorInvalidProposalLength": "a proposal needs as many values and calls as targets",
    "GovernorInvalidQuorumFraction": "a quorum must not exceed 100 %",
    "GovernorInvalidSignature": "the voter did not sign this vote",
    "GovernorInvalidVoteParams": "votes take no parameters",
    "GovernorInvalidVoteType": "a vote must be against, for or abstain",
    "GovernorInvalidVotingPeriod": "the voting period must not be zero",
    "GovernorNonexistentProposal": "there is no such proposal",
    "GovernorOnlyExecutor": "only governance itself may do this",
    "GovernorPreventLateQuorumVoteExtensionTooLarge": (
        "a vote must not be extended by more than the voting period"
    ),
    "GovernorProposalQueueingFailed": "the timelock did not accept the proposal",
    "GovernorProposalQueueingNotRequired": "this proposal need not be queued",
    "GovernorRestrictedProposer": "another account is named as the only proposer",
    "GovernorUnableToCancel": "the caller may not cancel this proposal now",
    "GovernorUnexpectedProposalState": "the state of the proposal does not allow this",
    "GridGovernor_NotExecuted": "a proposal that this one depends on is not executed",
    "GridManagement_AboveMeter": "the registration is above what its meter can measure in a slot",
    "GridOperatorNotRegistered": "this account is not a registered operator of demand response",
    "GridBands_BadBand": "each band encloses the one before; to both sides, NORMAL reaches at least"
    " 0.1 % of the frequency and 5 % of the voltage, EMERGENCY 1 % and 10 %",
    "GridOperatorVerification_BadName": "a name must have 1 to 64 bytes",
    "InsufficientBalance": "the native balance is too small",
    "InsufficientReduction": "the reduction is too small",
    "InvalidAccountNonce": "this is not the account's next nonce",
    "InvalidInitialization": "this contract is already initialised",
    "InvalidMeterReading": "the readings contradict the reported consumption",
    "InvalidShortString": _FORM,
    "NotInitialized": "a contract that this needs is not initialised",
    "NotInitializing": _FORM,
    "PeerToPeerTrading_Inactive": "the account is not registered and confirmed for this side, or is"
    " blocked",
    "PeerToPeerTrading_NoSuchTrade": "no such spot trade",
    "PeerToPeerTrading_TradeNotPending": "the spot trade is not pending",
    "ReentrancyGuardReentrantCall": "a call re-entered the contract",
    "RewardDistributionFailed": "a reward could not be paid",
    "SafeCastOverflowedUintDowncast": "a number is too large for the contract",
    "SafeCastOverflowedIntDowncast": "a number is too large for the contract",
    "SafeCastOverflowedUintToInt": "a number is too large for the contract",
    "SafeERC20FailedOperation": "the token rejected the transfer",
    "Settlement_UnknownAccount": "this address has no settlement account",
    "Settlement_NothingToClose": "the account's first open day is not final yet, or waits for its"
    " community's gateway",
    "StringTooLong": "a text is too long",
    "TimelockInsufficientDelay": "the delay is shorter than the minimum",
    "TimelockInvalidOperationLength": "an operation needs as many values and calls as targets",
    "TimelockUnauthorizedCaller": "only the timelock itself may do this",
    "TimelockUnexecutedPredecessor": "the predecessor must be executed first",
    "TimelockUnexpectedOperationState": "the state of the operation does not allow this",
    "VotesExpiredSignature": "the signature has expired",
}
