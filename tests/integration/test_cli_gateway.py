"""The commands about communities with a gateway and their days, each as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.market.reading_file import save_readings
from energy_grid.market.signing import meter_domain, sign_reading
from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY

GATEWAY, MANAGER, PASSER = "local:6", STRANGER, "local:16"
GIVER, TAKER, LATE = "local:10", "local:11", "local:14"
DEVICES = {GIVER: "local:12", TAKER: "local:40", LATE: "local:41"}
# Wh of import and export an hour.
HOURLY = {GIVER: (0, 500), TAKER: (300, 0), LATE: (100, 0)}
HOUR, DAY, CHALLENGE = 3_600, 86_400, 21_600
TUESDAY, WEDNESDAY = MONDAY + DAY, MONDAY + 2 * DAY
JUMP = 7


@pytest.fixture
def street(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, and three members of a community with a gateway from Tuesday on."""
    monkeypatch.chdir(tmp_path)
    for who, key in DEVICES.items():
        terminal.does(who, "money faucet --amount 500")
        terminal.does(who, "money deposit --amount 300")
        register = f"meter register {who} --key {key} --region home --power 10kW --holder {who}"
        terminal.does(REGISTRAR, register)
    made = terminal.does(MANAGER, f"community create home --gateway {GATEWAY} --static")
    assert made == (
        f"Created community {_number(terminal)} in home: theta 50 %, managed by {address(MANAGER)},"
        f" read by {address(GATEWAY)}, shared by coefficients"
    )
    for who in DEVICES:
        terminal.does(who, f"community join {_number(terminal)}")
    return terminal


def _number(terminal: Terminal) -> int:
    return int(terminal.market.communities.call("communityCount"))


def _signed(terminal: Terminal, who: str, at: int, more: int = 0) -> SignedReading:
    """A reading of who's device at a time."""
    hours = (at - TUESDAY) // HOUR
    imported, exported = HOURLY[who]
    reading = MeterReading(
        timestamp=at,
        consumption=imported * hours + more,
        production=exported * hours,
        grid_frequency=5000,
        voltage=2300,
    )
    key = Account.local(int(DEVICES[who].removeprefix("local:")))
    return sign_reading(key, reading, meter_domain(31337, terminal.market.meters.address))


def _collect(terminal: Terminal, begin: int, *names: str) -> None:
    """What the gateway has read of a day, in readings.json."""
    times = range(begin, begin + DAY + 1, HOUR)
    found = [_signed(terminal, who, at) for who in names for at in times]
    save_readings(Path("readings.json"), found, meter_domain(31337, terminal.market.meters.address))


def _begin(terminal: Terminal) -> None:
    """The devices' own readings of Tuesday's begin: what a gateway reads goes on from there."""
    found = [_signed(terminal, who, TUESDAY) for who in DEVICES]
    save_readings(Path("begin.json"), found, meter_domain(31337, terminal.market.meters.address))
    terminal.does(PASSER, "meter relay begin.json")


def _account(terminal: Terminal, who: str) -> int:
    return int(terminal.market.settlement.call("numberOf", address(who)))


def test_gateway_day__from_readings_to_history(street: Terminal) -> None:
    number, market = _number(street), street.market
    tuesday = f"{number} 2024-01-02"
    market.go_to(TUESDAY + 2 * HOUR)
    _begin(street)
    street.does(PASSER, f"day close {GIVER} {TAKER}")
    missing = street.refuses(f"gateway day anchor {tuesday} --account {GATEWAY}", 2)
    assert "holds no leaves of 2024-01-02 of community" in missing
    early = street.refuses(f"gateway day settle {tuesday} --account {PASSER}")
    assert early.startswith(f"2024-01-02 of community {number} is not anchored: its gateway")
    unknown = street.refuses("gateway day show 99 2024-01-02")
    assert unknown.startswith("Communities: unknown (id 99)")
    early = street.refuses(f"gateway day build {tuesday} begin.json")
    assert early == "2024-01-02 is not over: build it on the day after"
    market.go_to(WEDNESDAY + 1)
    _collect(street, TUESDAY, *DEVICES)
    built = street.answers(f"gateway day build {tuesday} readings.json")
    assert (built["leaves"], built["absent"]) == (3, [])
    assert street.does(GATEWAY, f"gateway day anchor {tuesday}").startswith(
        f"Anchored 2024-01-02 of community {number}: root {built['root']}; it can be settled from"
    )
    again = street.refuses(f"gateway day anchor {tuesday} --account {GATEWAY}")
    assert again.startswith(f"2024-01-02 of community {number} is anchored with these leaves: ")
    nobody = street.refuses(f"gateway day build {number} 2024-01-01 readings.json")
    assert nobody.startswith(f"community {number} has no members on 2024-01-01: name another")
    assert street.answers(f"gateway day show {tuesday}")["state"] == "anchored"
    market.go_to(WEDNESDAY + 2 * HOUR)
    refusal = street.refuses(f"gateway day settle {tuesday} --account {PASSER}")
    assert refusal.startswith("CommunityDays: challengeable (community 2, day 2024-01-02, open")
    assert refusal.endswith(": do it after that time")
    assert street.answers(f"day due {GIVER}")["waits_for_community"] == number
    assert f"waits for the gateway of community {number}" in street.shows(f"day due {GIVER}")
    market.go_to(WEDNESDAY + CHALLENGE + HOUR)
    late = _account(street, LATE)
    assert street.does(PASSER, f"gateway day settle {tuesday}") == (
        f"Settled 2024-01-02 for 2 members; passed over: account {late} (other-day)"
    )
    audited = street.answers(f"community audit {tuesday}")
    assert (audited["agrees"], audited["differences"], audited["not_computed"]) == (True, [], [])
    assert (audited["members"], audited["closed"], audited["shared_wh"]) == (3, 2, 0)
    assert (audited["root"], audited["passed_over"]) == (
        *(built["root"], [{"account_number": late, "reason": "OTHER_DAY"}]),
    )
    assert street.shows(f"community audit {tuesday}").endswith("The chain agrees.")
    shown = street.answers(f"gateway day show {tuesday}")
    assert shown["state"] == "settled"
    assert shown["passed_over"] == [{"account_number": late, "reason": "OTHER_DAY"}]
    assert {each["account"] for each in shown["closed"]} == {address(GIVER), address(TAKER)}
    assert f"passed over account {late} (other-day)" in street.shows(f"gateway day show {tuesday}")
    # Nobody has a coefficient: nothing is shared.
    closed = street.answers(f"day show {GIVER}")
    assert [closed[name] for name in ("day", "net", "given", "fed_in")] == [
        *("2024-01-02", 24 * 500, 0, 24 * 500)
    ]
    (listed,) = [
        each for each in street.answers(f"day list {TAKER}") if each["day"] == "2024-01-02"
    ]
    assert (listed["from_grid"], listed["money"]) == (24 * 300, str(-24 * 300 * 300_000))

    published = street.answers(f"gateway day publish {tuesday} --to public")
    assert published["folder"] == f"public/{built['root'][2:]}"
    leaves = Path(published["folder"]) / "leaves.bin"
    assert street.answers(f"community audit {tuesday} --leaves {leaves}") == audited
    forged = bytearray(leaves.read_bytes())
    forged[126 - 1] ^= 1
    Path("forged.bin").write_bytes(forged)
    wrong = street.answers(f"community audit {tuesday} --leaves forged.bin", 1)
    root, *_, net = [each for each in wrong["differences"] if each["figure"] in ("root", "net")]
    assert (root["account_number"], root["found"]) == (None, built["root"])
    assert net == {
        "account_number": _account(street, GIVER),
        "figure": "net",
        "found": str(24 * 500),
        "computed": str(24 * 500 + 1),
    }
    assert f"account {_account(street, GIVER)} net 12000 12001" in street.shows(
        f"community audit {tuesday} --leaves forged.bin", 1
    )
    proven = street.answers(f"gateway day prove {tuesday} {GIVER} --published public")
    assert (proven["root"], proven["opening"], len(proven["proof"])) == (built["root"], "0x", 2)
    assert proven["record"][:60] in street.shows(f"gateway day prove {tuesday} {GIVER}")
    wrote = street.does(
        PASSER, f"gateway day history {tuesday} {GIVER} --slots 0-3 --published public"
    )
    assert wrote == f"Wrote 8 slots of {address(GIVER)} on 2024-01-02"
    assert street.does(PASSER, f"gateway day hand-over {tuesday} {GIVER}") == (
        f"Own readings of {address(GIVER)} go on from the end of 2024-01-02"
    )
    # Who was passed over closes alone, and is read late.
    street.does(PASSER, f"day close {LATE}")
    assert street.does(PASSER, f"gateway day read-late {tuesday} {LATE}") == (
        f"Read {address(LATE)} late, until 2024-01-03 00:00:00 UTC"
    )


def test_gateway_day__goes_on__and_is_contradicted(street: Terminal) -> None:
    number, market = _number(street), street.market
    tuesday, wednesday = f"{number} 2024-01-02", f"{number} 2024-01-03"
    market.go_to(TUESDAY + 2 * HOUR)
    _begin(street)
    street.does(PASSER, f"day close {' '.join(DEVICES)}")
    market.go_to(WEDNESDAY + 1)
    _collect(street, TUESDAY, *DEVICES)
    street.answers(f"gateway day build {tuesday} readings.json")
    street.does(GATEWAY, f"gateway day anchor {tuesday}")
    market.go_to(WEDNESDAY + CHALLENGE + HOUR)
    street.does(PASSER, f"gateway day settle {tuesday}")
    market.go_to(WEDNESDAY + DAY + 1)
    _collect(street, WEDNESDAY, GIVER, TAKER)
    late = _account(street, LATE)
    built = street.answers(f"gateway day build {wednesday} readings.json --seal {TAKER}")
    assert built["absent"] == [{"account_number": late, "reason": "25 of 25 readings are missing"}]
    street.does(GATEWAY, f"gateway day anchor {wednesday}")
    domain = meter_domain(31337, market.meters.address)
    other = _signed(street, GIVER, WEDNESDAY + 5 * HOUR, JUMP)
    save_readings(Path("other.json"), [other], domain)
    giver, taker = _account(street, GIVER), _account(street, TAKER)
    contradict = f"gateway day contradict {wednesday} other.json"
    done = street.does(PASSER, contradict)
    assert done == f"Contradicted the leaf of account {giver}: its day will be passed over"
    # Other leaves are nobody's contradicted ones; the same member can be twice.
    for seal, twice, found in (("", 0, []), (f"--seal {TAKER}", 2, [giver])):
        street.answers(f"gateway day build {wednesday} readings.json {seal}")
        street.does(GATEWAY, f"gateway day anchor {wednesday}")
        for _ in range(twice):
            street.does(PASSER, contradict)
        assert street.answers(f"gateway day show {wednesday}")["contradicted"] == found
    market.go_to(WEDNESDAY + DAY + CHALLENGE + HOUR)
    early = street.refuses(f"community audit {wednesday}")
    assert early == f"2024-01-03 of community {number} is not settled: audit it after that"
    # A Safe can, too: its call stands in that of the Safe.
    done = street.does(AUTHORITY, f"gateway day settle {wednesday}")
    assert done.startswith("Settled 2024-01-03 for 0 members; passed over: ")
    audited = street.answers(f"community audit {wednesday}")
    assert (audited["agrees"], audited["closed"]) == (True, 0)
    for account, why in ((giver, "contradicted"), (taker, "sealed"), (late, "absent")):
        assert f"account {account} ({why})" in done
    assert street.answers(f"gateway day show {wednesday}")["contradicted"] == [giver]
    opened = street.answers(f"gateway day prove {wednesday} {TAKER}")
    assert len(opened["opening"]) > len(opened["record"])


def test_community__with_a_gateway__names_another_and_sets_coefficients(street: Terminal) -> None:
    number = _number(street)
    shown = street.answers(f"community show {number}")
    assert (shown["gateway"], shown["static"], shown["next_gateway"]) == (
        *(address(GATEWAY), True),
        None,
    )
    assert f"gateway {address(GATEWAY)} shared by coefficients" in street.shows(
        f"community show {number}"
    )
    street.market.go_to(TUESDAY + 2 * HOUR)
    nothing = street.refuses(f"community accept-coefficient --account {TAKER}")
    assert nothing.startswith(f"{address(TAKER)} has no offer: the manager of its community")
    offered = street.does(MANAGER, f"community coefficient {number} {TAKER} 60")
    assert offered == f"Offered {address(TAKER)} 60 %: it holds once it is accepted"
    assert street.answers(f"community member {TAKER}")["offered_bps"] == 6_000
    assert "offered 60 %" in street.shows(f"community member {TAKER}")
    assert street.does(TAKER, "community accept-coefficient") == (
        f"The coefficient of {address(TAKER)} is 60 % from 2024-01-03 on"
    )
    street.market.go_to(WEDNESDAY + 2 * HOUR)
    assert street.answers(f"community member {TAKER}")["coefficient_bps"] == 6_000
    # It can change again once the days before are closed, which nobody's gateway has read.
    street.market.go_to(WEDNESDAY + 4 * DAY)
    street.does(PASSER, f"day close {TAKER}")
    lowered = street.does(MANAGER, f"community coefficient {number} {TAKER} 10")
    assert lowered.startswith(f"The coefficient of {address(TAKER)} is 10 % from ")
    named = street.does(MANAGER, f"community gateway {number} {PASSER}")
    assert named.startswith(f"The gateway of community {number} is {address(PASSER)} from ")
    unable = "; it cannot anchor days before governance gives it the role METER_GATEWAY"
    assert named.endswith(unable)
    assert street.does(MANAGER, f"community create home --gateway {PASSER}").endswith(unable)
    assert street.answers(f"community show {number}")["next_gateway"] == address(PASSER)
    needs = street.refuses(f"community create home --static --account {MANAGER}", 2)
    assert needs.startswith("--static needs --gateway")
