"""Figures of SECURITY.md and the concepts follow from default parameters; named tests exist."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import yaml

from scripts._docs.solidity import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text()
COIN = 10**6
DAY = 86_400


def page(name: str) -> str:
    """A concept, in one line."""
    return " ".join((ROOT / f"docs/concepts/{name}.md").read_text().split())


@pytest.fixture
def values() -> Mapping[str, int]:
    """The default parameters."""
    found: Mapping[str, int] = yaml.safe_load((ROOT / "scripts/_deploy/defaults.yaml").read_text())[
        "parameters"
    ]
    return found


@pytest.fixture
def dearest(values: Mapping[str, int]) -> int:
    """What a kWh of deficit costs at most, in base units."""
    return values["buyPrice"] * values["maxFactor"] // 10_000


def test_security__every_test_that_it_names__is_there() -> None:
    names = set(re.findall(r"`(test_\w+)`", SECURITY))
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(names) > 25
    assert {name for name in names if f"def {name}(" not in sources} == set()


def test_security__a_bad_tariff__holds_as_long_as_a_vote_takes(values: Mapping[str, int]) -> None:
    seconds = sum(values[name] for name in ("votingDelay", "votingPeriod", "timelockDelay"))
    assert f"A vote takes {seconds // DAY} days by default" in SECURITY


def test_security__four_days_at_8_kw__cost_what_it_says(
    values: Mapping[str, int], dearest: int
) -> None:
    price, power = values["buyPrice"], 8
    left = 4 * 24 * power * price - 3 * power * dearest - power * values["securityPerKw"]
    assert f"the same four days leave {left / COIN:.2f} tUSD" in SECURITY
    assert f"is {values['maxBuy'] // price:,} times the\n  default price" in SECURITY


def test_security__circle_of_8_kw__earns_what_it_says(values: Mapping[str, int]) -> None:
    feed_in, shared, day = values["feedIn"], values["buyPrice"] - values["networkFee"], 8 * 24
    bring = f"8 kW bring {day * shared / COIN:.2f} tUSD a day at the default `b - g`"
    assert f"{bring}, {day * feed_in / COIN:.2f} at `f`" in SECURITY
    assert f"the default security is {8 * values['securityPerKw'] // COIN}." in SECURITY


def test_concepts__reserve_and_cover__are_of_the_default_tariff(dearest: int) -> None:
    assert f"30 kWh x {dearest / COIN:.2f} = {30 * dearest // COIN} tUSD" in page("debt")
    assert f"locks up to {dearest / COIN:.2f} tUSD for each kWh" in page("orders")


def test_concepts__times_and_limits__are_the_contracts(values: Mapping[str, int]) -> None:
    assert values["oracleMaxAge"] == 2 * 3600
    assert "`oracleMaxAge`, two hours by default" in page("tariffs")
    source = (ROOT / "contracts/settlement/Communities.sol").read_text()
    assert "MAX_MEMBERS = 160;" in source
    assert "at most 160 members" in page("communities")
    assert values["creditValue"] == values["feedIn"]
    assert "By default `v` is the feed-in price" in page("credits")
