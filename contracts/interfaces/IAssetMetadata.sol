// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridManagement} from "./IGridManagement.sol";

/// @title IAssetMetadata
/// @notice How assets show themselves to wallets and marketplaces: JSON with an SVG, both of them in the URI, so that
/// nothing has to be kept anywhere else. Names and regions are text in both, whatever they contain.
interface IAssetMetadata {
    /// @param number of the asset. @param capacity W.
    /// @param region shown as text if it is plain, else in hexadecimal digits.
    /// @param commissionedAt Unix seconds.
    /// @param meters how many are linked. @param maintenance how many records there are.
    /// @param production Wh of finished days, the latest last.
    /// @param name plain text ({Texts-isPlain}); control characters would not be well-formed XML.
    struct Card {
        uint256 number;
        IGridManagement.EnergyType kind;
        uint256 capacity;
        bytes32 region;
        uint256 commissionedAt;
        bool inService;
        bool divided;
        uint256 meters;
        uint256 maintenance;
        uint256[] production;
        string name;
    }

    /// @notice The metadata of an asset for wallets and marketplaces.
    /// @param card what is known of the asset.
    /// @return A data URI, `data:application/json;base64,`: name, description, image (`data:image/svg+xml;base64,`) and
    /// attributes, as ERC-721 and its marketplaces read them.
    function tokenURI(Card calldata card) external pure returns (string memory);
}
