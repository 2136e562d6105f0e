"""The commands of assets and their shares on a deployed market, each as it is typed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.integration.terminal import REGISTRAR, STRANGER, Terminal, address, wallet
from tests.support.market import MONDAY, actor

OWNER, HOLDER, BIDDER = "local:10", "local:11", "local:12"
WHO = {who: address(who) for who in (OWNER, HOLDER, BIDDER, STRANGER)}
METER = actor("meter of the roof")
MINT = (
    f"asset mint {OWNER} 'Roof <South> [/x]' village --type solar --capacity 9.8kW"
    " --commissioned 2024-01-01 --cost 12000 --years 20"
)
SHARE = "asset share 1 --shares 100 --name 'Roof Shares' --symbol ROOF"
DAY = 86_400


@pytest.fixture
def roof(terminal: Terminal) -> Terminal:
    """A terminal, and an asset."""
    terminal.does(REGISTRAR, MINT)
    return terminal


@pytest.fixture
def shared(roof: Terminal) -> Terminal:
    """A terminal, and an asset in 100 shares, 40 of which somebody else has."""
    roof.does(OWNER, SHARE)
    roof.does(OWNER, f"asset shares send 1 {HOLDER} --count 40")
    for who in (OWNER, HOLDER, BIDDER):
        market = roof.market
        held = hex(50_000 * 10**6)
        market.node.rpc("anvil_dealERC20", address(who), market.dollar.address, held)
    return roof


def test_asset__from_its_registration_to_another_owner(roof: Terminal, tmp_path: Path) -> None:
    assert roof.does(REGISTRAR, MINT.replace("--years 20", "")) == (
        f"Registered asset 2, Roof <South> [/x], for {WHO[OWNER]}: solar, 9800 W"
    )
    record = roof.answers("asset show 1")
    assert record.pop("terms") == {
        "kind": "SOLAR",
        "capacity": 9800,
        "region": "village",
        "commissioned_at": MONDAY,
        "value": 12_000_000_000,
        "lifetime": 20 * 365 * DAY,
        "name": "Roof <South> [/x]",
    }
    assert record == {
        "asset_id": 1,
        "in_service": True,
        "shares": "0x" + "0" * 40,
        "owner": address(OWNER),
        "book_value": pytest.approx(12_000_000_000, rel=1e-5),
        "meters": [],
        "maintenance": [],
    }
    permit = f"asset permit 1 {STRANGER}"
    assert roof.does(OWNER, f"{permit} operator --until 2024-02-01T12:00") == (
        f"{WHO[STRANGER]} is operator of asset 1 until 2024-02-01 12:00:00 UTC"
    )
    allowed = roof.answers(f"asset show 1 --user {STRANGER}")["permission"]
    assert allowed == {
        "user": address(STRANGER),
        "permission": "OPERATOR",
        "until": MONDAY + 31 * DAY + DAY // 2,
    }
    assert roof.does(STRANGER, "asset service 1 off") == "Asset 1 is out of service"
    invoice = tmp_path / "invoice.pdf"
    invoice.write_bytes(b"inverter, new")
    digest = hashlib.sha256(b"inverter, new").hexdigest()
    assert roof.does(STRANGER, f"asset maintain 1 'new inverter' --document {invoice}") == (
        f"Recorded maintenance 1 of asset 1: new inverter, proven by invoice.pdf (0x{digest})"
    )
    assert roof.does(OWNER, "asset service 1 on") == "Asset 1 is in service"
    missing = f"asset maintain 1 cleaned --document {tmp_path}/none --account {OWNER}"
    assert roof.refuses(missing, code=2) == (
        f"--document {tmp_path}/none: No such file or directory"
    )
    shown = roof.shows(f"asset show 1 --user {STRANGER}")
    for fact in (
        "asset 1: Roof <South> [/x] type solar capacity 9800 W region village in service yes",
        "commissioned 2024-01-01 cost 12000 tUSD book value 11999.9",
        f"owner {address(OWNER)} meters none",
        f"{WHO[STRANGER]} operator until 2024-02-01 12:00:00 UTC",
        f"{WHO[STRANGER]} new inverter 0x{digest}",
    ):
        assert fact in shown
    assert roof.does(OWNER, f"{permit} none") == (
        f"{WHO[STRANGER]} has no permission for asset 1 any more"
    )
    assert roof.refuses(f"asset service 1 off --account {STRANGER}") == (
        f"EnergyAssetNFT: not permitted (asset 1, caller {WHO[STRANGER]}, needed OPERATOR)"
    )
    assert roof.does(OWNER, f"asset send 1 {HOLDER}") == f"Sent asset 1 to {WHO[HOLDER]}"
    assert [each["asset_id"] for each in roof.answers("asset list")] == [2, 1]
    (only,) = roof.answers(f"asset list --owner {HOLDER}")
    assert (only["asset_id"], only["owner"]) == (1, address(HOLDER))
    listed = roof.shows(f"asset list --owner {OWNER} --limit 1")
    assert f"2 Roof <South> [/x] solar 9800 W village yes {WHO[OWNER]}" in listed
    assert roof.shows(f"asset list --owner {STRANGER}") == f"{WHO[STRANGER]} has no asset."


def test_asset__its_picture_is_what_the_chain_has(roof: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "roof.svg"
    assert f"picture {file}" in roof.shows(f"asset show 1 --svg {file}")
    picture = ElementTree.fromstring(file.read_text())
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Roof <South> [/x]" in "".join(picture.itertext())


def test_asset__produces_what_its_meter_meters(roof: Terminal) -> None:
    market = roof.market
    market.register_meter(wallet(OWNER), METER, settlement=False)
    link = f"asset link-meter 1 {METER.address}"
    meter = METER.address
    assert roof.does(REGISTRAR, link) == f"Linked meter {meter} to asset 1 from 2024-01-01 on"
    # It begins on Tuesday.
    market.go_to(MONDAY + 50 * 3600)
    market.measure(METER, (0, 1500), *[(0, 0)] * 23, (0, 3000), (0, 3000))
    assert roof.answers("asset show 1")["meters"] == [METER.address]
    assert f"meters {METER.address}" in roof.shows("asset show 1")
    assert roof.answers("asset history 1 --from 2024-01-01 --to 2024-01-03") == [
        {"asset_id": 1, "day": "2024-01-01", "wh": 0},
        {"asset_id": 1, "day": "2024-01-02", "wh": 1500},
        {"asset_id": 1, "day": "2024-01-03", "wh": 6000},
    ]
    shown = roof.shows("asset history 1 --from 2024-01-01 --to 2024-01-03")
    assert f"2024-01-01 0 kWh 2024-01-02 1.5 kWh {'█' * 10} 2024-01-03 6 kWh {'█' * 40}" in shown
    assert shown.endswith("7.5 kWh in all")
    month = roof.answers("asset history 1")
    assert (len(month), month[-1]) == (30, {"asset_id": 1, "day": "2024-01-03", "wh": 6000})
    assert roof.refuses("asset history 1 --from 2023-06-01") == (
        "EnergyAssetNFT: bad days (from day 2023-06-01, to day 2024-01-04, maximum 92)"
    )
    assert roof.does(REGISTRAR, f"asset unlink-meter 1 {METER.address}") == (
        f"Unlinked meter {meter} from asset 1; its last day is 2024-01-03"
    )
    assert roof.refuses(f"{link} --account {OWNER}").startswith(
        f"{WHO[OWNER]} may not do this: it is for the role REGISTRAR"
    )


def test_shares__revenue_reaches_every_holder(shared: Terminal) -> None:
    market = shared.market
    assert shared.does(BIDDER, "asset shares revenue 1 --amount 10.000001") == (
        "Paid 10.000001 tUSD to the holders of ROOF"
    )
    market.do(address(BIDDER), market.dollar, "approve", market.settlement.address, 10**6)
    market.do(address(BIDDER), market.settlement, "deposit", 10**6)
    assert shared.does(BIDDER, "asset shares revenue 1 --amount 1 --from-balance") == (
        "Paid 1 tUSD to the holders of ROOF"
    )
    part = shared.answers(f"asset shares show 1 --holder {HOLDER}")["holder"]
    assert part == {
        "address": address(HOLDER),
        "shares": 40,
        "claimable": 4_400_000,
        "accepted_buyout_id": None,
        "accepted_shares": 0,
        "refund": 0,
    }
    assert f"{WHO[HOLDER]} 40 ROOF, 4.4 tUSD to claim" in shared.shows(
        f"asset shares show 1 --holder {HOLDER}"
    )
    assert shared.does(HOLDER, "asset shares claim 1") == f"Claimed 4.4 tUSD for {WHO[HOLDER]}"
    assert shared.does(STRANGER, f"asset shares claim 1 --for {OWNER}") == (
        f"Claimed 6.6 tUSD for {WHO[OWNER]}"
    )
    assert shared.refuses(f"asset shares claim 1 --account {HOLDER}") == (
        f"AssetShares: nothing to claim (account {WHO[HOLDER]})"
    )


def test_shares__their_steward_permits_for_all_holders(shared: Terminal) -> None:
    permit = f"asset permit 1 {STRANGER} viewer --until 2024-03-01T00:00"
    assert shared.refuses(f"{permit} --account {HOLDER}") == (
        f"AssetShares: not steward (caller {WHO[HOLDER]})"
    )
    assert shared.does(OWNER, f"asset shares steward 1 {HOLDER}") == (
        f"{WHO[HOLDER]} is the steward of asset 1"
    )
    shared.does(HOLDER, permit)
    asset = shared.answers(f"asset show 1 --user {STRANGER}")
    assert asset["permission"]["permission"] == "VIEWER"
    record = shared.answers("asset shares show 1")
    least = record.pop("minimum_price")
    assert 119_000_000 < least <= 120_000_000
    assert record == {
        "address": asset["shares"],
        "asset_id": 1,
        "name": "Roof Shares",
        "symbol": "ROOF",
        "shares": 100,
        "state": "HELD",
        "steward": address(HOLDER),
        "revenue": 0,
        "offers": [],
    }
    shown = shared.shows(f"asset shares show {asset['shares']}")
    assert shown.startswith(
        f"shares 100 ROOF (Roof Shares) asset 1, held address {asset['shares']}"
    )
    assert "There is no buyout offer." in shown
    elsewhere = shared.market.dollar.address
    assert shared.refuses(f"asset shares claim {elsewhere} --account {HOLDER}") == (
        f"there are no shares of an asset of this market at {elsewhere}"
    )
    assert "its shareholders" in shared.shows("asset list")


def test_shares__a_buyout_needs_two_thirds(shared: Terminal) -> None:
    market, contract = shared.market, shared.answers("asset show 1")["shares"]
    low = shared.refuses(f"asset shares offer 1 --price 100 --account {BIDDER}")
    assert low.startswith("100 tUSD for a share is too little: its book value is 1")
    offered = shared.does(BIDDER, "asset shares offer 1 --price 130")
    assert offered.startswith(
        "Opened offer 1: 130 tUSD for each ROOF, 13000 tUSD in all, until 2024-01-08 00:"
    )
    assert offered.endswith("; approved exactly 13000 tUSD for it")
    shared.does(BIDDER, "asset shares offer 1 --price 140")
    assert shared.does(HOLDER, "asset shares accept 1 2") == (
        "Accepted offer 2 with 40 ROOF: 40 of 100 (40 %) so far"
    )
    bound = shared.shows(f"asset shares show 1 --holder {HOLDER}")
    assert f"{WHO[HOLDER]} 40 ROOF, 0 tUSD to claim, 40 bound to offer 2" in bound
    assert f"1 {WHO[BIDDER]} 130 tUSD 0 of 100 (0 %) open 2024-01-08 00:" in bound
    assert shared.does(HOLDER, "asset shares retract 1 2") == (
        "Retracted from offer 2: 0 of 100 (0 %) left"
    )
    shared.does(HOLDER, "asset shares accept 1 2")
    shared.does(OWNER, "asset shares accept 1 2")
    early = shared.refuses(f"asset shares conclude 1 2 --account {STRANGER}")
    assert early.startswith("AssetShares: buyout running (id 2, ends at 2024-01-08 00:")
    market.go_to(MONDAY + 8 * DAY)
    assert shared.does(STRANGER, "asset shares conclude 1 1") == (
        f"Concluded offer 1: not accepted; {WHO[BIDDER]} can have a refund"
    )
    assert "13000 tUSD to be refunded" in shared.shows(f"asset shares show 1 --holder {BIDDER}")
    assert shared.does(STRANGER, f"asset shares refund 1 --for {BIDDER}") == (
        f"Paid 13000 tUSD back to {WHO[BIDDER]}"
    )
    assert shared.refuses(f"asset shares accept 1 2 --account {HOLDER}") == (
        "AssetShares: buyout due (id 2): first end it: energy-grid asset shares conclude"
    )
    assert shared.does(STRANGER, "asset shares conclude 1 2") == (
        f"Concluded offer 2: the asset is {WHO[BIDDER]}'s, the money the holders' to claim at"
        f" {contract}"
    )
    assert shared.refuses("asset shares show 1") == (
        "asset 1 is not divided now; shares that it had are known by their address"
    )
    assert "minimum offer" not in shared.shows(f"asset shares show {contract}")
    offers = shared.answers(f"asset shares show {contract}")["offers"]
    assert [(each["buyout_id"], each["status"], each["accepted"]) for each in offers] == [
        (2, "SOLD", 100),
        (1, "FAILED", 0),
    ]
    claimed = shared.does(HOLDER, f"asset shares claim {contract}")
    assert claimed == f"Claimed 5600 tUSD for {WHO[HOLDER]}"
    assert shared.answers("asset show 1")["owner"] == address(BIDDER)


def test_shares__who_has_all_of_them_takes_the_asset_out(shared: Terminal) -> None:
    assert shared.refuses(f"asset shares redeem 1 --account {OWNER}") == (
        f"AssetShares: not all shares (account {WHO[OWNER]}, held 60, all 100)"
    )
    assert shared.does(HOLDER, f"asset shares send 1 {OWNER} --count 40") == (
        f"Sent 40 ROOF to {WHO[OWNER]}"
    )
    assert shared.does(OWNER, "asset shares redeem 1") == f"Redeemed asset 1: it is {WHO[OWNER]}'s"
    assert shared.answers("asset show 1")["owner"] == address(OWNER)
    again = shared.does(OWNER, SHARE)
    assert again.startswith("Divided asset 1 into 100 ROOF: 0x")
