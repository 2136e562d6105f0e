"""Opting out of events, and in again.

OpenADR 3 has no message for it: a VEN reports an operating state, and says so with it.

    a request in the report, signed by the account (ERC-2771)   the relay brings it to the chain
    the VEN's word, if its account lets it (`may_opt`)           kept here: this market's services
                                                                verify nothing of the account then

The chain takes an account's signature alone. So by word nobody is opted in where the chain has
opted them out, nor into an event for which the chain wants a choice. And no member of an aggregator
opts out by word: a portfolio would be verified of those alone who turned out to have used less.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import delete, exists, insert, select

from energy_grid.api.models import RelayRequest
from energy_grid.backend.grid_service.openadr.clients import Ven
from energy_grid.backend.grid_service.openadr.models import ReportRequest
from energy_grid.backend.grid_service.openadr.signals import event_number
from energy_grid.backend.relay_service.calls import signed_call
from energy_grid.backend.relay_service.door import RelayDoor
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.openadr import VEN_OPT_OUTS
from energy_grid.backend.store.views import VIEWS
from energy_grid.client import EnergyGrid
from energy_grid.errors import EnergyGridError

__all__ = ["OptError", "Opting"]

_STATE, _SIGNED = "OPERATING_STATE", "SIGNED_REQUEST"
_OUT, _IN = "OPTED_OUT", "CURTAILED"
_O, _EVENTS = VEN_OPT_OUTS.c, VIEWS["dr_events"].c


class OptError(EnergyGridError):
    """A VEN cannot opt so; the message says what to do."""


class Opting:
    """What the operating states in reports ask for.

    Args:
        market: may be shared; nothing is sent.
        relay: takes signed requests.
    """

    def __init__(self, market: EnergyGrid, database: Database, relay: RelayDoor) -> None:
        self._market, self._database, self._relay = market, database, relay

    def follow(self, ven: Ven, report: ReportRequest) -> None:
        """Opt as a report of one of the account's events says, if it does.

        Raises:
            OptError: that is not possible.
            ContractError, RelayQuotaError, RelayOrderError: the relay does not take the request.
        """
        event = event_number(report.event_id)
        assert event is not None
        states = [each for each in report.values_of(_STATE) if isinstance(each, str)]
        signed = report.values_of(_SIGNED)
        if signed:
            self._bring(ven, event, signed)
        elif any(each.endswith(_OUT) for each in states):
            self._opt_out(ven, event)
        elif any(each.endswith(_IN) for each in states):
            self._opt_in(ven, event)

    def _bring(self, ven: Ven, event: int, signed: Sequence[object]) -> None:
        """Give a signed request to the relay."""
        contract = self._market.demand_enrolments
        try:
            (text,) = signed
            request = RelayRequest.model_validate(json.loads(str(text)))
        except (ValueError, ValidationError, RecursionError):
            raise OptError(
                f"a {_SIGNED} is the text of one body of POST /api/v1/relay, as JSON"
            ) from None
        call = signed_call(request)
        allowed = (contract.opt_out(event), contract.opt_in(event))
        data = call.request.data
        is_such = any(each.data == data and each.to == call.request.to for each in allowed)
        if not is_such or call.request.from_ != ven.account:
            raise OptError(
                f"the request is not optIn or optOut of event {event} by {ven.account}: sign that"
            )
        self._relay.submit(call, f"ven {ven.id}")

    def _opt_out(self, ven: Ven, event: int) -> None:
        own = (_O.event == event) & (_O.account == ven.account)
        with self._database.writing() as connection:
            if connection.scalar(select(exists().where(own))):
                return
            self._require_free(ven, event)
            if int(self._market.demand_enrolments.get_enrolment(ven.account).aggregator, 16):
                raise OptError(
                    f"{ven.account} is a member of an aggregator, whose members opt on the chain:"
                    f" send a signed request ({_SIGNED}) with the report"
                )
            values = {"event": event, "account": ven.account, "client": ven.id}
            connection.execute(insert(VEN_OPT_OUTS).values(values))

    def _opt_in(self, ven: Ven, event: int) -> None:
        own = (_O.event == event) & (_O.account == ven.account)
        with self._database.writing() as connection:
            if connection.execute(delete(VEN_OPT_OUTS).where(own)).rowcount:
                self._require_free(ven, event)

    def _require_free(self, ven: Ven, event: int) -> None:
        """Pass if a VEN may opt by its word, and it is not too late."""
        if not ven.may_opt:
            raise OptError(
                f"{ven.account} does not let this VEN opt: make credentials with may_opt, or"
                f" send a signed request ({_SIGNED}) with the report"
            )
        with self._database.reading() as connection:
            starts = connection.scalar(select(_EVENTS.start_time).where(_EVENTS.event_id == event))
        if starts is None or self._market.node.time >= starts:
            raise OptError(f"event {event} has begun: nobody opts any more")
