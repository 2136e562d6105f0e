"""GovernanceToken.delegate and delegateBySig"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.permits import sign_permit
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import QUARTER, local_key

HOLDER = local_key(5)
SPEAKER, RELAY = actor("speaker"), actor("relay")
NOBODY = "0x" + "00" * 20
EXPIRY = MONDAY + 1000
# Order of the curve secp256k1.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True)
class Delegation:
    """What goes with a signed delegation."""

    nonce: int
    expiry: int
    v: int
    r: bytes
    s: bytes


def sign(
    token: Contract,
    *,
    signer: LocalAccount = HOLDER,
    nonce: int = 0,
    expiry: int = EXPIRY,
    **domain: object,
) -> Delegation:
    kinds = {"delegatee": "address", "nonce": "uint256", "expiry": "uint256"}
    signed = signer.sign_typed_data(
        {
            "name": token.call("name"),
            "version": "1",
            "chainId": token.node.chain_id,
            "verifyingContract": token.address,
            **domain,
        },
        {"Delegation": [{"name": name, "type": type_} for name, type_ in kinds.items()]},
        {"delegatee": SPEAKER.address, "nonce": nonce, "expiry": expiry},
    )
    return Delegation(nonce, expiry, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32))


def send(
    market: Market, token: Contract, given: Delegation, delegatee: str = SPEAKER.address
) -> Receipt:
    values = (given.nonce, given.expiry, given.v, given.r, given.s)
    return market.do(RELAY, token, "delegateBySig", delegatee, *values)


def test_delegate__to_another__that_one_votes(market: Market, token: Contract) -> None:
    receipt = market.do(HOLDER, token, "delegate", SPEAKER.address)

    (changed,) = market.events(receipt, token, "DelegateChanged")
    taken, given = market.events(receipt, token, "DelegateVotesChanged")
    assert changed.arguments == {
        "delegator": HOLDER.address,
        "from_delegate": HOLDER.address,
        "to_delegate": SPEAKER.address,
    }
    assert taken.arguments == {
        "delegate": HOLDER.address,
        "previous_votes": QUARTER,
        "new_votes": 0,
    }
    assert given.arguments == {
        "delegate": SPEAKER.address,
        "previous_votes": 0,
        "new_votes": QUARTER,
    }
    assert token.call("delegates", HOLDER.address) == SPEAKER.address
    assert token.call("getVotes", SPEAKER.address) == QUARTER
    assert token.call("getVotes", HOLDER.address) == 0
    assert token.call("balanceOf", HOLDER.address) == QUARTER


def test_delegate__to_somebody_else_then__the_first_votes_no_more(
    market: Market, token: Contract
) -> None:
    for delegatee in (SPEAKER.address, HOLDER.address, NOBODY):
        market.do(HOLDER, token, "delegate", delegatee)
        votes = [token.call("getVotes", who) for who in (SPEAKER.address, HOLDER.address)]
        assert votes == [QUARTER * (who == delegatee) for who in (SPEAKER.address, HOLDER.address)]


def test_delegate_by_sig__holders_signature__anybody_may_send(
    market: Market, token: Contract
) -> None:
    send(market, token, sign(token))

    assert token.call("delegates", HOLDER.address) == SPEAKER.address
    assert token.call("nonces", HOLDER.address) == 1


def test_delegate_by_sig__sent_again__refused(market: Market, token: Contract) -> None:
    given = sign(token)
    send(market, token, given)
    with refused(errors.InvalidAccountNonce, account=HOLDER.address, current_nonce=1):
        send(market, token, given)


def test_delegate_by_sig__nonce_of_a_permit__shared(market: Market, token: Contract) -> None:
    given = sign(token)
    permit = sign_permit(token, HOLDER, SPEAKER.address, 1, deadline=EXPIRY)
    values = (permit.deadline, permit.v, permit.r, permit.s)
    market.do(RELAY, token, "permit", HOLDER.address, SPEAKER.address, 1, *values)
    with refused(errors.InvalidAccountNonce, account=HOLDER.address, current_nonce=1):
        send(market, token, given)


def test_delegate_by_sig__expiry__is_the_last_second(market: Market, token: Contract) -> None:
    given = sign(token)
    with refused(errors.VotesExpiredSignature, expiry=EXPIRY):
        send(market.at(EXPIRY + 1), token, given)


def test_delegate_by_sig__at_expiry__accepted(market: Market, token: Contract) -> None:
    send(market.at(EXPIRY), token, sign(token))
    assert token.call("delegates", HOLDER.address) == SPEAKER.address


@pytest.mark.parametrize("field", ["chainId", "verifyingContract", "name", "version", "delegatee"])
def test_delegate_by_sig__for_something_else__is_somebody_elses(
    market: Market, token: Contract, field: str
) -> None:
    """Another message has another signer, who has nothing to delegate."""
    other = {"chainId": 1, "verifyingContract": market.dollar.address}.get(field, "other")
    domain = {} if field == "delegatee" else {field: other}
    given = sign(token, **domain)

    delegatee = actor("thief").address if field == "delegatee" else SPEAKER.address
    send(market, token, given, delegatee)

    assert token.call("delegates", HOLDER.address) == HOLDER.address
    assert token.call("getVotes", delegatee) == 0
    assert token.call("nonces", HOLDER.address) == 0


def test_delegate_by_sig__no_signature__refused(market: Market, token: Contract) -> None:
    with refused(errors.ECDSAInvalidSignature):
        send(market, token, Delegation(0, EXPIRY, 27, bytes(32), bytes(32)))


def test_delegate_by_sig__malleable_copy__refused(market: Market, token: Contract) -> None:
    given = sign(token)
    malleated = (N - int.from_bytes(given.s)).to_bytes(32)
    with refused(errors.ECDSAInvalidSignatureS, s=malleated):
        send(market, token, Delegation(0, EXPIRY, 55 - given.v, given.r, malleated))
