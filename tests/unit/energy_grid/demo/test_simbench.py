"""The SimBench feed and the data that are committed with it."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import numpy as np
import numpy.typing as npt
import pytest

from energy_grid.demo import simbench
from energy_grid.demo.profiles import DayOutsideWeekError, Neighbourhood, metered
from energy_grid.domain.battery import dispatch
from energy_grid.domain.periods import SlotLengthError
from energy_grid.errors import InputError

DATA = resources.files("energy_grid.demo") / "data"
WEEKS = ("winter", "summer")
QUARTERS = 8 * 96
MONDAYS = {"winter": date(2016, 11, 28), "summer": date(2016, 7, 4)}


@pytest.fixture(scope="module", params=WEEKS)
def village(request: pytest.FixtureRequest) -> Neighbourhood:
    return simbench.load(request.param)


# the committed files


def test_data__every_file__has_the_sum_in_the_manifest() -> None:
    lines = (DATA / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {file.name: file.read_bytes() for file in DATA.iterdir() if ".csv" in file.name}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == listed


def test_data__licence__is_named() -> None:
    source = (DATA / "SOURCE.md").read_text()
    for word in ("SimBench", "ODbL", "Share alike", "What was changed"):
        assert word in source


def test_data__grid__is_one_tree_with_everything_on_it() -> None:
    buses = {row["bus"] for row in _rows("buses.csv")}
    branches = [(row["from_bus"], row["to_bus"]) for row in _rows("lines.csv")]
    branches += [(row["upper_bus"], row["lower_bus"]) for row in _rows("transformers.csv")]
    assert (len(buses), len(branches)) == (97, 96)
    group = {bus: bus for bus in buses}
    for one, other in branches:
        old, new = group[one], group[other]
        assert old != new, "a ring"
        group = {bus: new if root == old else root for bus, root in group.items()}
    assert len(set(group.values())) == 1
    assert {row["bus"] for name in ("loads", "plants") for row in _rows(f"{name}.csv")} <= buses


def test_data__owners__every_plant_belongs_to_one_household() -> None:
    loads, plants = _rows("loads.csv"), _rows("plants.csv")
    assert len(loads) == 118
    homes = [row for row in loads if row["household"]]
    assert homes == [row for row in loads if row["profile"].startswith("H0-")]
    assert sorted(int(row["household"]) for row in homes) == list(range(1, 93))
    assert len({row["household"] for row in plants}) == len(plants) == 19
    assert [row["battery_power_w"] == "0" for row in plants] == [True] * 11 + [False] * 8
    bus_of = {row["household"]: row["bus"] for row in homes}
    elsewhere = {r["plant"] for r in plants if bus_of[r["household"]] != r["bus"]}
    assert elsewhere == {"LV2.101 SGen 9", "LV2.101 Storage 4", "LV2.101 Storage 8"}
    owned = {h.number: h for h in simbench.all_households()}
    for row in plants:
        household = owned[int(row["household"])]
        assert household.pv_peak_w == int(row["pv_peak_w"])
        assert (household.battery is None) == (row["battery_power_w"] == "0")


@pytest.mark.parametrize("name", ["consumption", "pv"])
@pytest.mark.parametrize("week", WEEKS)
def test_data__series__are_768_quarter_hours_from_the_sunday_before(week: str, name: str) -> None:
    rows = _rows(f"{name}_{week}.csv")
    sunday = MONDAYS[week] - timedelta(days=1)
    start = datetime(sunday.year, sunday.month, sunday.day, tzinfo=UTC)
    times = [start + timedelta(minutes=15 * index) for index in range(QUARTERS)]
    assert [row["start_utc"] for row in rows] == [f"{time:%Y-%m-%dT%H:%MZ}" for time in times]
    assert len(rows[0]) - 1 == {"consumption": 92, "pv": 19}[name]
    assert min(_series(name, week).values(), key=min)[0] >= 0


@pytest.mark.parametrize("week", WEEKS)
def test_data__consumption__no_two_households_are_scaled_copies(week: str) -> None:
    series = np.array(list(_series("consumption", week).values()), dtype=np.int64)
    days = np.split(series, 8, axis=1)
    # An hourly market sees the hours only.
    hours = [day.reshape(len(series), 24, 4).sum(axis=2) for day in days]
    for values in (series, *days, *hours):
        _assert_alike_below(values, permille=1000, centred=False)
    # Copies that rounding or a little noise hides.
    _assert_alike_below(series, permille=800, centred=True)
    for values in days:
        _assert_alike_below(values, permille=900, centred=True)
    for values in hours:
        _assert_alike_below(values, permille=995, centred=True)


def test_data__consumption__is_plausible_for_a_household() -> None:
    kwh = {week: _yearly_kwh(week) for week in WEEKS}
    mean = [sum(pair) // 2 for pair in zip(*kwh.values(), strict=True)]
    for yearly, low, high in ((kwh["winter"], 400, 10_000), (kwh["summer"], 150, 5_000)):
        assert low <= min(yearly) <= max(yearly) <= high
    # SimBench's smallest household uses 496 kWh a year.
    assert 400 <= min(mean) <= max(mean) <= 6_000
    assert 1_000 <= sum(mean) // len(mean) <= 2_000


def _yearly_kwh(week: str) -> list[int]:
    """What every household would use in a year of such weeks."""
    return [sum(wh[96:]) * 366 // 7 // 1000 for wh in _series("consumption", week).values()]


@pytest.mark.parametrize("week", WEEKS)
def test_data__pv__stays_below_the_rated_power_and_is_dark_at_night(week: str) -> None:
    peak = {household.number: household.pv_peak_w for household in simbench.all_households()}
    for number, series in _series("pv", week).items():
        assert 0 < max(series) * 4 <= peak[number]
        for day in range(8):
            assert sum(series[day * 96 : day * 96 + 8]) == 0  # 00:00 to 02:00 UTC
            assert sum(series[day * 96 + 88 : day * 96 + 96]) == 0  # 22:00 to 24:00


# the weeks


def test_weeks__are_a_winter_and_a_summer_week_from_monday() -> None:
    known = {week.name: week.days for week in simbench.weeks()}
    assert tuple(known) == WEEKS
    for name, days in known.items():
        assert days == tuple(MONDAYS[name] + timedelta(days=offset) for offset in range(7))
        assert days[0].weekday() == 0


def test_week_of__day_of_a_week__names_it() -> None:
    for week in simbench.weeks():
        assert {simbench.week_of(day) for day in week.days} == {week.name}


def test_week_of__lead_in_day__is_refused_with_the_days_there_are() -> None:
    with pytest.raises(simbench.NoDataForDayError) as caught:
        simbench.week_of(date(2016, 7, 3))
    assert str(caught.value) == (
        "no data for 2016-07-03: there are 2016-07-04 to 2016-07-10 (summer), "
        "2016-11-28 to 2016-12-04 (winter)"
    )


# loading


def test_load__whole_village__has_92_households_19_plants_8_batteries(
    village: Neighbourhood,
) -> None:
    assert [household.number for household in village.households] == list(range(1, 93))
    with_panels = [household for household in village.households if household.pv_peak_w]
    assert len(with_panels) == 19
    assert sum(household.battery is None for household in with_panels) == 11
    assert sum(household.battery is not None for household in village.households) == 8
    assert sum(household.pv_peak_w for household in with_panels) == 326_500


def test_load__meters__count_panels_load_and_battery_gross(village: Neighbourhood) -> None:
    loads = _series("consumption", village.week.name)
    suns = _series("pv", village.week.name)
    for household in village.households:
        sun = suns.get(household.number, (0,) * QUARTERS)
        use = loads[household.number]
        meter = village.meters[household.number]
        assert len(meter.produced_wh) == len(meter.consumed_wh) == QUARTERS
        assert meter.generated_wh == sun
        if household.battery is None:
            assert (meter.produced_wh, meter.consumed_wh) == (sun, use)
            continue
        steps = dispatch(household.battery, generation_wh=sun, load_wh=use, seconds=900)
        given = [sun[i] + steps[i].discharged_wh for i in range(QUARTERS)]
        taken = [use[i] + steps[i].charged_wh for i in range(QUARTERS)]
        assert (list(meter.produced_wh), list(meter.consumed_wh)) == (given, taken)
        # What is missing between all that came in and all that went out is stored or lost.
        rest = steps[-1].stored_wh + sum(step.lost_wh for step in steps)
        assert sum(sun) - sum(use) == sum(given) - sum(taken) + rest


def test_load__unknown_week__is_refused() -> None:
    with pytest.raises(simbench.UnknownWeekError, match="no week 'spring': there are winter, su"):
        simbench.load("spring")


@pytest.mark.parametrize("count", range(1, 93))
def test_choose__number_of_households__keeps_the_shares(count: int) -> None:
    chosen = simbench.choose(count)
    numbers = [household.number for household in chosen]
    assert len(set(numbers)) == count
    assert numbers == sorted(numbers)
    solar = sum(household.pv_peak_w > 0 for household in chosen)
    assert solar >= 1
    assert solar == 1 or abs(solar - count * 19 / 92) <= 0.5
    assert abs(sum(household.battery is not None for household in chosen) - solar * 8 / 19) <= 0.5


def test_load__ten_households__is_the_same_choice_every_time() -> None:
    winter, summer = (simbench.load(week, households=10) for week in WEEKS)
    assert winter.households == summer.households
    assert [h.number for h in winter.households] == [7, 12, 21, 25, 27, 45, 46, 50, 74, 75]
    assert set(winter.meters) == {h.number for h in winter.households}


def test_load__named_households__have_the_meters_they_have_in_the_village(
    village: Neighbourhood,
) -> None:
    few = simbench.load(village.week.name, households=[45, 7, 92])
    assert [household.number for household in few.households] == [7, 45, 92]
    assert all(few.meters[number] == village.meters[number] for number in (7, 45, 92))


@pytest.mark.parametrize(
    ("households", "message"),
    [
        (0, "1 to 92 households can be had, not 0"),
        (93, "1 to 92 households can be had, not 93"),
        (-1, "1 to 92 households can be had, not -1"),
        ([], "no household is chosen"),
        ([7, 93], "no household 93: they are 1 to 92"),
        ([7, 8, 7], "household 7 is given twice"),
    ],
)
def test_choose__impossible_choice__is_refused_in_one_line(
    households: int | list[int], message: str
) -> None:
    with pytest.raises(simbench.HouseholdChoiceError) as caught:
        simbench.choose(households)
    assert str(caught.value) == message
    assert isinstance(caught.value, InputError)


# slots


def test_slots__hours__are_the_sums_of_their_quarters(village: Neighbourhood) -> None:
    for day in (village.week.lead_in, *village.week.days):
        quarters = village.slots(day, 900)
        for fine, coarse in zip(quarters, village.slots(day, 3600), strict=True):
            assert fine.household == coarse.household
            assert (len(tuple(fine)), len(tuple(coarse))) == (96, 24)
            for hour, (produced, consumed) in enumerate(coarse):
                assert produced == sum(fine.produced_wh[4 * hour : 4 * hour + 4])
                assert consumed == sum(fine.consumed_wh[4 * hour : 4 * hour + 4])


def test_slots__days_in_order__are_the_whole_series(village: Neighbourhood) -> None:
    days = [village.slots(day, 900) for day in (village.week.lead_in, *village.week.days)]
    for index, household in enumerate(village.households):
        profiles = [day[index] for day in days]
        meter = village.meters[household.number]
        assert sum((profile.produced_wh for profile in profiles), ()) == meter.produced_wh
        assert sum((profile.consumed_wh for profile in profiles), ()) == meter.consumed_wh


def test_slots__day_outside_the_week__is_refused(village: Neighbourhood) -> None:
    for day in (village.week.lead_in - timedelta(days=1), village.week.days[-1] + timedelta(1)):
        with pytest.raises(DayOutsideWeekError, match=f"the {village.week.name} week has no {day}"):
            village.slots(day, 3600)


def test_slots__other_slot_length__is_refused(village: Neighbourhood) -> None:
    with pytest.raises(SlotLengthError, match="900 or 3600 seconds, not 1800"):
        village.slots(village.week.days[0], 1800)


def test_metered__series_of_different_length__is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        metered(generation_wh=[1, 2], load_wh=[1], battery=None)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text().splitlines()))


def _series(name: str, week: str) -> dict[int, tuple[int, ...]]:
    rows = _rows(f"{name}_{week}.csv")
    numbers = [column for column in rows[0] if column != "start_utc"]
    return {int(number): tuple(int(row[number]) for row in rows) for number in numbers}


def _assert_alike_below(series: npt.NDArray[np.int64], permille: int, centred: bool) -> None:
    """No two rows have a cosine (a correlation if centred) of so many thousandths or more.

    A cosine of one means that one row is a multiple of the other (equality in the inequality of
    Cauchy and Schwarz). Nothing is rounded here.
    """
    products = series @ series.T
    if centred:
        sums = series.sum(axis=1)
        products = series.shape[1] * products - np.outer(sums, sums)
    exact = products.astype(object)  # Python integers: the squares are beyond 64 bits
    for i in range(len(series)):
        for j in range(i):
            squares = exact[i, i] * exact[j, j]
            assert exact[i, j] ** 2 * 1_000_000 < squares * permille**2, (i + 1, j + 1)
