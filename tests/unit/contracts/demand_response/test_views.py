"""DemandResponse's views."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import structure
from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import ParticipationRecord, ProgramParticipant
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import BUDGET, NORTH, RATE, Scheme


def test_views__of_nothing__refused_or_empty(scheme: Scheme) -> None:
    stranger = actor("stranger").address
    for number in (0, 1, 2**256 - 1):
        with refused(errors.DemandResponse_NoSuchProgram, program_id=number):
            scheme.view("getProgram", number)
        with refused(errors.DemandResponse_NoSuchProgram, program_id=number):
            scheme.view("getProgramParticipant", number, stranger)
        with refused(errors.EventNotFound, event_id=number):
            scheme.view("getEvent", number)
        with refused(errors.EventNotFound, event_id=number):
            scheme.view("getParticipation", number, stranger)
        with refused(errors.EventNotFound, event_id=number):
            scheme.view("getEventParticipations", number, 0, 1)
    assert list(scheme.view("getConsumerParticipations", stranger, 0, 1)) == []
    assert scheme.view("programCount") == scheme.view("eventCount") == scheme.escrowed == 0
    program = scheme.create()
    nothing = ProgramParticipant(committed=0, reduction=0, earned=0, claimed=0)
    assert scheme.participant(program, actor("stranger")) == nothing


def test_parts__of_who_has_no_meter__show_nothing(scheme: Scheme) -> None:
    stranger, event = actor("stranger").address, scheme.start()
    baselines = scheme.market.contracts["DemandBaselines"]
    known = scheme.event(event)
    slots = known.start_time // 3600, known.end_time // 3600
    assert baselines.call("isMetered", stranger, *slots) is False
    with refused(errors.DemandBaselines_NotMetered, consumer=stranger):
        baselines.call("measure", stranger, NORTH, known.announced_at, *slots, 100, True)


@pytest.mark.parametrize("limit", [0, 101, 2**256 - 1])
def test_pages__limit_out_of_bounds__refused(scheme: Scheme, limit: int) -> None:
    event, consumer = scheme.start(), actor("consumer").address
    with refused(errors.DemandResponse_BadPage, limit=limit, maximum=100):
        scheme.view("getEventParticipations", event, 0, limit)
    with refused(errors.DemandResponse_BadPage, limit=limit, maximum=100):
        scheme.view("getConsumerParticipations", consumer, 0, limit)


def test_pages__of_any_size__oldest_first(scheme: Scheme) -> None:
    events = [scheme.completed(500, 600, 700), scheme.completed(800)]
    first = actor("saver 0")

    def page(view: str, key: object, offset: int, limit: int) -> list[ParticipationRecord]:
        found = scheme.view(view, key, offset, limit)
        return [structure(ParticipationRecord, one) for one in found]

    one_by_one = [scheme.participation(events[0], actor(f"saver {n}")) for n in range(3)]
    assert [record.participation_id for record in one_by_one] == [1, 2, 3]
    for offset in (0, 1, 2, 3, 4, 2**256 - 1):
        for limit in (1, 2, 100):
            found = page("getEventParticipations", events[0], offset, limit)
            assert found == one_by_one[offset : offset + limit]
    own = [scheme.participation(event, first) for event in events]
    assert [record.participation_id for record in own] == [1, 4]
    assert page("getConsumerParticipations", first.address, 0, 100) == own
    assert page("getConsumerParticipations", first.address, 1, 1) == own[1:]


def test_escrowed__programs_and_events__sum_of_what_is_owed(scheme: Scheme) -> None:
    program, consumer = scheme.create(), scheme.consumer("consumer")
    scheme.join(program, consumer)
    scheme.start_in(program, 2)
    event = scheme.completed(1000)
    assert scheme.escrowed == 2 * BUDGET
    scheme.do(scheme.operator, "reportReduction", program, consumer.address, 500)
    assert scheme.escrowed == 2 * BUDGET
    scheme.do(consumer, "leaveProgram", program)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    assert scheme.escrowed == BUDGET + 2 * RATE + RATE // 2
    scheme.do(consumer, "distributeRewards", event, 1)
    scheme.do(consumer, "claimProgramReward", program, consumer.address)
    assert scheme.escrowed == scheme.holdings == BUDGET + RATE
