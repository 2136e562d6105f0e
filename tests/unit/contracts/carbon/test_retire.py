"""CarbonCredits.retire, and the records of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    LEFT_OVER,
    balance,
    give_credits,
    logged,
    retire,
    transfers,
)

GUEST = actor("guest")
NOBODY = "0x" + "00" * 20
MAX_REASON = 256


@pytest.fixture
def holder(market: Market) -> LocalAccount:
    """Has 1000 g, which somebody else was issued."""
    give_credits(market, actor("holder"), 1000)
    return actor("holder")


def totals(market: Market) -> tuple[int, int, int]:
    """Issued, held, retired."""
    views = ("totalIssued", "totalSupply", "totalRetired")
    issued, held, retired = (market.carbon.call(view) for view in views)
    return issued, held, retired


def test_retire__for_somebody__used_up_in_a_record(market: Market, holder: LocalAccount) -> None:
    issued, held, _ = totals(market)

    receipt = retire(market, holder, 400, GUEST, "a night in March")

    assert logged(market, receipt) == [
        transfers(holder, None, 400),
        (
            "CarbonCreditsRetired",
            {
                "id": 1,
                "account": holder.address,
                "beneficiary": GUEST.address,
                "amount": 400,
                "reason": "a night in March",
            },
        ),
    ]
    assert balance(market, holder) == 600
    assert balance(market, GUEST) == 0
    assert totals(market) == (issued, held - 400, 400)
    assert market.carbon.call("retirement", 1) == (
        *(holder.address, GUEST.address, 400, receipt.time, "a night in March"),
    )


def test_retire__called__returns_the_number(market: Market, holder: LocalAccount) -> None:
    arguments = (1, holder.address, LEFT_OVER)
    for number in (1, 2):
        found = market.carbon.call("retire", *arguments, sender=holder.address)
        assert found == number
        market.do(holder, market.carbon, "retire", *arguments)


def test_retire__several_times__numbered_and_added_up(market: Market, holder: LocalAccount) -> None:
    issued = totals(market)[0]
    other = actor("other holder")
    market.do(holder, market.carbon, "transfer", other.address, 300)

    retire(market, holder, 1, GUEST)
    retire(market, other, 300, GUEST, "all of it")
    retire(market, holder, 699)

    call = market.carbon.call
    assert call("retirementCount") == 3
    found = [call("retirement", number) for number in (1, 2, 3)]
    assert [(one[0], one[1], one[2], one[4]) for one in found] == [
        (holder.address, GUEST.address, 1, LEFT_OVER),
        (other.address, GUEST.address, 300, "all of it"),
        (holder.address, holder.address, 699, LEFT_OVER),
    ]
    assert call("retiredFor", GUEST.address) == 301
    assert call("retiredFor", holder.address) == 699
    assert call("retiredFor", other.address) == 0
    assert totals(market) == (issued, issued - 1000, 1000)


@pytest.mark.parametrize("amount", [1001, 2**96, 2**256 - 1])
def test_retire__more_than_there_is__refused(
    market: Market, holder: LocalAccount, amount: int
) -> None:
    with refused(
        errors.ERC20InsufficientBalance, sender=holder.address, balance=1000, needed=amount
    ):
        retire(market, holder, amount)
    retire(market, holder, 1000)
    assert balance(market, holder) == 0


def test_retire__at_the_bound_of_a_record__no_more_at_once(market: Market) -> None:
    """More credits than the world can earn; whoever had them would retire them in parts."""
    rich = actor("rich")
    market.node.rpc("anvil_dealERC20", rich.address, market.carbon.address, hex(2**97))

    with refused(errors.SafeCastOverflowedUintDowncast, bits=96, value=2**96):
        retire(market, rich, 2**96)
    retire(market, rich, 2**96 - 1)
    assert market.carbon.call("retirement", 1)[2] == 2**96 - 1


def test_retire__nothing__refused(market: Market, holder: LocalAccount) -> None:
    for account in (holder, GUEST):
        with refused(errors.CarbonCredits_ZeroAmount):
            retire(market, account, 0)


def test_retire__for_nobody__refused(market: Market, holder: LocalAccount) -> None:
    with refused(errors.CarbonCredits_ZeroBeneficiary):
        retire(market, holder, 1, NOBODY)


@pytest.mark.parametrize(
    "reason",
    [
        "x",
        " ",
        "x" * 31,
        "x" * 32,
        "x" * MAX_REASON,
        "é" * (MAX_REASON // 2),
        "🌱" * (MAX_REASON // 4),
        "Zażółć gęślą jaźń, 電力",
        # Whoever shows it must escape it; on the chain it is text like any other.
        "<script>alert(1)</script>",
        '=HYPERLINK("http://x","y")',
        '"; DROP TABLE retirements; --',
    ],
)
def test_retire__plain_reason__kept_as_it_is(
    market: Market, holder: LocalAccount, reason: str
) -> None:
    retire(market, holder, 1, reason=reason)

    assert market.carbon.call("retirement", 1)[4] == reason


@pytest.mark.parametrize(
    "reason",
    [
        b"",
        b"x" * (MAX_REASON + 1),
        "é".encode() * (MAX_REASON // 2) + b"x",
        b"x" * 5000,
        # Control characters.
        b"\0",
        b"two\nlines",
        b"a\ttab",
        b"\x1b[31mred",
        b"delete\x7f",
        "next line\u0085".encode(),
        # What shows a text in another order than it has.
        "\u202eevil".encode(),
        "\u2066hidden\u2069".encode(),
        # No UTF-8: cut off, continued without a beginning, too long a form, a surrogate, too high.
        b"\xc3",
        b"\x80",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xff",
        b"x" * 255 + b"\xc3",
    ],
)
def test_retire__other_reason__refused(market: Market, holder: LocalAccount, reason: bytes) -> None:
    """Sent as raw bytes, which no encoder has looked at."""
    with refused(errors.CarbonCredits_BadReason, length=len(reason), maximum=MAX_REASON):
        retire_raw(market, holder, reason)
    assert balance(market, holder) == 1000


def test_retire__raw_bytes_of_a_plain_reason__kept(market: Market, holder: LocalAccount) -> None:
    """That `retire_raw` is refused for the reason alone."""
    retire_raw(market, holder, "Öko".encode())

    assert market.carbon.call("retirement", 1)[4] == "Öko"


@pytest.mark.parametrize("number", [0, 2, 2**32 + 1, 2**255 + 1, 2**256 - 1])
def test_retirement__of_no_such_number__refused(
    market: Market, holder: LocalAccount, number: int
) -> None:
    retire(market, holder, 1)
    with refused(errors.CarbonCredits_NoSuchRetirement, id=number):
        market.carbon.call("retirement", number)


def test_retirement__of_the_first_before_it__refused(market: Market) -> None:
    with refused(errors.CarbonCredits_NoSuchRetirement, id=1):
        market.carbon.call("retirement", 1)


def test_burn__by_other_ways__none(market: Market, holder: LocalAccount) -> None:
    """Only retiring takes credits out of the world, and leaves a record of it."""
    names = {function.name for function in market.carbon.abi.functions.values()}
    assert not {"burn", "burnFrom", "mint"} & names
    for function in ("transfer", "transferCarbonCredits"):
        with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
            market.do(holder, market.carbon, function, NOBODY, 1)
    market.do(holder, market.carbon, "approve", GUEST.address, 10)
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        market.do(GUEST, market.carbon, "transferFrom", holder.address, NOBODY, 1)


def retire_raw(market: Market, holder: LocalAccount, reason: bytes) -> None:
    """retire(1, holder, reason), encoded by hand."""
    words = (1).to_bytes(32) + bytes.fromhex(holder.address[2:]).rjust(32, b"\0")
    words += (96).to_bytes(32) + len(reason).to_bytes(32)
    padded = reason + bytes(-len(reason) % 32)
    call = market.carbon.prepare("retire", 1, holder.address, "")
    assert call.data[:4] == keccak(text="retire(uint256,address,string)")[:4]
    market.send(holder, replace(call, data=call.data[:4] + words + padded))
