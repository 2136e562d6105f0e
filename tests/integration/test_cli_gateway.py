"""The commands of gateways on a deployed market, each as it is typed."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import AnchoredReading
from energy_grid.domain.merkle import MerkleTree
from energy_grid.market.anchoring import LEAF_TYPES, SlotProof, salt_of, tree_of
from tests.integration.terminal import REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY

GATEWAY, SPARE = "local:8", "local:9"
HOUSEHOLDS = ("local:5", "local:6", "local:7")
SLOT = MONDAY // 3600
SECRET = bytes(range(32))
READINGS = [(address(who).lower(), 100 * place, 250) for place, who in enumerate(HOUSEHOLDS)]


@pytest.fixture
def read(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal where a gateway's files are, and three households that it has read for an hour."""
    monkeypatch.chdir(tmp_path)
    terminal.does(REGISTRAR, f"gateway register {GATEWAY}")
    for who in HOUSEHOLDS:
        terminal.does(REGISTRAR, f"gateway assign {who} 1 --power 11kW")
    terminal.market.go_to(MONDAY + 3600)
    Path("secret").write_text(SECRET.hex() + "\n")
    _write(READINGS)
    return terminal


@pytest.fixture
def contradiction(read: Terminal) -> Terminal:
    """A terminal, and the proofs of two readings that the gateway has anchored of one account."""
    account = READINGS[0][0]
    rows = [(account, SLOT, 0, wh, salt_of(SECRET, account, wh)) for wh in (100, 200)]
    tree = MerkleTree.of(rows, LEAF_TYPES)
    market = read.market
    market.do(address(GATEWAY), market.meters, "anchorReadings", tree.root, SLOT, 2)
    for index, (_, _, produced, consumed, salt) in enumerate(rows):
        reading = AnchoredReading(
            produced=produced, consumed=consumed, salt=salt, proof=tree.proof(index)
        )
        proof = SlotProof(account=account, slot=SLOT, root=tree.root, reading=reading)
        _save(f"{index}.json", proof.as_document())
    return read


def _write(readings: list[tuple[str, int, int]]) -> None:
    rows = [f"{account},{produced},{consumed}\n" for account, produced, consumed in readings]
    Path("readings.csv").write_text("account,produced_wh,consumed_wh\n" + "".join(rows))


def _anchor(slot: int = SLOT, proofs: str = "proofs.json") -> str:
    return f"gateway anchor readings.csv --slot {slot} --secret secret --proofs {proofs}"


def _save(name: str, document: Any) -> None:
    Path(name).write_text(json.dumps(document))


def test_gateway__registered_replaced_and_shown(terminal: Terminal) -> None:
    key, spare = address(GATEWAY), address(SPARE)
    assert terminal.shows("gateway list") == "No gateway is registered."
    assert terminal.refuses("gateway show 1") == (
        "there is no gateway 1: energy-grid gateway list lists the gateways"
    )
    register = f"gateway register {GATEWAY}"
    assert terminal.does(REGISTRAR, register) == f"Registered gateway 1 with the key {key}"
    assert terminal.refuses(f"{register} --account {REGISTRAR}") == (
        f"SmartMeter: gateway taken (key {key})"
    )
    assert terminal.refuses(f"gateway register {SPARE} --account {STRANGER}") == (
        f"{address(STRANGER)} may not do this: it is for the role METER_REGISTRAR"
        " (--account safe:OWNER,OWNER)"
    )
    assert terminal.answers("gateway show 1") == {
        "gateway_id": 1,
        "key": key,
        "slot": SLOT,
        "root": None,
        "anchor_deadline": MONDAY + 3600 + 1800,
    }
    assert terminal.does(REGISTRAR, f"gateway replace 1 {SPARE}") == (
        f"Gateway 1 has the key {spare}; its former key belongs to no gateway"
    )
    assert terminal.answers("gateway list") == [{"gateway_id": 1, "key": spare}]
    assert terminal.answers(f"gateway show {spare}") == terminal.answers("gateway show 1")
    assert "there is no gateway" in terminal.refuses(f"gateway show {key}")
    assert terminal.shows("gateway list").endswith(f"1 {spare}")
    shown = terminal.shows(f"gateway show 1 --slot {SLOT + 1}")
    assert shown == (
        f"gateway 1 key {spare} slot {SLOT + 1} root not anchored anchored until"
        " 2024-01-01 02:30:00 UTC"
    )


def test_gateway__reads_an_account__until_it_is_taken_back(terminal: Terminal) -> None:
    household = address(HOUSEHOLDS[0])
    terminal.does(REGISTRAR, f"gateway register {GATEWAY}")
    of = f"gateway of {HOUSEHOLDS[0]}"
    assert terminal.shows(of) == (
        f"account {household} slot {SLOT} gateway none; it has meters of its own"
    )
    assign = f"gateway assign {HOUSEHOLDS[0]}"
    assert terminal.does(REGISTRAR, f"{assign} 1 --power 11kW") == (
        f"Gateway 1 reads {household} from slot {SLOT} on, up to 11000 W"
    )
    assert terminal.refuses(f"{assign} 1 --account {REGISTRAR}", code=2) == (
        "name the --power of all devices of the account, such as 10kW"
    )
    assert terminal.refuses(f"{assign} 2 --power 5 --account {REGISTRAR}") == (
        "SmartMeter: no such gateway (gateway 2): energy-grid gateway list lists the gateways"
    )
    assert terminal.answers(of) == {
        "account": household,
        "slot": SLOT,
        "gateway_id": 1,
        "rated_power": 11_000,
    }
    terminal.market.go_to(MONDAY + 3600)
    assert terminal.does(REGISTRAR, f"{assign} 0") == (
        f"No gateway reads {household} from slot {SLOT + 1} on"
    )
    assert terminal.answers(of)["gateway_id"] is None
    assert terminal.shows(f"{of} --slot {SLOT}").endswith("gateway 1, up to 11000 W")


def test_gateway__anchors__and_slots_are_proven_from_either_file(read: Terminal) -> None:
    tree = tree_of(READINGS, SLOT, SECRET)
    root = f"0x{tree.root.hex()}"
    kept = f"the root is {root}, the proofs are in proofs.json"
    assert read.does(GATEWAY, _anchor()) == f"Anchored 3 readings of slot {SLOT}: {kept}"
    assert Path("proofs.json").read_text() == "".join(tree.dump())
    assert stat.S_IMODE(Path("proofs.json").stat().st_mode) == 0o600
    assert not Path("proofs.json.part").exists()
    assert read.answers(f"gateway show 1 --slot {SLOT}")["root"] == root
    assert f"root {root} anchored until" in read.shows(f"gateway show 1 --slot {SLOT}")

    owner = address(HOUSEHOLDS[1])
    household = read.answers(f"gateway proof proofs.json {owner}")
    assert household == {
        "format": "energy-grid/slot-proof-1",
        "account": owner.lower(),
        "slot": SLOT,
        "produced_wh": 100,
        "consumed_wh": 250,
        "salt": f"0x{salt_of(SECRET, owner, SLOT).hex()}",
        "root": root,
        "proof": [f"0x{node.hex()}" for node in tree.proof(1)],
    }
    _save("mine.json", household)
    shown = read.shows(f"gateway proof mine.json {owner}")
    assert shown == (
        f"account {owner} slot {SLOT} produced 0.1 kWh consumed 0.25 kWh root {root} proof"
        f" {len(tree.proof(1))} hashes anchored yes, by gateway 1"
    )
    printed = f"slot {SLOT} of {owner}: 0.1 kWh produced, 0.25 kWh consumed"
    assert read.does(HOUSEHOLDS[1], "gateway prove mine.json") == f"Proved {printed}"
    assert read.says(f"gateway prove mine.json --account {STRANGER}") == (
        f"Nothing to prove: slot {SLOT} of {owner} was proven or disputed before"
    )
    energy = read.market.settlement.call("energyOf", owner, SLOT)
    assert tuple(energy)[:2] == (100, 250)
    everybody = " ".join(HOUSEHOLDS)
    assert read.does(STRANGER, f"gateway prove proofs.json {everybody}") == (
        f"Proved slot {SLOT} of 2 accounts; 1 had been proven or disputed before"
    )
    lifetimes = [read.market.meters.call("getLifetime", address(who)) for who in HOUSEHOLDS]
    assert [tuple(each) for each in lifetimes] == [(0, 250), (100, 250), (200, 250)]


def test_anchor__again_after_a_crash__the_same_file_and_nothing_sent(read: Terminal) -> None:
    read.does(GATEWAY, _anchor())
    before = Path("proofs.json").read_bytes()
    again = f"{_anchor()} --account {GATEWAY}"
    assert read.says(again).startswith(f"Slot {SLOT} was anchored before: the root is 0x")
    Path("proofs.json").unlink()
    read.plans(GATEWAY, _anchor())
    assert not Path("proofs.json").exists()
    _write(READINGS[::-1])
    # The order of the rows is not part of the root.
    assert read.says(again).startswith(f"Slot {SLOT} was anchored before")
    assert Path("proofs.json").read_bytes()[:400] == before[:400]
    _write([(account, produced, consumed + 1) for account, produced, consumed in READINGS])
    tree = tree_of(READINGS, SLOT, SECRET)
    output = read.refuses(again)
    assert output.startswith(
        f"slot {SLOT} has the anchor 0x{tree.root.hex()}, and this would be 0x"
    )
    assert output.endswith(": the readings or the secret differ")


def test_anchor__by_a_safe_with_too_few_keys__keeps_the_proofs(read: Terminal) -> None:
    safe = read.market.roles[Role.METER_REGISTRAR]
    read.does(REGISTRAR, f"gateway replace 1 {safe}")
    read.drafts("safe:local:1", _anchor())
    assert Path("proofs.json").exists()


def test_gateway__reads_all_accounts_of_a_file(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.does(REGISTRAR, f"gateway register {GATEWAY}")
    file, first, second = Path("accounts.csv"), address("local:8"), address("local:9")
    file.write_text(f"account,rated_power_w\n{first},11000\n{second},500\n")
    assert terminal.does(REGISTRAR, "gateway assign-all accounts.csv 1") == (
        "Gateway 1 reads 2 accounts of accounts.csv from the current slot on"
    )
    for account, power in ((first, 11_000), (second, 500)):
        found = terminal.answers(f"gateway of {account}")
        assert (found["gateway_id"], found["rated_power"]) == (1, power)
    # Interrupted or wrong in part, it is run again: what was done is skipped, what is wrong named.
    third = address("local:10")
    file.write_text(f"account,rated_power_w\n{first},11000\n{second},0\n{third},7000\n")
    again = terminal.answers(f"gateway assign-all accounts.csv 1 --account {REGISTRAR}", code=1)
    assert again["calls"] == {"done": 1, "skipped": 1, "failed": 1, "pending": 0}
    assert again["message"] == (
        "Gateway 1 reads 1 account of accounts.csv from the current slot on; 1 account was assigned"
        " before"
    )
    (failure,) = again["failures"]
    assert (failure["step"], failure["function"]) == (0, "assignGateway(address,uint256,uint256)")
    assert terminal.answers(f"gateway of {third}")["rated_power"] == 7_000
    for content, says in (
        (f"{first},5\n", "its first line must be account,rated_power_w"),
        (
            f"account,rated_power_w\n{first},5\n{second},5kW\n",
            "line 3 is not an account and a power",
        ),
        (f"account,rated_power_w\n{first}\n", "line 2 is not an account and a power in W"),
        ("account,rated_power_w\nnobody,5\n", "'nobody' is not an address"),
    ):
        file.write_text(content)
        refused = f"gateway assign-all accounts.csv 0 --account {REGISTRAR}"
        assert says in terminal.refuses(refused, code=2)
    assert terminal.answers(f"gateway of {first}")["gateway_id"] == 1
    # Without a gateway, no power matters: the same file will do, or one of accounts alone.
    file.write_text(f"account,rated_power_w\n{first},11000\n")
    taken_back = "No gateway reads 1 account of accounts.csv any more"
    assert terminal.does(REGISTRAR, "gateway assign-all accounts.csv 0") == taken_back
    file.write_text(f"account\n{third}\n")
    assert "its first line must be" in terminal.refuses(
        f"gateway assign-all accounts.csv 1 --account {REGISTRAR}", code=2
    )
    assert terminal.does(REGISTRAR, "gateway assign-all accounts.csv 0") == taken_back
    for account in (first, third):
        assert terminal.answers(f"gateway of {account}")["gateway_id"] is None


def test_anchor__refused__before_any_file_is_written(read: Terminal) -> None:
    def refuses(who: str, slot: int, code: int = 1, proofs: str = "proofs.json") -> str:
        output = read.refuses(f"{_anchor(slot, proofs)} --account {who}", code)
        assert not list(Path().glob("proofs*"))
        return output

    assert refuses(STRANGER, SLOT) == (
        f"SmartMeter: not a gateway (caller {address(STRANGER)}): the registrar registers"
        " it with energy-grid gateway register"
    )
    assert refuses(GATEWAY, SLOT + 1).startswith("SmartMeter: slot not over (slot ")
    assert refuses(GATEWAY, SLOT - 1).startswith("SmartMeter: anchor too late (slot ")
    _write([READINGS[0], READINGS[0]])
    twice = f"readings.csv: {READINGS[0][0]} has two readings"
    assert refuses(GATEWAY, SLOT, 2) == twice
    _write([])
    assert refuses(GATEWAY, SLOT, 2) == "readings.csv: there are no readings"
    _write([(READINGS[0][0], -1, 0)])
    assert refuses(GATEWAY, SLOT, 2) == "readings.csv: line 2: '-1' is not an energy in whole Wh"
    upper = address(HOUSEHOLDS[0])
    wrong = upper.replace("D", "d", 1)
    _write([READINGS[1], (wrong, 1, 0)])
    assert refuses(GATEWAY, SLOT, 2) == (
        f"readings.csv: line 3: {wrong} has a wrong checksum: copy the address again"
    )
    _write([READINGS[0], (upper, 1, 0)])
    assert refuses(GATEWAY, SLOT, 2) == twice
    Path("secret").write_text("00" * 31)
    _write(READINGS)
    assert refuses(GATEWAY, SLOT, 2) == (
        "secret: a secret has 32 bytes or more, in hexadecimal digits"
    )
    Path("secret").unlink()
    assert refuses(GATEWAY, SLOT, 2) == "secret: No such file or directory"
    Path("secret").write_bytes(b"\xff" * 64)
    assert refuses(GATEWAY, SLOT, 2) == "secret: it is not text"
    Path("secret").write_text(SECRET.hex())
    assert refuses(GATEWAY, SLOT, 2, "nowhere/proofs.json").endswith("No such file or directory")
    Path("readings.csv").unlink()
    assert refuses(GATEWAY, SLOT, 2) == "readings.csv: No such file or directory"


def test_anchor__another_file_is_there__it_stays(read: Terminal) -> None:
    command = f"{_anchor()} --account {GATEWAY}"
    Path("proofs.json").write_text("")
    assert read.refuses(command, 2) == "proofs.json: it is empty"
    Path("proofs.json").write_text("letters to a friend")
    assert read.refuses(command, 2) == "proofs.json: it is no file of a gateway's proofs"
    other = "".join(tree_of(READINGS, SLOT, SECRET[::-1]).dump())
    Path("proofs.json").write_text(other)
    output = read.refuses(command, 2)
    assert output == "proofs.json: it holds the proofs of other readings: name another file"
    assert Path("proofs.json").read_text() == other
    assert read.answers(f"gateway show 1 --slot {SLOT}")["root"] is None


def test_prove__what_is_no_proof__is_refused(read: Terminal) -> None:
    read.does(GATEWAY, _anchor())
    document = read.answers(f"gateway proof proofs.json {HOUSEHOLDS[0]}")

    def refuses(command: str, code: int = 2) -> str:
        return read.refuses(f"gateway prove {command} --account {STRANGER}", code)

    _save("mine.json", document | {"produced_wh": 1})
    assert refuses("mine.json") == (
        f"mine.json: its proof does not lead from the reading of {document['account']} to its root"
    )
    Path("mine.json").write_text("{}")
    assert refuses("mine.json") == "mine.json: this is not a proof of an account's slot"
    assert refuses("nothing.json") == "nothing.json: No such file or directory"
    _save("mine.json", document)
    assert refuses(f"mine.json {HOUSEHOLDS[1]}") == (
        f"mine.json: it is the proof of {document['account']} alone"
    )
    assert refuses("proofs.json") == (
        "proofs.json: it has the proofs of many accounts: name the accounts to prove"
    )
    assert refuses(f"proofs.json {STRANGER}") == (
        f"proofs.json: it has no reading of {address(STRANGER)}"
    )
    # Another secret's tree proves something, but not what is anchored.
    Path("other.json").write_text("".join(tree_of(READINGS, SLOT, SECRET[::-1]).dump()))
    assert read.shows(f"gateway proof other.json {HOUSEHOLDS[0]}").endswith("anchored no")
    assert refuses(f"other.json {HOUSEHOLDS[0]}", 1).startswith("SmartMeter: wrong proof (account")


def test_dispute__two_readings_of_one_account__gateway_is_suspended(
    contradiction: Terminal,
) -> None:
    read, account = contradiction, READINGS[0][0]
    document = json.loads(Path("1.json").read_text())
    _save("other.json", document | {"slot": SLOT + 1})
    assert read.refuses(f"gateway dispute 0.json other.json --account {STRANGER}", 2) == (
        f"other.json: its proof does not lead from the reading of {account} to its root"
    )
    elsewhere = MerkleTree.of([(account, SLOT + 1, 0, 1, bytes(32))], LEAF_TYPES)
    _save(
        "other.json",
        SlotProof(
            account=account,
            slot=SLOT + 1,
            root=elsewhere.root,
            reading=AnchoredReading(produced=0, consumed=1, salt=bytes(32), proof=()),
        ).as_document(),
    )
    assert read.refuses(f"gateway dispute 0.json other.json --account {STRANGER}", 2) == (
        "0.json and other.json are not of the same account and slot"
    )
    assert read.refuses(f"gateway dispute 0.json 0.json --account {STRANGER}").startswith(
        "SmartMeter: no contradiction (account"
    )
    shown = address(HOUSEHOLDS[0])
    assert read.does(STRANGER, "gateway dispute 0.json 1.json") == (
        f"Suspended gateway 1 ({address(GATEWAY)}): slot {SLOT} of {shown} does not count"
    )
    assert read.answers("gateway list") == [{"gateway_id": 1, "key": None}]
    assert read.shows("gateway list").endswith("1 none; suspended")
    assert "key none; suspended" in read.shows("gateway show 1")
    read.does(REGISTRAR, f"gateway replace 1 {SPARE}")
    # The new key does not answer for the one before.
    assert read.refuses(f"gateway dispute 0.json 1.json --account {STRANGER}").startswith(
        "SmartMeter: nothing to dispute (account"
    )
    assert read.answers("gateway list") == [{"gateway_id": 1, "key": address(SPARE)}]


@pytest.mark.parametrize(("replaced", "proven"), [(True, False), (False, True)])
def test_dispute__replaced_or_proven_before__prints_what_is_left_of_it(
    contradiction: Terminal, replaced: bool, proven: bool
) -> None:
    if replaced:
        contradiction.does(REGISTRAR, f"gateway replace 1 {SPARE}")
    if proven:
        contradiction.does(STRANGER, "gateway prove 0.json")
    household = address(HOUSEHOLDS[0])
    if replaced:
        output = "The key that anchored it belongs to no gateway"
    else:
        output = f"Suspended gateway 1 ({address(GATEWAY)})"
    counts = "stays proven" if proven else "does not count"
    assert contradiction.does(STRANGER, "gateway dispute 0.json 1.json") == (
        f"{output}{';' if replaced else ':'} slot {SLOT} of {household} {counts}"
    )


def test_client__anchors_and_proves(read: Terminal) -> None:
    tree = tree_of(READINGS, SLOT, SECRET)
    gateway, stranger = Account.local(8), Account.local(15)
    with EnergyGrid.connect(read.market.node.url, read.file) as market:
        (receipt,) = market.anchor_readings(gateway, tree, SLOT).execute()
        (anchored,) = market.meters.events(receipt.logs, "ReadingsAnchored")
        assert (anchored["root"], anchored["count"]) == (tree.root, 3)
        account, produced, consumed = READINGS[2]
        reading = AnchoredReading(
            produced=produced,
            consumed=consumed,
            salt=salt_of(SECRET, account, SLOT),
            proof=tree.proof(2),
        )
        proof = SlotProof(account=account, slot=SLOT, root=tree.root, reading=reading)
        (receipt,) = market.prove_slots(stranger, [proof]).execute()
        (proven,) = market.meters.events(receipt.logs, "SlotProven")
        assert dict(proven.arguments) == {
            "account": address(HOUSEHOLDS[2]),
            "slot": SLOT,
            "produced": 200,
            "consumed": 250,
        }
