"""GridGovernor.castVoteBySig, castVoteWithReasonAndParamsBySig"""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call, Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import (
    QUARTER,
    Proposal,
    Proposals,
    State,
    Support,
    bits,
)
from tests.unit.contracts.governance.safe import Safe

RELAY, THIEF = actor("relay"), actor("thief")
BALLOT = {"proposalId": "uint256", "support": "uint8", "voter": "address", "nonce": "uint256"}
EXTENDED = {**BALLOT, "reason": "string", "params": "bytes"}
KINDS = {"castVoteBySig": "Ballot", "castVoteWithReasonAndParamsBySig": "ExtendedBallot"}
# Order of the curve secp256k1.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

each_kind = pytest.mark.parametrize("function", KINDS)


def message(
    proposals: Proposals, function: str, proposal: Proposal, of: str, **changed: Any
) -> dict[str, Any]:
    """What a ballot says, as EIP-712 has it."""
    fields = BALLOT if function == "castVoteBySig" else EXTENDED
    kind = KINDS[function]
    values = {
        "proposalId": proposal.number,
        "support": int(Support.FOR),
        "voter": of,
        "nonce": proposals.governor.call("nonces", of),
        "reason": "cheaper",
        "params": b"\x01",
    }
    domain = {
        "name": "Grid Governor",
        "version": "1",
        "chainId": proposals.market.node.chain_id,
        "verifyingContract": proposals.governor.address,
    }
    of_domain = {"name": "string", "version": "string", "chainId": "uint256"}
    of_domain |= {"verifyingContract": "address"}
    return {
        "types": {
            "EIP712Domain": listed(of_domain),
            kind: listed(fields),
        },
        "primaryType": kind,
        "domain": {**domain, **{key: changed[key] for key in domain.keys() & changed}},
        "message": {key: changed.get(key, values[key]) for key in fields},
    }


def listed(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields.items()]


def ballot(
    proposals: Proposals,
    function: str,
    proposal: Proposal,
    signer: LocalAccount,
    *,
    voter: str | None = None,
    **changed: Any,
) -> Call:
    """The call that casts what the signer signed."""
    of = voter or signer.address
    signed = signer.sign_typed_data(
        full_message=message(proposals, function, proposal, of, **changed)
    )
    return cast(proposals, function, proposal, of, bytes(signed.signature))


def cast(
    proposals: Proposals, function: str, proposal: Proposal, voter: str, signature: bytes
) -> Call:
    extended = function != "castVoteBySig"
    emitted = ("cheaper", b"\x01") if extended else ()
    return proposals.governor.prepare(
        function, proposal.number, Support.FOR, voter, *emitted, signature
    )


@pytest.fixture
def proposal(proposals: Proposals) -> Proposal:
    proposal = proposals.propose()
    proposals.market.go_to(proposal.snapshot)
    return proposal


@each_kind
def test_by_sig__voters_signature__anybody_may_send(
    proposals: Proposals, proposal: Proposal, function: str
) -> None:
    voter = proposals.voters[0]
    call = ballot(proposals, function, proposal, voter)
    proposals.market.go_to(proposal.snapshot + 1)
    assert proposals.governor.simulate(call, RELAY.address) == QUARTER
    receipt = proposals.market.send(RELAY, call)
    event = "VoteCast" if function == "castVoteBySig" else "VoteCastWithParams"
    (emitted,) = proposals.market.events(receipt, proposals.governor, event)
    assert (emitted["voter"], emitted["weight"]) == (voter.address, QUARTER)
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)
    assert proposals.governor.call("nonces", voter.address) == 1


@each_kind
@pytest.mark.parametrize(
    "changed",
    [
        {"chainId": 1},
        {"verifyingContract": THIEF.address},
        {"name": "Other Governor"},
        {"version": "2"},
        {"proposalId": 1},
        {"support": int(Support.AGAINST)},
        {"voter": THIEF.address},
        {"nonce": 1},
    ],
    ids=str,
)
def test_by_sig__for_something_else__refused(
    proposals: Proposals, proposal: Proposal, function: str, changed: dict[str, Any]
) -> None:
    voter = proposals.voters[0]
    if "voter" in changed:  # the name in the message, and not whose vote is asked for
        data = message(proposals, function, proposal, voter.address, **changed)
        signature = bytes(voter.sign_typed_data(full_message=data).signature)
        call = cast(proposals, function, proposal, voter.address, signature)
    else:
        call = ballot(proposals, function, proposal, voter, **changed)
    with refused(errors.GovernorInvalidSignature, voter=voter.address):
        proposals.market.send(RELAY, call)


@pytest.mark.parametrize("changed", [{"reason": "dearer"}, {"params": b""}], ids=str)
def test_by_sig__other_words__refused(
    proposals: Proposals, proposal: Proposal, changed: dict[str, Any]
) -> None:
    function, voter = "castVoteWithReasonAndParamsBySig", proposals.voters[0]
    with refused(errors.GovernorInvalidSignature, voter=voter.address):
        proposals.market.send(RELAY, ballot(proposals, function, proposal, voter, **changed))


@each_kind
def test_by_sig__of_another__refused(
    proposals: Proposals, proposal: Proposal, function: str
) -> None:
    voter = proposals.voters[0].address
    with refused(errors.GovernorInvalidSignature, voter=voter):
        proposals.market.send(RELAY, ballot(proposals, function, proposal, THIEF, voter=voter))


@each_kind
def test_by_sig__sent_again__refused(
    proposals: Proposals, proposal: Proposal, function: str
) -> None:
    call = ballot(proposals, function, proposal, proposals.voters[0])
    proposals.market.send(RELAY, call)
    with refused(errors.GovernorInvalidSignature, voter=proposals.voters[0].address):
        proposals.market.send(RELAY, call)


@each_kind
def test_by_sig__second_ballot__refused(
    proposals: Proposals, proposal: Proposal, function: str
) -> None:
    voter = proposals.voters[0]
    proposals.market.send(RELAY, ballot(proposals, function, proposal, voter))
    with refused(errors.GovernorAlreadyCastVote, voter=voter.address):
        proposals.market.send(RELAY, ballot(proposals, function, proposal, voter))


@each_kind
def test_by_sig__malformed__refused(
    proposals: Proposals, proposal: Proposal, function: str
) -> None:
    voter = proposals.voters[0]
    data = message(proposals, function, proposal, voter.address)
    signed = voter.sign_typed_data(full_message=data)
    good = bytes(signed.signature)
    malleated = good[:32] + (N - signed.s).to_bytes(32) + bytes([55 - signed.v])
    for wrong in (b"", good[:64], good + b"\0", good[:64] + b"\0", malleated, bytes(65)):
        with refused(errors.GovernorInvalidSignature, voter=voter.address):
            proposals.market.send(RELAY, cast(proposals, function, proposal, voter.address, wrong))


@each_kind
def test_by_sig__before_the_vote__refused(proposals: Proposals, function: str) -> None:
    proposal = proposals.propose()
    values = {"current": State.PENDING, "expected_states": bits(State.ACTIVE)}
    with refused(errors.GovernorUnexpectedProposalState, proposal_id=proposal.number, **values):
        proposals.market.send(RELAY, ballot(proposals, function, proposal, proposals.voters[0]))


def test_by_sig__of_a_safe__two_owners_sign(market: Market, proposals: Proposals) -> None:
    """A contract votes, too (EIP-1271): the Safe asks as many owners as for anything else."""
    safe = Safe.of(market)
    market.do(safe.address, proposals.token, "delegate", safe.address)
    market.do(proposals.voters[0], proposals.token, "transfer", safe.address, QUARTER)
    proposal = proposals.propose(by=proposals.voters[1])
    market.go_to(proposal.snapshot)
    function = "castVoteBySig"
    signable = encode_typed_data(full_message=message(proposals, function, proposal, safe.address))
    digest = keccak(b"\x19\x01" + signable.header + signable.body)

    alone = safe.sign_message(digest, safe.owners[:1])
    with refused(errors.GovernorInvalidSignature, voter=safe.address):
        market.send(RELAY, cast(proposals, function, proposal, safe.address, alone))
    both = safe.sign_message(digest, safe.owners[:2])
    market.send(RELAY, cast(proposals, function, proposal, safe.address, both))
    assert proposals.governor.call("proposalVotes", proposal.number) == (0, QUARTER, 0)


def test_typehashes__are_those_of_the_ballots(proposals: Proposals) -> None:
    governor: Contract = proposals.governor
    for name, kind, fields in (
        ("BALLOT_TYPEHASH", "Ballot", BALLOT),
        ("EXTENDED_BALLOT_TYPEHASH", "ExtendedBallot", EXTENDED),
    ):
        text = ",".join(f"{type_} {field}" for field, type_ in fields.items())
        assert governor.call(name) == keccak(text=f"{kind}({text})")
