"""A household is paid for an event without a human: a program that others wrote reads of it over
OpenADR and sheds, its meter shows that, and the backend verifies, completes and pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import openadr3
import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.backend.grid_service.responses import ResponseKeeper
from energy_grid.chain.accounts import Account
from energy_grid.domain.enums import ParticipationStatus
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.openadr_world import (
    Vtn,
    account_of,
    metered,
    open_program,
    schedule,
)
from tests.integration.backend.api.test_client import served
from tests.support.market import DAY, MONDAY, Market, actor
from tests.unit.contracts.demand_response.scheme import RATE

_HOUR = 3600
KEEPER = Account.local(18)
# Ten weekdays before it, the first without a meter.
_EVENT_DAY = MONDAY + 14 * DAY
_USUAL_WH, _SHED_WH = 2_000, 800


@dataclass
class Home:
    """A house, and the program that controls its heat pump: it knows OpenADR, and no chain."""

    key: LocalAccount
    ven: openadr3.OpenADRClient
    is_away: bool = False
    wh: int = _USUAL_WH
    shed: set[str] = field(default_factory=set)

    def control(self, now: int) -> None:
        """Look for events and set the pump's power, as every program of this kind does."""
        self.wh = _USUAL_WH
        for event in self.ven.events(active=True):
            if self.is_away:
                self._report(event, {"OPERATING_STATE": "IDLE_OPTED_OUT"})
            for interval in event.resolved_intervals():
                start, end = interval.interval_period.period
                level = next(each for each in interval.payloads if each.type == "SIMPLE").values[0]
                if level and start.timestamp() <= now < end.timestamp():
                    self.wh = _SHED_WH
                    self.shed.add(event.id)

    def tell(self, start: int, wh: int) -> None:
        """Report what the pump's own counter says of an hour in which it was curtailed."""
        for name in self.shed:
            event = self.ven.event(name)
            payloads = {"USAGE": wh / 1000, "OPERATING_STATE": "RUNNING_CURTAILED"}
            self._report(event, payloads, start)

    def _report(
        self, event: openadr3.Event, payloads: dict[str, object], start: int | None = None
    ) -> None:
        interval: dict[str, object] = {
            "id": 0,
            "payloads": [{"type": name, "values": [each]} for name, each in payloads.items()],
        }
        if start is not None:
            time = openadr3.parse_datetime(_stamp(start)).to_iso8601_string()
            interval["intervalPeriod"] = {"start": time, "duration": "PT1H"}
        answer = self.ven.create_report(
            {
                "eventID": event.id,
                "clientName": "heat pump",
                "resources": [{"resourceName": "pump", "intervals": [interval]}],
            }
        )
        assert answer.status_code == 201, answer.text


def _stamp(seconds: int) -> str:
    return openadr3.time.pendulum.from_timestamp(seconds).to_iso8601_string()


@dataclass
class Street:
    """Houses with meters, hour by hour."""

    market: Market
    homes: Sequence[Home]
    registers: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """The meters' first readings, at the midnight from which they bill."""
        self.market.go_to(MONDAY + DAY)
        self._read(MONDAY + DAY)

    def live_hour(self, end: int) -> None:
        """Until the end of an hour, when the meters sign what they show."""
        self.market.go_to(end)
        for home in self.homes:
            name = home.key.address
            self.registers[name] = self.registers.get(name, 0) + home.wh
        self._read(end)

    def _read(self, time: int) -> None:
        market = self.market
        signed = [
            market.signed_reading(
                actor(f"meter of {home.key.address}"),
                market.reading(timestamp=time, consumed=self.registers.get(home.key.address, 0)),
            )
            for home in self.homes
        ]
        receipt = market.do(actor("relay"), market.meters, "submitSignedReadings", signed)
        assert not market.events(receipt, market.meters, "ReadingSkipped")


@pytest.fixture
def vtn(api: Api) -> Iterator[Vtn]:
    with served(api) as address, ExitStack() as ends:
        yield Vtn(api, address, ends)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_household__whose_program_sheds__is_paid_without_a_human(vtn: Vtn, tmp_path: Path) -> None:
    api, market = vtn.api, vtn.api.exchange.market
    keys = [metered(api, name) for name in ("household", "household on holiday")]
    scheme, program = open_program(api, *keys)
    at_home, away = (Home(key, vtn.ven(key, may_opt=True)) for key in keys)
    away.is_away = True
    street = Street(market, [at_home, away])
    street.begin()
    for end in range(MONDAY + DAY + _HOUR, _EVENT_DAY + 1, _HOUR):
        street.live_hour(end)
    event = schedule(scheme, program, hours=2, ahead=18)
    away_before = scheme.wallet(away.key)
    known = scheme.event(event)
    for start in range(_EVENT_DAY, known.end_time + _HOUR, _HOUR):
        api.live()
        for home in street.homes:
            home.control(start)
        street.live_hour(start + _HOUR)
        if known.start_time <= start < known.end_time:
            api.live()
            at_home.tell(start, _SHED_WH + 30)
    assert at_home.shed == {f"event-{event}"}
    assert away.shed == set()
    told = api.get(f"/accounts/{at_home.key.address}/telemetry", account_of(at_home.key)).json()
    assert [(each["reported_wh"], each["metered_wh"]) for each in told] == [(830, 800)] * 2

    grid, wallet = api.exchange.grid, scheme.wallet(at_home.key)
    market.node.set_balance(KEEPER.address, 10**21)
    keeper = ResponseKeeper(grid, api.database, KEEPER, tmp_path)
    keeper.step()
    api.live()
    found = grid.demand_response.get_participation(event, at_home.key.address)
    assert found.status is ParticipationStatus.VERIFIED, (keeper.describe(), market.now, known)
    assert (found.baseline_usage_w, found.actual_usage_w) == (_USUAL_WH, _SHED_WH)
    keeper.step()
    market.go_to(known.verifiable_until + 1)
    for _ in range(3):
        keeper.step()
        api.live()
    # 1.2 kW of a target of 1 kW: all of the budget, and no more.
    assert scheme.wallet(at_home.key) - wallet == RATE
    assert keeper.describe() == "reported 3 times"
    for address, missed in ((at_home.key.address, 0), (away.key.address, 0)):
        assert grid.demand_enrolments.get_enrolment(address).missed == missed
    record = grid.demand_response.get_participation(event, away.key.address)
    assert (record.status, record.reward_amount) == (ParticipationStatus.PENDING, 0)
    assert scheme.wallet(away.key) == away_before
