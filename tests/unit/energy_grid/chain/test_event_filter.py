"""Which events are asked for."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import pytest

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.contract import Contract, to_bytes32
from energy_grid.chain.event_filter import EventFilter, topics_of
from energy_grid.chain.rpc.log_ranges import LogQuery
from energy_grid.client import EnergyGrid
from energy_grid.contracts import events
from energy_grid.errors import InputError
from tests.support.fake_chain import FakeChain, deposit

PLACES = {"Settlement": "0x" + "1" * 40, "EnergyToken": "0x" + "2" * 40}
PERSON = "0x" + "3" * 40
WORD = "0x" + "0" * 24 + "3" * 40


def emitters(name: str, until: int) -> Sequence[Contract]:
    return [Contract(FakeChain(), PLACES[name], name)] if name in PLACES else []


def topic(contract: str, event: str) -> str:
    return "0x" + load(contract).event(event).topic.hex()


def test_queries__one_kind__its_contract_and_topics() -> None:
    wanted = EventFilter(events.Settlement_Deposited, {"account": PERSON}, emitters)
    assert wanted.queries(5) == [
        LogQuery(
            addresses=(PLACES["Settlement"],),
            topics=([topic("Settlement", "Deposited")], None, WORD),
        )
    ]


def test_queries__several_kinds__together_where_values_are_in_the_same_place() -> None:
    kinds = [events.Settlement_Withdrawn, events.EnergyToken_Transfer]
    (query,) = EventFilter(kinds, {}, emitters).queries(5)
    assert query.addresses == tuple(sorted(PLACES.values()))
    both = sorted([topic("Settlement", "Withdrawn"), topic("EnergyToken", "Transfer")])
    assert query.topics == (both,)
    first, second = EventFilter(
        [events.Settlement_Deposited, events.Settlement_Withdrawn], {"account": PERSON}, emitters
    ).queries(5)
    assert first.topics == ([topic("Settlement", "Deposited")], None, WORD)
    assert second.topics == ([topic("Settlement", "Withdrawn")], WORD)


def test_queries__nobody_who_could_emit_it__are_none() -> None:
    assert EventFilter(events.AssetShares_Transfer, {}, emitters).queries(5) == []


def test_events__what_was_not_asked_for__is_left_out() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1), deposit(1, 2, emitter="0x" + "9" * 40)])
    logs = [log for _, block in chain._blocks for log in block]
    wanted = EventFilter(events.Settlement_Deposited, {}, emitters)
    assert wanted.queries(1)
    assert [event.amount for event in wanted.events(logs)] == [1]
    others = EventFilter(events.Settlement_Withdrawn, {}, emitters)
    assert others.queries(1)
    assert others.events(logs) == []


@pytest.mark.parametrize(
    ("kinds", "values", "says"),
    [
        ([], {}, "no kinds of events were named"),
        ("Deposited", {}, "is no kind of event"),
        (
            events.Settlement_Deposited,
            {"amount": 5},
            "Deposited cannot be found by amount, which is not indexed; by payer, account it can",
        ),
        (
            events.Settlement_Deposited,
            {"buyer": 5},
            "Deposited cannot be found by buyer, which is none of its values; by payer, account",
        ),
        (
            [events.Settlement_Withdrawn, events.EnergyToken_Transfer],
            {"account": PERSON},
            "Transfer cannot be found by account, which is none of its values; by from_, to it can",
        ),
        (events.Settlement_OutflowLimitSet, {"x": 1}, "by nothing it can"),
        (events.Settlement_Deposited, {"account": "0x12"}, "account of Deposited"),
        (events.Settlement_DayClosed, {"day": -1}, "day of DayClosed"),
    ],
)
def test_filter__that_cannot_be__is_refused_in_one_line(kinds: Any, values: Any, says: str) -> None:
    with pytest.raises(InputError) as refusal:
        EventFilter(kinds, values, emitters)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_topics__names_of_regions__stand_for_their_words() -> None:
    event = load("LoadMonitoring").event("LoadStatusChanged")
    word = to_bytes32("village")
    assert topics_of(event, {"region": "village"}) == topics_of(event, {"region": word})
    assert topics_of(event, {"region": "village"})[1] == ("0x" + word.hex(),)


def test_topics__values_with_taken_names__have_an_underscore() -> None:
    event = load("EnergyToken").event("Transfer")
    assert topics_of(event, {"from_": PERSON})[1] == (WORD,)
    assert topics_of(event, {})[1] == ()


def test_values__of_no_event__are_called_as_what_following_takes_itself() -> None:
    own = {*inspect.signature(EnergyGrid.follow).parameters} - {"values"}
    for contract in contract_names():
        for event in load(contract).events.values():
            assert not own & set(event.split[0].names), event.name
