"""CertificateMarket: certificates and carbon credits against money, both or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.support.core.chain import Deployed, Reverted, refused
from tests.support.core.meter_suite import REGISTRAR, domain_of, struct_hash
from tests.unit.contracts.certificates.world import FIRST, CertificateWorld, key

PRICE = 20_001
"""Money per kWh, or per kg."""
ENOUGH = 10**9
_PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


class Trading:
    """A producer that sells certificates and credits, and a buyer with money."""

    def __init__(self, world: CertificateWorld) -> None:
        self.world, self.seller, self.buyer = world, world.producer, world.consumer
        chain = world.chain
        forwarder = world.full.forwarder.address
        self.credits = chain.deploy("TestDollar", forwarder)
        """Any ERC-20 will do for what is sold by the gram."""
        self.money = chain.deploy("TestDollar", forwarder)
        self.market: Deployed = chain.deploy(
            "CertificateMarket",
            *(world.full.manager.address, world.certificates.address),
            *(self.credits.address, forwarder),
        )
        world.produce(1_000, 800)
        self.money.faucet(10**9, by=self.buyer.address)
        self.credits.faucet(10**6, by=self.seller.address)
        world.certificates.setApprovalForAll(self.market.address, True, by=self.seller.address)
        self.credits.approve(self.market.address, 2**256 - 1, by=self.seller.address)
        self.money.approve(self.market.address, 2**256 - 1, by=self.buyer.address)

    def offer(self, wh: int = 1_500, slots: tuple[int, int] = (FIRST, FIRST + 1)) -> int:
        """Of the plant's certificates."""
        number: int = self.market.offerCertificates(
            *(self.world.number, *slots, wh, PRICE, self.money.address), by=self.seller.address
        )
        return number

    def offer_credits(self, grams: int = 5_000, price: int = PRICE) -> int:
        """Of the seller."""
        number: int = self.market.offerCredits(
            grams, price, self.money.address, by=self.seller.address
        )
        return number

    def buy(
        self,
        offer: int,
        *parts: tuple[int, int],
        by: Account | None = None,
        most: int = ENOUGH,
    ) -> int:
        """Slots and Wh."""
        ids, values = [self.world.id_of(slot) for slot, _ in parts], [wh for _, wh in parts]
        buyer = (by or self.buyer).address
        paid: int = self.market.buyCertificates(offer, ids, values, most, by=buyer)
        return paid

    def balances(self) -> tuple[int, int]:
        """Money of seller and buyer."""
        return (
            self.money.balanceOf(self.seller.address),
            self.money.balanceOf(self.buyer.address),
        )

    def left(self, offer: int) -> int:
        """Of an offer."""
        return int(self.market.offerOf(offer)[4])


@pytest.fixture
def trading(world: CertificateWorld) -> Trading:
    """Two slots of certificates."""
    return Trading(world)


def test_buy_certificates__a_part__money_and_certificates_change_hands(trading: Trading) -> None:
    offer, world = trading.offer(), trading.world
    assert trading.buy(offer, (FIRST, 300), (FIRST + 1, 1)) == 6_021

    names = [event for _, event, _ in world.chain.logs]
    assert names == ["CertificatesSold", "Transfer", "TransferBatch"]
    sold = world.chain.logs[0][2]
    assert (sold["amount"], sold["paid"], sold["remaining"]) == (301, 6_021, 1_199)
    assert trading.balances() == (6_021, 10**9 - 6_021)
    assert world.held(trading.buyer, FIRST) == 300
    assert trading.left(offer) == 1_199
    trading.buy(offer, (FIRST, 700), (FIRST + 1, 499))
    with refused("CertificateMarket_NotOpen", offer):
        trading.buy(offer, (FIRST + 1, 1))


def test_buy_certificates__money_missing__nothing_moves(trading: Trading) -> None:
    offer, poor = trading.offer(), key("poor")
    trading.money.approve(trading.market.address, 2**256 - 1, by=poor.address)
    seller = trading.world.device()["account"]
    with pytest.raises(Reverted, match="ERC20InsufficientBalance"):
        trading.buy(offer, (FIRST, 300), by=poor)
    assert (trading.left(offer), trading.world.held(trading.seller, FIRST)) == (1_500, 1_000)
    # Nor does money, if the seller has them no more.
    trading.world.give(key("friend"), FIRST, 900)
    number = trading.world.id_of(FIRST)
    with refused("ERC1155InsufficientBalance", seller, 100, 300, number):
        trading.buy(offer, (FIRST, 300))
    assert trading.balances() == (0, 10**9)


def test_buy_certificates__not_what_is_offered__refused(trading: Trading) -> None:
    offer, world = trading.offer(slots=(FIRST + 1, FIRST + 1)), trading.world
    with refused("CertificateMarket_NotOffered", offer, world.id_of(FIRST)):
        trading.buy(offer, (FIRST + 1, 1), (FIRST, 1))
    with refused("CertificateMarket_NotOffered", offer, world.id_of(FIRST + 2)):
        trading.buy(offer, (FIRST + 2, 1))
    other = world.id_of(FIRST + 1) + (1 << 32)
    with refused("CertificateMarket_NotOffered", offer, other):
        trading.market.buyCertificates(offer, [other], [1], ENOUGH, by=trading.buyer.address)
    with refused("CertificateMarket_AboveRemaining", offer, 1_501, 1_500):
        trading.buy(offer, (FIRST + 1, 800), (FIRST + 1, 701))
    with refused("CertificateMarket_BadAmount", 0):
        trading.buy(offer)
    with refused("CertificateMarket_BadAmount", 2**256 - 1):
        trading.buy(offer, (FIRST + 1, 2**256 - 1), (FIRST + 1, 5))
    number = world.id_of(FIRST + 1)
    with refused("ERC1155InvalidArrayLength", 1, 2):
        trading.market.buyCertificates(offer, [number], [1, 7], ENOUGH, by=trading.buyer.address)


def test_buy_credits__for_money__at_once(trading: Trading) -> None:
    offer = trading.offer_credits()
    assert trading.market.buyCredits(offer, 1_999, 39_982, by=trading.buyer.address) == 39_982
    assert trading.credits.balanceOf(trading.buyer.address) == 1_999
    assert trading.balances()[0] == 39_982
    assert trading.left(offer) == 3_001
    with refused("CertificateMarket_AboveRemaining", offer, 3_002, 3_001):
        trading.market.buyCredits(offer, 3_002, ENOUGH, by=trading.buyer.address)
    with refused("CertificateMarket_BadAmount", 0):
        trading.market.buyCredits(offer, 0, ENOUGH, by=trading.buyer.address)


def test_buy__dearer_than_the_buyer_accepts__nothing_moves(trading: Trading) -> None:
    """After a reorganisation the number is another offer's, of a seller who has waited for it."""
    offer, credits = trading.offer(), trading.offer_credits()
    with refused("CertificateMarket_AboveLimit", 6_001, 6_000):
        trading.buy(offer, (FIRST, 300), most=6_000)
    with refused("CertificateMarket_AboveLimit", 39_982, 39_981):
        trading.market.buyCredits(credits, 1_999, 39_981, by=trading.buyer.address)
    assert (trading.left(offer), trading.left(credits)) == (1_500, 5_000)
    assert trading.buy(offer, (FIRST, 300), most=6_001) == 6_001


def test_buy__the_other_kind__refused(trading: Trading) -> None:
    certificates, credits = trading.offer(), trading.offer_credits()
    with refused("CertificateMarket_OtherKind", credits, 0):
        trading.buy(credits, (FIRST, 1))
    with refused("CertificateMarket_OtherKind", certificates, trading.world.number):
        trading.market.buyCredits(certificates, 1, ENOUGH, by=trading.buyer.address)


def test_offer__malformed__refused(trading: Trading) -> None:
    market, number = trading.market, trading.world.number
    money, seller = trading.money.address, trading.seller.address

    def sells(device: int, slots: tuple[int, int], wh: int, price: int) -> None:
        market.offerCertificates(device, *slots, wh, price, money, by=seller)

    cases: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [
        ((0, (1, 1), 1, 1), ("CertificateMarket_NoSuchDevice", 0)),
        ((number + 1, (1, 1), 1, 1), ("CertificateMarket_NoSuchDevice", number + 1)),
        ((number, (2, 1), 1, 1), ("CertificateMarket_BadSlots", 2, 1)),
        ((number, (1, 2**32), 1, 1), ("CertificateMarket_BadSlots", 1, 2**32)),
        ((number, (1, 1), 0, 1), ("CertificateMarket_BadAmount", 0)),
        ((number, (1, 1), 2**64, 1), ("CertificateMarket_BadAmount", 2**64)),
        ((number, (1, 1), 1, 0), ("CertificateMarket_BadPrice", 0)),
        ((number, (1, 1), 1, 2**64), ("CertificateMarket_BadPrice", 2**64)),
    ]
    for arguments, error in cases:
        with refused(*error):
            sells(*arguments)
    sells(number, (0, 2**32 - 1), 2**64 - 1, 2**64 - 1)
    assert market.offerOf(1) == (
        *(trading.world.device()["account"], number, 0, 2**32 - 1),
        *(2**64 - 1, 2**64 - 1, market.offerOf(1)[6]),
    )
    assert market.offerCount() == 1


def test_cancel__by_the_seller_alone__also_while_stopped(trading: Trading) -> None:
    offer, account = trading.offer(), trading.buyer.address
    with refused("CertificateMarket_NotSeller", offer, account):
        trading.market.cancelOffer(offer, by=account)
    credits = trading.offer_credits()
    trading.market.pause(by=REGISTRAR)
    for call in (
        trading.offer,
        trading.offer_credits,
        lambda: trading.buy(offer, (FIRST, 1)),
        lambda: trading.market.buyCredits(credits, 1, ENOUGH, by=account),
    ):
        with refused("EmergencyStop_Stopped", 1):
            call()
    trading.market.cancelOffer(offer, by=trading.seller.address)
    assert trading.world.chain.logs[0][1:] == (
        "OfferCancelled",
        {"offer_id": offer, "remaining": 1_500},
    )
    with refused("CertificateMarket_NotOpen", offer):
        trading.market.cancelOffer(offer, by=trading.seller.address)
    with refused("CertificateMarket_NotOpen", 9):
        trading.market.cancelOffer(9, by=trading.seller.address)


def test_use_permit__with_a_purchase__in_one_transaction(trading: Trading) -> None:
    """Also when a third party has used the permit first."""
    buyer, market, money = trading.buyer, trading.market, trading.money
    money.approve(market.address, 0, by=buyer.address)
    offer = trading.offer()
    domain = domain_of(money.eip712Domain()[1], money.address)
    message = struct_hash(_PERMIT, (buyer.address, market.address, 10**6, 0, 2**40))
    signed = buyer.sign(keccak(b"\x19\x01" + domain + message)).long
    r, s, v = signed[:32], signed[32:64], signed[64]
    permit = market.abi.function("usePermit").encode([money.address, 10**6, 2**40, v, r, s])
    number = trading.world.id_of(FIRST)
    purchase = market.abi.function("buyCertificates").encode([offer, [number], [10], ENOUGH])
    mark = trading.world.chain.snapshot()
    money.permit(buyer.address, market.address, 10**6, 2**40, v, r, s, by=key("third").address)
    market.multicall([permit, purchase], by=buyer.address)
    trading.world.chain.revert(mark)
    market.multicall([permit, purchase], by=buyer.address)
    assert trading.world.held(buyer, FIRST) == 10


def test_buy__a_token_that_calls_back__cannot_buy_again(trading: Trading) -> None:
    """Its hook runs in the middle of the purchase, and has money of its own."""
    hooked = trading.world.chain.deploy("HookToken")
    buyer, market = trading.buyer.address, trading.market
    offer = market.offerCredits(1_000, PRICE, hooked.address, by=trading.seller.address)
    hooked.faucet(10**6, by=buyer)
    hooked.approve(market.address, 10**9, by=buyer)
    hooked.transfer(hooked.address, 10**5, by=buyer)
    hooked.setHook(market.address, market.abi.function("buyCredits").encode([offer, 1, ENOUGH]))
    market.buyCredits(offer, 1, ENOUGH, by=buyer)
    assert (trading.left(offer), hooked.calls(), hooked.successes()) == (999, 2, 0)


def test_buy__a_token_that_returns_false__nothing_moves(trading: Trading) -> None:
    false = trading.world.chain.deploy("FalseToken")
    buyer, market = trading.buyer.address, trading.market
    offer = market.offerCredits(1_000, PRICE, false.address, by=trading.seller.address)
    false.faucet(10**6, by=buyer)
    false.approve(market.address, 10**9, by=buyer)
    market.buyCredits(offer, 1, ENOUGH, by=buyer)
    false.setFailing(True)
    with pytest.raises(Reverted, match="SafeERC20FailedOperation"):
        market.buyCredits(offer, 1, ENOUGH, by=buyer)
    assert trading.left(offer) == 999
