"""How much leaves at once: a sum that decays, without window edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import on_chain, rewound
from tests.support.market import Market, actor
from tests.support.settlement import limit_outflow

PROSUMER = actor("prosumer")
WINDOW = 3600
LIMIT = 3_600_000


@dataclass(slots=True, kw_only=True)
class Breaker:
    """The reference model: what has left still counts, less what has decayed of it since."""

    limit: int
    used: int = 0
    updated: int = 0
    paid: list[tuple[int, int]] = field(default_factory=list)

    def available(self, time: int) -> int:
        return max(0, self.limit - self._counted(time))

    def withdraw(self, amount: int, time: int) -> bool:
        """Whether it is paid at once."""
        if amount > self.available(time):
            return False
        self.used, self.updated = self._counted(time) + amount, time
        self.paid.append((time, amount))
        return True

    def set_limit(self, limit: int, time: int) -> None:
        self.used, self.updated, self.limit = self._counted(time), time, limit

    def _counted(self, time: int) -> int:
        elapsed = time - self.updated
        return 0 if elapsed >= WINDOW else max(0, self.used - self.limit * elapsed // WINDOW)


def withdraw(market: Market, amount: int, account: str = PROSUMER.address) -> tuple[bool, int]:
    """Whether it was paid at once, and when."""
    receipt = market.do(account, market.settlement, "withdraw", amount, account)
    return bool(market.events(receipt, market.settlement, "Withdrawn")), receipt.time


def available(market: Market) -> int:
    return int(market.settlement.call("availableOutflow"))


def test_outflow__many_wallets__get_what_one_would(market: Market) -> None:
    wallets = [actor(f"wallet {number}") for number in range(12)]
    for wallet in wallets:
        market.deposit(wallet, LIMIT // 10)
    limit_outflow(market, LIMIT)
    paid = [withdraw(market, LIMIT // 10, wallet.address) for wallet in wallets]
    # Ten fill the limit; in the seconds they take far less than an eleventh's decays.
    assert [at_once for at_once, _ in paid] == [True] * 10 + [False] * 2
    assert available(market) == 1000 * (market.now - paid[0][1])


def test_outflow__edges_of_a_window__give_no_second_limit(market: Market) -> None:
    market.deposit(PROSUMER, 3 * LIMIT)
    limit_outflow(market, LIMIT)
    _, time = withdraw(market, LIMIT)
    market.go_to(time + WINDOW - 1)
    assert available(market) == LIMIT - 1000
    assert withdraw(market.at(time + WINDOW), LIMIT)[0]
    assert available(market) == 0


def test_outflow__half_and_half__comes_back_continuously(market: Market) -> None:
    market.deposit(PROSUMER, 3 * LIMIT)
    limit_outflow(market, LIMIT)
    _, time = withdraw(market, LIMIT // 2)
    # Of the first half a quarter window's worth, 900,000, has decayed by now.
    withdraw(market.at(time + WINDOW // 4), LIMIT // 2)
    assert available(market) == LIMIT // 4
    assert not withdraw(market.at(time + WINDOW // 2), LIMIT // 2 + 1)[0]
    assert withdraw(market.at(time + WINDOW // 2 + 1), LIMIT // 2 + 1000)[0]
    assert available(market) == 0


@on_chain
@given(
    st.integers(0, 10_000) | st.integers(0, 10**12),
    st.lists(
        st.tuples(
            st.sampled_from(["withdraw", "all", "deposit and withdraw", "set limit"]),
            st.integers(1, 20) | st.integers(1, 2 * WINDOW) | st.sampled_from([WINDOW - 1, WINDOW]),
            st.integers(1, 10_000) | st.integers(1, 10**12),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_outflow__at_random__equals_the_model_and_keeps_the_bound(
    market: Market, first_limit: int, steps: list[tuple[str, int, int]]
) -> None:
    with rewound(market):
        fund(market, 10**14)
        limit_outflow(market, first_limit)
        model = Breaker(limit=first_limit, updated=market.now)
        limits = [first_limit]
        for name, seconds, amount in steps:
            time = market.now + seconds + (name == "deposit and withdraw")
            if name == "set limit":
                limit_outflow(market.at(time), amount)
                model.set_limit(amount, time)
                limits.append(amount)
                continue
            if name == "deposit and withdraw":
                market.do(PROSUMER, market.settlement, "deposit", amount)
            if name == "all":
                market.go_to(time)
                assert available(market) == model.available(time)
                amount, time = max(1, model.available(time)), time + 1
            at_once, _ = withdraw(market.at(time), amount)
            assert at_once == model.withdraw(amount, time)
            assert available(market) == model.available(time)
        assert_bounded(model.paid, max(limits))


def fund(market: Market, amount: int) -> None:
    """The prosumer has half of it in Settlement and half in its wallet."""
    address, token = PROSUMER.address, market.dollar.address
    market.node.rpc("anvil_dealERC20", address, token, hex(amount))
    market.do(PROSUMER, market.dollar, "approve", market.settlement.address, amount)
    market.do(PROSUMER, market.settlement, "deposit", amount // 2)


def assert_bounded(paid: list[tuple[int, int]], limit: int) -> None:
    """Between any two payments, both included, left at most the limit and what decayed of it."""
    times = [time for time, _ in paid]
    sums = [0, *accumulate(amount for _, amount in paid)]
    for first in range(len(paid)):
        for last in range(first, len(paid)):
            left = sums[last + 1] - sums[first]
            assert left * WINDOW <= limit * (WINDOW + times[last] - times[first])
