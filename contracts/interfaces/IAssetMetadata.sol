// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridManagement} from "./IGridManagement.sol";

/// @title IAssetMetadata
/// @notice The metadata of assets for wallets and marketplaces: JSON with an SVG, both inside the URI, so nothing is
/// stored off the chain. Names and regions are escaped in both.
interface IAssetMetadata {
    /// @param number of the asset.
    /// @param capacity W.
    /// @param region shown as text if it is plain, else in hexadecimal digits.
    /// @param commissionedAt Unix seconds.
    /// @param meters number of linked meters.
    /// @param maintenance number of maintenance records.
    /// @param production Wh of finished days, the latest last.
    /// @param name plain text ({Texts-isPlain}); XML does not allow control characters.
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
    /// @param card the asset's data.
    /// @return A data URI, `data:application/json;base64,`: name, description, image (`data:image/svg+xml;base64,`) and
    /// attributes, in the form of ERC-721 metadata.
    function tokenURI(Card calldata card) external pure returns (string memory);
}
