"""SECURITY.md names tests that exist, and its example follows from the default parameters."""

from __future__ import annotations

import re

import yaml

from scripts._docs.solidity import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
DEFAULTS = ROOT / "scripts/_deploy/defaults.yaml"
COIN = 10**6


def test_security__every_test_that_it_names__is_there() -> None:
    names = set(re.findall(r"`(test_\w+)`", PAGE))
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(names) > 25
    assert {name for name in names if f"def {name}(" not in sources} == set()


def test_security__four_days_at_8_kw__cost_what_it_says() -> None:
    values = yaml.safe_load(DEFAULTS.read_text())["parameters"]
    price, power = values["buyPrice"], 8
    reserve = 3 * power * price * values["maxFactor"] // 10_000
    left = 4 * 24 * power * price - reserve - power * values["securityPerKw"]
    assert f"the same four days leave {left / COIN:.2f} tUSD" in PAGE
    assert f"is {values['maxBuy'] // price:,} times the\n  default price" in PAGE
