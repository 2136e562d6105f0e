"""Contract wallets: the forwarder takes keys alone, so they sign for functions, or call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.model.market import DAY
from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import LIMIT, REGISTRAR
from tests.support.core.relay_suite import KEYS, RELAY, START, Street, key

OWNER, STRANGER, DEVICE = key("owner"), key("stranger"), key("meter of wallet")
MONEY = 10**9
CREATE = "createOrder(uint256,uint256,uint256,uint8)"


@pytest.fixture(scope="module")
def lived() -> Street:
    street = Street()
    street.live()
    return street


@pytest.fixture
def street(lived: Street) -> Iterator[Street]:
    with lived.unchanged():
        yield lived


@pytest.fixture
def wallet(street: Street) -> str:
    """Its account is opened by a neighbour's deposit, through the relay."""
    address = street.chain.deploy("WalletDouble", OWNER.address).address
    street.pay(KEYS["bert"].address, MONEY)
    street.do(KEYS["bert"], "Settlement", "depositFor", address, MONEY)
    return address


def _registration(street: Street, wallet: str) -> tuple[Any, ...]:
    changes = {"ratedPower": 10_000, "consumption": 0, "production": 0}
    return street.market.meters.registration(DEVICE, wallet, **changes)


def _attach(street: Street, wallet: str, signer: Account = OWNER) -> None:
    meters, registration = street.market.meters, _registration(street, wallet)
    proof = meters.registration_proof(DEVICE, registration)
    consent = meters.registration_proof(signer, registration)
    street["SmartMeter"].registerMeter(registration, proof, consent, by=REGISTRAR)


def _join(street: Street, wallet: str, signer: Account = OWNER) -> None:
    digest = street["Communities"].hashJoin(wallet, 1, LIMIT)
    street["Communities"].joinFor(wallet, 1, LIMIT, signer.sign(digest).long, by=RELAY)


def test_forwarder__a_wallets_request__is_refused(street: Street, wallet: str) -> None:
    """Its owner's key is not the wallet."""
    target = street["Settlement"]
    data = target.abi.function("setKeeps").encode([True])
    request = street.request(OWNER, target.address, data, holder=wallet)
    assert request[0] == wallet
    with refused("ERC2771ForwarderInvalidSigner", OWNER.address, wallet):
        street.send(request)
    assert street.forwarder.nonces(wallet) == 0


def test_meter__with_the_wallets_signature__is_attached(street: Street, wallet: str) -> None:
    with street.unchanged(), pytest.raises(Reverted, match="SmartMeter_NoConsent"):
        _attach(street, wallet, STRANGER)
    _attach(street, wallet)
    assert street["SmartMeter"].getMeter(DEVICE.address)[1] == wallet


def test_join__with_the_wallets_signature__is_a_member(street: Street, wallet: str) -> None:
    _attach(street, wallet)
    with street.unchanged(), refused("Communities_WrongSignature", wallet, 0):
        _join(street, wallet, STRANGER)
    _join(street, wallet)
    number = street["Settlement"].numberOf(wallet)
    assert street["EnergyAccounts"].membershipOf(number)[1] == 1
    # A signature counts once.
    with refused("Communities_WrongSignature", wallet, 1):
        street["Communities"].joinFor(wallet, 1, LIMIT, OWNER.sign(bytes(32)).long, by=RELAY)


def test_skipped_boundary__with_the_wallets_signature__is_recorded(
    street: Street, wallet: str
) -> None:
    _attach(street, wallet)
    time = (START // DAY + 3) * DAY + 3_600
    street.chain.set_time(time)
    meters = street.market.meters
    signed = meters.sign_reading(DEVICE, meters.reading(time, (500, 0)))
    consent = meters.consent_to_skip(STRANGER, DEVICE.address, time, LIMIT)
    with pytest.raises(Reverted, match="SmartMeter_NoConsent"):
        street["SmartMeter"].submitWithConsent(signed, LIMIT, consent, by=RELAY)
    consent = meters.consent_to_skip(OWNER, DEVICE.address, time, LIMIT)
    street["SmartMeter"].submitWithConsent(signed, LIMIT, consent, by=RELAY)
    latest = street["SmartMeter"].call("getLatestReading(address)", DEVICE.address)
    assert latest[0] == time


def test_signed_order__with_the_wallets_signature__trades(street: Street, wallet: str) -> None:
    anna = KEYS["anna"]
    sell, _ = street.order(anna.address, 1, 9, anna)
    forged, signature = street.order(wallet, 0, 1, STRANGER, 0)
    with street.unchanged():
        assert street.match(forged, sell, signature) == 0
    buy, signature = street.order(wallet, 0, 1, OWNER, 0)
    with street.unchanged(), street.itself(wallet):
        street["EnergyTrading"].cancelSigned([1], by=wallet)
        assert street["EnergyTrading"].nonceState(wallet, 1) == 3
    assert street.match(buy, sell, signature) == 1


def test_own_call__of_each_household_function__works(street: Street, wallet: str) -> None:
    """One after the other, as a wallet lives that uses no signature of its own."""
    market, energy = street.market, street["EnergyToken"]
    settlement, trading = street["Settlement"], street["EnergyTrading"]
    meters, registration = market.meters, _registration(street, wallet)
    street.pay(wallet, MONEY)
    anna = KEYS["anna"]
    street.do(anna, "Settlement", "depositCredits", 1)
    energy.permit(
        *(anna.address, RELAY),
        *street.permit(energy, anna, RELAY, 5_000),
        by=RELAY,
    )
    energy.transferFrom(anna.address, wallet, 5_000, by=RELAY)
    with street.itself(wallet):
        market.token.approve(settlement.address, MONEY, by=wallet)
        settlement.deposit(MONEY, by=wallet)
        street["SmartMeter"].consentToMeter(registration, by=wallet)
        proof = meters.registration_proof(DEVICE, registration)
        street["SmartMeter"].registerMeter(registration, proof, b"", by=REGISTRAR)
        street["Communities"].join(1, by=wallet)
        settlement.setKeeps(True, by=wallet)
        trading.call(CREATE, 4_000, 150_000, LIMIT, 0, by=wallet)
        trading.cancelOrder(trading.orderCount(), by=wallet)
        trading.cancelSigned([5], by=wallet)
        trading.cancelSignedBelow(7, by=wallet)
        settlement.depositCredits(5_000, by=wallet)
        settlement.redeem(1_000, by=wallet)
        settlement.withdrawCredits(3_000, by=wallet)
        street["GridManagement"].registerConsumer(5_000, by=wallet)
        street["GridManagement"].call("consumeEnergy(uint256)", 100, by=wallet)
        street["GridManagement"].registerProducer(5_000, 0, by=wallet)
        street["GridManagement"].confirmParticipant(wallet, True, by=REGISTRAR)
        energy.approve(street["PeerToPeerTrading"].address, 1_000, by=wallet)
        street["PeerToPeerTrading"].createEnergyOffer(1_000, 200_000, by=wallet)
        street["SmartMeter"].detachMeter(DEVICE.address, by=wallet)
        settlement.withdraw(10**6, STRANGER.address, by=wallet)
        street.chain.set_time(street.chain.now + DAY)
        settlement.closeThrough([wallet], street.chain.now // DAY - 1, by=wallet)
        street["Communities"].leave(by=wallet)
    assert market.token.balanceOf(STRANGER.address) == 10**6
    assert settlement.creditsOf(wallet) == 1_000
    assert energy.balanceOf(wallet) == 2_000
