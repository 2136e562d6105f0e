"""Oracles: what happens outside of the chain, as the median of what several reporters say."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.weather_oracle import Weather
from energy_grid.domain.enums import RoundStatus
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.stage import Stage, Story

# The only feed of PriceOracle; those of other oracles are regions.
PRICE_FEED = ""


REGION = "NORTH"
NOON = Weather(irradiance=650, temperature=1850, wind_speed=320, cloud_cover=4000)
CALM = GridState(demand=480, supply=495, frequency=5000, voltage=100)


def tell(stage: Stage) -> None:
    """three reporters agree on a price, the weather, the state of the grid; a wild one waits."""
    _a_price(stage)
    _a_jump(stage)
    _growing_old(stage)
    _the_weather(stage)
    _the_grid(stage)
    _reading(stage)
    _parameters(stage)
    oracle = stage.market.price_oracle
    everybody = [oracle, stage.market.weather_oracle, stage.market.grid_oracle]
    show_authority(stage, everybody, oracle.submit_price(1, 1))
    _the_end_of_time(stage)


def _a_price(stage: Stage) -> None:
    oracle, (first_reporter, second_reporter, third_reporter, _) = (
        stage.market.price_oracle,
        stage.reporters,
    )
    stage.chapter("A wholesale price, out of three reports")
    stage.shows("what the feed is of", oracle.description())
    stage.shows("digits after the point", oracle.decimals())
    stage.shows("version of the feed's interface, which is Chainlink's", oracle.version())
    stage.shows("reports that close a round", oracle.quorum())
    stage.refuses_to_answer(
        "a price before there is one", errors.MedianOracle_NoAnswer, oracle.latest_round_data
    )
    stage.shows("the round that takes reports", oracle.open_round_of(PRICE_FEED))
    stage.does(
        "the first reporter reports 0.082",
        first_reporter,
        oracle.submit_price(1, 82_000),
        "ReportSubmitted",
    )
    stage.shows(
        "what the first reporter has reported, and when",
        oracle.submission_of(PRICE_FEED, first_reporter.address),
    )
    stage.shows("when it last did, in Unix seconds", oracle.last_report_of(first_reporter.address))
    stage.does(
        "it corrects itself: 0.083 replaces what it said before",
        first_reporter,
        oracle.submit_price(1, 83_000),
        "ReportSubmitted",
    )
    found = oracle.get_round(PRICE_FEED, 1)
    stage.check(found.submissions == 1, f"{found.submissions} reports count")
    stage.refuses(
        "a report to a round that is not open",
        errors.MedianOracle_WrongRound,
        second_reporter,
        oracle.submit_price(2, 82_000),
        round=2,
        open=1,
    )
    stage.refuses(
        "a price of nothing",
        errors.MedianOracle_OutOfBounds,
        second_reporter,
        oracle.submit_price(1, 0),
        value=0,
        minimum=1,
    )
    stage.does("the second reporter reports 0.084", second_reporter, oracle.submit_price(1, 84_000))
    stage.does(
        "the third reporter lies: 9.0, and closes the round",
        third_reporter,
        oracle.submit_price(1, 9_000_000),
        "RoundAnswered",
    )
    found = oracle.latest_round_data()
    stage.check(found.answer == 84_000, f"the median is {found.answer}")
    stage.shows("the answer: one liar of three cannot move it past the honest", found)
    stage.shows("the same, by its number", oracle.get_round_data(1))
    stage.shows("fresh or not, and smoothed over the rounds", oracle.smoothed_price())


def _a_jump(stage: Stage) -> None:
    oracle, (first_reporter, second_reporter, third_reporter, _) = (
        stage.market.price_oracle,
        stage.reporters,
    )
    stage.chapter("A jump is held until the guardian, or the next round, confirms it")
    stage.shows("basis points that it may move at once", oracle.max_deviation_bps())
    stage.refuses(
        "confirming a round that is not held",
        errors.MedianOracle_NotHeld,
        stage.safe,
        oracle.confirm_round(PRICE_FEED, 1),
        status=RoundStatus.ANSWERED,
    )
    for reporter in (first_reporter, second_reporter):
        stage.does("half as much again", reporter, oracle.submit_price(2, 126_000))
    stage.does("from all three", third_reporter, oracle.submit_price(2, 126_000), "RoundHeld")
    stage.shows("the round", oracle.get_round(PRICE_FEED, 2))
    stage.shows("whether the feed is fresh", oracle.is_fresh(PRICE_FEED))
    found = oracle.latest_round_data()
    stage.check(
        (found.answer, found.updated_at, found.answered_in_round) == (84_000, 0, 1),
        f"a reader of Chainlink's interface gets {found}",
    )
    stage.shows("what Chainlink's readers see: the round before, and no time", found)
    stage.refuses(
        "confirming a round that does not exist",
        errors.MedianOracle_NoSuchRound,
        stage.safe,
        oracle.confirm_round(PRICE_FEED, 9),
        round=9,
    )
    stage.does(
        "the guardian's Safe confirms it after a check",
        stage.safe,
        oracle.confirm_round(PRICE_FEED, 2),
        "RoundAnswered",
    )
    stage.shows("the answer now", oracle.latest_round_of(PRICE_FEED))
    stage.shows("what Chainlink's readers see now", oracle.latest_round_data())


def _growing_old(stage: Stage) -> None:
    oracle = stage.market.price_oracle
    first_reporter, second_reporter, third_reporter, fourth_reporter = stage.reporters
    stage.chapter("Reports and answers grow old")
    stage.shows("seconds for which an answer is fresh", oracle.max_age())
    stage.says("A report counts for half of that time.")
    stage.does("a round begins", first_reporter, oracle.submit_price(3, 120_000))
    stage.wait(oracle.max_age() // 2 + 1)
    for reporter in (second_reporter, third_reporter):
        stage.does("later, two others report", reporter, oracle.submit_price(3, 130_000))
    found = oracle.get_round(PRICE_FEED, 3)
    stage.check(found.submissions == 2, f"{found.submissions} reports count")
    stage.shows("the round is still open: only two of the three count", found)
    stage.does(
        "a fourth reporter closes it",
        fourth_reporter,
        oracle.submit_price(3, 131_000),
        "RoundAnswered",
    )
    closed = oracle.get_round(PRICE_FEED, 3)
    stage.check(closed.values == (130_000,), f"the answer is {closed.values}")
    stage.check(
        oracle.fresh_until(PRICE_FEED) == closed.updated_at + oracle.max_age(),
        "the answer's age does not count from its oldest report",
    )
    stage.shows("its time is that of the oldest report that counted", closed)
    stage.wait(oracle.max_age() + 1)
    stage.shows("fresh or not, later", oracle.is_fresh(PRICE_FEED))
    stage.shows("until when it was, in Unix seconds", oracle.fresh_until(PRICE_FEED))
    stage.shows("the next report names the round after it", oracle.open_round_of(PRICE_FEED))


def _the_weather(stage: Stage) -> None:
    oracle, reporters = stage.market.weather_oracle, stage.reporters[:3]
    stage.chapter("The weather of a region")
    stage.shows("reports that close a round, and seconds", (oracle.quorum(), oracle.max_age()))
    stage.refuses_to_answer(
        "the weather before it was reported",
        errors.MedianOracle_NoAnswer,
        lambda: oracle.get_weather(REGION),
    )
    for reporter in reporters:
        stage.does("a report", reporter, oracle.submit_weather(REGION, 1, NOON))
    stage.shows("the weather", oracle.get_weather(REGION))
    stage.shows("for readers that can do without", oracle.try_weather(REGION))
    storm = Weather(irradiance=0, temperature=200, wind_speed=2600, cloud_cover=10_000)
    for reporter in reporters:
        stage.does("a storm, within minutes", reporter, oracle.submit_weather(REGION, 2, storm))
    stage.refuses_to_answer(
        "the old weather as the new one",
        errors.MedianOracle_Held,
        lambda: oracle.get_weather(REGION),
        round=2,
    )
    stage.does("the guardian confirms it", stage.safe, oracle.confirm_round(REGION, 2))
    stage.wait(oracle.max_age() + 1)
    stage.refuses_to_answer(
        "the storm, hours later", errors.MedianOracle_Stale, lambda: oracle.get_weather(REGION)
    )
    too_much = Weather(irradiance=2**255, temperature=0, wind_speed=0, cloud_cover=0)
    stage.refuses(
        "a number that no signed one can hold",
        errors.SafeCastOverflowedUintToInt,
        reporters[0],
        oracle.submit_weather(REGION, 3, too_much),
    )


def _the_grid(stage: Stage) -> None:
    oracle, reporters = stage.market.grid_oracle, stage.reporters[:3]
    stage.chapter("The state of a region's grid")
    stage.shows("reports that close a round, and seconds", (oracle.quorum(), oracle.max_age()))
    stage.shows("who writes prices by it", oracle.grid())
    for reporter in reporters[:2]:
        stage.does("a report", reporter, oracle.submit_grid_state(REGION, 1, CALM))
    last = oracle.submit_grid_state(REGION, 1, CALM)
    stage.refuses_to_answer(
        "the last one with so little gas that the answer would stand and no prices follow",
        errors.GridOracle_TooLittleGas,
        lambda: stage.attempts(reporters[2].address, last, gas=1_000_000),
        least=1_546_875,
    )
    stage.does("the last one", reporters[2], last, "RoundAnswered")
    stage.shows("the state", oracle.get_grid_state(REGION))
    stage.shows("for readers that can do without", oracle.try_grid_state("nowhere"))
    dip = GridState(demand=480, supply=495, frequency=4890, voltage=100)
    for reporter in reporters:
        stage.does("the frequency falls", reporter, oracle.submit_grid_state(REGION, 2, dip))
    stage.does("the guardian confirms it", stage.safe, oracle.confirm_round(REGION, 2))


def _reading(stage: Stage) -> None:
    market, first_reporter = stage.market, stage.reporters[0]
    stage.chapter("The rounds of a feed")
    for oracle in (market.weather_oracle, market.grid_oracle):
        stage.shows(f"{oracle.name}: the open round", oracle.open_round_of(REGION))
        stage.shows("a round", oracle.get_round(REGION, 1))
        stage.shows("the newest answer, fresh or not", oracle.latest_round_of(REGION))
        fresh = oracle.is_fresh(REGION), oracle.fresh_until(REGION)
        stage.shows("whether it is fresh, and until when", fresh)
        stage.shows(
            "what the first reporter says in the open round",
            oracle.submission_of(REGION, first_reporter.address),
        )
        stage.shows("when it last did", oracle.last_report_of(first_reporter.address))


def _parameters(stage: Stage) -> None:
    market = stage.market
    stage.chapter("What governance can change")
    stage.says("How many reports close a round, and how long an answer is fresh; reporters are")
    stage.says("whoever has the role REPORTER.")
    for oracle in (market.price_oracle, market.weather_oracle, market.grid_oracle):
        stage.does(
            f"{oracle.name}: four reports, three hours",
            stage.governance,
            oracle.set_parameters(4, 3 * 3600),
            "ParametersSet",
        )
        stage.check((oracle.quorum(), oracle.max_age()) == (4, 10_800), f"not of {oracle.name}")
    stage.refuses(
        "an oracle that needs no report",
        errors.MedianOracle_BadParameter,
        stage.governance,
        market.price_oracle.set_parameters(0, 3600),
        name=to_bytes32("quorum"),
        value=0,
        minimum=1,
        maximum=31,
    )


def _the_end_of_time(stage: Stage) -> None:
    stage.chapter("The end of time")
    stage.says("Times take 40 bits, which last until the year 36812.")
    stage.wait_until(2**40)
    stage.refuses(
        "a report in that year",
        errors.SafeCastOverflowedUintDowncast,
        stage.reporters[0],
        stage.market.price_oracle.submit_price(4, 1),
        bits=40,
    )


story = Story(name="oracles", contracts=("PriceOracle", "WeatherOracle", "GridOracle"), tell=tell)
cli = walkthrough(str(__doc__), story)
