"""Readings that come late, are lost, or never come: what they cost, and how they are trued up."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.market.days import closed_day
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import DAY, HOUR, SLOT, House, day_in_words, publish, today
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import exact

__all__ = ["tell_of_gaps"]


def tell_of_gaps(stage: Stage, houses: dict[str, House]) -> None:
    """Late by hours, lost for a morning, silent for a month; the last register of a meter."""
    _late(stage, houses["the prosumer"])
    _lost(stage, houses["the consumer"])
    _the_last_register(stage, houses["the prosumer"])
    _a_month_of_silence(stage, houses["the silent house"])


def _late(stage: Stage, prosumer: House) -> None:
    energy, end = stage.market.energy_accounts, stage.now - stage.now % HOUR + HOUR
    number = prosumer.number
    stage.chapter("Late by hours")
    stage.says("From 8 to 9 the prosumer exports 3 kWh; its readings come at 11. They are charged")
    stage.says("exactly, but share nothing.")
    late = prosumer.readings(end, {8: 3000})
    stage.wait_until(end + 2 * HOUR)
    found = energy.gap_of(number)
    stage.check(found.open, "no gap is open")
    stage.shows("a gap, up to the last final quarter", found)
    publish(stage, "the readings from 8 to 9", late)
    publish(stage, "and those after them", prosumer.readings(stage.now))
    pending = energy.pending_of(number)
    stage.check(pending == -3 * 80_000_000, f"pending: {pending}")
    stage.shows("what the next closing gives for them", exact(-pending))
    stage.shows("the gap now", energy.gap_of(number))


def _lost(stage: Stage, consumer: House) -> None:
    market, energy = stage.market, stage.market.energy_accounts
    start = consumer.read_to // SLOT
    end = stage.now - stage.now % HOUR
    stage.chapter("Lost for a morning")
    stage.says("The consumer's meter has lost its readings since midnight. Its registers went on:")
    stage.says("2.4 kWh, which cost the dearest price of the morning. Its holder must agree.")
    reading = consumer.loses(end, imported=2400)
    events = stage.does(
        "the consumer sends the next one itself",
        consumer.holder,
        market.meters.submit_with_consent(reading, 0, b""),
        "ReadLate",
        within=[energy.record_span(consumer.number, start, end // SLOT, 2400, 0)],
    )
    found = only(events, "ReadLate")
    stage.check(found["money"] == 24 * 30_000_000, f"{found}")
    stage.shows("what it costs", exact(found["money"]))


def _the_last_register(stage: Stage, prosumer: House) -> None:
    market, energy = stage.market, stage.market.energy_accounts
    settlement, tomorrow = market.settlement, today(stage) + 1
    number = prosumer.number
    stage.chapter("The last register")
    stage.does(
        "the prosumer moves out tonight",
        prosumer.holder,
        market.meters.detach_meter(prosumer.meter.address),
        "MeterDetached",
        within=[energy.detach(number, tomorrow * DAY // SLOT)],
    )
    # The outage has made the night of Thursday final a day later.
    stage.wait_until((tomorrow + 1) * DAY + HOUR)
    close = settlement.close_through([prosumer.address], tomorrow - 1)
    stage.does("its last day closes, of which the afternoon is missing", stage.keeper, close)
    release = settlement.release_security(prosumer.address)
    stage.refuses(
        "its security, before the last register is known",
        errors.EnergyAccounts_RegistersMissing,
        stage.keeper,
        release,
        number=number,
    )
    publish(stage, "it comes late", prosumer.readings(tomorrow * DAY, {19: -2000}))
    stage.does(
        "then the security is free",
        stage.keeper,
        release,
        "SecurityReleased",
        within=[energy.release(number)],
    )
    stage.says("The day was charged at deemed import, 12 kWh. It used two of them: ten come back.")
    pending = energy.pending_of(number)
    stage.check(pending == -10 * 300_000_000, f"pending: {pending}")
    stage.shows("what the next closing gives", exact(-pending))


def _a_month_of_silence(stage: Stage, house: House) -> None:
    market, energy = stage.market, stage.market.energy_accounts
    settlement, number = market.settlement, house.number
    first = house.read_to // DAY + 1
    stage.chapter("A month of silence")
    stage.says("The silent house's meter was never read. Its days close with nothing; the 30th")
    stage.says("charges all of them at deemed import, three hours at rated power a day.")
    stage.wait_until((first + 29) * DAY + HOUR)
    close = settlement.close_through([house.address], first + 28)
    stage.does("29 days close", stage.keeper, close, "DayClosed")
    found = energy.unread_of(number)
    stage.check(found == (29, 29 * 12 * 300_000_000, 0), f"{found}")
    stage.shows(
        "days that wait, and what they will be charged", (found.count_, exact(found.gap_charge))
    )
    stage.wait_until((first + 30) * DAY + HOUR)
    close = settlement.close_through([house.address], first + 29)
    events = stage.does("and the 30th", stage.keeper, close, "DeemedCharged", "DebtIncurred")
    stage.shows("its closing", day_in_words(closed_day(only(events, "DayClosed"))))
    stage.says("Then its registers come: 100 kWh in all, and anybody may bring them by now.")
    reading = house.loses(stage.now - stage.now % HOUR, imported=100_000)
    events = stage.does(
        "one reading",
        stage.person("the relay"),
        market.meters.submit_signed_readings([reading]),
        "ReadLate",
        "DeemedReturned",
    )
    returned = only(events, "DeemedReturned")["money"]
    stage.check(returned == 30 * 12 * 300_000_000, f"returned: {returned}")
    stage.shows("what was deemed comes back", exact(returned))
    stage.shows(
        "of which the 100 kWh leave, at the next closing", exact(-energy.pending_of(number))
    )
