// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetMetadata} from "../interfaces/IAssetMetadata.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {Texts} from "../libraries/Texts.sol";

/// @title AssetMetadata
/// @notice See {IAssetMetadata}; comments here are for maintainers.
/// @dev A separate contract, deployed by EnergyAssetNFT, whose code size leaves no room for it. It has no storage and
/// only `tokenURI` calls it, so an error here cannot block an asset. The card, in pixels:
///
///     0    24                                                  376  400
///      36   KIND #number                                  o status
///      76   name, as large as it fits
///      114  capacity
///      136  region
///      152  | bars of the days, on the same scale |
///      216  |_____________________________________|
///      240  last n days                                     energy
///      260
contract AssetMetadata is IAssetMetadata {
    using Strings for uint256;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant LEFT = 24;
    /// @dev Between the margins.
    uint256 private constant WIDTH = 352;
    uint256 private constant BASELINE = 216;
    uint256 private constant BAR_HEIGHT = 64;
    /// @dev Pixels between one bar and the next.
    uint256 private constant GAP = 12;
    uint256 private constant LARGEST_NAME = 26;

    /* VIEWS */

    /// @inheritdoc IAssetMetadata
    function tokenURI(Card calldata card) external pure returns (string memory) {
        (string memory kind,) = _kindOf(card.kind);
        string memory region = _regionOf(card.region);
        string memory description = string.concat(
            kind,
            " plant of ",
            _thousandths(card.capacity),
            " kW in ",
            region,
            ". Its production is what its meters have metered."
        );
        string memory json = string.concat(
            "{\"name\":\"",
            Strings.escapeJSON(card.name),
            "\",\"description\":\"",
            Strings.escapeJSON(description),
            "\",\"image\":\"data:image/svg+xml;base64,",
            Base64.encode(bytes(_svg(card, region))),
            "\",\"attributes\":[",
            _attributes(card, kind, region),
            "]}"
        );
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    /* INTERNAL: JSON */

    function _attributes(Card calldata card, string memory kind, string memory region)
        private
        pure
        returns (string memory)
    {
        return string.concat(
            _text("Kind", kind),
            _number("Capacity (W)", card.capacity),
            _text("Region", Strings.escapeJSON(region)),
            "{\"display_type\":\"date\",\"trait_type\":\"Commissioned\",\"value\":",
            card.commissionedAt.toString(),
            "},",
            _text("In service", card.inService ? "Yes" : "No"),
            _text("Divided", card.divided ? "Yes" : "No"),
            _number("Meters", card.meters),
            _number("Maintenance records", card.maintenance),
            "{\"display_type\":\"number\",\"trait_type\":\"",
            string.concat("Produced in the last ", card.production.length.toString(), " days (Wh)"),
            "\",\"value\":",
            _sum(card.production).toString(),
            "}"
        );
    }

    /// @dev For text that needs no escaping.
    function _text(string memory trait, string memory value) private pure returns (string memory) {
        return string.concat("{\"trait_type\":\"", trait, "\",\"value\":\"", value, "\"},");
    }

    function _number(string memory trait, uint256 value) private pure returns (string memory) {
        return
            string.concat(
                "{\"display_type\":\"number\",\"trait_type\":\"", trait, "\",\"value\":", value.toString(), "},"
            );
    }

    /* INTERNAL: SVG */

    function _svg(Card calldata card, string memory region) private pure returns (string memory) {
        (string memory kind, string memory colour) = _kindOf(card.kind);
        string memory name = Texts.escapeXml(card.name);
        return string.concat(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 260\" width=\"800\" height=\"520\" "
            "role=\"img\" font-family=\"system-ui,Helvetica,Arial,sans-serif\" font-size=\"13\" fill=\"#9fb3c1\">"
            "<title>",
            name,
            "</title><rect width=\"400\" height=\"260\" rx=\"16\" fill=\"",
            colour,
            "\"/><rect y=\"5\" width=\"400\" height=\"255\" rx=\"16\" fill=\"#0f1c26\"/>",
            _head(card, kind, colour),
            _body(card, name, bytes(region).length > 32 ? _short(card.region) : Texts.escapeXml(region)),
            _chart(card.production, colour),
            "</svg>"
        );
    }

    function _head(Card calldata card, string memory kind, string memory colour) private pure returns (string memory) {
        return string.concat(
            "<text x=\"24\" y=\"36\" font-weight=\"600\" fill=\"",
            colour,
            "\">",
            kind,
            " #",
            card.number.toString(),
            "</text><text x=\"376\" y=\"36\" text-anchor=\"end\"><tspan fill=\"",
            card.inService ? "#5fd38d\">&#9679;</tspan> in service" : "#e5737f\">&#9679;</tspan> out of service",
            card.divided ? ", divided</text>" : "</text>"
        );
    }

    /// @dev Name and region are already escaped; the font size depends on the unescaped name.
    function _body(Card calldata card, string memory name, string memory region) private pure returns (string memory) {
        return string.concat(
            "<text x=\"24\" y=\"76\" fill=\"#fff\" font-family=\"ui-monospace,Menlo,monospace\" font-size=\"",
            _nameSize(card.name).toString(),
            "\">",
            name,
            "</text><text x=\"24\" y=\"114\" fill=\"#fff\" font-size=\"24\" font-weight=\"700\">",
            _thousandths(card.capacity),
            " kW</text><text x=\"24\" y=\"136\">",
            region,
            "</text>"
        );
    }

    /// @dev A day without production is a line at the bottom; a day with production has a visible bar.
    function _chart(uint256[] calldata production, string memory colour) private pure returns (string memory bars) {
        uint256 pitch = (WIDTH + GAP) / production.length;
        uint256 most = 1;
        for (uint256 i = 0; i < production.length; ++i) {
            most = Math.max(most, production[i]);
        }
        for (uint256 i = 0; i < production.length; ++i) {
            uint256 height = Math.max(1, Math.ceilDiv(production[i] * BAR_HEIGHT, most));
            // slither-disable-next-line divide-before-multiply: whole pixels
            bars = string.concat(bars, _bar(LEFT + i * pitch, pitch - GAP, height));
        }
        return string.concat(
            "<g fill=\"",
            colour,
            "\">",
            bars,
            "</g><text x=\"24\" y=\"240\">last ",
            production.length.toString(),
            " days</text><text x=\"376\" y=\"240\" text-anchor=\"end\">",
            _thousandths(_sum(production)),
            " kWh</text>"
        );
    }

    function _bar(uint256 x, uint256 width, uint256 height) private pure returns (string memory) {
        return string.concat(
            "<rect x=\"",
            x.toString(),
            "\" y=\"",
            (BASELINE - height).toString(),
            "\" width=\"",
            width.toString(),
            "\" height=\"",
            height.toString(),
            "\"/>"
        );
    }

    /* INTERNAL: WORDS */

    function _kindOf(IGridManagement.EnergyType kind) private pure returns (string memory name, string memory colour) {
        if (kind == IGridManagement.EnergyType.SOLAR) return ("Solar", "#f6b93b");
        if (kind == IGridManagement.EnergyType.WIND) return ("Wind", "#6fc8f2");
        if (kind == IGridManagement.EnergyType.HYDRO) return ("Hydro", "#3f8efc");
        if (kind == IGridManagement.EnergyType.NUCLEAR) return ("Nuclear", "#a48bff");
        if (kind == IGridManagement.EnergyType.GEOTHERMAL) return ("Geothermal", "#ff7f50");
        if (kind == IGridManagement.EnergyType.BIOMASS) return ("Biomass", "#8bc34a");
        return ("Natural gas", "#a7b4bd");
    }

    /// @dev A region that is no plain text is shown in hexadecimal digits: GridManagement does not validate a region's
    /// bytes.
    function _regionOf(bytes32 region) private pure returns (string memory) {
        uint256 length = 32;
        while (length > 0 && region[length - 1] == 0) {
            --length;
        }
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = region[i];
        }
        return Texts.isPlain(string(text), length) ? string(text) : Strings.toHexString(abi.encodePacked(region));
    }

    /// @dev The first digits of a region that is no plain text, as many as fit.
    function _short(bytes32 region) private pure returns (string memory) {
        return string.concat(Strings.toHexString(abi.encodePacked(bytes8(region))), "...");
    }

    /// @dev 12345 as 12.345, 12300 as 12.3, 12000 as 12.
    function _thousandths(uint256 amount) private pure returns (string memory) {
        (string memory whole, uint256 rest) = ((amount / 1000).toString(), amount % 1000);
        if (rest == 0) return whole;
        string memory zeros = rest < 10 ? "00" : rest < 100 ? "0" : "";
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return string.concat(whole, ".", zeros, rest.toString());
    }

    /// @dev The font size at which the name fits. An ASCII letter is 0.6 of it wide; other characters, such as Chinese
    /// or an emoji, up to twice as wide.
    function _nameSize(string calldata name) private pure returns (uint256) {
        bytes calldata raw = bytes(name);
        uint256 columns = 0;
        for (uint256 i = 0; i < raw.length; ++i) {
            uint8 one = uint8(raw[i]);
            // Continuation bytes of UTF-8 begin with the bits 10.
            if (one < 0x80) ++columns;
            else if (one >= 0xc0) columns += 2;
        }
        return Math.min(LARGEST_NAME, (WIDTH * 10) / (columns * 6));
    }

    function _sum(uint256[] calldata amounts) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < amounts.length; ++i) {
            sum += amounts[i];
        }
    }
}
