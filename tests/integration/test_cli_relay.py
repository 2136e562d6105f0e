"""Calls that households without native coin sign, and somebody else sends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.terminal import AUTHORITY, REGISTRAR, STRANGER, Terminal, address
from tests.support.market import MONDAY

# Nobody has given these any native coin.
HOUSE, OTHER, METER = "local:45", "local:46", "local:47"
WHO = {who: address(who) for who in (HOUSE, OTHER, METER)}
DEADLINE = MONDAY + 3600


@pytest.fixture
def relaying(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal, two households with test money alone, and a relay that pays for them."""
    monkeypatch.chdir(tmp_path)
    terminal.does(STRANGER, "money faucet --amount 100")
    for who in (HOUSE, OTHER):
        terminal.does(STRANGER, f"money send {who} --amount 30")
        assert terminal.market.node.balance(WHO[who]) == 0
    return terminal


def _signed(terminal: Terminal, who: str, command: str) -> str:
    return terminal.says(f"{command} --relay calls.json --account {who}")


def test_household_without_coin__lives_by_a_relay(relaying: Terminal) -> None:
    assert _signed(relaying, HOUSE, "money deposit --amount 20") == (
        "Signed Settlement.depositWithPermit for a relay: it sends calls.json with energy-grid"
        " relay send calls.json --account WHO"
    )
    # What is signed behind it is the household's next call.
    _signed(relaying, HOUSE, "participant register-consumer --limit 8")
    _signed(relaying, OTHER, "money deposit --amount 10")
    shown = relaying.answers("relay show calls.json")
    assert [(each["account"], each["nonce"], each["sent"]) for each in shown] == [
        (WHO[HOUSE], 0, False),
        (WHO[HOUSE], 1, False),
        (WHO[OTHER], 0, False),
    ]
    assert shown[1]["call"] == "GridManagement.registerConsumer(limit 8 kWh)"
    assert relaying.does(STRANGER, "relay send calls.json") == "Relayed 3 calls of calls.json"
    assert relaying.answers(f"money show {HOUSE}")["available"] == 20_000_000
    assert relaying.answers(f"participant show {HOUSE}")["consumer"] is not None
    assert relaying.market.node.balance(WHO[HOUSE]) == 0

    assert relaying.says(f"relay send calls.json --account {STRANGER}") == (
        "Relayed 0 calls of calls.json; 3 calls had been sent before"
    )
    assert relaying.shows("relay show calls.json").count(" sent") == 4
    _signed(relaying, HOUSE, f"money withdraw --amount 5 --to {STRANGER}")
    assert relaying.does(STRANGER, "relay send calls.json") == (
        "Relayed 1 call of calls.json; 3 calls had been sent before"
    )


def test_approval__is_a_permit_that_the_relay_submits(relaying: Terminal) -> None:
    _signed(relaying, HOUSE, "grid account fund --amount 3")
    shown = relaying.answers("relay show calls.json")
    assert [each["call"].partition("(")[0] for each in shown] == [
        "TestDollar.permit",
        "Settlement.fundGrid",
    ]
    assert relaying.does(STRANGER, "relay send calls.json") == "Relayed 2 calls of calls.json"
    assert relaying.answers(f"money show {HOUSE}")["wallet"] == 27_000_000


def test_meter__consented_and_detached_by_a_relay(relaying: Terminal) -> None:
    _signed(relaying, HOUSE, "money deposit --amount 30")
    relaying.does(STRANGER, "relay send calls.json")
    relaying.says(f"meter draft {HOUSE} --region home --power 10kW --account {METER}")
    Path("calls.json").unlink()
    _signed(relaying, HOUSE, "meter consent meter.json")
    relaying.does(STRANGER, "relay send calls.json")
    assert relaying.does(REGISTRAR, "meter complete meter.json").startswith("Registered settle")
    _signed(relaying, HOUSE, "meter detach 1")
    relaying.does(STRANGER, "relay send calls.json")
    assert relaying.answers("meter show 1")["end_day"] == MONDAY // 86_400 + 1


def test_relay__what_cannot_be_signed_or_sent__says_why(relaying: Terminal) -> None:
    def refused(command: str, code: int = 1, who: str = HOUSE) -> str:
        return relaying.refuses(f"{command} --relay calls.json --account {who}", code)

    assert refused("money withdraw --amount 5").endswith("energy-grid money deposit opens one")
    assert refused(f"token send {OTHER} --amount 1", 2) == "EnergyToken.transfer cannot be relayed"
    assert refused("tariff credit-value 0.05", 2, AUTHORITY).startswith("the Safe has")
    assert not Path("calls.json").exists()

    _signed(relaying, HOUSE, "money deposit --amount 20")
    found = json.loads(Path("calls.json").read_text())
    (call,) = found["calls"]
    Path("calls.json").write_text(json.dumps(found | {"calls": [call | {"from": WHO[OTHER]}]}))
    send = f"relay send calls.json --account {STRANGER}"
    assert relaying.refuses(send).startswith(
        "ERC2771Forwarder: the account did not sign this call, or it was sent before"
    )
    Path("calls.json").write_text(json.dumps(found | {"calls": [call | {"nonce": "0"}]}))
    assert relaying.refuses(send, 2) == "calls.json: nonce is no whole number"
    Path("calls.json").write_text(json.dumps(found | {"calls": {}}))
    assert relaying.refuses(send, 2) == "calls.json: calls is no list of objects"

    # What becomes impossible only by the call before is told by the contract, not by the forwarder.
    Path("calls.json").write_text(json.dumps(found))
    for _ in range(2):
        _signed(relaying, HOUSE, "money withdraw --amount 15")
    code, out, err = relaying._run(send)
    assert (code, err) == (1, "")
    assert "failed: Settlement: insufficient balance" in out
    Path("calls.json").unlink()
    _signed(relaying, HOUSE, "participant register-consumer --limit 8")
    relaying.market.go_to(DEADLINE + 120)
    assert relaying.refuses(send).startswith(
        "ERC2771Forwarder: the signed call has expired (deadline 2024-01-01 01:0"
    )
