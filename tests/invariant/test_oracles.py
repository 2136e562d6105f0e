"""The oracles and the model of their feeds, driven at random together.

After every step: the same refusals, rounds, open round, submissions, freshness, answers, Chainlink
data of every closed round, and smoothed price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from energy_grid.chain.roles import Role
from energy_grid.contracts.errors import DecodedError
from energy_grid.errors import DomainError
from tests.model.oracles import (
    WEATHER,
    Feed,
    HeldError,
    NoAnswerError,
    NoSuchRoundError,
    StaleError,
    price_quantity,
    smoothed_price,
)
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.support.stacks import give_role

REPORTERS = ("first", "second", "third", "fourth")
PRICE_FEED = bytes(32)
REGIONS = (b"NORTH".ljust(32, b"\0"), b"SOUTH".ljust(32, b"\0"))

reporters = st.sampled_from(REPORTERS)
# Most often the open round.
offsets = st.sampled_from([0, 0, 0, 0, 0, -1, 1])
# Around a price, a fifth from it and far away; now and then none at all.
prices = st.sampled_from([0, 80, 99, 100, 101, 107, 119, 120, 121, 150, 240, 2**96 - 1, 2**96])
temperatures = st.sampled_from([-8001, -8000, -1001, -1000, -3, 0, 1, 998, 999, 2000, 6000])
steps = st.integers(0, 3)


class OraclesOnChain(ChainMachine):
    """One machine for both; `market` is set by the test."""

    @initialize()
    def open(self) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        for name in REPORTERS:
            give_role(self.market, Role.REPORTER, actor(name).address)
        price, weather = self.market.price_oracle, self.market.weather_oracle
        self.quorum, self.max_age = price.call("quorum"), price.call("maxAge")
        quantity = price_quantity(price.call("MAX_DEVIATION_BPS"))
        self.prices = Feed([quantity], self.quorum, self.max_age)
        self.weather = {region: Feed(WEATHER, self.quorum, self.max_age) for region in REGIONS}
        self.feeds = [(price, PRICE_FEED, self.prices)]
        self.feeds += [(weather, region, feed) for region, feed in self.weather.items()]
        self.last_reports: dict[tuple[str, str], int] = {}
        self.now = MONDAY + 100

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.__exit__(None, None, None)

    def both(self, model: Callable[[], Any], sender: str, *call: Any) -> bool:
        """Do it in the model and, at the same second, on the chain; whether both did it."""
        expected = refused = None
        try:
            model()
        except DomainError as refusal:
            expected = type(refusal).__name__.removesuffix("Error")
        try:
            self.market.at(self.now).do(sender, *call)
        except DecodedError as refusal:
            refused = refusal.name.partition("_")[2]
        assert refused == expected, f"{sender}: {call[1:]}"
        self.compare()
        self.now += 1
        return expected is None

    # Reporters, the guardian and time

    @rule(reporter=reporters, offset=offsets, price=prices)
    def submit_price(self, reporter: str, offset: int, price: int) -> None:
        number = max(0, self.prices.open_round + offset)
        address, contract = actor(reporter).address, self.market.price_oracle
        if self.both(
            lambda: self.prices.submit(address, number, (price,), self.now),
            *(address, contract, "submitPrice", number, price),
        ):
            self.last_reports[contract.address, address] = self.now - 1

    @rule(
        reporter=reporters,
        region=st.sampled_from(REGIONS),
        offset=offsets,
        temperature=temperatures,
        step=steps,
    )
    def submit_weather(
        self, reporter: str, region: bytes, offset: int, temperature: int, step: int
    ) -> None:
        feed = self.weather[region]
        number = max(0, feed.open_round + offset)
        values = (step * 400, temperature, step * 800, step * 3333)
        address, contract = actor(reporter).address, self.market.weather_oracle
        if self.both(
            lambda: feed.submit(address, number, values, self.now),
            *(address, contract, "submitWeather", region, number, values),
        ):
            self.last_reports[contract.address, address] = self.now - 1

    @rule(price=prices.filter(lambda price: 0 < price < 2**96), spread=st.integers(0, 9))
    def all_agree_on_a_price(self, price: int, spread: int) -> None:
        """The ordinary course of things: a round from its first submission to its last."""
        for position, reporter in enumerate(REPORTERS[: self.quorum]):
            output = min(price + position * spread, 2**96 - 1)
            self.submit_price(reporter, 0, output)

    @rule(which=st.integers(0, len(REGIONS)), back=st.integers(-1, 2))
    def confirm(self, which: int, back: int) -> None:
        contract, region, feed = self.feeds[which]
        number = max(0, len(feed.rounds) - back)
        guardian = self.market.roles[Role.GUARDIAN]
        self.both(
            lambda: feed.confirm(number, self.now),
            *(guardian, contract, "confirmRound", region, number),
        )

    @rule(
        is_price=st.booleans(),
        quorum=st.sampled_from([0, 1, 2, 2, 3, 3, 3, 4, 31, 32]),
        max_age=st.sampled_from([59, 60, 3601, 7200, 7200, 7200, 86_400, 86_401]),
    )
    def set_parameters(self, is_price: bool, quorum: int, max_age: int) -> None:
        """Of all feeds of an oracle, whatever waits in them."""
        market = self.market
        contract = market.price_oracle if is_price else market.weather_oracle
        feeds = [feed for one, _, feed in self.feeds if one is contract]

        def model() -> None:
            for feed in feeds:
                feed.set_parameters(quorum, max_age)

        admin = market.roles[Role.ADMIN]
        self.both(model, admin, contract, "setParameters", quorum, max_age)

    @rule(part=st.sampled_from([0.01, 0.25, 0.5, 1, 2]), more=st.integers(-2, 2))
    def wait(self, part: float, more: int) -> None:
        self.now += max(1, int(self.max_age * part) + more)
        self.market.go_to(self.now - 1)
        self.compare()

    # What is compared

    def compare(self) -> None:
        now = self.market.now
        for contract, region, feed in self.feeds:
            assert contract.call("openRoundOf", region) == feed.open_round
            assert contract.call("freshUntil", region) == feed.fresh_until()
            assert contract.call("isFresh", region) == feed.is_fresh(now)
            assert contract.call("quorum") == feed.quorum
            assert contract.call("maxAge") == feed.max_age
            # Older rounds do not change any more, but for the last few.
            newest = feed.open_round if feed.submissions else len(feed.rounds)
            for number in range(max(1, newest - 3), newest + 1):
                expected = feed.round(number, now)
                found = contract.call("getRound", region, number)
                assert tuple(found) == (
                    *(number, expected.values, expected.started_at, expected.updated_at),
                    *(expected.submissions, expected.status),
                )
            self.compare_reporters(contract, region, feed)
        self.compare_answers(now)

    def compare_reporters(self, contract: Any, region: bytes, feed: Feed) -> None:
        addresses = [actor(name).address for name in REPORTERS]
        found = contract.call_many("submissionOf", [(region, one) for one in addresses])
        assert [(time, tuple(values)) for time, values in found] == [
            feed.submission_of(one) for one in addresses
        ]
        times = contract.call_many("lastReportOf", [(one,) for one in addresses])
        expected = [self.last_reports.get((contract.address, one), 0) for one in addresses]
        # The one just sent is noted after this.
        assert all(time in (before, self.now) for time, before in zip(times, expected, strict=True))

    def compare_answers(self, now: int) -> None:
        oracle = self.market.price_oracle
        expected = smoothed_price(price for (price,) in self.prices.answers)
        assert oracle.call("smoothedPrice") == (self.prices.is_fresh(now), expected)
        try:
            data = self.prices.round_data(len(self.prices.rounds))
            assert oracle.call("latestRoundData") == data
        except NoSuchRoundError:
            assert not self.prices.answers
        closed = range(1, self.prices.open_round)
        pages = [self.prices.round_data(number) for number in closed]
        assert oracle.call_many("getRoundData", [(number,) for number in closed]) == pages
        for region, feed in self.weather.items():
            try:
                values = (True, feed.answer(now))
            except (NoAnswerError, HeldError, StaleError):
                values = (False, (0, 0, 0, 0))
            assert self.market.weather_oracle.call("tryWeather", region) == values


def test_oracles__any_sequence_of_submissions__as_in_the_model(
    hourly_market: Market, drive: Drive
) -> None:
    drive(OraclesOnChain, hourly_market, examples=12, steps=30)
