"""Certificates of production: issued slot by slot, sold, used up, and corrected."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import Call, errors
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.houses import DAY, HOUR, SLOT, House, publish
from scripts._walkthrough.plants import Plant
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import NOBODY
from scripts.walkthrough._certificate_devices import (
    tell_of_devices,
    tell_of_other_devices,
    tell_of_the_end,
)
from scripts.walkthrough._certificate_market import tell_of_sales

# The first second of the day from which on meters count.
WEDNESDAY = START // DAY * DAY + DAY
NOON = WEDNESDAY + 12 * HOUR


def tell(stage: Stage) -> None:
    """The prosumer's roof earns certificates, and a neighbour buys and uses them."""
    prosumer = House(stage, "the prosumer", "100")
    neighbour = House(stage, "the neighbour", "100")
    roof = Plant(stage, prosumer, "the roof")
    tell_of_devices(stage, roof, neighbour)
    _certificates_are_issued(stage, roof)
    _a_battery(stage, roof)
    _they_change_hands(stage, roof)
    _consumption_uses_them_up(stage, roof, neighbour)
    _what_was_wrong_is_corrected(stage, roof)
    tell_of_sales(stage, roof, neighbour)
    tell_of_other_devices(stage, roof, neighbour)
    tell_of_the_end(stage, roof)
    market = stage.market
    certificates, sales = market.certificates, market.certificate_market
    stage.shows(
        "whether holders can call by a relay",
        [each.is_trusted_forwarder(market.forwarder.address) for each in (certificates, sales)],
    )
    show_authority(stage, [certificates, sales], certificates.deregister_device(roof.number))
    offer = sales.offer_credits(1, 1, market.money.address)
    show_emergency_stop(stage, [sales], offer)


def _certificates_are_issued(stage: Stage, roof: Plant) -> None:
    certificates, anybody = stage.market.certificates, stage.person("the relay")
    issue = certificates.issue
    stage.chapter("Wednesday, noon: a certificate for each quarter of an hour")
    stage.says("The device signs its registers at the end of each slot; anybody sends them.")
    stage.wait_until(NOON)
    before = roof.signs(NOON - SLOT)
    call = issue([before])
    open_from = NOON - SLOT + 30 * DAY
    stage.refuses(
        "a stranger that leaves out what was before: its energy would be lost",
        errors.EnergyCertificates_Skipped,
        anybody,
        call,
        open_from=open_from,
    )
    stage.does("the holder may: the roof was dark", roof.house.holder, call, "CertificatesIssued")
    for what, error, readings in (
        ("nothing", errors.EnergyCertificates_NoReadings, []),
        ("the same again", errors.EnergyCertificates_NothingNew, [before]),
        (
            "a reading within a slot",
            errors.EnergyCertificates_NotBoundary,
            [roof.signs(NOON - SLOT + 60)],
        ),
        (
            "more than 16 kW can make",
            errors.EnergyCertificates_ImplausibleEnergy,
            [roof.signs(NOON, given=4001)],
        ),
        (
            "a reading of tomorrow",
            errors.EnergyCertificates_FromFuture,
            [roof.signs(NOON + DAY)],
        ),
    ):
        stage.refuses(what, error, anybody, issue(readings))
    forged = roof.signs(NOON, given=4000)
    honest = roof.lives(NOON, given=2000)[1]
    mixed = replace(honest, r=forged.r, vs=forged.vs)
    stage.refuses(
        "registers that the device has not signed",
        errors.EnergyCertificates_WrongSignature,
        anybody,
        issue([mixed]),
        meter=roof.meter.address,
    )
    stage.does("2,000 Wh", anybody, issue([honest]), "CertificatesIssued", "TransferSingle")
    stage.wait_until(NOON + SLOT)
    stage.refuses(
        "registers that run backwards",
        errors.EnergyCertificates_RegisterDecreased,
        anybody,
        issue([roof.signs(NOON + SLOT, given=-1)]),
    )
    first = roof.certificate(NOON)
    found = certificates.balance_of(roof.house.address, first)
    stage.check(found == 2000, f"the prosumer has {found} Wh")
    stage.shows("Wh that the prosumer holds of it", found)
    stage.shows("what was issued of it", certificates.issued_of(first))
    stage.shows("where a wallet finds more of it", certificates.uri(first))
    device = certificates.device_of(roof.number)
    stage.shows("the device: read to, owes", (device.read_to, device.owed))
    stage.shows("Wh ever issued", certificates.total_issued())


def _a_battery(stage: Stage, roof: Plant) -> None:
    certificates = stage.market.certificates
    stage.chapter("A battery behind the same meter earns nothing")
    stage.says("What it takes from the grid is owed: giving it back earns nothing, whenever it is.")
    stage.wait_until(NOON + 2 * SLOT)
    readings = roof.lives(NOON + SLOT, taken=1000)[1:] + roof.lives(NOON + 2 * SLOT, given=1500)[1:]
    stage.does(
        "1,000 Wh taken, then 1,500 given",
        stage.person("the relay"),
        certificates.issue(readings),
        "CertificatesIssued",
    )
    found = certificates.issued_of(roof.certificate(NOON + 2 * SLOT))
    stage.check(found == 500, f"{found} Wh were issued")
    stage.shows("Wh certified of both", found)


def _they_change_hands(stage: Stage, roof: Plant) -> None:
    certificates, holder = stage.market.certificates, roof.house.holder
    stage.chapter("Certificates are an ERC-1155 like any other")
    friend, nobody = stage.person("a friend"), NOBODY.address
    first = roof.certificate(NOON)

    def move(sender: str, to: str, wh: int) -> Call:
        return certificates.safe_transfer_from(sender, to, first, wh, b"")

    call = move(holder.address, friend.address, 100)
    stage.does("100 Wh for a friend", holder, call, "TransferSingle")
    stage.does(
        "and back, in the form for many",
        friend,
        certificates.safe_batch_transfer_from(friend.address, holder.address, [first], [100], b""),
        "TransferSingle",
    )
    for what, error, who, attempt in (
        ("more than it has", errors.ERC1155InsufficientBalance, friend, (friend, holder, 1)),
        ("of another", errors.ERC1155MissingApprovalForAll, friend, (holder, friend, 1)),
        ("to nobody", errors.ERC1155InvalidReceiver, holder, (holder, NOBODY, 1)),
        ("from nobody", errors.ERC1155InvalidSender, NOBODY, (NOBODY, friend, 0)),
    ):
        sender, to, wh = attempt
        stage.refuses(what, error, who, move(sender.address, to.address, wh))
    stage.refuses(
        "one certificate and two amounts",
        errors.ERC1155InvalidArrayLength,
        holder,
        certificates.safe_batch_transfer_from(holder.address, friend.address, [first], [1, 1], b""),
    )
    stage.refuses(
        "approval of the zero address",
        errors.ERC1155InvalidOperator,
        holder,
        certificates.set_approval_for_all(nobody, True),
    )
    stage.refuses(
        "approval by the zero address",
        errors.ERC1155InvalidApprover,
        NOBODY,
        certificates.set_approval_for_all(friend.address, True),
    )
    stage.shows(
        "whether the friend may move them",
        certificates.is_approved_for_all(holder.address, friend.address),
    )
    stage.shows(
        "both balances",
        certificates.balance_of_batch([holder.address, friend.address], [first, first]),
    )
    stage.shows(
        "whether it knows ERC-1155", certificates.supports_interface(bytes.fromhex("d9b67a26"))
    )
    for name in ("SETTLEMENT", "ENERGY", "METER", "GRID"):
        stage.shows(f"its {name.lower()}", certificates.call(name))


def _consumption_uses_them_up(stage: Stage, roof: Plant, neighbour: House) -> None:
    certificates, holder = stage.market.certificates, roof.house.holder
    stage.chapter("Consumption of the same slot uses them up")
    stage.says("The neighbour's meter shows 1,000 Wh of import in each quarter from 11:45 on.")
    consent = stage.market.meters.submit_with_consent
    begin = neighbour.loses(NOON - SLOT)
    stage.does("the morning was not read", neighbour.holder, consent(begin, 0, b""))
    publish(
        stage,
        "three quarters",
        [neighbour.loses(NOON + count * SLOT, imported=1000) for count in range(3)],
    )
    first, third = roof.certificate(NOON), roof.certificate(NOON + 2 * SLOT)
    give = certificates.safe_batch_transfer_from
    amounts = [1200, 500]
    call = give(holder.address, neighbour.address, [first, third], amounts, b"")
    stage.does("the prosumer gives it certificates", holder, call, "TransferBatch")
    retire, address = certificates.retire, neighbour.address
    slot = NOON // SLOT - 1
    stage.shows(
        "what it has consumed in these slots",
        [certificates.consumption_of(address, slot + count) for count in range(3)],
    )
    for what, error, ids, values in (
        ("nothing", errors.EnergyCertificates_NoCertificates, [], []),
        ("one, and two amounts", errors.EnergyCertificates_LengthsDiffer, [third], [1, 1]),
        ("0 Wh", errors.EnergyCertificates_ZeroAmount, [third], [0]),
        (
            "two devices at once",
            errors.EnergyCertificates_OtherDay,
            [third, third + (1 << 32)],
            [1, 1],
        ),
        (
            "of another region",
            errors.EnergyCertificates_OtherRegion,
            [third + (1 << 64)],
            [1],
        ),
        (
            "more than was consumed",
            errors.EnergyCertificates_NotConsumed,
            [third],
            [1001],
        ),
    ):
        stage.refuses(what, error, neighbour.holder, retire(address, ids, values))
    stage.refuses(
        "by a stranger: worthless ones would use up its consumption",
        errors.ERC1155MissingApprovalForAll,
        stage.person("a stranger"),
        retire(address, [third], [1]),
    )
    call = retire(address, [third], [400])
    stage.does("the neighbour retires 400 Wh", neighbour.holder, call, "CertificatesRetired")
    stage.shows("how much of the slot is matched", certificates.matched_of(address, slot + 2))
    stage.shows("retirements there were", certificates.retirement_count())
    stage.shows("the record", certificates.retirement(1))
    stage.shows("Wh ever retired", certificates.total_retired())
    stage.refuses_to_answer(
        "a record that does not exist",
        errors.EnergyCertificates_NoSuchRetirement,
        lambda: certificates.retirement(2),
        id=2,
    )


def _what_was_wrong_is_corrected(stage: Stage, roof: Plant) -> None:
    certificates = stage.market.certificates
    stage.chapter("A wrong reading is corrected")
    stage.says("What the producer still has is taken back. What was sold or used up stays, and the")
    stage.says("device owes it: its next production makes it good.")
    first, wrong = roof.certificate(NOON), "the meter had counted for two"
    for what, error, arguments in (
        ("nothing", errors.EnergyCertificates_ZeroAmount, (first, 0, wrong)),
        ("without a reason", errors.EnergyCertificates_BadReason, (first, 1, "")),
        ("one that is none", errors.EnergyCertificates_NoSuchCertificate, (first + 9, 1, wrong)),
        ("too much", errors.EnergyCertificates_CorrectedTooMuch, (first, 2001, wrong)),
    ):
        stage.refuses(what, error, stage.safe, certificates.correct(*arguments))
    call = certificates.correct(first, 1000, wrong)
    stage.does("the registrar takes 1,000 Wh back", stage.safe, call, "CertificateCorrected")
    owed = certificates.device_of(roof.number).owed
    stage.check(owed == 200, f"{owed} Wh are owed")
    stage.shows(
        "corrections, Wh withdrawn, Wh that the device owes",
        (certificates.correction_count(), certificates.total_withdrawn(), owed),
    )


story = Story(name="certificates", contracts=("EnergyCertificates", "CertificateMarket"), tell=tell)
cli = walkthrough(str(__doc__), story)
