"""EnergyTrading.settleBatch: whose signatures count, and what hostile wallets cost the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from pyrevm import AccountInfo

from tests.support.core.chain import CHAIN_ID, Deployed, refused
from tests.support.core.trading_world import (
    ADMIN,
    BUY,
    EVER,
    HOUR,
    KEEPER,
    REFUSALS,
    SELL,
    START,
    TradingWorld,
)
from tests.unit.contracts.trading.suite import NEXT, NEXT_HOUR, skipped

# The order of the curve's group.
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PARITY = 2**255
WRONG = REFUSALS.index("WRONG_SIGNATURE")
BEHAVIOURS = (
    *("HONEST", "REVERT", "WRONG_VALUE", "NEARLY", "SHORT", "NOTHING", "LONG", "RETURN_BOMB"),
    *("REVERT_BOMB", "GAS_BOMB", "THRIFTY", "REVERT_MAGIC"),
)
"""Of `WalletDouble`."""
Packed = tuple[Any, ...]
"""A SignedOrder as the contract takes it: trader, side, Wh, price, expiry, nonce, r, vs."""


def batch_of(world: TradingWorld, ask: Packed, signatures: list[bytes]) -> Packed:
    """It sells its first 20 Wh to a bid of the buyer."""
    bid = world.packed(world.sign("buyer", BUY, NEXT_HOUR, 5, 50, 1))
    orders = sorted([bid, ask], key=lambda each: int(each[0], 16))
    places = orders.index(bid), orders.index(ask)
    return *NEXT_HOUR, 50, bytes(32), orders, [], [(*places, 20)], signatures


def assert_taken(world: TradingWorld, ask: Packed, *signatures: bytes) -> None:
    assert world.trading.settleBatch(batch_of(world, ask, [*signatures]), False, by=KEEPER) == 1


def assert_not_signed(world: TradingWorld, ask: Packed, *signatures: bytes) -> None:
    """The batch is refused for it, or goes on without it."""
    batch = batch_of(world, ask, [*signatures])
    name = int.from_bytes(world.trading.hashOrder(ask, *NEXT_HOUR))
    with refused("EnergyTrading_Refused", name, WRONG):
        world.trading.settleBatch(batch, False, by=KEEPER)
    mark = world.chain.snapshot()
    assert world.trading.settleBatch(batch, True, by=KEEPER) == 0
    assert skipped(world) == ["WRONG_SIGNATURE"]
    world.chain.revert(mark)


def signed(world: TradingWorld, nonce: int = 1, **terms: Any) -> Packed:
    """An ask of the seller."""
    return world.packed(replace(world.sign("seller", SELL, NEXT_HOUR, 5, 50, nonce), **terms))


def words(order: Packed) -> tuple[int, int]:
    """`r` and `vs` of its signature."""
    return int.from_bytes(order[6]), int.from_bytes(order[7])


def with_words(order: Packed, r: int, vs: int) -> Packed:
    """The same terms with another signature."""
    return *order[:6], r.to_bytes(32), vs.to_bytes(32)


# Keys


@pytest.mark.parametrize("parity", [0, 1])
def test_settle_batch__signed_with_either_parity__is_taken(
    world: TradingWorld, parity: int
) -> None:
    orders = (signed(world, nonce) for nonce in range(100))
    order = next(each for each in orders if words(each)[1] // PARITY == parity)
    assert_taken(world, order)


def test_settle_batch__malleable_copies_of_a_signature__are_refused(world: TradingWorld) -> None:
    """(r, n - s) of the other parity is the same point."""
    order = signed(world)
    r, vs = words(order)
    s, parity = vs % PARITY, vs // PARITY
    other = N - s
    copies = [vs ^ PARITY, other, other ^ PARITY, other % PARITY | (1 - parity) * PARITY]
    for wrong in (*copies, N // 2 + 1, PARITY - 1, (N // 2 + 1) | PARITY):
        assert_not_signed(world, with_words(order, r, wrong))
    assert_taken(world, order)


@pytest.mark.parametrize(
    ("r", "vs"), [(0, 1), (0, PARITY), (1, N // 2 + 1), (N, 1), (N + 1, 1), (5, 2**256 - 1)]
)
def test_settle_batch__words_that_no_signature_has__are_refused(
    world: TradingWorld, r: int, vs: int
) -> None:
    """Nor are they a signature of the zero address, to which they recover."""
    order = signed(world)
    assert_not_signed(world, with_words(order, r, vs))
    assert_not_signed(world, ("0x" + 40 * "0", *with_words(order, r, vs)[1:]))


def test_settle_batch__any_byte_of_a_signature_changed__is_refused(world: TradingWorld) -> None:
    order = signed(world)
    right = order[6] + order[7]
    for place in range(64):
        wrong = bytearray(right)
        wrong[place] ^= 1 << place % 8
        assert_not_signed(world, (*order[:6], bytes(wrong[:32]), bytes(wrong[32:])))


@pytest.mark.parametrize(
    ("place", "value"), [(2, 24), (2, 16), (3, 49), (3, 0), (4, EVER - 1), (5, 2), (5, 0)]
)
def test_settle_batch__terms_changed__is_refused(
    world: TradingWorld, place: int, value: int
) -> None:
    order = [*signed(world)]
    order[place] = value
    assert_not_signed(world, tuple(order))


def test_settle_batch__of_another_trader_or_side__is_refused(world: TradingWorld) -> None:
    order = signed(world)
    assert_not_signed(world, (world.address("third"), *order[1:]))
    as_bid = world.packed(replace(world.sign("third", SELL, NEXT_HOUR, 5, 50, 1), side=BUY))
    ask = signed(world)
    orders = sorted([as_bid, ask], key=lambda each: int(each[0], 16))
    places = orders.index(as_bid), orders.index(ask)
    batch = (*NEXT_HOUR, 50, bytes(32), orders, [], [(*places, 20)], [])
    assert world.trading.settleBatch(batch, True, by=KEEPER) == 0
    assert skipped(world) == ["WRONG_SIGNATURE"]


@pytest.mark.parametrize("start", [NEXT + HOUR, NEXT - HOUR, START // 86_400 * 86_400])
def test_settle_batch__signed_for_another_hour__is_refused(world: TradingWorld, start: int) -> None:
    order = world.packed(world.sign("seller", SELL, (0, start), 5, 50, 1))
    assert_not_signed(world, order)


@pytest.mark.parametrize(
    "domain",
    [
        {"name": "EnergyGrid SmartMeter"},
        {"name": "EnergyGrid EnergyTrading "},
        {"version": "2"},
        {"version": ""},
        {"chainId": 1},
        {"verifyingContract": "0x" + 40 * "1"},
        {"salt": bytes(32)},
    ],
    ids=lambda domain: "-".join(map(str, domain)),
)
def test_settle_batch__signed_in_another_domain__is_refused(
    world: TradingWorld, domain: dict[str, Any]
) -> None:
    fields = {
        **dict.fromkeys(("trader", "side", "amountWh", "pricePerKwh"), "uint256"),
        **dict.fromkeys(("period", "deliveryStart", "validUntil", "nonce"), "uint256"),
        "trader": "address",
        "side": "string",
        "period": "string",
    }
    values = (world.address("seller"), "SELL", 20, 50, "HOURLY", NEXT, EVER, 1)
    own: dict[str, Any] = {
        "name": "EnergyGrid EnergyTrading",
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": world.trading.address,
    }

    def order(changes: dict[str, Any]) -> Packed:
        types = {"EnergyOrder": [{"name": name, "type": kind} for name, kind in fields.items()]}
        message = dict(zip(fields, values, strict=True))
        form = encode_typed_data(own | changes, types, message)
        signature = world.keys["seller"].sign_message(form)
        vs = signature.s | (signature.v - 27) << 255
        return with_words(signed(world), signature.r, vs)

    assert_not_signed(world, order(domain))
    assert_taken(world, order({}))


def test_settle_batch__account_that_has_lent_itself_code__signs_with_its_key_alone(
    world: TradingWorld,
) -> None:
    """EIP-7702; what the code says to signatures counts where the order names it."""
    seller, wallet = world.address("seller"), wallet_of(world, "third")
    code = bytes(world.chain.evm.get_code(wallet.address))
    world.chain.evm.insert_account_info(seller, AccountInfo(nonce=1, code=code))
    order = signed(world)
    # The owner of the wallet is in its storage, not in the account's.
    assert_not_signed(world, with_words(order, 0, 0), by_key(world, order, "third"))
    assert_taken(world, order)


# Contract wallets


def wallet_of(world: TradingWorld, owner: str) -> Deployed:
    """A contract wallet with money, whose owner's key signs."""
    wallet = world.chain.deploy("WalletDouble", world.address(owner))
    world.dollar.faucet(10**6, by=ADMIN)
    world.dollar.approve(world.settlement.address, 10**6, by=ADMIN)
    world.settlement.depositFor(wallet.address, 10**6, by=ADMIN)
    return wallet


@pytest.fixture
def wallet(world: TradingWorld) -> Deployed:
    """Of the third one."""
    return wallet_of(world, "third")


def of_wallet(wallet: Deployed | str, nonce: int = 1, wh: int = 20) -> Packed:
    """An ask whose signature is the first of the batch's."""
    address = wallet if isinstance(wallet, str) else wallet.address
    return address, SELL, wh, 50, EVER, nonce, bytes(32), bytes(32)


def by_key(world: TradingWorld, order: Packed, name: str) -> bytes:
    """What the wallet confirms if it is its owner's."""
    order_hash = world.trading.hashOrder(order, *NEXT_HOUR)
    return bytes(world.keys[name].unsafe_sign_hash(order_hash).signature)


def behave(world: TradingWorld, wallet: Deployed, how: str, burn: int = 0) -> None:
    wallet.behave(BEHAVIOURS.index(how), burn, by=world.address("third"))


@pytest.mark.parametrize("how", ["HONEST", "LONG", "THRIFTY"])
def test_settle_batch__wallet_that_confirms__is_taken(
    world: TradingWorld, wallet: Deployed, how: str
) -> None:
    behave(world, wallet, how, world.trading.SIGNATURE_GAS() - 10_000)
    order = of_wallet(wallet)
    assert_taken(world, order, by_key(world, order, "third"))


@pytest.mark.parametrize(
    "how",
    [
        *("REVERT", "REVERT_MAGIC", "WRONG_VALUE", "NEARLY", "SHORT", "NOTHING"),
        *("REVERT_BOMB", "GAS_BOMB", "THRIFTY"),
    ],
)
def test_settle_batch__wallet_that_does_not_confirm__is_refused(
    world: TradingWorld, wallet: Deployed, how: str
) -> None:
    behave(world, wallet, how, world.trading.SIGNATURE_GAS())
    order = of_wallet(wallet)
    assert_not_signed(world, order, by_key(world, order, "third"))


@pytest.mark.parametrize("how", ["RETURN_BOMB", "REVERT_BOMB", "GAS_BOMB"])
def test_settle_batch__wallet_that_wastes_gas__costs_no_more_than_its_gas(
    world: TradingWorld, wallet: Deployed, how: str
) -> None:
    order = of_wallet(wallet)
    batch = batch_of(world, order, [by_key(world, order, "third")])
    mark = world.chain.snapshot()
    world.trading.settleBatch(batch, True, by=KEEPER)
    honest = world.chain.gas
    world.chain.revert(mark)
    behave(world, wallet, how)
    world.trading.settleBatch(batch, True, by=KEEPER)
    assert world.chain.gas < honest + world.trading.SIGNATURE_GAS() + 20_000


def test_settle_batch__wallets_signature_of_another_order__is_refused(
    world: TradingWorld, wallet: Deployed
) -> None:
    order = of_wallet(wallet)
    right = by_key(world, order, "third")
    wrong = (b"", right[:64], right + b"\0", right[:64] + bytes([right[64] - 27]))
    for signature in (*wrong, by_key(world, order, "seller")):
        assert_not_signed(world, order, signature)
    assert_not_signed(world, order)
    assert_not_signed(world, of_wallet(wallet, nonce=2), right)
    assert_not_signed(world, of_wallet(wallet, wh=24), right)
    # Another wallet of the same owner needs a signature of its own.
    assert_not_signed(world, of_wallet(wallet_of(world, "third")), right)
    assert_taken(world, order, right)


def test_settle_batch__wallet_with_another_owner_since__is_refused(
    world: TradingWorld, wallet: Deployed
) -> None:
    order = of_wallet(wallet)
    wallet.setOwner(world.address("seller"), by=world.address("third"))
    assert_not_signed(world, order, by_key(world, order, "third"))
    assert_taken(world, order, by_key(world, order, "seller"))


@pytest.mark.parametrize("place", [1, 2, 2**64, EVER])
def test_settle_batch__place_of_a_signature_that_is_none__is_refused(
    world: TradingWorld, wallet: Deployed, place: int
) -> None:
    order = of_wallet(wallet)
    assert_not_signed(world, with_words(order, place, 0), by_key(world, order, "third"))


def test_settle_batch__signatures_in_any_places__are_found(
    world: TradingWorld, wallet: Deployed
) -> None:
    order = of_wallet(wallet)
    right = by_key(world, order, "third")
    assert_taken(world, with_words(order, 2, 0), b"unused", b"", right)


@pytest.mark.parametrize("how", ["NOTHING", "SHORT", "REVERT"])
def test_settle_batch__silent_wallet_after_one_that_confirms__does_not_borrow_its_answer(
    world: TradingWorld, how: str
) -> None:
    wallets = [wallet_of(world, "third") for _ in range(2)]
    first, second = sorted(wallets, key=lambda each: int(each.address, 16))
    behave(world, second, how)
    asks = [of_wallet(each) for each in (first, second)]
    signatures = [by_key(world, ask, "third") for ask in asks]
    asks[1] = with_words(asks[1], 1, 0)
    bid = world.packed(world.sign("buyer", BUY, NEXT_HOUR, 10, 50, 1))
    orders = sorted([bid, *asks], key=lambda each: int(each[0], 16))
    fills = [(orders.index(bid), orders.index(ask), 20) for ask in asks]
    batch = (*NEXT_HOUR, 50, bytes(32), orders, [], fills, signatures)
    assert world.trading.settleBatch(batch, True, by=KEEPER) == 1
    assert skipped(world) == ["WRONG_SIGNATURE"]
    assert world.trading.getTransaction(2**32)[1] == first.address


def test_settle_batch__what_is_no_wallet__confirms_nothing(world: TradingWorld) -> None:
    """Accounts without code, contracts without the function, and precompiled contracts: the fourth
    answers with what it is asked, whose first bytes are the magic value."""
    precompiled = [f"0x{number:040x}" for number in range(1, 11)]
    contracts = [each.address for each in (world.settlement, world.trading, world.dollar)]
    for address in (world.address("third"), *contracts, *precompiled):
        order = of_wallet(address)
        assert_not_signed(world, order, by_key(world, order, "third"))
        assert_not_signed(world, order, b"")
