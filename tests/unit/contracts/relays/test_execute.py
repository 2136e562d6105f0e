"""ERC2771Forwarder.execute and executeBatch: what a relay, or anybody, can do with requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.model.market import DAY
from tests.support.core.chain import CHAIN_ID, Reverted, refused
from tests.support.core.relay_suite import GAS, KEYS, RELAY, START, Request, Street

ANNA, BERT, FINN = (KEYS[name].address for name in ("anna", "bert", "finn"))
NOBODY = "0x" + 40 * "0"
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(scope="module")
def lived() -> Street:
    street = Street()
    street.live()
    return street


@pytest.fixture
def street(lived: Street) -> Iterator[Street]:
    with lived.unchanged():
        yield lived


def _changed(request: Request, place: int, value: Any) -> Request:
    fields: list[Any] = list(request)
    fields[place] = value
    return tuple(fields)


def _refuse_signer(street: Street, request: Request) -> None:
    """The signature is of somebody else, whoever that is; nothing is used up."""
    nonce = street.forwarder.nonces(request[0])
    with pytest.raises(Reverted) as refusal:
        street.send(request)
    assert refusal.value.name == "ERC2771ForwarderInvalidSigner"
    signer, holder = refusal.value.values
    assert holder == request[0] != signer
    assert street.forwarder.nonces(request[0]) == nonce
    assert not street.forwarder.verify(request)


def _send_with(street: Street, request: Request, gas: int) -> None:
    """As `send`, with so much gas."""
    data = street.forwarder.abi.function("execute").encode([request])
    street.chain.evm.message_call(RELAY, street.forwarder.address, calldata=data, gas=gas)


def test_execute__request_any_relay_sends_it__once(street: Street) -> None:
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6)
    before = street["Settlement"].balanceOf(BERT)
    assert street.forwarder.verify(request)
    street.forwarder.execute(request, by=FINN)
    assert street["Settlement"].balanceOf(BERT) == before + 10**6
    _refuse_signer(street, request)
    assert street["Settlement"].balanceOf(BERT) == before + 10**6


def test_execute__deadline_its_last_second_counts__then_it_is_expired(street: Street) -> None:
    deadline = street.chain.now + 60
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, deadline=deadline)
    street.chain.set_time(deadline)
    with street.unchanged():
        street.send(request)
    street.chain.set_time(deadline + 1)
    with refused("ERC2771ForwarderExpiredRequest", deadline):
        street.send(request)
    # Asking for more time is another request.
    _refuse_signer(street, _changed(request, 4, deadline + 60))


def test_execute__tampering_with_each_field__is_no_signature_of_the_household(
    street: Street,
) -> None:
    request = street.ask(KEYS["bert"], "Settlement", "withdraw", 10**6, BERT)
    stolen = street["Settlement"].abi.function("withdraw").encode([10**6, FINN])
    changes = (
        *((0, ANNA), (1, street["EnergyTrading"].address), (3, GAS - 1), (3, GAS + 1)),
        *((4, street.chain.now + 1), (5, stolen), (5, request[5] + b"\0"), (5, request[5][:-1])),
        *((6, bytes(65)), (6, request[6][:64]), (6, b"")),
    )
    for place, value in changes:
        _refuse_signer(street, _changed(request, place, value))
    with refused("ERC2771ForwarderMismatchedValue", 1, 0):
        street.send(_changed(request, 2, 1))
    street.send(request)


def test_execute__signature_with_the_other_s__is_none(street: Street) -> None:
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6)
    r, s, v = request[6][:32], int.from_bytes(request[6][32:64], "big"), request[6][64]
    other = r + (_ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    _refuse_signer(street, _changed(request, 6, other))


def test_execute__signer_other_key__is_refused(street: Street) -> None:
    """Also that of a member of the same community, or of its manager."""
    for name in "anna", "mona", "finn":
        request = street.ask(KEYS[name], "Settlement", "deposit", 10**6, holder=BERT)
        _refuse_signer(street, request)


def test_execute__nonce_used_or_not_yet_due__is_refused(street: Street) -> None:
    nonce = street.forwarder.nonces(BERT)
    for wrong in 0, nonce - 1, nonce + 1, 2**256 - 1:
        request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, nonce=wrong)
        _refuse_signer(street, request)


def test_execute__domain_another_chain_contract_name_or_version__is_refused(street: Street) -> None:
    other = street.chain.deploy("ERC2771Forwarder", "EnergyGrid Forwarder")
    domains = (
        street.domain_of(chain=1),
        street.domain_of(chain=CHAIN_ID + 1),
        street.domain_of(at=other.address),
        street.domain_of(name="ERC2771Forwarder"),
        street.domain_of(version="2"),
        street.market.meters.domain,
    )
    for domain in domains:
        request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, domain=domain)
        _refuse_signer(street, request)
    # What is signed for another forwarder is valid there, and nothing trusts it.
    request = street.ask(
        *(KEYS["bert"], "Settlement", "deposit", 10**6),
        nonce=0,
        domain=street.domain_of(at=other.address),
    )
    with refused("ERC2771UntrustfulTarget", street["Settlement"].address, other.address):
        other.execute(request, by=RELAY)


def test_execute__order_of_a_households_requests__is_that_of_its_nonces(street: Street) -> None:
    """A relay cannot withdraw before the deposit that was signed first."""
    nonce = street.forwarder.nonces(BERT)
    bert = KEYS["bert"]
    first = street.ask(bert, "Settlement", "setKeeps", True, nonce=nonce)
    second = street.ask(bert, "Settlement", "setKeeps", False, nonce=nonce + 1)
    _refuse_signer(street, second)
    street.send(first)
    _refuse_signer(street, first)
    street.send(second)


def test_execute__nonces_of_others__do_not_matter(street: Street) -> None:
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6)
    street.do(KEYS["anna"], "Settlement", "setKeeps", False)
    street.send(request)


def test_execute__gas_less_than_signed__undoes_all_and_keeps_the_nonce(street: Street) -> None:
    """A relay cannot let a call run out of gas and use the request up."""
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, gas=1_000_000)
    nonce, balance = street.forwarder.nonces(BERT), street["Settlement"].balanceOf(BERT)
    starved = 0
    for gas in range(25_000, 100_000, 500):
        with street.unchanged():
            try:
                _send_with(street, request, gas)
            except RuntimeError:
                starved += 1
                assert street.forwarder.nonces(BERT) == nonce
                assert street["Settlement"].balanceOf(BERT) == balance
            else:
                # The call needed less than was signed.
                assert street["Settlement"].balanceOf(BERT) == balance + 10**6
    assert 10 < starved < 140
    street.send(request)
    assert street["Settlement"].balanceOf(BERT) == balance + 10**6


def test_execute__gas_signed_for_too_little__is_refused_and_keeps_the_nonce(street: Street) -> None:
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, gas=5_000)
    nonce = street.forwarder.nonces(BERT)
    with refused("FailedCall"):
        street.send(request)
    assert street.forwarder.nonces(BERT) == nonce


def test_execute__value_signed_for__is_refused(street: Street) -> None:
    """No function takes coin; a relay cannot lose it there."""
    street.chain.evm.set_balance(RELAY, 10)
    request = street.ask(KEYS["bert"], "Settlement", "deposit", 10**6, value=5)
    data = street.forwarder.abi.function("execute").encode([request])
    with pytest.raises(RuntimeError, match="Revert"):
        street.chain.evm.message_call(RELAY, street.forwarder.address, calldata=data, value=5)
    assert street.chain.evm.get_balance(RELAY) == 10
    assert street.chain.evm.get_balance(street.forwarder.address) == 0


def test_execute__call_that_is_refused__keeps_the_nonce(street: Street) -> None:
    """It can be sent again, once it is possible."""
    finn, token = KEYS["finn"], street.market.token
    request = street.ask(finn, "Settlement", "deposit", 10**6)
    with refused("FailedCall"):
        street.send(request)
    street.allow(finn, token, street["Settlement"].address)
    street.send(request)
    assert street["Settlement"].balanceOf(FINN) == 10**6


def _batch(street: Street) -> list[Request]:
    """The second fails: Finn has allowed nothing. The third is tampered with."""
    good = [street.ask(KEYS[name], "Settlement", "deposit", 10**6) for name in ("bert", "ella")]
    fails = street.ask(KEYS["finn"], "Settlement", "deposit", 10**6)
    bad = _changed(street.ask(KEYS["anna"], "Settlement", "deposit", 10**6), 3, GAS + 1)
    return [good[0], fails, bad, good[1]]


def test_execute_batch__with_one_failing_and_one_invalid__does_the_others(street: Street) -> None:
    settlement, forwarder = street["Settlement"], street.forwarder
    names = ("bert", "finn", "anna", "ella")
    holders = [KEYS[name].address for name in names]
    before = [(settlement.balanceOf(each), forwarder.nonces(each)) for each in holders]
    requests = _batch(street)
    forwarder.executeBatch(requests, RELAY, by=RELAY)
    done = [
        (values["signer"], values["success"])
        for _, event, values in street.chain.logs
        if event == "ExecutedForwardRequest"
    ]
    assert done == [(holders[0], True), (holders[1], False), (holders[3], True)]
    after = [(settlement.balanceOf(each), forwarder.nonces(each)) for each in holders]
    moved = [(now[0] - was[0], now[1] - was[1]) for was, now in zip(before, after, strict=True)]
    # A call that fails in a batch uses its nonce up: Finn must sign again.
    assert moved == [(10**6, 1), (0, 1), (0, 0), (10**6, 1)]
    _refuse_signer(street, requests[1])


def test_execute_batch__without_a_receiver__is_refused_for_one_invalid(street: Street) -> None:
    requests = _batch(street)
    with pytest.raises(Reverted, match="ERC2771ForwarderInvalidSigner"):
        street.forwarder.executeBatch(requests, NOBODY, by=RELAY)
    street.send(requests[0])


def test_execute_batch__one_households_requests_out_of_order__only_the_first_of_them_is_done(
    street: Street,
) -> None:
    bert, nonce = KEYS["bert"], street.forwarder.nonces(BERT)
    first, second = (
        street.ask(bert, "Settlement", "deposit", amount, nonce=nonce + more)
        for more, amount in enumerate((10**6, 2 * 10**6))
    )
    before = street["Settlement"].balanceOf(BERT)
    with street.unchanged():
        street.forwarder.executeBatch([first, second], RELAY, by=RELAY)
        assert street["Settlement"].balanceOf(BERT) == before + 3 * 10**6
    street.forwarder.executeBatch([second, first], RELAY, by=RELAY)
    assert street["Settlement"].balanceOf(BERT) == before + 10**6
    street.send(second)
    assert street["Settlement"].balanceOf(BERT) == before + 3 * 10**6


def test_execute_batch__starved_of_gas__undoes_all(street: Street) -> None:
    """Also what came before, so that no request of a batch is used up."""
    bert, ella = KEYS["bert"], KEYS["ella"]
    requests = [street.ask(each, "Settlement", "deposit", 10**6) for each in (bert, ella)]

    def state() -> list[int]:
        balances = [street["Settlement"].balanceOf(each.address) for each in (bert, ella)]
        return balances + [street.forwarder.nonces(each.address) for each in (bert, ella)]

    before = state()
    data = street.forwarder.abi.function("executeBatch").encode([requests, RELAY])
    failed = 0
    for gas in range(30_000, 150_000, 1_000):
        with street.unchanged():
            try:
                street.chain.evm.message_call(
                    RELAY, street.forwarder.address, calldata=data, gas=gas
                )
            except RuntimeError:
                failed += 1
                assert state() == before
            else:
                assert state() == [
                    before[0] + 10**6,
                    before[1] + 10**6,
                    before[2] + 1,
                    before[3] + 1,
                ]
    assert 10 < failed < 110


def test_execute__late_request_at_another_price__is_bounded_by_what_was_signed(
    street: Street,
) -> None:
    """A relay that waits: the household's own limits and the deadline hold."""
    ella, now = KEYS["ella"], street.chain.now
    consume = "consumeEnergy(uint256,uint256)"
    dear = street.ask(ella, "GridManagement", consume, 100, 299_999)
    with refused("FailedCall"):
        street.send(dear)
    data = street["GridManagement"].abi.function(consume).encode([100, 299_999])
    reason = street.reason(ella.address, "GridManagement", data)
    assert reason == ("Settlement_PriceAbove", (300_000, 299_999))
    start = now - now % 3600 + 3600
    create = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
    order = street.ask(ella, "EnergyTrading", create, 4_000, 150_000, now + 60, 0, 0, start)
    street.chain.set_time(now + 61)
    with refused("FailedCall"):
        street.send(order)
    assert street.chain.now // DAY == START // DAY + 2


def test_execute__relay_takes_permits_and_requests_apart__gains_nothing(street: Street) -> None:
    """The permit is public with the request: sent first by others, the deposit still works."""
    finn, token, settlement = KEYS["finn"], street.market.token, street["Settlement"]
    permit = street.permit(token, finn, settlement.address, 10**6)
    request = street.ask(finn, "Settlement", "depositWithPermit", *permit)
    token.permit(FINN, settlement.address, *permit, by=RELAY)
    with refused("ERC20InsufficientAllowance", settlement.address, 0, 10**6):
        settlement.deposit(10**6, by=RELAY)
    with refused("ERC20InsufficientAllowance", RELAY, 0, 10**6):
        token.transferFrom(FINN, RELAY, 10**6, by=RELAY)
    street.send(request)
    assert settlement.balanceOf(FINN) == 10**6
