"""EnergyCertificates.correct: what was certified wrongly is taken back, or owed."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.unit.contracts.certificates.world import FIRST, REASON, CertificateWorld


def test_correct__still_held__is_withdrawn_in_an_entry_of_its_own(
    world: CertificateWorld,
) -> None:
    world.produce(1_000)

    assert world.correct(FIRST, 400) == 1

    (_, _, event), (_, burnt, _) = world.chain.logs
    assert burnt == "TransferSingle"
    assert event == {
        "correction": 1,
        "id": world.id_of(FIRST),
        "wh": 400,
        "withdrawn": 400,
        "reason": REASON,
    }
    assert world.held(world.producer, FIRST) == 600
    assert world.certificates.issuedOf(world.id_of(FIRST)) == 600
    assert (world.certificates.totalIssued(), world.certificates.totalWithdrawn()) == (1_000, 400)
    assert (world.device()["owed"], world.certificates.correctionCount()) == (0, 1)


def test_correct__sold__the_buyer_keeps_it_and_the_device_owes(world: CertificateWorld) -> None:
    """The next production makes it good before it earns anything."""
    world.produce(1_000)
    world.give(world.consumer, FIRST, 900)
    world.correct(FIRST, 400)
    assert (world.held(world.producer, FIRST), world.held(world.consumer, FIRST)) == (0, 900)
    assert world.device()["owed"] == 300
    assert world.produce(200, 150) == 50
    assert world.certificates.totalWithdrawn() == 100


def test_correct__retired__the_statement_stands(world: CertificateWorld) -> None:
    world.settle(world.other, -1_000)
    world.produce(1_000)
    world.give(world.consumer, FIRST, 1_000)
    world.retire(world.consumer, (FIRST, 1_000))
    world.correct(FIRST, 1_000)
    assert world.certificates.totalRetired() == 1_000
    assert world.certificates.retirement(1)[5] == 1_000
    assert world.device()["owed"] == 1_000
    assert world.certificates.totalWithdrawn() == 0


def test_correct__more_than_was_issued__refused(world: CertificateWorld) -> None:
    world.produce(1_000)
    number = world.id_of(FIRST)
    with refused("EnergyCertificates_CorrectedTooMuch", number, 1_001, 1_000):
        world.correct(FIRST, 1_001)
    world.correct(FIRST, 900)
    with refused("EnergyCertificates_CorrectedTooMuch", number, 101, 100):
        world.correct(FIRST, 101)
    world.correct(FIRST, 100)
    with refused("EnergyCertificates_NoSuchCertificate", number):
        world.correct(FIRST, 1)


def test_correct__malformed__refused(world: CertificateWorld) -> None:
    world.produce(1_000)
    with refused("EnergyCertificates_ZeroAmount", world.id_of(FIRST)):
        world.correct(FIRST, 0)
    with refused("EnergyCertificates_NoSuchCertificate", world.id_of(FIRST + 1)):
        world.correct(FIRST + 1, 1)
    for reason in ("", "x" * 257, "two\nlines"):
        with refused("EnergyCertificates_BadReason", len(reason), 256):
            world.correct(FIRST, 1, reason)
