"""What the store takes: bytes and time for each event, and the reads of dashboards: docs/store.md.

    python -m tests.bench.store

Events come from a chain in this process, so that no node's time is in the figures. What is found is
kept in tests/bench/store.json, from which docs/scale.md computes what a million meters need.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Select, Table, func, insert, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS, READINGS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract import Contract
from energy_grid.client import EnergyGrid
from energy_grid.domain.account_words import DayResult, day_words
from tests.bench.results import Machine, this_machine
from tests.bench.timing import best_of
from tests.support.artifacts import ROOT
from tests.support.databases import BACKENDS, new_database
from tests.support.fake_chain import FakeChain
from tests.support.indexer_faults import finished, log_of

__all__ = ["KINDS", "SNAPSHOT", "StoreFigures", "main", "measure_store", "saved"]

SNAPSHOT = Path(__file__).with_suffix(".json")
_PAGE = ROOT / "docs" / "store.md"
_LOGS_A_BLOCK, _MEMBERS = 200, 100
_DAY, _HOUR, _DAY_SECONDS = 19_723, 1_704_067_200, 86_400
_ADDRESSES = {
    name: f"0x{number:040x}"
    for number, name in enumerate(("Settlement", "EnergyTrading", "SmartMeter", "CommunityDays"), 1)
}
