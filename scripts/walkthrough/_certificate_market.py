"""Certificates and carbon credits are sold: money and what it buys move in one transaction."""

from __future__ import annotations

from energy_grid.chain.signing import sign_permit
from energy_grid.client import errors
from energy_grid.market.signing import domain_of
from scripts._walkthrough.common import refuses_inside
from scripts._walkthrough.houses import HOUR, SLOT, House
from scripts._walkthrough.plants import Plant
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage

__all__ = ["tell_of_sales"]

NOON = START // 86_400 * 86_400 + 86_400 + 12 * HOUR
_PRICE = 20_001
_ENOUGH = 10_000


def tell_of_sales(stage: Stage, roof: Plant, neighbour: House) -> None:
    """The neighbour buys more, and a firm buys credits."""
    market = stage.market
    sales, money = market.certificate_market, market.money
    number, _ = roof.number, stage.person("the buyer", "100")
    third = roof.certificate(NOON + 2 * SLOT)
    slots = NOON // SLOT - 1, NOON // SLOT + 1
    stage.chapter("Certificates are sold")
    stage.says("An offer says the device, the slots, the Wh and the price; the certificates stay")
    stage.says("with the seller until somebody pays for them.")
    stage.shows("what is sold", [sales.certificates(), sales.credits()])
    neighbours = neighbour.holder
    stage.does(
        "the neighbour lets the market move what it sells",
        neighbours,
        market.certificates.set_approval_for_all(sales.address, True),
        "ApprovalForAll",
    )
    for what, error, arguments in (
        ("of no device", errors.CertificateMarket_NoSuchDevice, (99, *slots, 100, _PRICE)),
        ("of slots backwards", errors.CertificateMarket_BadSlots, (number, 2, 1, 100, _PRICE)),
        ("of nothing", errors.CertificateMarket_BadAmount, (number, *slots, 0, _PRICE)),
        ("for nothing", errors.CertificateMarket_BadPrice, (number, *slots, 100, 0)),
    ):
        call = sales.offer_certificates(*arguments, money.address)
        stage.refuses(what, error, neighbours, call)
    offer = sales.offer_certificates(number, *slots, 90, _PRICE, money.address)
    stage.does("90 Wh at 2 cents a kWh", neighbours, offer, "CertificatesOffered")
    stage.shows("offers there were", sales.offer_count())
    stage.shows("the offer", sales.offer_of(1))
    _buys(stage, roof, neighbour, third)
    _credits(stage)
    stage.does("the rest is withdrawn", neighbours, sales.cancel_offer(1), "OfferCancelled")


def _buys(stage: Stage, roof: Plant, neighbour: House, third: int) -> None:
    market, buyer = stage.market, stage.person("the buyer")
    sales, money = market.certificate_market, market.money
    buy = sales.buy_certificates
    for what, error, call in (
        (
            "of another slot",
            errors.CertificateMarket_NotOffered,
            buy(1, [third + 5], [1], _ENOUGH),
        ),
        ("more", errors.CertificateMarket_AboveRemaining, buy(1, [third], [91], _ENOUGH)),
        (
            "at a price that was lower when the buyer looked",
            errors.CertificateMarket_AboveLimit,
            buy(1, [third], [40], 800),
        ),
        ("credits", errors.CertificateMarket_OtherKind, sales.buy_credits(1, 1, _ENOUGH)),
        ("of another offer", errors.CertificateMarket_NotOpen, buy(2, [third], [1], _ENOUGH)),
        ("by another", errors.CertificateMarket_NotSeller, sales.cancel_offer(1)),
    ):
        stage.refuses(what, error, buyer, call)
    stage.says(
        "The buyer signs a permit for the money; one transaction uses it, pays and delivers."
    )
    deadline, nonce = stage.now + HOUR, money.nonces(buyer.address)
    signed = sign_permit(buyer, sales.address, 10_000, nonce, deadline, domain_of(money))
    permit = sales.use_permit(
        money.address,
        *(10_000, deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)),
    )
    purchase = buy(1, [third], [40], 801)
    before = money.balance_of(neighbour.address)
    stage.does(
        "40 Wh are bought",
        buyer,
        sales.multicall([permit.data, purchase.data]),
        "CertificatesSold",
        "TransferSingle",
    )
    stage.does("the permit again changes nothing", buyer, permit)
    stage.does("10 Wh more", buyer, buy(1, [third], [10], 201), "CertificatesSold")
    paid = money.balance_of(neighbour.address) - before
    stage.check(paid == 801 + 201, f"{paid} was paid")
    stage.shows("what the neighbour got, in millionths", paid)
    stage.refuses(
        "a call that the market does not have",
        errors.FailedCall,
        buyer,
        sales.multicall([b"\0\0\0\0"]),
    )


def _credits(stage: Stage) -> None:
    """With coins that misbehave."""
    market, seller = stage.market, stage.person("a holder of credits")
    sales, carbon = market.certificate_market, market.carbon
    stage.chapter("Carbon credits are sold as well")
    stage.says("A holder of credits, whom this chain gives some, sells 500 g for any coin.")
    stage.node.rpc("anvil_dealERC20", seller.address, carbon.address, hex(500))
    stage.does("the market may move them", seller, carbon.approve(sales.address, 500))
    person = stage.person("the buyer")
    for name in ("HookToken", "FalseToken"):
        token = stage.deploy(f"a coin, {name}", name)
        number = sales.offer_count() + 1
        stage.does(
            "250 g for it",
            seller,
            sales.offer_credits(250, _PRICE, token.address),
            "CertificatesOffered",
        )
        stage.does("the buyer gets some of it", person, token.prepare("faucet", 10**6))
        stage.does("and allows it", person, token.prepare("approve", sales.address, 10**6))
        buy = sales.buy_credits(number, 100, _ENOUGH)
        if name == "HookToken":
            refuses_inside(
                stage,
                "100 g are bought, and the coin tries to buy in between",
                errors.ReentrancyGuardReentrantCall,
                person,
                buy,
                token,
                sales.buy_credits(number, 1, _ENOUGH),
            )
        else:
            stage.does("100 g are bought", person, buy, "CertificatesSold")
            stage.does("the coin fails from now on", person, token.prepare("setFailing", True))
            stage.refuses("100 g more: nothing moves", errors.SafeERC20FailedOperation, person, buy)
