"""permit (EIP-2612) of shares: each clone is a domain of its own, by its own name.

What a permit refuses besides is OpenZeppelin's, as in the other tokens' tests."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.contracts.errors import DecodedError
from tests.support.market import MONDAY, TestedContract, actor
from tests.support.permits import sign_permit
from tests.unit.contracts.shares.division import ASSET, OWNER, Division, clone_of

SPENDER, STRANGER = actor("spender"), actor("stranger")
NAME = "Roof of the school"


def allow(division: Division, **domain: object) -> None:
    permit = sign_permit(
        division.contract, OWNER, SPENDER.address, 20, deadline=MONDAY + 10**6, **domain
    )
    values = (permit.deadline, permit.v, permit.r, permit.s)
    division.do(STRANGER, "permit", OWNER.address, SPENDER.address, 20, *values)


def test_permit__owners_signature_for_the_clone__allows(division: Division) -> None:
    allow(division, name=NAME, verifyingContract=division.address)
    assert division.number("allowance", OWNER.address, SPENDER.address) == 20
    assert division.number("nonces", OWNER.address) == 1
    division.do(SPENDER, "transferFrom", OWNER.address, STRANGER.address, 20)
    assert division.held(STRANGER) == 20


def test_permit__domain__is_the_clones(division: Division) -> None:
    fields, name, version, chain, contract, salt, extensions = division.call("eip712Domain")
    assert (bytes(fields), name, version) == (b"\x0f", NAME, "1")
    assert (chain, contract) == (division.market.node.chain_id, division.address)
    assert (bytes(salt), list(extensions)) == (bytes(32), [])
    market, registry = division.market, division.registry
    other = clone_of(market, registry, division.implementation)
    named = (OWNER.address, NAME, "ROOF")
    market.do(STRANGER, registry, "begin", other.address, ASSET + 1, 10, *named)
    assert other.call("DOMAIN_SEPARATOR") != division.call("DOMAIN_SEPARATOR")


@pytest.mark.parametrize("field", ["name", "verifyingContract", "chainId", "version"])
def test_permit__for_another_domain__is_refused(division: Division, field: str) -> None:
    other = {
        "name": "",
        "verifyingContract": division.implementation.address,
        "chainId": 1,
        "version": "2",
    }
    with pytest.raises(DecodedError) as refusal:
        allow(division, **{field: other[field]})
    assert isinstance(refusal.value, errors.ERC2612InvalidSigner)
    assert division.number("nonces", OWNER.address) == 0


def test_permit__clone_of_the_same_name__is_refused(division: Division) -> None:
    market, registry = division.market, division.registry
    other: TestedContract = clone_of(market, registry, division.implementation)
    named = (OWNER.address, NAME, "ROOF")
    market.do(STRANGER, registry, "begin", other.address, ASSET + 1, 10, *named)
    with pytest.raises(DecodedError) as refusal:
        allow(division, verifyingContract=other.address)
    assert isinstance(refusal.value, errors.ERC2612InvalidSigner)
