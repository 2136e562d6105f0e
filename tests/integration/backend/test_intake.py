"""Each register counts once, whatever comes in whatever order, on both databases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from energy_grid.backend.meter_gateway import intake as module
from energy_grid.backend.meter_gateway.intake import (
    Intake,
    Received,
    ReceivedStatus,
    signed_of,
)
from energy_grid.backend.meter_gateway.judging import Reason
from energy_grid.backend.meter_gateway.payload import Status
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.backend.store.registers import METER_STATES, QUARANTINED, REGISTERS
from energy_grid.chain.accounts import Account
from tests.support.killing import KilledError, dying
from tests.support.metering import (
    LIMITS,
    NOON,
    received,
    register,
    rotate,
    set_nominal,
    signed,
)

METER, OTHER, NEW = (Account.local(number) for number in (11, 12, 13))
HOUR = 3600
POWER = 5000


@pytest.fixture
def intake(database: Database) -> Intake:
    register(database, {METER.address: POWER, OTHER.address: POWER})
    return Intake(database, LIMITS)


def counted(database: Database) -> list[tuple[str, int, int, int]]:
    columns = ("meter", "time", "import_wh", "export_wh")
    with database.reading() as connection:
        rows = connection.execute(select(*(REGISTERS.c[each] for each in columns)))
        return sorted(map(tuple, rows))


def reasons(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(connection.scalars(select(QUARANTINED.c.reason)))


def day(meter: Account, seed: int = 1) -> list[Received]:
    """A day of hourly readings."""
    chance, total, found = random.Random(seed), 0, []
    for hour in range(25):
        found.append(received(meter, NOON + hour * HOUR, total, 2 * total, at=NOON + 30 * HOUR))
        total += chance.randint(0, POWER // 3)
    return found


def expected(messages: Sequence[Received]) -> list[tuple[str, int, int, int]]:
    readings = [(each.meter, each.signed.reading) for each in messages]
    return sorted(
        (meter, each.timestamp, each.consumption, each.production) for meter, each in readings
    )


def test_readings__twice_and_in_disorder__count_once(intake: Intake, database: Database) -> None:
    sent = [*day(METER), *day(OTHER, 2)]
    chance = random.Random(7)
    disordered = 3 * sent
    chance.shuffle(disordered)
    while disordered:
        size = chance.randint(1, 20)
        intake.take(disordered[:size])
        del disordered[:size]
    assert counted(database) == expected(sent)
    assert reasons(database) == []
    assert intake.counted == {"COUNTED": len(sent), "DUPLICATE": 2 * len(sent)}


def test_reading__stored__is_the_signed_one(intake: Intake, database: Database) -> None:
    reading = received(METER, NOON, 2**48 - 1, 2**48 - 1)
    intake.take([reading])
    with database.reading() as connection:
        assert signed_of(connection.execute(select(REGISTERS)).one()) == reading.signed


def test_registers__past_their_end__go_on(intake: Intake, database: Database) -> None:
    sent = [received(METER, NOON, 2**48 - 3), received(METER, NOON + HOUR, 7)]
    intake.take(sent)
    assert counted(database) == expected(sent)


@pytest.mark.parametrize("together", [False, True])
def test_reading__that_contradicts_another__is_kept_and_never_counts(
    intake: Intake, database: Database, together: bool
) -> None:
    first, second = received(METER, NOON, 10), received(METER, NOON, 11)
    for batch in [[first, second]] if together else [[first], [second], [second]]:
        intake.take(batch)
    assert counted(database) == expected([first])
    with database.reading() as connection:
        row = connection.execute(select(QUARANTINED)).one()
    assert (row.reason, row.import_wh) == (Reason.CONTRADICTION, 11)
    assert "has signed 10, 0 Wh for the same time" in row.why


@pytest.mark.parametrize(
    ("time", "imported", "exported", "reason"),
    [
        (NOON + HOUR, 999, 50, Reason.BACKWARDS),
        (NOON + HOUR, 1000, 49, Reason.BACKWARDS),
        (NOON + HOUR, 1000 + POWER + 3, 50, Reason.JUMP),
        (NOON + HOUR, 1000 + POWER, 50 + 3, Reason.JUMP),
        (NOON - HOUR, 1001, 50, Reason.BACKWARDS),
        (NOON - HOUR, 0, 0, None),
        (NOON + HOUR, 1000 + POWER, 50 + 2, None),
        (NOON + HOUR, 1000, 50, None),
    ],
)
def test_reading__beside_another__counts_if_registers_rise_as_they_can(
    intake: Intake,
    database: Database,
    time: int,
    imported: int,
    exported: int,
    reason: Reason | None,
) -> None:
    intake.take([received(METER, NOON, 1000, 50)])
    intake.take([received(METER, time, imported, exported)])
    assert reasons(database) == ([] if reason is None else [reason])
    assert len(counted(database)) == (2 if reason is None else 1)


def test_reading__between_two__has_to_fit_both(intake: Intake, database: Database) -> None:
    intake.take([received(METER, NOON, 0), received(METER, NOON + 2 * HOUR, 100)])
    intake.take([received(METER, NOON + HOUR, 101)])
    assert reasons(database) == [Reason.BACKWARDS]
    intake.take([received(METER, NOON + HOUR, 100)])
    assert len(counted(database)) == 3


def test_reading__under_anothers_topic__does_not_count(intake: Intake, database: Database) -> None:
    spoofed = Received(OTHER.address, signed(METER, NOON, 5), NOON)
    intake.take([spoofed])
    assert (counted(database), reasons(database)) == ([], [Reason.WRONG_TOPIC])


def test_reading__signed_by_another_key__does_not_count(intake: Intake, database: Database) -> None:
    forged = replace(signed(OTHER, NOON, 5), meter=METER.address)
    broken = replace(forged, r=b"\xff" * 32)
    intake.take([Received(METER.address, each, NOON) for each in (forged, broken)])
    assert (counted(database), reasons(database)) == ([], [Reason.WRONG_KEY, Reason.WRONG_KEY])


def test_reading__of_the_future_or_too_old_or_impossible__does_not_count(
    intake: Intake, database: Database
) -> None:
    intake.take(
        [
            received(METER, NOON + 61, 1, at=NOON),
            received(METER, NOON - 30 * 24 * HOUR - 1, 1, at=NOON),
            Received(METER.address, signed(METER, NOON, 1, voltage=3451), NOON),
        ]
    )
    assert counted(database) == []
    assert reasons(database) == [Reason.FUTURE, Reason.IMPLAUSIBLE, Reason.TOO_OLD]
    intake.take(
        [received(METER, NOON + 60, 1, at=NOON), received(METER, NOON - 30 * 24 * HOUR, 1, at=NOON)]
    )
    assert len(counted(database)) == 2


def test_reading__where_60_hz_are_nominal__is_judged_by_that(
    intake: Intake, database: Database
) -> None:
    set_nominal(database, 6000, 1200)
    # What the market's own nominal values allow counts, too, as SmartMeter has it.
    shown = (6600, 600), (5400, 1800), (5000, 2300), (4500, 3450), (6601, 1200), (4499, 2300)
    for number, (frequency, voltage) in enumerate(shown):
        time = NOON + number * 900
        reading = signed(METER, time, 1, frequency=frequency, voltage=voltage)
        intake.take([Received(METER.address, reading, time)])
    assert len(counted(database)) == 4
    assert reasons(database) == [Reason.IMPLAUSIBLE] * 2


def test_key__rotated__fails_at_once_and_the_new_one_counts(
    intake: Intake, database: Database
) -> None:
    intake.take([received(METER, NOON, 1)])
    rotate(database, METER.address, NEW.address)
    intake.take([received(METER, NOON + HOUR, 2), received(NEW, NOON + HOUR, 2)])
    assert counted(database) == expected([received(METER, NOON, 1), received(NEW, NOON + HOUR, 2)])
    assert reasons(database) == [Reason.UNKNOWN_METER]


def test_readings__before_the_store_knows_the_meter__count_once_it_does(
    intake: Intake, database: Database
) -> None:
    early = [received(NEW, NOON + at * HOUR, at, at=NOON + 5 * HOUR) for at in range(3)]
    intake.take(early)
    assert reasons(database) == [Reason.UNKNOWN_METER] * 3
    register(database, {NEW.address: POWER})
    intake.take([])
    assert (counted(database), reasons(database)) == (expected(early), [])


def test_quarantine__of_a_meter__is_bounded(
    intake: Intake, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_QUARANTINED", 3)
    for at in range(5):
        intake.take([Received(OTHER.address, signed(METER, NOON + at, 5), NOON + at)])
    intake.take([Received(METER.address, signed(OTHER, NOON, 5), NOON)])
    assert len(reasons(database)) == 4
    assert intake.counted[Reason.WRONG_TOPIC] == 6


def clocks(database: Database) -> dict[str, Any]:
    with database.reading() as connection:
        rows = connection.execute(select(METER_STATES)).all()
    return {row.meter: (row.online, row.seen_at, row.clock_offset) for row in rows}


def test_clock__of_a_device__is_measured_by_what_is_live(
    intake: Intake, database: Database
) -> None:
    intake.take([received(METER, NOON, 1, at=NOON + 7)])
    # What was kept while nobody listened says nothing of the clock.
    intake.take([received(METER, NOON - HOUR, 0, at=NOON + 8)])
    assert clocks(database) == {METER.address: (None, NOON + 8, 7)}
    with database.reading() as connection:
        offsets = select(REGISTERS.c.clock_offset).order_by(REGISTERS.c.time)
        assert connection.scalars(offsets).all() == [None, 7]
    statuses = [
        ReceivedStatus(METER.address, Status(True, NOON - 20), NOON),
        ReceivedStatus(OTHER.address, Status(True, None), NOON),
        ReceivedStatus(NEW.address, Status(True, NOON), NOON),
    ]
    intake.take([], statuses)
    intake.take([], [ReceivedStatus(METER.address, Status(False, None), NOON + 9)])
    assert clocks(database) == {
        METER.address: (False, NOON + 9, 20),
        OTHER.address: (True, NOON, None),
    }


def test_reading__that_comes_again__says_nothing_of_its_device(
    intake: Intake, database: Database
) -> None:
    """Anybody can send again over HTTP what a meter has signed: a dead one would look alive."""
    intake.take([received(METER, NOON, 1)])
    intake.take([received(METER, NOON, 1, at=NOON + 5000)])
    assert clocks(database) == {METER.address: (None, NOON, 0)}


def test_readings_that_waited__while_the_database_goes__count_when_it_is_back(
    intake: Intake, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = [received(NEW, NOON, 1)]
    intake.take(early)
    register(database, {NEW.address: POWER})

    def gone(*_: object) -> None:
        raise DatabaseGoneError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_lock", gone)
        with pytest.raises(DatabaseGoneError):
            intake.take([])
    intake.take([])
    assert (counted(database), reasons(database)) == (expected(early), [])


def test_meter__registered_in_a_block_that_replaces_another__is_known(
    intake: Intake, database: Database
) -> None:
    early = [received(NEW, NOON, 1)]
    intake.take(early)
    register(database, {NEW.address: POWER}, replaces=True)
    intake.take([])
    assert counted(database) == expected(early)


def test_open_door__writes_nothing_for_what_anybody_can_make_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(database, {METER.address: POWER})
    intake = Intake(database, LIMITS, is_open=True)
    forged = replace(signed(OTHER, NOON, 5), meter=METER.address)
    junk = [Received(METER.address, forged, NOON), received(NEW, NOON, 1)]
    with monkeypatch.context() as patch:
        patch.setattr(Database, "writing", None)
        taken = intake.take(junk)
    assert [verdict.reason for _, verdict in taken.refused] == [
        Reason.WRONG_KEY,
        Reason.UNKNOWN_METER,
    ]
    assert intake.counted == {Reason.WRONG_KEY: 1, Reason.UNKNOWN_METER: 1}


class _NoNode:
    rpc = rpc_batch = staticmethod(lambda *_: None)


def test_batch__ended_between_any_two_statements__counts_once_when_it_comes_again(
    database: Database,
) -> None:
    register(database, {METER.address: POWER})
    sent = [*day(METER), received(METER, NOON, 1, at=NOON), received(NEW, NOON, 1)]
    moment = 0
    while True:
        moment += 1
        try:
            with dying(database, _NoNode(), moment):  # type: ignore[arg-type]
                Intake(database, LIMITS).take(sent)
        except KilledError:
            assert len(counted(database)) in (0, 25)
            continue
        break
    assert moment > 8
    assert counted(database) == expected(day(METER))
    assert reasons(database) == [Reason.CONTRADICTION, Reason.UNKNOWN_METER]
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(REGISTERS)) == 25
