"""The page about the worth of forecasts is what was measured."""

from __future__ import annotations

import pytest

from tests.bench.agent import _PAGE, MARGIN, PERFECT, RULE, THREE, page, saved


def test_agent_page__committed_figures__is_up_to_date(pytestconfig: pytest.Config) -> None:
    expected = page(saved())
    if pytestconfig.getoption("--update-snapshots"):
        _PAGE.write_text(expected)
    assert _PAGE.read_text() == expected


def test_measured__perfect_knowledge__is_cheaper_than_the_rule_and_any_forecast() -> None:
    weeks = [one["batteries"][THREE] for one in saved().values()]
    perfect, rule, margin = (
        sum(week[method][0] for week in weeks) for method in (PERFECT, RULE, MARGIN)
    )
    assert perfect < min(rule, margin)
