"""The assets' story: who may do what with a plant, what was done to it, its card."""

from __future__ import annotations

from eth_hash.auto import keccak

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import errors
from energy_grid.domain.enums import Permission
from energy_grid.domain.units import format_time
from scripts._walkthrough.stage import Stage
from scripts.walkthrough._assets_shares import BARN

__all__ = ["tell_papers"]

_WEEK = 7 * 86_400


def tell_papers(stage: Stage) -> None:
    """Permissions, maintenance, the card that wallets show."""
    _permissions(stage)
    _maintenance(stage)
    _card(stage)


def _permissions(stage: Stage) -> None:
    assets = stage.market.assets
    plant_owner, maintainer, operator = (
        stage.person(name) for name in ("the plant owner", "the maintainer", "the operator")
    )
    until = stage.now + _WEEK
    stage.chapter("Who may do what, for how long")
    stage.says("An owner permits; each permission ends at its time, or when the plant is sold.")
    permit = assets.set_permission(BARN, maintainer.address, Permission.MAINTAINER, until)
    stage.does("the maintainer maintains the roof for a week", plant_owner, permit, "PermissionSet")
    stage.does(
        "the operator operates it",
        plant_owner,
        assets.set_permission(BARN, operator.address, Permission.OPERATOR, until),
    )
    permission, end = assets.permission_of(BARN, maintainer.address)
    stage.shows("what the maintainer may do, and until when", (permission, format_time(end)))
    stage.check((permission, end) == (Permission.MAINTAINER, until), "it is something else")
    may = assets.is_permitted(BARN, operator.address, Permission.MAINTAINER)
    stage.shows("whether an operator may write maintenance down, too", may)
    stage.check(may, "an operator may less than a maintainer")
    stage.refuses(
        "the maintainer gives a stranger a permission",
        errors.EnergyAssetNFT_NotOwner,
        maintainer,
        assets.set_permission(BARN, maintainer.address, Permission.OPERATOR, until),
        caller=maintainer.address,
    )
    stage.refuses(
        "a permission that is over",
        errors.EnergyAssetNFT_BadPermission,
        plant_owner,
        assets.set_permission(BARN, maintainer.address, Permission.MAINTAINER, stage.now - 1),
        user=maintainer.address,
    )
    stage.does(
        "the operator takes it out of service",
        operator,
        assets.set_in_service(BARN, False),
        "ServiceSet",
    )
    stage.check(not assets.get_asset(BARN).in_service, "it is in service")
    stage.refuses(
        "the maintainer puts it back: maintainers may not",
        errors.EnergyAssetNFT_NotPermitted,
        maintainer,
        assets.set_in_service(BARN, True),
        needed=Permission.OPERATOR,
    )
    stage.does(
        "the plant owner does: owners may do everything",
        plant_owner,
        assets.set_in_service(BARN, True),
    )


def _maintenance(stage: Stage) -> None:
    assets, maintainer = stage.market.assets, stage.person("the maintainer")
    protocol = keccak(b"the protocol of the maintainer's visit")
    stage.chapter("What was done to it")
    stage.does(
        "the maintainer has cleaned the modules, and hashes its protocol",
        maintainer,
        assets.add_maintenance_record(BARN, protocol, "Modules cleaned"),
        "MaintenanceRecorded",
    )
    stage.shows("records of the roof", assets.maintenance_count(BARN))
    record = assets.maintenance_record(BARN, 0)
    stage.shows("the first", record)
    stage.check(record.document_hash == protocol, "another protocol was recorded")
    stage.refuses(
        "one without a document",
        errors.EnergyAssetNFT_BadParameter,
        maintainer,
        assets.add_maintenance_record(BARN, bytes(32), "Trust me"),
        name=to_bytes32("documentHash"),
    )
    stage.refuses(
        "one without text",
        errors.EnergyAssetNFT_BadText,
        maintainer,
        assets.add_maintenance_record(BARN, protocol, ""),
        field=to_bytes32("note"),
        maximum=256,
    )


def _card(stage: Stage) -> None:
    stage.chapter("What wallets show")
    stage.says("The card is written by the chain itself: no server can lose or change it.")
    card, picture = stage.market.card(BARN)
    stage.shows("its name", card["name"])
    stage.shows("its words", card["description"])
    for trait in card["attributes"]:
        value = trait["value"]
        is_date = trait.get("display_type") == "date"
        stage.shows(trait["trait_type"], format_time(value) if is_date else value)
    stage.check(card["name"] == "Barn roof", f"the card is of {card['name']}")
    stage.check(picture.startswith(b"<svg"), "the picture is no SVG")
    stage.shows("bytes of its picture, an SVG", len(picture))
