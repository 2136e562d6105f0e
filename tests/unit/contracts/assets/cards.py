"""What a wallet makes of a `tokenURI`: JSON by Python's parser, SVG by an XML parser."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

__all__ = ["Card", "opened"]

_JSON, _SVG = "data:application/json;base64,", "data:image/svg+xml;base64,"
_NAMESPACE = "{http://www.w3.org/2000/svg}"
# Where the card has what, as its source says: the order of its texts.
_TEXTS = ("head", "status", "name", "capacity", "region", "days", "energy")


@dataclass(frozen=True)
class Card:
    """A card as it is read."""

    content: dict[str, Any]
    image: ET.Element

    @property
    def attributes(self) -> dict[str, Any]:
        """Values by their traits."""
        return {one["trait_type"]: one["value"] for one in self.content["attributes"]}

    @property
    def tags(self) -> list[str]:
        """Of all elements of the picture, in order."""
        return [one.tag.removeprefix(_NAMESPACE) for one in self.image.iter()]

    @property
    def texts(self) -> dict[str, str]:
        """What is written on it."""
        found = ["".join(one.itertext()) for one in self.image.findall(f"{_NAMESPACE}text")]
        return dict(zip(_TEXTS, found, strict=True))

    @property
    def title(self) -> str | None:
        """What it is called where it cannot be seen."""
        return self.image.findtext(f"{_NAMESPACE}title")

    @property
    def name_size(self) -> int:
        """Of the letters of the name, in pixels."""
        return int(self.image.findall(f"{_NAMESPACE}text")[2].attrib["font-size"])

    @property
    def colour(self) -> str:
        """Of its bars."""
        (bars,) = self.image.findall(f"{_NAMESPACE}g")
        return bars.attrib["fill"]

    @property
    def bars(self) -> list[tuple[int, ...]]:
        """(x, y, width, height) of each day."""
        return [
            tuple(int(bar.attrib[name]) for name in ("x", "y", "width", "height"))
            for bar in self.image.findall(f"{_NAMESPACE}g/{_NAMESPACE}rect")
        ]


def opened(uri: str) -> Card:
    """The card of a `tokenURI`, strictly read."""
    assert uri.startswith(_JSON)
    content = json.loads(base64.b64decode(uri[len(_JSON) :], validate=True))
    image = content["image"]
    assert image.startswith(_SVG)
    return Card(content, ET.fromstring(base64.b64decode(image[len(_SVG) :], validate=True)))
