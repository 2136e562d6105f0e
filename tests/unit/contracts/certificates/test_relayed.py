"""Certificates, carbon credits and their market by a household's signature alone."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Deployed, Reverted, refused
from tests.support.core.meter_suite import REGISTRAR
from tests.support.core.relay_suite import RELAY, Relays
from tests.unit.contracts.certificates.test_market import ENOUGH, PRICE, Trading
from tests.unit.contracts.certificates.world import FACTOR, FIRST, CertificateWorld, key

ADMIN, NOBODY = key("admin"), "0x" + 40 * "0"


class Signed:
    """What households sign, and a relay sends."""

    def __init__(self, world: CertificateWorld) -> None:
        self.world, self.relays = world, Relays(world.full.forwarder)

    def do(self, holder: Account, contract: Deployed, function: str, *arguments: Any) -> None:
        """One call."""
        data = contract.abi.function(function).encode(arguments)
        self.relays.send(self.relays.request(holder, contract.address, data))


@pytest.fixture
def signed(world: CertificateWorld) -> Signed:
    """No household of it holds a coin."""
    return Signed(world)


def test_certificates__by_signature__are_the_signers(signed: Signed) -> None:
    world = signed.world
    certificates, producer, consumer = world.certificates, world.producer, world.consumer
    # A gap needs the holder.
    world.rise(world.plant, (0, 100))
    signed.do(producer, certificates, "issue", [world.rise(world.plant, (0, 100))])
    world.produce(900)
    number = world.id_of(FIRST + 2)
    signed.do(producer, certificates, "setApprovalForAll", consumer.address, True)
    assert certificates.isApprovedForAll(producer.address, consumer.address)
    to = producer.address, consumer.address
    signed.do(producer, certificates, "safeTransferFrom", *to, number, 600, b"")
    logged = world.chain.logs[0][2]
    assert (logged["operator"], logged["from"]) == (producer.address, producer.address)
    signed.do(consumer, certificates, "safeBatchTransferFrom", *to, [number], [100], b"")
    world.settle(world.other, 0, 0, -700)
    signed.do(consumer, certificates, "retire", consumer.address, [number], [700])
    assert certificates.retirement(1)[0] == consumer.address
    assert certificates.balanceOf(producer.address, number) == 200


def test_certificates__by_another_signature__are_not_touched(signed: Signed) -> None:
    world, thief = signed.world, key("thief")
    world.produce(900)
    number = world.id_of(FIRST)
    to = world.producer.address, thief.address
    for function, arguments in (
        ("safeTransferFrom", (*to, number, 600, b"")),
        ("safeBatchTransferFrom", (*to, [number], [600], b"")),
        ("retire", (world.producer.address, [number], [1])),
    ):
        with refused("FailedCall"):
            signed.do(thief, world.certificates, function, *arguments)
    assert world.held(world.producer, FIRST) == 900


def test_credits__by_signature__are_the_signers(signed: Signed) -> None:
    world = signed.world
    carbon = world.chain.deploy(
        "CarbonCredits",
        *(world.full.manager.address, world.certificates.address, FACTOR),
        world.full.forwarder.address,
    )
    carbon.registerCleanEnergyProducer(world.producer.address, by=REGISTRAR)
    world.settle(world.connection, *100 * [-10])
    world.produce(*100 * [1_000])
    world.retire(world.producer, (FIRST + 98, 900))
    carbon.issueCarbonCredits(world.producer.address, [1], by=RELAY)
    friend = world.consumer
    signed.do(world.producer, carbon, "transfer", friend.address, 300)
    signed.do(friend, carbon, "approve", world.producer.address, 100)
    signed.do(friend, carbon, "retire", 200, friend.address, "heating")
    assert carbon.balanceOf(friend.address) == 100
    assert carbon.allowance(friend.address, world.producer.address) == 100


def test_market__by_signature__a_permit_and_a_purchase_at_once(signed: Signed) -> None:
    world = signed.world
    trading = Trading(world)
    buyer, market, number = trading.buyer, trading.market, world.id_of(FIRST)
    signed.do(
        *(trading.seller, market, "offerCertificates"),
        *(world.number, FIRST, FIRST, 500, PRICE, trading.money.address),
    )
    assert market.offerOf(1)[0] == trading.seller.address
    purchase = market.abi.function("buyCertificates").encode([1, [number], [200], ENOUGH])
    offer = market.abi.function("offerCredits").encode([1, 1, trading.money.address])
    signed.do(buyer, market, "multicall", [purchase, offer])
    assert world.held(buyer, FIRST) == 200
    assert market.offerOf(2)[0] == buyer.address
    signed.do(trading.seller, market, "cancelOffer", 1)
    assert trading.left(1) == 0


def test_multicall__that_names_another_account_inside__is_the_signers(signed: Signed) -> None:
    """The forwarder's mark is at the end of a call, and inside a multicall a thief writes it."""
    world = signed.world
    trading, thief = Trading(world), key("thief")
    offer = trading.offer()
    victim = bytes.fromhex(trading.seller.address[2:])
    cancel = trading.market.abi.function("cancelOffer").encode([offer]) + victim
    for caller in (
        lambda: signed.do(thief, trading.market, "multicall", [cancel]),
        lambda: trading.market.multicall([cancel], by=thief.address),
    ):
        with pytest.raises(Reverted, match=r"FailedCall|CertificateMarket_NotSeller"):
            caller()
    assert trading.left(offer) == 1_500


def test_contracts__trust_the_forwarder_alone(signed: Signed) -> None:
    world = signed.world
    forwarder = world.full.forwarder.address
    carbon = world.chain.deploy(
        "CarbonCredits",
        *(world.full.manager.address, world.certificates.address, FACTOR, forwarder),
    )
    for contract in (world.certificates, carbon, Trading(world).market):
        assert contract.isTrustedForwarder(forwarder)
        for other in (RELAY, contract.address, NOBODY):
            assert not contract.isTrustedForwarder(other)


def test_approval__of_nobody__is_refused(signed: Signed) -> None:
    with refused("ERC1155InvalidApprover", NOBODY):
        signed.world.certificates.setApprovalForAll(RELAY, True, by=NOBODY)


def test_roles__by_signature__reach_nothing(signed: Signed) -> None:
    """Also for somebody who has every role."""
    world = signed.world
    world.full.manager.grantRole(0, ADMIN.address, 0, by=REGISTRAR)
    for contract, function, arguments in (
        (world.certificates, "deregisterDevice", (world.number,)),
        (world.certificates, "correct", (world.id_of(FIRST), 1, "wrong")),
        (Trading(world).market, "pause", ()),
    ):
        mark = world.chain.snapshot()
        contract.call(function, *arguments, by=ADMIN.address)
        world.chain.revert(mark)
        with refused("FailedCall"):
            signed.do(ADMIN, contract, function, *arguments)
