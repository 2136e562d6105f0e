"""permit (EIP-2612), of each token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from energy_grid.contracts.errors import DecodedError
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.permits import Permit, sign_permit
from tests.support.refusals import refused

HOLDER, SPENDER, STRANGER = actor("holder"), actor("spender"), actor("stranger")
NOBODY = "0x" + "00" * 20
AMOUNT, DEADLINE = 100, MONDAY + 1000
# Order of the curve secp256k1.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signed(token: Contract, **changed: Any) -> Permit:
    return sign_permit(token, HOLDER, SPENDER.address, AMOUNT, **{"deadline": DEADLINE, **changed})


def send(
    market: Market,
    token: Contract,
    permit: Permit,
    *,
    owner: str = HOLDER.address,
    spender: str = SPENDER.address,
    amount: int = AMOUNT,
) -> Receipt:
    values = (permit.deadline, permit.v, permit.r, permit.s)
    return market.do(STRANGER, token, "permit", owner, spender, amount, *values)


def allowance(token: Contract) -> int:
    return int(token.call("allowance", HOLDER.address, SPENDER.address))


def test_permit__owners_signature__allows(market: Market, token: Contract) -> None:
    receipt = send(market, token, signed(token))
    (event,) = market.events(receipt, token, "Approval")
    assert event.arguments == {
        "owner": HOLDER.address,
        "spender": SPENDER.address,
        "value": AMOUNT,
    }
    assert allowance(token) == AMOUNT
    assert token.call("nonces", HOLDER.address) == 1
    assert token.call("nonces", STRANGER.address) == 0
    send(market, token, signed(token, deadline=DEADLINE + 1))
    assert token.call("nonces", HOLDER.address) == 2


def test_permit__deadline__is_the_last_second(market: Market, token: Contract) -> None:
    permit = signed(token)
    with rewound(market):
        send(market.at(DEADLINE), token, permit)
        assert allowance(token) == AMOUNT
    with refused(errors.ERC2612ExpiredSignature, deadline=DEADLINE):
        send(market.at(DEADLINE + 1), token, permit)


def test_permit__somebody_elses_signature__is_refused(market: Market, token: Contract) -> None:
    values = {"signer": STRANGER.address, "owner": HOLDER.address}
    with refused(errors.ERC2612InvalidSigner, **values):
        send(market, token, signed(token, signer=STRANGER))


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": STRANGER.address},
        {"spender": STRANGER.address},
        {"amount": AMOUNT + 1},
        {"deadline": DEADLINE + 1},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_permit__other_than_signed__is_refused(
    market: Market, token: Contract, changed: dict[str, Any]
) -> None:
    permit = replace(signed(token), deadline=changed.get("deadline", DEADLINE))
    sent = {name: value for name, value in changed.items() if name != "deadline"}
    assert_another_signer(market, token, permit, **sent)


@pytest.mark.parametrize("nonce", [1, 2, 2**256 - 1])
def test_permit__nonce_skipped__is_refused(market: Market, token: Contract, nonce: int) -> None:
    assert_another_signer(market, token, signed(token, nonce=nonce))


def test_permit__used_before__is_refused(market: Market, token: Contract) -> None:
    permit = signed(token)
    send(market, token, permit)
    market.do(HOLDER, token, "approve", SPENDER.address, 0)
    assert_another_signer(market, token, permit)
    assert allowance(token) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Energy Credit "},
        {"version": "2"},
        {"chainId": 1},
        {"verifyingContract": STRANGER.address},
    ],
    ids=lambda other: next(iter(other)),
)
def test_permit__other_domain__is_refused(
    market: Market, token: Contract, other: dict[str, Any]
) -> None:
    assert_another_signer(market, token, signed(token, **other))


def test_permit__other_token__is_refused(market: Market, token: Contract) -> None:
    other = market.dollar if token is market.energy_token else market.energy_token
    assert_another_signer(market, token, signed(other))


def test_permit__malleable__is_refused(market: Market, token: Contract) -> None:
    permit = signed(token)
    malleated = (N - int.from_bytes(permit.s)).to_bytes(32)
    with refused(errors.ECDSAInvalidSignatureS, s=malleated):
        send(market, token, replace(permit, v=55 - permit.v, s=malleated))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_permit__impossible_v__is_refused(market: Market, token: Contract, v: int) -> None:
    with refused(errors.ECDSAInvalidSignature):
        send(market, token, replace(signed(token), v=v))


@pytest.mark.parametrize("v", [0, 27, 28])
@pytest.mark.parametrize("owner", [HOLDER.address, NOBODY], ids=["holder", "nobody"])
def test_permit__of_zeros__is_refused(market: Market, token: Contract, v: int, owner: str) -> None:
    zeros = Permit(deadline=DEADLINE, v=v, r=bytes(32), s=bytes(32))
    with refused(errors.ECDSAInvalidSignature):
        send(market, token, zeros, owner=owner)


@pytest.mark.parametrize("part", ["v", "r", "s"])
def test_permit__any_byte_flipped__is_refused(market: Market, token: Contract, part: str) -> None:
    permit = signed(token)
    value = getattr(permit, part)
    flipped: list[Any] = (
        [55 - value]
        if part == "v"
        else [value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] for at in range(len(value))]
    )
    for other in flipped:
        with pytest.raises(DecodedError) as refusal:
            send(market, token, replace(permit, **{part: other}))
        # Another signer, or none at all.
        assert refusal.value.name in ("ERC2612InvalidSigner", "ECDSAInvalidSignature")
    send(market, token, permit)
    assert allowance(token) == AMOUNT


def test_permit__for_nobody__is_refused(market: Market, token: Contract) -> None:
    permit = sign_permit(token, HOLDER, NOBODY, AMOUNT, deadline=DEADLINE)
    with refused(errors.ERC20InvalidSpender, spender=NOBODY):
        send(market, token, permit, spender=NOBODY)


def assert_another_signer(
    market: Market, token: Contract, permit: Permit, *, owner: str = HOLDER.address, **sent: Any
) -> None:
    """The signature recovers to somebody, who is not the owner."""
    with pytest.raises(errors.ERC2612InvalidSigner) as refusal:
        send(market, token, permit, owner=owner, **sent)
    assert refusal.value.owner == owner
    assert refusal.value.signer not in (owner, NOBODY)
