"""How a walkthrough prints values."""

from __future__ import annotations

from dataclasses import dataclass

from scripts._walkthrough.words import shown, with_names

ADDRESS = "0x00000000219ab540356cBB839Cbe05303d7705Fa"


@dataclass(frozen=True)
class Record:
    start_time: int
    verified_at: int
    time: int
    until_slot: int
    lifetime: int


def test_shown__record__times_are_dates() -> None:
    record = Record(
        start_time=1_704_153_600, verified_at=0, time=1_704_153_601, until_slot=473_376, lifetime=60
    )
    assert shown(record) == (
        "start time 2024-01-02 00:00:00 UTC, verified at 0, time 2024-01-02 00:00:01 UTC,"
        " until slot 473,376, lifetime 60"
    )


def test_with_names__known_and_unknown__known_ones_are_named() -> None:
    line = f"from {shown(ADDRESS)} to 0x0000…05fa, root 0x00000000219ab540…, of 0x0000…05Fa5"
    names = {shown(ADDRESS): "buyer"}
    assert with_names(line, names) == line.replace(shown(ADDRESS) + " ", "buyer ")
    assert with_names(f"of {ADDRESS}, 0x{'1' * 40}", names) == "of buyer, 0x1111…1111"
