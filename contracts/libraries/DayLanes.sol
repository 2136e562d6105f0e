// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title DayLanes
/// @notice Energy sharing and its rest (rules 13 and 16), eight slots at a time, for members of a community whose day
/// is closed together. {DayClosing} has the same for one account and any size.
/// @dev Eight slots stand in a word of 32-bit lanes, the first in the lowest bits. Nets are below 2^24 and positions
/// too, so what a slot holds is below 2^25, sums of 160 members are below 2^32, and no carry leaves a lane.
///
/// A net has its highest bit set if it is an export. Of a slot with net m and position t: what there is to share is
/// `surplus = min((m + t)+, m+)` and `deficit = min((m + t)-, m-)`, what remains `rest = (m + t)+`, `need = (m + t)-`.
library DayLanes {
    /// @dev What a member's day comes to. Energy in Wh; while it is added up, `given` to `need` are sums of lanes.
    /// {settle} knows where the first seven stand.
    /// @param cost of its deficits, before what credits are worth.
    /// @param lanes place of what {sharable} says of each page, four words each; 0: nothing is traded.
    /// @param quotas place of what it takes by the static key, page by page; 0: the dynamic key.
    struct Tally {
        uint256 given;
        uint256 taken;
        uint256 rest;
        uint256 need;
        uint256 cost;
        uint256 lanes;
        uint256 quotas;
        uint256 kept;
        uint256 drawn;
        uint256 credits;
    }

    /// @dev How the slots of a page are shared. A side is long where it has more than the other takes or gives.
    /// @param longSurplus,longDeficit lanes of the long side.
    /// @param shares lanes in which anything is shared by a side that is long.
    /// @param slots of each slot: what is shared, and the sum of the long side, in two words.
    /// @param even,odd prices of the slots, each in 64 bits, the first highest.
    struct Page {
        uint256 longSurplus;
        uint256 longDeficit;
        uint256 shares;
        uint256 even;
        uint256 odd;
        uint256[16] slots;
    }

    uint256 private constant ONES = 0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant HIGH = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant LOW = 0x7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff;
    uint256 private constant OVER = ONES * 0xff000000;
    uint256 private constant LANE = 0xffffffff;
    uint256 private constant EVEN = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    /// @dev An account's energy credits are 40 bits of Wh.
    uint256 private constant MAX_CREDITS = 0xffffffffff;

    /// @notice Imports and exports of a page of nets.
    function split(uint256 nets) internal pure returns (uint256 imports, uint256 exports) {
        unchecked {
            exports = nets & _all((nets >> 31) & ONES) & LOW;
            imports = (nets & LOW) ^ exports;
        }
    }

    /// @notice A page of nets with 2^31 added to each.
    function withZero(uint256 nets) internal pure returns (uint256) {
        unchecked {
            (uint256 imports, uint256 exports) = split(nets);
            return (HIGH | exports) - imports;
        }
    }

    /// @notice What a day's nets add up to, and whether none is above `most`, below 2^24.
    /// @param at place of the nets in calldata.
    /// @param pages how many.
    function measure(uint256 at, uint256 pages, uint256 most)
        internal
        pure
        returns (bool fits, uint256 imported, uint256 exported)
    {
        // It runs for every slot of every member, as the next ones do, hence the assembly.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            most := or(mul(most, ONES), HIGH)
            let inside := HIGH
            for { let end := add(at, shl(5, pages)) } lt(at, end) { at := add(at, 0x20) } {
                let nets := calldataload(at)
                let exports := and(shr(31, nets), ONES)
                exports := sub(shl(32, exports), exports)
                nets := and(nets, LOW)
                inside := and(inside, sub(most, nets))
                exports := and(exports, nets)
                exported := add(exported, exports)
                imported := add(imported, xor(nets, exports))
            }
            fits := eq(inside, HIGH)
        }
        return (fits, sum(imported), sum(exported));
    }

    /// @notice Adds a member that trades nothing to what all have to share.
    /// @param at place of its nets in calldata.
    /// @param sums surplus and deficit of each page.
    function addTo(uint256 at, uint256[] memory sums) internal pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let to := add(sums, 0x20)
            for { let end := add(to, shl(5, mload(sums))) } lt(to, end) { to := add(to, 0x40) } {
                let nets := calldataload(at)
                at := add(at, 0x20)
                let exports := and(shr(31, nets), ONES)
                nets := and(nets, LOW)
                exports := and(sub(shl(32, exports), exports), nets)
                mstore(to, add(mload(to), exports))
                mstore(add(to, 0x20), add(mload(add(to, 0x20)), xor(nets, exports)))
            }
        }
    }

    /// @notice Of each page: surplus and deficit to share, and all of both, four words.
    /// @param at place of the nets in calldata.
    /// @param positions pages in two's complement.
    /// @return areSmall whether no position is 2^24 or above without its sign; if not, the lanes do not count.
    function sharable(uint256 at, uint256[] memory positions)
        internal
        pure
        returns (bool areSmall, uint256[] memory lanes)
    {
        unchecked {
            lanes = new uint256[](4 * positions.length);
        }
        uint256 sides;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // `x - y` where that is above 0, else 0; both below 2^31.
            function less(x, y) -> difference {
                difference := sub(or(x, HIGH), y)
                let ones := and(shr(31, difference), ONES)
                difference := and(and(difference, sub(shl(32, ones), ones)), LOW)
            }
            let to := add(lanes, 0x20)
            let from := add(positions, 0x20)
            for { let end := add(from, shl(5, mload(positions))) } lt(from, end) { from := add(from, 0x20) } {
                let demand := calldataload(at)
                at := add(at, 0x20)
                let supply := and(shr(31, demand), ONES)
                demand := and(demand, LOW)
                supply := and(sub(shl(32, supply), supply), demand)
                demand := xor(demand, supply)
                mstore(to, supply)
                mstore(add(to, 0x20), demand)
                let page := mload(from)
                if page {
                    // What is bought adds to what the slot supplies, what is sold to what it demands.
                    let ones := and(shr(31, page), ONES)
                    let negative := sub(shl(32, ones), ones)
                    let bought := and(page, not(negative))
                    let sold := and(add(xor(page, negative), ones), negative)
                    sides := or(sides, or(bought, sold))
                    bought := add(supply, bought)
                    sold := add(demand, sold)
                    let rest := less(bought, sold)
                    mstore(to, sub(supply, less(supply, rest)))
                    supply := rest
                    rest := less(sold, bought)
                    mstore(add(to, 0x20), sub(demand, less(demand, rest)))
                    demand := rest
                }
                mstore(add(to, 0x40), supply)
                mstore(add(to, 0x60), demand)
                to := add(to, 0x80)
            }
        }
        return (sides & OVER == 0, lanes);
    }

    /// @notice How a page is shared: `supply` of what members can give, `demand` of what they can take.
    function share(Page memory page, uint256 supply, uint256 demand) internal pure {
        unchecked {
            for (uint256 i = 0; i < 8; ++i) {
                (uint256 given, uint256 taken) = ((supply >> (32 * i)) & LANE, (demand >> (32 * i)) & LANE);
                (uint256 lane, uint256 less) = (LANE << (32 * i), given);
                if (given > taken) (page.longSurplus, less) = (page.longSurplus | lane, taken);
                else if (given < taken) page.longDeficit |= lane;
                if (less != 0) page.shares |= lane;
                page.slots[2 * i] = less;
                page.slots[2 * i + 1] = given + taken - less;
            }
        }
    }

    /// @notice Prices of a page's slots, eight from `first` on.
    function price(Page memory page, uint256[] memory prices, uint256 first) internal pure {
        unchecked {
            for (uint256 i = 0; i < 8; i += 2) {
                page.even |= prices[first + i] << (192 - 32 * i);
                page.odd |= prices[first + i + 1] << (192 - 32 * i);
            }
        }
    }

    /// @notice What a member takes by the static key: at most its part of the supply.
    /// @param coefficient basis points of `supply`.
    function quota(uint256 deficit, uint256 supply, uint256 coefficient) internal pure returns (uint256 taken) {
        unchecked {
            for (uint256 at = 0; at < 256; at += 32) {
                uint256 wh = (deficit >> at) & LANE;
                uint256 most = ((supply >> at) & LANE) * coefficient / 10_000;
                taken |= (wh < most ? wh : most) << at;
            }
        }
    }

    /// @notice Makes a tally as good as new.
    function clear(Tally memory tally) internal pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // Calldata beyond its end is 0; ten words.
            calldatacopy(tally, calldatasize(), 0x140)
        }
    }

    /// @notice Adds up a member's day.
    /// @param at place of its nets in calldata.
    /// @param pages of the day.
    /// @param shares what it gives and takes, two words a page, are written here.
    // One loop without calls, which would cost more than its arithmetic.
    // solhint-disable-next-line function-max-lines
    function settle(Tally memory tally, uint256 at, Page[] memory pages, uint256[] memory shares) internal pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let out := add(shares, 0x20)
            let end := add(at, shl(5, mload(pages)))
            pages := add(pages, 0x20)
            for {} lt(at, end) { at := add(at, 0x20) } {
                let given
                let taken
                let need
                {
                    let rest := mload(add(tally, 0xa0))
                    switch rest
                    case 0 {
                        let nets := calldataload(at)
                        given := and(shr(31, nets), ONES)
                        nets := and(nets, LOW)
                        given := and(sub(shl(32, given), given), nets)
                        taken := xor(nets, given)
                        rest := given
                        need := taken
                    }
                    default {
                        given := mload(rest)
                        taken := mload(add(rest, 0x20))
                        need := mload(add(rest, 0x60))
                        mstore(add(tally, 0xa0), add(rest, 0x80))
                        rest := mload(add(rest, 0x40))
                    }
                    mstore(add(tally, 0x40), add(mload(add(tally, 0x40)), rest))
                    mstore(add(tally, 0x60), add(mload(add(tally, 0x60)), need))
                }
                {
                    let limited := mload(add(tally, 0xc0))
                    if limited {
                        taken := mload(limited)
                        mstore(add(tally, 0xc0), add(limited, 0x20))
                    }
                }
                let page := mload(pages)
                pages := add(pages, 0x20)
                let lanes := or(and(given, mload(page)), and(taken, mload(add(page, 0x20))))
                given := and(given, not(mload(page)))
                taken := and(taken, not(mload(add(page, 0x20))))
                lanes := and(lanes, mload(add(page, 0x40)))
                if lanes {
                    // Each lane's part of what is shared, in proportion, rounded down.
                    let slots := mload(add(page, 0xa0))
                    let parts := div(mul(and(lanes, LANE), mload(slots)), mload(add(slots, 0x20)))
                    parts := or(
                        parts,
                        shl(32, div(mul(and(shr(32, lanes), LANE), mload(add(slots, 0x40))), mload(add(slots, 0x60))))
                    )
                    parts := or(
                        parts,
                        shl(64, div(mul(and(shr(64, lanes), LANE), mload(add(slots, 0x80))), mload(add(slots, 0xa0))))
                    )
                    parts := or(
                        parts,
                        shl(96, div(mul(and(shr(96, lanes), LANE), mload(add(slots, 0xc0))), mload(add(slots, 0xe0))))
                    )
                    parts := or(
                        parts,
                        shl(
                            128,
                            div(mul(and(shr(128, lanes), LANE), mload(add(slots, 0x100))), mload(add(slots, 0x120)))
                        )
                    )
                    parts := or(
                        parts,
                        shl(
                            160,
                            div(mul(and(shr(160, lanes), LANE), mload(add(slots, 0x140))), mload(add(slots, 0x160)))
                        )
                    )
                    parts := or(
                        parts,
                        shl(
                            192,
                            div(mul(and(shr(192, lanes), LANE), mload(add(slots, 0x180))), mload(add(slots, 0x1a0)))
                        )
                    )
                    parts := or(
                        parts,
                        shl(224, div(mul(shr(224, lanes), mload(add(slots, 0x1c0))), mload(add(slots, 0x1e0))))
                    )
                    given := or(given, and(parts, mload(page)))
                    taken := or(taken, and(parts, mload(add(page, 0x20))))
                }
                mstore(out, given)
                mstore(add(out, 0x20), taken)
                out := add(out, 0x40)
                mstore(tally, add(mload(tally), given))
                mstore(add(tally, 0x20), add(mload(add(tally, 0x20)), taken))
                need := sub(need, taken)
                if need {
                    let cost := shr(192, mul(and(need, EVEN), mload(add(page, 0x60))))
                    cost := add(cost, shr(192, mul(and(shr(32, need), EVEN), mload(add(page, 0x80)))))
                    mstore(add(tally, 0x80), add(mload(add(tally, 0x80)), cost))
                }
            }
        }
    }

    /// @notice Own metered surplus that is left is kept, own metered deficit that is left is covered, slot by slot.
    /// @param at place of the nets in calldata.
    /// @param lanes as in {Tally}, from its first page on.
    /// @param shares of {settle}.
    function keep(Tally memory tally, uint256 at, uint256 lanes, uint256[] memory shares) internal pure {
        unchecked {
            for (uint256 i = 0; i < shares.length; i += 2) {
                (uint256 imports, uint256 exports) = split(wordAt(at));
                (uint256 rest, uint256 need) = (exports, imports);
                if (lanes != 0) {
                    // solhint-disable-next-line no-inline-assembly
                    assembly ("memory-safe") {
                        rest := mload(add(lanes, 0x40))
                        need := mload(add(lanes, 0x60))
                        lanes := add(lanes, 0x80)
                    }
                }
                (uint256 given, uint256 taken) = (shares[i], shares[i + 1]);
                (rest, need) = (rest - given, need - taken);
                // Not more than is metered, and not shared.
                rest -= _less(rest, exports - given);
                need -= _less(need, imports - taken);
                _keepPage(tally, rest, need);
                at += 32;
            }
        }
    }

    /// @notice The sum of all lanes, if it is below 2^32.
    function sum(uint256 lanes) internal pure returns (uint256) {
        unchecked {
            return (lanes * ONES) >> 224;
        }
    }

    /// @dev 32 bytes of calldata; beyond its end, zeros.
    function wordAt(uint256 at) internal pure returns (uint256 word) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := calldataload(at)
        }
    }

    function _keepPage(Tally memory tally, uint256 rest, uint256 need) private pure {
        unchecked {
            (uint256 credits, uint256 kept, uint256 drawn) = (tally.credits, tally.kept, tally.drawn);
            for (uint256 lane = 0; lane < 256; lane += 32) {
                uint256 wh = (rest >> lane) & LANE;
                if (wh != 0) {
                    if (wh > MAX_CREDITS - credits) wh = MAX_CREDITS - credits;
                    (credits, kept) = (credits + wh, kept + wh);
                }
                wh = (need >> lane) & LANE;
                if (wh != 0) {
                    if (wh > credits) wh = credits;
                    (credits, drawn) = (credits - wh, drawn + wh);
                }
            }
            (tally.credits, tally.kept, tally.drawn) = (credits, kept, drawn);
        }
    }

    /// @dev `x - y` where that is above 0, else 0; both below 2^31.
    function _less(uint256 x, uint256 y) private pure returns (uint256) {
        unchecked {
            uint256 difference = (x | HIGH) - y;
            return difference & _all((difference >> 31) & ONES) & LOW;
        }
    }

    /// @dev All bits of lanes that are 1, none of lanes that are 0.
    function _all(uint256 ones) private pure returns (uint256) {
        unchecked {
            return (ones << 32) - ones;
        }
    }
}
