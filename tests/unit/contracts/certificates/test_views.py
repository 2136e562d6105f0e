"""What the contracts of certificates are wired to."""

from __future__ import annotations

from tests.support.market import Market, actor


def test_constructors__deployed__know_their_market(market: Market) -> None:
    contracts = market.contracts
    certificates, sales = contracts["EnergyCertificates"], contracts["CertificateMarket"]
    for contract in (certificates, sales):
        assert contract.call("authority") == market.access.address
        assert contract.call("isConsumingScheduledOp") == bytes(4)
    assert sales.call("CERTIFICATES") == certificates.address
    assert sales.call("CREDITS") == market.carbon.address


def test_approval__of_a_market__until_it_is_withdrawn(market: Market) -> None:
    certificates = market.contracts["EnergyCertificates"]
    holder, sales = actor("holder"), market.contracts["CertificateMarket"].address
    for approved in (True, False):
        market.do(holder, certificates, "setApprovalForAll", sales, approved)
        assert certificates.call("isApprovedForAll", holder.address, sales) is approved
