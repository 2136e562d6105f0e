// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Texts
/// @notice Validation of plain text, and its escaping for XML.
library Texts {
    /// @notice Whether a text has 1 to `maximum` bytes of well-formed UTF-8, with printable characters only.
    function isPlain(string memory text, uint256 maximum) internal pure returns (bool) {
        bytes memory raw = bytes(text);
        uint256 length = raw.length;
        if (length == 0 || length > maximum) return false;
        for (uint256 at = 0; at < length;) {
            (uint256 character, uint256 size) = _characterAt(raw, at);
            if (size == 0 || !_isPlain(character)) return false;
            at += size;
        }
        return true;
    }

    /// @notice Escapes a text as content or attribute of an XML document. It must be plain: XML cannot represent
    /// control characters.
    function escapeXml(string memory text) internal pure returns (string memory) {
        bytes memory raw = bytes(text);
        uint256 length = raw.length;
        uint256 escapedLength = 0;
        for (uint256 i = 0; i < length; ++i) {
            uint256 more = _entity(raw[i]).length;
            escapedLength += more == 0 ? 1 : more;
        }
        bytes memory escaped = new bytes(escapedLength);
        uint256 at = 0;
        for (uint256 i = 0; i < length; ++i) {
            bytes memory written = _entity(raw[i]);
            if (written.length == 0) written = abi.encodePacked(raw[i]);
            for (uint256 j = 0; j < written.length; ++j) {
                escaped[at] = written[j];
                ++at;
            }
        }
        return string(escaped);
    }

    /// @dev The character that begins at a byte, and its length in bytes; 0 bytes if none begins there. Overlong
    /// encodings are invalid: they would give one text two forms.
    function _characterAt(bytes memory raw, uint256 at) private pure returns (uint256 character, uint256 size) {
        uint256 first = uint8(raw[at]);
        if (first < 0x80) return (first, 1);
        // A continuation byte, or a byte that begins no character.
        if (first < 0xc0 || first > 0xf7) return (0, 0);
        size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (at + size > raw.length) return (0, 0);

        character = first & (0x7f >> size);
        for (uint256 i = 1; i < size; ++i) {
            uint256 next = uint8(raw[at + i]);
            if (next & 0xc0 != 0x80) return (0, 0);
            character = (character << 6) | (next & 0x3f);
        }
        uint256 lowest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
        if (character < lowest) return (0, 0);
    }

    function _isPlain(uint256 character) private pure returns (bool) {
        if (character < 0x7f) return character >= 0x20;
        // Control characters C1, and delete.
        if (character < 0xa0) return false;
        // Separators of lines and paragraphs; embeddings, overrides and isolates, which show a text in another order
        // than it has.
        if (character >= 0x2028 && character <= 0x202e) return false;
        if (character >= 0x2066 && character <= 0x2069) return false;
        // Surrogates and noncharacters: neither may be in XML.
        if (character >= 0xd800 && character <= 0xdfff) return false;
        return character & 0xfffe != 0xfffe && character <= 0x10ffff;
    }

    function _entity(bytes1 character) private pure returns (bytes memory) {
        if (character == "&") return "&amp;";
        if (character == "<") return "&lt;";
        if (character == ">") return "&gt;";
        if (character == "\"") return "&quot;";
        if (character == "'") return "&apos;";
        return "";
    }
}
