"""Files of consent: read as they were written, and for one market alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from energy_grid.contracts.erc2771_forwarder import ForwardRequestData
from energy_grid.contracts.smart_meter import Exchange, Registration
from energy_grid.errors import InputError
from energy_grid.market.consent_files import (
    JoinConsent,
    load_calls,
    load_draft,
    load_join,
    save_calls,
    save_draft,
    save_join,
)
from energy_grid.market.meters import MeterDraft
from energy_grid.market.relays import SignedCall
from energy_grid.market.signing import Rotation

METER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
OWNER = "0xBcd4042DE499D14e55001CcbB24a551F3b954096"
PLACE = (31337, "0x71bE63f3384f5fb98995898A86B02Fb2426c5788")
JOIN = JoinConsent(account=OWNER, community=3, deadline=1_704_070_800, signature=b"\7" * 65)
REGISTRATION = Registration(
    meter=METER,
    account=OWNER,
    region="village",
    rated_power=10_000,
    settlement=True,
    consumption=5,
    production=0,
    deadline=1_704_070_800,
)
EXCHANGE = Exchange(
    meter=METER,
    new_key=OWNER,
    rated_power=10_000,
    final_consumption=1,
    final_production=2,
    consumption=3,
    production=4,
    deadline=5,
)
REQUEST = ForwardRequestData(
    from_=OWNER,
    to=METER,
    value=0,
    gas=3_000_000,
    deadline=1_704_070_800,
    data=b"\1\2\3\4",
    signature=b"\7" * 65,
)
CALL = SignedCall(request=REQUEST, nonce=4)
PERMIT = SignedCall(request=replace(REQUEST, signature=b""), nonce=0)
DRAFTS = [
    MeterDraft(terms=REGISTRATION, proof=b"\1" * 65),
    MeterDraft(terms=EXCHANGE, proof=b"\1" * 65, consent=b"\2" * 65),
    MeterDraft(terms=Rotation(meter=METER, new_key=OWNER), proof=b"\1" * 65, consent=b"\2" * 65),
]


@pytest.mark.parametrize("draft", DRAFTS, ids=["registration", "exchange", "rotation"])
def test_draft__is_read_as_it_was_written(tmp_path: Path, draft: MeterDraft) -> None:
    path = tmp_path / "meter.json"
    save_draft(path, replace(draft, consent=b""), PLACE)
    save_draft(path, draft, PLACE)
    assert load_draft(path, PLACE) == draft


def test_join__is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "join.json"
    save_join(path, JOIN, PLACE)
    assert load_join(path, PLACE) == JOIN


def test_calls__are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    save_calls(path, [CALL, PERMIT], PLACE)
    assert load_calls(path, PLACE) == [CALL, PERMIT]
    assert [each.is_permit for each in (CALL, PERMIT)] == [False, True]


@pytest.mark.parametrize("place", [(1, PLACE[1]), (31337, METER)])
def test_load__for_another_market__is_refused(tmp_path: Path, place: tuple[int, str]) -> None:
    path = tmp_path / "join.json"
    save_join(path, JOIN, PLACE)
    with pytest.raises(InputError, match=r"join\.json is for 0x71bE.* on chain 31337, not for"):
        load_join(path, place)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("format", 2, "is no such file of format 1"),
        ("kind", "join", "is no registration, exchange or rotation"),
        ("region", "x" * 33, "region is no region"),
        ("settlement", 1, "settlement is neither true nor false"),
        ("ratedPower", True, "ratedPower is no whole number"),
        ("ratedPower", -1, "ratedPower is no whole number"),
        ("account", "0x12", "account is no address"),
        ("proof", "0x123", "proof must be hexadecimal digits"),
    ],
)
def test_load__what_is_malformed__says_where(
    tmp_path: Path, name: str, value: object, says: str
) -> None:
    path = tmp_path / "meter.json"
    save_draft(path, DRAFTS[0], PLACE)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(InputError, match=says):
        load_draft(path, PLACE)


def test_save__no_such_folder__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*: No such file or directory"):
        save_join(tmp_path / "nowhere" / "join.json", JOIN, PLACE)
