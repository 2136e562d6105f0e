"""Following events through absences and reorganisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.event_filter import EventFilter
from energy_grid.chain.event_stream import Follower, place_of
from energy_grid.chain.rpc.node import RpcError
from energy_grid.contracts import events
from energy_grid.errors import InputError, ReorganisationError
from tests.support.fake_chain import FakeChain, deposit

HERE = "0x" + "1" * 40


class Enough(Exception):
    """The test has seen what it wanted."""


class Pauses:
    """Does the next thing in each pause; ends the following when there is none left."""

    def __init__(self, *things: Callable[[], object]) -> None:
        self._things = list(things)
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if not self._things:
            raise Enough
        self._things.pop(0)()


def follow(chain: FakeChain, *things: Callable[[], object], **terms: Any) -> Iterator[Any]:
    pauses = Pauses(*things)
    return _follow(chain, pauses, **terms)


def _follow(chain: FakeChain, pauses: Pauses, **terms: Any) -> Iterator[Any]:
    settlement = Contract(chain, HERE, "Settlement")
    wanted = EventFilter(events.Settlement_Deposited, {}, lambda *_: [settlement])
    known = {"first": 0, "after": None, "origin": 0, "confirmations": 0, **terms}
    return Follower(chain, wanted, pause=pauses, **known).events()


def collected(following: Iterator[Any], into: list[int]) -> None:
    for event in following:
        into.append(event.amount)


def amounts(chain: FakeChain, *things: Callable[[], object], **terms: Any) -> list[int]:
    found: list[int] = []
    with pytest.raises(Enough):
        collected(follow(chain, *things, **terms), found)
    return found


def test_follow__what_was_and_what_comes__each_once_in_order() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1), deposit(1, 2)], [])
    found = amounts(
        chain,
        lambda: None,
        lambda: chain.extend([deposit(1, 3)]),
        lambda: chain.extend([deposit(1, 4)], [], [deposit(1, 5)]),
    )
    assert found == [1, 2, 3, 4, 5]


def test_follow__from_a_block__yields_it_and_later() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)], [deposit(1, 2)], [deposit(1, 3)])
    assert amounts(chain, first=2) == [2, 3]


def test_follow__confirmations__holds_back_exactly_so_many_blocks() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)], [deposit(1, 2)], [deposit(1, 3)])
    assert amounts(chain, confirmations=1) == [1, 2]
    assert amounts(chain, confirmations=3) == []
    assert amounts(chain, lambda: chain.extend([]), confirmations=3) == [1]
    with pytest.raises(InputError, match="there cannot be -1 confirmations"):
        follow(chain, confirmations=-1)


@pytest.mark.parametrize("absences", [1, 3, 20])
def test_follow__a_node_that_is_away__is_waited_for_in_growing_pauses(absences: int) -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)])
    pauses = Pauses(*[lambda: None] * (absences + 1))
    chain.away = absences
    found: list[int] = []
    with pytest.raises(Enough):
        collected(_follow(chain, pauses), found)
    assert found == [1]
    growing = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[60.0] * 14]
    assert pauses.seconds == [*growing[:absences], 1.0, 1.0]


def test_follow__a_node_that_came_back__is_waited_for_anew() -> None:
    chain = FakeChain(1)
    pauses = Pauses(lambda: leave(1), lambda: None, lambda: leave(2), *[lambda: None] * 3)

    def leave(times: int) -> None:
        chain.away = times

    with pytest.raises(Enough):
        collected(_follow(chain, pauses), [])
    # There is news, an absence and none; two absences and none, which begin anew.
    assert pauses.seconds == [1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0]


def test_follow__a_node_that_refuses_for_minutes__is_believed() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)])
    # The first time both blocks and then one, after that one alone: eight times in all.
    chain.refusing = 9
    assert amounts(chain, *[lambda: None] * 9) == [1]
    chain.refusing = 10**6
    pauses = Pauses(*[lambda: None] * 99)
    with pytest.raises(RpcError, match="too many requests"):
        collected(_follow(chain, pauses), [])
    assert pauses.seconds == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_follow__a_node_that_is_behind_or_doubles__loses_and_repeats_nothing() -> None:
    chain = FakeChain(1)
    chain.doubling = True
    chain.extend([deposit(1, 1)], [deposit(1, 2), deposit(1, 3)])
    chain.behind = 1

    def arrive() -> None:
        chain.behind = 0

    assert amounts(chain, lambda: None, arrive, lambda: chain.extend([deposit(1, 4)])) == [
        1,
        2,
        3,
        4,
    ]


def test_follow__limits_of_the_node__are_met() -> None:
    chain = FakeChain(0)
    chain.extend(*([deposit(1, amount)] for amount in range(50)))
    chain.most_blocks = 4
    assert amounts(chain) == list(range(50))


@pytest.mark.parametrize("confirmations", [1, 2, 5])
def test_follow__reorganisation_no_deeper_than_confirmations__is_not_noticed(
    confirmations: int,
) -> None:
    chain = FakeChain(1)
    chain.extend(*([deposit(1, amount)] for amount in range(1, 9)))
    exchanged = [[deposit(1, 100 + depth)] for depth in range(confirmations)]
    found = amounts(
        chain,
        lambda: chain.reorganise(confirmations, *exchanged),
        lambda: chain.extend(*[[]] * confirmations),
        confirmations=confirmations,
    )
    kept = list(range(1, 9 - confirmations))
    assert found == [*kept, *(100 + depth for depth in range(confirmations))]


@pytest.mark.parametrize("confirmations", [0, 1, 2, 5])
def test_follow__deeper_reorganisation__says_from_where_to_read_again(confirmations: int) -> None:
    chain = FakeChain(1)
    chain.extend(*([deposit(1, amount)] for amount in range(1, 9)))
    left = chain.newest - confirmations
    blocks = [[deposit(1, 100 + extra)] for extra in range(confirmations + 1)]
    found: list[int] = []
    with pytest.raises(ReorganisationError) as refusal:
        collected(
            follow(
                chain,
                lambda: chain.reorganise(confirmations + 1, *blocks),
                confirmations=confirmations,
            ),
            found,
        )
    assert refusal.value.from_block == left
    assert str(refusal.value) == (
        f"the chain was reorganised: the events of block {left} and later are void; read again from"
        " there"
    )
    assert found == list(range(1, left + 1))
    again = amounts(chain, lambda: chain.extend(*[[]] * confirmations), first=left, confirmations=0)
    assert again == [100 + extra for extra in range(confirmations + 1)]


def test_follow__deeper_reorganisation_with_new_blocks__yields_none_of_them() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)], [deposit(1, 2)], [deposit(1, 3)])
    found: list[int] = []
    with pytest.raises(ReorganisationError) as refusal:
        collected(follow(chain, lambda: chain.reorganise(2, [], [], [deposit(1, 9)], [])), found)
    assert (refusal.value.from_block, found) == (2, [1, 2, 3])


def test_follow__another_chain_altogether__begins_again_at_the_origin() -> None:
    chain = FakeChain(3)
    with pytest.raises(ReorganisationError) as refusal:
        collected(follow(chain, lambda: chain.reorganise(3, [], [], []), first=1, origin=1), [])
    assert refusal.value.from_block == 1


def test_follow__a_node_that_lost_blocks__is_waited_for() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1)], [deposit(1, 2)])
    kept = chain._blocks[:]

    def come_back() -> None:
        chain._blocks[:] = kept

    found = amounts(
        chain,
        lambda: chain.reorganise(1),
        lambda: None,
        come_back,
        lambda: chain.extend([deposit(1, 3)]),
    )
    assert found == [1, 2, 3]


def test_follow__after_an_event__has_more_behind_it() -> None:
    chain = FakeChain(1)
    chain.extend([deposit(1, 1), deposit(1, 2), deposit(1, 3)], [deposit(1, 4)])
    reply = list(islice(follow(chain), 4))
    for place, event in enumerate(reply, 1):
        assert amounts(chain, after=event.cursor) == [1, 2, 3, 4][place:]
    chain.reorganise(2, [deposit(1, 1), deposit(1, 7)])
    with pytest.raises(ReorganisationError) as refusal:
        collected(follow(chain, after=reply[1].cursor, origin=1), [])
    assert refusal.value.from_block == 1


@pytest.mark.parametrize("cursor", ["", "1", "1:2", "1:2:3", "1:2:0x12", "x:2:0x" + "1" * 64])
def test_place_of__no_cursor__is_refused_in_one_line(cursor: str) -> None:
    with pytest.raises(InputError, match=r"is no cursor of an event: take it from event\.cursor"):
        place_of(cursor)


def test_place_of__a_cursor__is_the_event_s() -> None:
    assert place_of("16:2:0x" + "b" * 64) == (16, 2, "0x" + "b" * 64)
