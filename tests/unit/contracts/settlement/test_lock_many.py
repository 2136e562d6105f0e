"""lockMany: locks money of many signed orders, and reports the locks that are not possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.enums import LockRefusal
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import (
    holdings,
    incur_debt,
    liabilities,
    lock,
    number_of,
    open_account,
)

PROSUMER, NEIGHBOUR, DEBTOR = actor("prosumer"), actor("neighbour"), actor("debtor")
AMOUNT = 1_000_000
LARGEST = 2**104 - 1
HIGHEST_FLOOR = 2**40 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Money of one signed order."""

    account: int
    amount: int
    nonce: int = 0
    buying: bool = True

    @property
    def word(self) -> int:
        """As LockWord draws it."""
        return self.amount | self.account << 104 | self.nonce << 136 | int(self.buying) << 176


def lock_many(market: Market, *locks: Lock) -> list[LockRefusal]:
    """The result for the trading module, empty if all is locked; then it is executed."""
    module, words = market.trading.address, [wanted.word for wanted in locks]
    emitted = market.settlement.call("lockMany", words, sender=module)
    receipt = market.do(module, market.settlement, "lockMany", words)
    assert receipt.logs == []
    assert not emitted or any(emitted)
    return list(emitted) or [LockRefusal.NONE] * len(locks)


def raise_floor(market: Market, account: LocalAccount, nonce: int) -> None:
    number = open_account(market, account)
    market.do(market.trading.address, market.settlement, "raiseSignedFloor", number, nonce)


def block(market: Market, account: LocalAccount, *, buying: bool) -> None:
    grid = market.grid.address
    market.do(grid, market.settlement, "setSideBlocked", account.address, buying, True)


def states(market: Market, *accounts: LocalAccount) -> list[tuple[int, int]]:
    """Available and locked money of each."""
    return [(market.balance(account), market.locked(account)) for account in accounts]


def test_lock_many__nothing__is_nothing(market: Market) -> None:
    assert lock_many(market) == []


@pytest.mark.parametrize("buying", [True, False])
@pytest.mark.parametrize("amount", [0, 1, AMOUNT])
def test_lock_many__up_to_the_balance__is_set_aside(
    market: Market, amount: int, buying: bool
) -> None:
    market.deposit(PROSUMER, AMOUNT)
    number = number_of(market, PROSUMER)
    emitted = lock_many(market, Lock(account=number, amount=amount, buying=buying))
    assert emitted == [LockRefusal.NONE]
    assert states(market, PROSUMER) == [(AMOUNT - amount, amount)]
    assert holdings(market) == liabilities(market) == AMOUNT


@pytest.mark.parametrize("buying", [True, False])
@pytest.mark.parametrize("amount", [AMOUNT + 1, LARGEST])
def test_lock_many__above_the_balance__is_passed_over(
    market: Market, amount: int, buying: bool
) -> None:
    market.deposit(PROSUMER, AMOUNT)
    number = number_of(market, PROSUMER)
    emitted = lock_many(market, Lock(account=number, amount=amount, buying=buying))
    assert emitted == [LockRefusal.INSUFFICIENT_BALANCE]
    assert states(market, PROSUMER) == [(AMOUNT, 0)]


def test_lock_many__one_account_again__adds_up_until_nothing_is_left(market: Market) -> None:
    market.deposit(PROSUMER, AMOUNT)
    number = number_of(market, PROSUMER)
    emitted = lock_many(
        market,
        Lock(account=number, amount=AMOUNT - 5, nonce=1),
        Lock(account=number, amount=6, nonce=2),
        Lock(account=number, amount=5, nonce=3, buying=False),
        Lock(account=number, amount=1, nonce=4),
        Lock(account=number, amount=0, nonce=5),
    )
    none, short = LockRefusal.NONE, LockRefusal.INSUFFICIENT_BALANCE
    assert emitted == [none, short, none, short, none]
    assert states(market, PROSUMER) == [(0, AMOUNT)]


def test_lock_many__refused_between_others__leaves_them_as_they_are(market: Market) -> None:
    for account in (PROSUMER, NEIGHBOUR):
        market.deposit(account, AMOUNT)
    lock(market, NEIGHBOUR, 7)
    numbers = [number_of(market, account) for account in (PROSUMER, NEIGHBOUR)]
    emitted = lock_many(
        market,
        Lock(account=numbers[0], amount=10),
        Lock(account=numbers[1], amount=AMOUNT),
        Lock(account=numbers[0], amount=20, buying=False),
        Lock(account=numbers[1], amount=30, buying=False),
    )
    assert emitted == [
        LockRefusal.NONE,
        LockRefusal.INSUFFICIENT_BALANCE,
        LockRefusal.NONE,
        LockRefusal.NONE,
    ]
    assert states(market, PROSUMER, NEIGHBOUR) == [(AMOUNT - 30, 30), (AMOUNT - 37, 37)]


@pytest.mark.parametrize("number", [0, 2, 2**32 - 1])
def test_lock_many__nobodys_number__has_no_money(market: Market, number: int) -> None:
    open_account(market, PROSUMER)
    emitted = lock_many(market, Lock(account=number, amount=1))
    assert emitted == [LockRefusal.INSUFFICIENT_BALANCE]


# The floor


@pytest.mark.parametrize("floor", [1, 111, 112, 113, HIGHEST_FLOOR])
def test_lock_many__nonce_at_the_floor__is_the_first_that_is_not_void(
    market: Market, floor: int
) -> None:
    market.deposit(PROSUMER, AMOUNT)
    raise_floor(market, PROSUMER, floor)
    number = number_of(market, PROSUMER)
    nonces = (0, floor - 1, floor, HIGHEST_FLOOR)
    emitted = lock_many(market, *(Lock(account=number, amount=1, nonce=nonce) for nonce in nonces))
    below, none = LockRefusal.BELOW_FLOOR, LockRefusal.NONE
    assert emitted == [below, below, none, none]
    assert states(market, PROSUMER) == [(AMOUNT - 2, 2)]
    # Money that moves does not lower it.
    assert market.settlement.call("signedFloorOf", PROSUMER.address) == floor


def test_lock_many__floor_of_another__is_not_ones_own(market: Market) -> None:
    for account in (PROSUMER, NEIGHBOUR):
        market.deposit(account, AMOUNT)
    raise_floor(market, NEIGHBOUR, HIGHEST_FLOOR)
    emitted = lock_many(market, Lock(account=number_of(market, PROSUMER), amount=1))
    assert emitted == [LockRefusal.NONE]


# Debts and blocks


def test_lock_many__in_debt__may_sell_only(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    incur_debt(market, DEBTOR)
    number = number_of(market, DEBTOR)
    emitted = lock_many(
        market,
        Lock(account=number, amount=0),
        Lock(account=number, amount=1),
        Lock(account=number, amount=0, buying=False),
        Lock(account=number, amount=1, buying=False),
    )
    assert emitted == [
        LockRefusal.IN_DEBT,
        LockRefusal.IN_DEBT,
        LockRefusal.NONE,
        LockRefusal.INSUFFICIENT_BALANCE,
    ]


@pytest.mark.parametrize("buying", [True, False])
def test_lock_many__side_is_blocked__the_other_is_not(market: Market, buying: bool) -> None:
    market.deposit(PROSUMER, AMOUNT)
    block(market, PROSUMER, buying=buying)
    number = number_of(market, PROSUMER)
    emitted = lock_many(
        market,
        Lock(account=number, amount=0, buying=buying),
        Lock(account=number, amount=1, buying=not buying),
        Lock(account=number, amount=1, buying=buying),
    )
    assert emitted == [LockRefusal.SIDE_BLOCKED, LockRefusal.NONE, LockRefusal.SIDE_BLOCKED]
    assert states(market, PROSUMER) == [(AMOUNT - 1, 1)]
    assert market.settlement.call("isSideBlocked", PROSUMER.address, buying)


def test_lock_many__several_reasons__are_named_in_this_order(market: Market) -> None:
    market.go_to(MONDAY + 86_400)
    incur_debt(market, DEBTOR)
    wanted = Lock(account=number_of(market, DEBTOR), amount=1)
    emitted = lock_many(market, wanted)
    block(market, DEBTOR, buying=True)
    emitted += lock_many(market, wanted)
    raise_floor(market, DEBTOR, 1)
    emitted += lock_many(market, wanted)
    assert emitted == [LockRefusal.IN_DEBT, LockRefusal.SIDE_BLOCKED, LockRefusal.BELOW_FLOOR]


# The words


def test_lock_many__full_fields__stay_apart(market: Market) -> None:
    """All money there can be, the highest floor and every flag, in one word of the account."""
    market.node.rpc("anvil_dealERC20", PROSUMER.address, market.dollar.address, hex(LARGEST + 1))
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, LARGEST + 1)
    market.do(PROSUMER, market.settlement, "deposit", LARGEST)
    block(market, PROSUMER, buying=True)
    raise_floor(market, PROSUMER, HIGHEST_FLOOR)
    number = number_of(market, PROSUMER)
    whole = Lock(account=number, amount=LARGEST, nonce=HIGHEST_FLOOR, buying=False)
    assert lock_many(market, whole) == [LockRefusal.NONE]
    assert states(market, PROSUMER) == [(0, LARGEST)]
    assert market.settlement.call("signedFloorOf", PROSUMER.address) == HIGHEST_FLOOR
    assert market.settlement.call("isSideBlocked", PROSUMER.address, True)
    assert not market.settlement.call("isSideBlocked", PROSUMER.address, False)
    assert market.settlement.call("debtOf", PROSUMER.address) == 0

    market.do(PROSUMER, market.settlement, "deposit", 1)
    more = Lock(account=number, amount=1, nonce=HIGHEST_FLOOR, buying=False)
    with refused(errors.SafeCastOverflowedUintDowncast, bits=104, value=LARGEST + 1):
        lock_many(market, more)


def test_lock_many__beyond_the_drawn_bits__means_nothing(market: Market) -> None:
    market.deposit(PROSUMER, AMOUNT)
    block(market, PROSUMER, buying=True)
    word = Lock(account=number_of(market, PROSUMER), amount=1, buying=False).word
    unused = (2**79 - 1) << 177
    market.do(market.trading.address, market.settlement, "lockMany", [word | unused])
    assert states(market, PROSUMER) == [(AMOUNT - 1, 1)]


# The model

wishes = st.builds(
    Lock,
    account=st.integers(1, 3),
    amount=st.integers(0, 6),
    nonce=st.integers(0, 4),
    buying=st.booleans(),
)


def expected_of(locks: Sequence[Lock], money: dict[int, int], floor: int) -> list[LockRefusal]:
    """The rules of locking, on the money of accounts 1 to 3; account 2 may not sell and has the
    floor, account 3 owes. `money` is what they have afterwards."""
    emitted = []
    for wanted in locks:
        refusal = LockRefusal.NONE
        if wanted.account == 2 and wanted.nonce < floor:
            refusal = LockRefusal.BELOW_FLOOR
        elif wanted.account == 2 and not wanted.buying:
            refusal = LockRefusal.SIDE_BLOCKED
        elif wanted.account == 3 and wanted.buying:
            refusal = LockRefusal.IN_DEBT
        elif wanted.amount > money[wanted.account]:
            refusal = LockRefusal.INSUFFICIENT_BALANCE
        else:
            money[wanted.account] -= wanted.amount
        emitted.append(refusal)
    return emitted


@on_chain
@given(st.lists(wishes, max_size=12), st.integers(1, 4))
def test_lock_many__random_locks__equal_the_model(
    market: Market, locks: list[Lock], floor: int
) -> None:
    people = (PROSUMER, NEIGHBOUR, DEBTOR)
    with rewound(market):
        market.go_to(MONDAY + 86_400)
        for account in people[:2]:
            market.deposit(account, 12)
        incur_debt(market, DEBTOR)
        block(market, NEIGHBOUR, buying=False)
        raise_floor(market, NEIGHBOUR, floor)
        assert [number_of(market, account) for account in people] == [1, 2, 3]

        money = {1: 12, 2: 12, 3: 0}
        emitted = lock_many(market, *locks)

        assert emitted == expected_of(locks, money, floor)
        assert [market.balance(account) for account in people] == list(money.values())
        assert [market.locked(account) for account in people] == [12 - money[1], 12 - money[2], 0]
        assert holdings(market) == liabilities(market)
