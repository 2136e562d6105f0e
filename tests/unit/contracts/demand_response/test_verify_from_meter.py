"""DemandResponse.verifyFromMeter and baselineFromMeter: what the meters have seen.

The days before are Monday to Thursday, the event is on Friday at eleven, for an hour or two.
"""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from tests.unit.contracts.metering.registrar import deactivate

from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import ParticipationRecord
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import ParticipationStatus
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    DAY,
    HOUR,
    NORTH,
    RATE,
    SOUTH,
    TARGET,
    Scheme,
    open_stack,
)

ELEVEN = MONDAY + 11 * HOUR
FRIDAY = ELEVEN + 4 * DAY
SLOT = FRIDAY // HOUR
# The highest two of them are 1001 and 1200: 1100.5 W.
USAGES = [900, 1001, 1200, 800]
BASELINE = 1100


@pytest.fixture
def scheme(market: Market) -> Scheme:
    """The highest two of the last four similar days."""
    return open_stack(market, "TestDollar", baseline_days=4, baseline_highest=2)


@pytest.fixture
def meter(scheme: Scheme, consumer: LocalAccount) -> LocalAccount:
    """The consumer's, which has seen four days."""
    (device,) = scheme.metered("consumer")
    scheme.history(device, ELEVEN, USAGES)
    return device


def announce(scheme: Scheme, *, program: int = 0, hours: int = 1) -> int:
    """The event of Friday."""
    scheme.at(FRIDAY - HOUR)
    duration = hours * HOUR
    return scheme.start_in(program, 1, duration) if program else scheme.start(duration=duration)


def held(scheme: Scheme, meter: LocalAccount, *, drawn: int = 300) -> int:
    """The event of Friday, in which the meter saw so many Wh, and its last slot final."""
    event = announce(scheme)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, drawn)
    scheme.market.go_to(FRIDAY + 2 * HOUR - 1)
    return event


def from_meter(
    scheme: Scheme, event: int, baseline: int = BASELINE, sender: LocalAccount | None = None
) -> dict[str, object]:
    """The one event of a verification for the consumer."""
    receipt = scheme.do(
        sender or actor("keeper"), "verifyFromMeter", event, actor("consumer").address, baseline
    )
    (logged,) = scheme.logged(receipt, "ReductionVerified")
    return logged


def baseline_of(scheme: Scheme, first: int, end: int) -> int:
    return int(scheme.view("baselineFromMeter", actor("consumer").address, first, end))


def test_verify_from_meter__no_event_or_not_active__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    with refused(errors.EventNotFound, event_id=1):
        from_meter(scheme, 1)
    cancelled = scheme.start()
    scheme.do(scheme.operator, "cancelEvent", cancelled)
    over = {EventStatus.CANCELLED: cancelled, EventStatus.COMPLETED: scheme.completed()}
    for status, event in over.items():
        with refused(errors.EventNotActive, event_id=event, status=status):
            from_meter(scheme, event)


@pytest.mark.parametrize("second", [-1, 0])
def test_verify_from_meter__when_the_readings_become_final__from_then_on(
    scheme: Scheme, meter: LocalAccount, second: int
) -> None:
    event = announce(scheme)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, 300)
    final = FRIDAY + HOUR + scheme.market.grace
    scheme.at(final + second)
    if second == 0:
        assert from_meter(scheme, event)["reduction_w"] == BASELINE - 300
        return
    with refused(errors.DemandResponse_TooEarly, event_id=event, **{"from": final}):
        from_meter(scheme, event)


@pytest.mark.parametrize("late", [0, 1])
def test_verify_from_meter__last_second__verified(
    scheme: Scheme, meter: LocalAccount, late: int
) -> None:
    event = held(scheme, meter)
    until = scheme.event(event).verifiable_until
    scheme.at(until + late)
    if late == 0:
        assert from_meter(scheme, event)["reduction_w"] == BASELINE - 300
        return
    with refused(errors.EventExpired, event_id=event, deadline=until):
        from_meter(scheme, event)


def test_verify_from_meter__consumer_not_registered_or_no_participant__refused(
    scheme: Scheme, meter: LocalAccount
) -> None:
    program = scheme.create()
    event = announce(scheme, program=program)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, 300)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    keeper, stranger, consumer = actor("keeper"), actor("stranger"), actor("consumer")
    with refused(errors.ConsumerNotRegistered, consumer=stranger.address):
        scheme.do(keeper, "verifyFromMeter", event, stranger.address, BASELINE)
    missing = {"program_id": program, "participant": consumer.address}
    with refused(errors.DemandResponse_NotParticipating, **missing):
        from_meter(scheme, event)


@pytest.mark.parametrize("second", [-1, 0])
def test_verify_from_meter__joined_the_program__before_the_event_starts(
    scheme: Scheme, meter: LocalAccount, second: int
) -> None:
    """Later, it would know already what it is paid for, and have promised nothing."""
    program, consumer = scheme.create(), actor("consumer")
    event = announce(scheme, program=program)
    scheme.at(FRIDAY + second)
    scheme.join(program, consumer)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, 300)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    if second < 0:
        assert from_meter(scheme, event)["metered"] is True
        return
    late = {"program_id": program, "participant": consumer.address}
    with refused(errors.DemandResponse_NotParticipating, **late):
        from_meter(scheme, event)
    with refused(errors.DemandResponse_NotParticipating, **late):
        scheme.verify(event, consumer, 500)


def test_verify_from_meter__twice__refused(scheme: Scheme, meter: LocalAccount) -> None:
    event = held(scheme, meter)
    from_meter(scheme, event)
    consumer = actor("consumer")
    for sender in (consumer, actor("keeper")):
        with refused(errors.AlreadyParticipating, id=event, consumer=consumer.address):
            from_meter(scheme, event, sender=sender)
    with refused(errors.AlreadyParticipating, id=event, consumer=consumer.address):
        scheme.verify(event, consumer, 500)


def test_verify_from_meter__without_meters__refused(scheme: Scheme, consumer: LocalAccount) -> None:
    event = announce(scheme)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    missing = {"consumer": consumer.address, "slot": SLOT, "read": 0, "meters": 0}
    with refused(errors.DemandResponse_IncompleteReadings, **missing):
        from_meter(scheme, event)


def test_verify_from_meter__meter_removed_after_the_readings__refused(
    scheme: Scheme, meter: LocalAccount, consumer: LocalAccount
) -> None:
    """All meters were read at the event's end, but they are none any more."""
    event = held(scheme, meter)
    deactivate(scheme.market, meter)

    missing = {"consumer": consumer.address, "slot": SLOT, "read": 1, "meters": 0}
    with refused(errors.DemandResponse_IncompleteReadings, **missing):
        from_meter(scheme, event, sender=consumer)


def test_verify_from_meter__a_meter_of_another_region__refused(
    scheme: Scheme, meter: LocalAccount
) -> None:
    """What is not drawn elsewhere does not help the region that pays."""
    event = held(scheme, meter)
    elsewhere = actor("meter elsewhere")
    scheme.market.register_meter(actor("consumer"), elsewhere, region=SOUTH)
    other = {"consumer": actor("consumer").address, "region": NORTH}
    with refused(errors.DemandResponse_OtherRegion, **other):
        from_meter(scheme, event)


@pytest.mark.parametrize("offset", [-1, 1])
def test_verify_from_meter__not_read_at_the_very_end__refused(
    scheme: Scheme, meter: LocalAccount, offset: int
) -> None:
    """A reading kept back until after the event would hide what was drawn in it."""
    event = announce(scheme)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR + offset, 300)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    missing = {"consumer": actor("consumer").address, "slot": SLOT, "read": 0, "meters": 1}
    with refused(errors.DemandResponse_IncompleteReadings, **missing):
        from_meter(scheme, event)


def test_verify_from_meter__one_of_two_meters_not_read__refused(
    scheme: Scheme, meter: LocalAccount
) -> None:
    event = announce(scheme)
    second = actor("second meter")
    scheme.market.register_meter(actor("consumer"), second)
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, 300)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    missing = {"consumer": actor("consumer").address, "slot": SLOT, "read": 1, "meters": 2}
    with refused(errors.DemandResponse_IncompleteReadings, **missing):
        from_meter(scheme, event)


def test_verify_from_meter__too_few_days__refused(scheme: Scheme, consumer: LocalAccount) -> None:
    (meter,) = scheme.metered("consumer")
    scheme.history(meter, ELEVEN + 3 * DAY, [1000])
    event = held(scheme, meter)
    few = {"consumer": consumer.address, "found": 1, "needed": 2}
    with refused(errors.DemandResponse_TooFewDays, **few):
        from_meter(scheme, event)


@pytest.mark.parametrize("stated", [BASELINE, BASELINE + 1, 10**6, 2**256 - 1])
@pytest.mark.parametrize("sender", ["consumer", "keeper"])
def test_verify_from_meter__inflated_baseline__earns_nothing_more(
    scheme: Scheme, meter: LocalAccount, stated: int, sender: str
) -> None:
    event = held(scheme, meter)
    logged = from_meter(scheme, event, stated, actor(sender))
    assert (logged["baseline_w"], logged["reduction_w"]) == (BASELINE, BASELINE - 300)
    scheme.complete(event)
    scheme.do(actor("consumer"), "claimReward", event, actor("consumer").address)
    assert scheme.wallet(actor("consumer")) == (BASELINE - 300) * RATE // 1000


def test_verify_from_meter__lower_baseline__by_the_consumer_only(
    scheme: Scheme, meter: LocalAccount
) -> None:
    event = held(scheme, meter)
    for sender in (actor("keeper"), scheme.operator):
        low = {"baseline": BASELINE - 1, "metered": BASELINE}
        with refused(errors.DemandResponse_BaselineTooLow, **low):
            from_meter(scheme, event, BASELINE - 1, sender)
    logged = from_meter(scheme, event, BASELINE - 1, actor("consumer"))
    assert logged["baseline_w"] == BASELINE - 1


@pytest.mark.parametrize(
    ("drawn", "reduction"), [(BASELINE - 99, 99), (BASELINE, 0), (BASELINE + 5000, 0)]
)
def test_verify_from_meter__too_little__refused(
    scheme: Scheme, meter: LocalAccount, drawn: int, reduction: int
) -> None:
    event = held(scheme, meter, drawn=drawn)
    with refused(errors.InsufficientReduction, reduction=reduction, minimum=100):
        from_meter(scheme, event)


def test_verify_from_meter__least_that_counts__recorded(
    scheme: Scheme, meter: LocalAccount
) -> None:
    event = held(scheme, meter, drawn=BASELINE - 100)

    logged = from_meter(scheme, event)

    consumer = actor("consumer").address
    assert logged == {
        "event_id": event,
        "consumer": consumer,
        "participation_id": 1,
        "baseline_w": BASELINE,
        "actual_w": BASELINE - 100,
        "reduction_w": 100,
        "metered": True,
    }
    assert scheme.participation(event, actor("consumer")) == ParticipationRecord(
        participation_id=1,
        event_id=event,
        consumer=consumer,
        baseline_usage_w=BASELINE,
        actual_usage_w=BASELINE - 100,
        reduction_w=100,
        reward_amount=0,
        meter_reading_start=0,
        meter_reading_end=0,
        verified_at=scheme.market.now,
        status=ParticipationStatus.VERIFIED,
    )
    known = scheme.event(event)
    assert (known.total_reduction_w, known.metered_reduction_w) == (100, 100)


def test_verify_from_meter__over_several_slots__actual_rounded_up(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    (meter,) = scheme.metered("consumer")
    scheme.history(meter, ELEVEN, [900, 1001, 1200, 800], hours=2)
    event = announce(scheme, hours=2)
    scheme.read(meter, FRIDAY, 9000)
    scheme.read(meter, FRIDAY + HOUR, 200)
    scheme.read(meter, FRIDAY + 2 * HOUR, 101)
    scheme.market.go_to(FRIDAY + 3 * HOUR)
    logged = from_meter(scheme, event)
    assert (logged["actual_w"], logged["reduction_w"]) == (151, BASELINE - 151)


@pytest.mark.parametrize("word", [100, 5000])
def test_verify_from_meter__after_the_operator_s_word__replaces_it(
    scheme: Scheme, meter: LocalAccount, word: int
) -> None:
    event, consumer = held(scheme, meter), actor("consumer")
    scheme.verify(event, consumer, word)
    scheme.verify(event, scheme.consumer("neighbour"), 333)
    assert scheme.event(event).metered_reduction_w == 0

    assert scheme.view("verifyFromMeter", event, consumer.address, BASELINE) == 1
    logged = from_meter(scheme, event)

    assert (logged["participation_id"], logged["metered"]) == (1, True)
    known = scheme.event(event)
    assert known.total_participants == 2
    assert known.total_reduction_w == BASELINE - 300 + 333
    assert known.metered_reduction_w == BASELINE - 300
    record = scheme.participation(event, consumer)
    assert (record.reduction_w, record.meter_reading_end) == (BASELINE - 300, 0)
    for view, key in (
        ("getConsumerParticipations", consumer.address),
        ("getEventParticipations", event),
    ):
        assert [one[0] for one in scheme.view(view, key, 0, 100)][:1] == [1]


def test_verify_from_meter__operator_favours_itself__takes_nothing_from_the_metered(
    scheme: Scheme, meter: LocalAccount
) -> None:
    """An immense reduction by its own word is paid out of what the meters leave."""
    event, consumer = held(scheme, meter), actor("consumer")
    scheme.consumer("operator")
    arguments = (event, scheme.operator.address, 2**64 - 1, 0, 0, 0)
    scheme.do(scheme.operator, "verifyReduction", *arguments)
    from_meter(scheme, event)
    scheme.complete(event)

    scheme.do(actor("keeper"), "distributeRewards", event, 100)

    earned = (BASELINE - 300) * RATE // 1000
    assert scheme.wallet(consumer) == earned
    record = scheme.participation(event, scheme.operator)
    assert record.reward_amount == (1000 * TARGET - BASELINE + 300) * RATE // 1000
    assert scheme.escrowed == scheme.holdings == BUDGET - earned - record.reward_amount


def test_verify_from_meter__meters_find_all_of_the_target__nothing_is_left_by_word(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    (meter,) = scheme.metered("consumer")
    scheme.history(meter, ELEVEN, [11_000, 11_000])
    scheme.at(FRIDAY - HOUR)
    event, neighbour, stranger = scheme.start(target=1), actor("neighbour"), actor("stranger")
    scheme.read(meter, FRIDAY, 40)
    scheme.read(meter, FRIDAY + HOUR, 1000)
    scheme.market.go_to(FRIDAY + 2 * HOUR)
    from_meter(scheme, event, 11_000)
    scheme.verify(event, scheme.consumer("neighbour"), 5000)
    scheme.complete(event)

    for account in (neighbour, stranger):
        with refused(errors.DemandResponse_NothingToClaim, account=account.address):
            scheme.do(account, "claimReward", event, account.address)
    assert scheme.participation(event, neighbour).status is ParticipationStatus.REJECTED
    scheme.do(consumer, "claimReward", event, consumer.address)
    assert scheme.wallet(consumer) == RATE
    assert scheme.escrowed == scheme.holdings == 0


def test_baseline_from_meter__bad_slots__refused(scheme: Scheme, meter: LocalAccount) -> None:
    now = scheme.market.now
    latest = (now - scheme.market.grace) // HOUR + 24
    for first, end in (
        (SLOT, SLOT),
        (SLOT + 1, SLOT),
        (SLOT, SLOT - 1),
        (latest - 25, latest),
        (latest, latest + 1),
        (0, 2**256 - 1),
        (2**256 - 2, 2**256 - 1),
    ):
        with refused(errors.DemandResponse_BadSlots, from_slot=first, to_slot=end):
            baseline_of(scheme, first, end)
    # A whole day, and the last slot, as soon as they are final on the day before.
    assert baseline_of(scheme, latest - 24, latest) > 0
    few = {"consumer": actor("consumer").address, "found": 0, "needed": 2}
    for first, end in ((latest - 1, latest), (0, 1), (0, 24)):
        with refused(errors.DemandResponse_TooFewDays, **few):
            baseline_of(scheme, first, end)


def test_baseline_from_meter__the_day_before__known_once_its_readings_are_final(
    scheme: Scheme, meter: LocalAccount
) -> None:
    """Thursday's slot of the same time is final at one o'clock."""
    one = FRIDAY - DAY + HOUR + scheme.market.grace
    scheme.market.go_to(one - 1)
    with refused(errors.DemandResponse_BadSlots, from_slot=SLOT, to_slot=SLOT + 1):
        baseline_of(scheme, SLOT, SLOT + 1)
    scheme.market.go_to(one)
    assert baseline_of(scheme, SLOT, SLOT + 1) == BASELINE
