"""The commands of signed orders on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.adapters.chain.signing import sign_order
from energy_grid.adapters.chain.trading import EnergyTrading
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.adapters.chain.order_file import load_orders
from energy_grid.adapters.chain.roles import Role
from energy_grid.entrypoints.cli.desk import short
from tests.integration.terminal import STRANGER, Terminal, address
from tests.support.market import MONDAY

BUYER, SELLER = "local:10", "local:11"
WHO = {who: short(address(who)) for who in (SELLER, BUYER, STRANGER)}


def test_try(terminal: Terminal, tmp_path: Path) -> None:
    f = tmp_path / "orders.json"
    sign = f"order sign buy --amount 1.5 --price 0.25 --out {f}"
    print(terminal.says(f"{sign} --account {BUYER}"))
    print(terminal.says(f"{sign} --account {BUYER} --json"))
    print(terminal.says(f"{sign} --account {SELLER} --period weekly --start 2024-01-01T00:00"))
    print(f.read_text())
    print(terminal._run(f"order show {f}")[1])
    print(terminal._run(f"order verify {f}")[1])
    print(terminal._run(f"order state {BUYER}")[1])
    print(terminal._run(f"order state {BUYER} 1-3")[1])
    print(terminal.does(BUYER, "order cancel 0"))
    print(terminal.does(BUYER, "order cancel 2-3"))
    print(terminal._run(f"order verify {f}")[1])
    print(terminal._run(f"order verify {f} --json")[1])
    print(terminal._run(f"order sign --help")[1])
    assert 0
