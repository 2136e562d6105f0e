// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title DayLanes
/// @notice Energy sharing and its rest (rules 13 and 16), eight slots at a time, for members of a community whose day
/// is closed together. {DayClosing} has the same for one account and any size.
/// @dev Eight slots stand in a word of 32-bit lanes, the first in the lowest bits. Nets are below 2^24 and positions
/// too, so what a slot holds is below 2^25, sums of 160 members are below 2^32, and no carry leaves a lane.
///
/// A word of sides has in each lane 31 bits of Wh, and above them whether they are supplied (1) or demanded (0). Nets
/// are sides: an export is supplied. Of a slot with net m and position t, what is left is `m + t`, and what of it is
/// open to sharing is the part that is metered: no more than m, on the same side.
///
/// A member without positions has its nets for both; of others, {sharable} writes two words a page: left, open.
///
/// A day has 14 words a page of eight slots:
///
///     | long demand | long supply xor long demand | lanes where a long side shares | prices of even slots |
///     | prices of odd slots | parts of 8 slots | shared |
///
/// A side is long where it has more than the other takes or gives; its `part` is that, in 2^-64 of what it has, rounded
/// up. Long lanes are all ones. A price has 64 bits, the first one highest. `shared` is what the member just settled
/// gave or took.
library DayLanes {
    /// @dev What a member keeps in a day.
    struct Credits {
        uint256 wh;
        uint256 kept;
        uint256 drawn;
    }

    uint256 private constant ONES = 0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant HIGH = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant LOW = 0x7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff;
    uint256 private constant OVER = ONES * 0xff000000;
    uint256 private constant LANE = 0xffffffff;
    uint256 private constant EVEN = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant PAGE = 14;
    uint256 private constant PAGE_BYTES = 0x1c0;
    /// @dev Of `shared` in a page.
    uint256 private constant SHARED_AT = 0x1a0;
    /// @dev An account's energy credits are 40 bits of Wh.
    uint256 private constant MAX_CREDITS = 0xffffffffff;

    /// @notice Demand and supply of a word of sides.
    function split(uint256 sides) internal pure returns (uint256 demand, uint256 supply) {
        unchecked {
            supply = sides & _all((sides >> 31) & ONES) & LOW;
            demand = (sides & LOW) ^ supply;
        }
    }

    /// @notice A page of nets with 2^31 added to each.
    function withZero(uint256 nets) internal pure returns (uint256) {
        unchecked {
            (uint256 imports, uint256 exports) = split(nets);
            return (HIGH | exports) - imports;
        }
    }

    /// @notice What a day's nets add up to, and whether none is above `most`, below 2^24. They are added to `sums`,
    /// also where they do not fit.
    /// @param at place of the nets in calldata.
    /// @param sums supply, and supply and demand, of each page.
    function measure(uint256 at, uint256 most, uint256[] memory sums)
        internal
        pure
        returns (bool fits, uint256 imported, uint256 exported)
    {
        // It runs for every slot of every member, as the next ones do, hence the assembly; and a constant of 32 bytes
        // is dear: it is copied from the code wherever it stands.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, ONES)
            let inside := HIGH
            most := or(mul(most, ONES), inside)
            let to := add(sums, 0x20)
            for { let end := add(to, shl(5, mload(sums))) } lt(to, end) { to := add(to, 0x40) } {
                let nets := calldataload(at)
                at := add(at, 0x20)
                let exports := and(shr(31, nets), mload(0x00))
                nets := xor(nets, shl(31, exports))
                inside := and(inside, sub(most, nets))
                exports := and(nets, sub(shl(32, exports), exports))
                exported := add(exported, exports)
                imported := add(imported, nets)
                mstore(to, add(mload(to), exports))
                mstore(add(to, 0x20), add(mload(add(to, 0x20)), nets))
            }
            fits := eq(inside, HIGH)
            exported := shr(224, mul(exported, mload(0x00)))
            imported := sub(shr(224, mul(imported, mload(0x00))), exported)
        }
    }

    /// @notice Takes back what {measure} has added.
    function takeBack(uint256 at, uint256[] memory sums) internal pure {
        unchecked {
            for (uint256 i = 0; i < sums.length; i += 2) {
                (uint256 imports, uint256 exports) = split(wordAt(at + 16 * i));
                sums[i] -= exports;
                sums[i + 1] -= imports + exports;
            }
        }
    }

    /// @notice What is left and open of a member that may have traded.
    /// @param at place of its nets in calldata.
    /// @param from place of its positions in memory, pages in two's complement.
    /// @param count of pages.
    /// @return areSmall whether no position is 2^24 or above without its sign; if not, the rest does not count.
    /// @return lanes place of two words a page: left, open; 0: it has no position.
    /// @return rest supply of all slots that is left.
    /// @return need demand of all slots that is left.
    function sharable(uint256 at, uint256 from, uint256 count)
        internal
        pure
        returns (bool areSmall, uint256 lanes, uint256 rest, uint256 need)
    {
        uint256 sides;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let end := add(from, shl(5, count))
            for { let place := from } lt(place, end) { place := add(place, 0x20) } { sides := or(sides, mload(place)) }
            if sides {
                sides := 0
                lanes := mload(0x40)
                let to := lanes
                mstore(0x40, add(lanes, shl(6, count)))
                for {} lt(from, end) { from := add(from, 0x20) } {
                    let open := calldataload(at)
                    at := add(at, 0x20)
                    let exports := and(shr(31, open), ONES)
                    exports := sub(shl(32, exports), exports)
                    open := and(open, LOW)
                    let page := mload(from)
                    // What is sold adds to the slot's demand, what is bought to its supply.
                    let sold := and(shr(31, page), ONES)
                    let negative := sub(shl(32, sold), sold)
                    sold := and(add(xor(page, negative), sold), negative)
                    page := and(page, not(negative))
                    sides := or(sides, or(page, sold))
                    // A lane's highest bit stays where supply is not below demand.
                    page := add(page, and(open, exports))
                    let left := sub(or(page, HIGH), add(sold, and(open, not(exports))))
                    let supplied := and(shr(31, left), ONES)
                    supplied := sub(shl(32, supplied), supplied)
                    rest := add(rest, and(and(left, supplied), LOW))
                    page := sub(and(HIGH, not(supplied)), and(left, not(supplied)))
                    need := add(need, page)
                    left := or(page, and(and(left, supplied), LOW))
                    // No more than is metered on the same side.
                    open := and(open, not(xor(supplied, exports)))
                    page := sub(or(open, HIGH), left)
                    exports := and(shr(31, page), ONES)
                    open := sub(open, and(and(page, sub(shl(32, exports), exports)), LOW))
                    supplied := and(supplied, HIGH)
                    mstore(to, or(left, supplied))
                    mstore(add(to, 0x20), or(open, supplied))
                    to := add(to, 0x40)
                }
            }
        }
        return (sides & OVER == 0, lanes, sum(rest), sum(need));
    }

    /// @notice Adds what a member that has traded has open to what all have.
    /// @param nets place of its nets in calldata.
    /// @param lanes of {sharable}.
    /// @param sums as in {measure}.
    function addTo(uint256 nets, uint256 lanes, uint256[] memory sums) internal pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, ONES)
            let to := add(sums, 0x20)
            for { let end := add(to, shl(5, mload(sums))) } lt(to, end) { to := add(to, 0x40) } {
                let open
                switch lanes
                case 0 {
                    open := calldataload(nets)
                    nets := add(nets, 0x20)
                }
                default {
                    open := mload(add(lanes, 0x20))
                    lanes := add(lanes, 0x40)
                }
                let supply := and(shr(31, open), mload(0x00))
                open := xor(open, shl(31, supply))
                mstore(to, add(mload(to), and(open, sub(shl(32, supply), supply))))
                mstore(add(to, 0x20), add(mload(add(to, 0x20)), open))
            }
        }
    }

    /// @notice Replaces what a member has open to take by what it takes by the static key: at most its part of the
    /// supply.
    /// @param nets place of its nets in calldata.
    /// @param lanes of {sharable}.
    /// @param coefficient basis points of the supply.
    /// @param sums of all members.
    /// @param limited the same with what all take by the key; this member's is added.
    /// @return place as `lanes`.
    function limit(uint256 nets, uint256 lanes, uint256 coefficient, uint256[] memory sums, uint256[] memory limited)
        internal
        pure
        returns (uint256 place)
    {
        unchecked {
            uint256[] memory words = new uint256[](sums.length);
            for (uint256 i = 0; i < sums.length; i += 2) {
                (uint256 left, uint256 open) = _wordsAt(nets, lanes, i);
                (uint256 demand, uint256 supply) = split(open);
                demand = _quota(demand, sums[i], coefficient);
                (words[i], words[i + 1]) = (left, (left & HIGH) | supply | demand);
                (limited[i], limited[i + 1]) = (sums[i], limited[i + 1] + supply + demand);
            }
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                place := add(words, 0x20)
            }
        }
    }

    /// @notice How a day is shared, and what it costs.
    /// @param sums of all members.
    /// @param prices of the slots.
    /// @return pages of the day.
    function share(uint256[] memory sums, uint256[] memory prices) internal pure returns (uint256[] memory pages) {
        unchecked {
            pages = new uint256[](PAGE * (sums.length >> 1));
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let page := add(pages, 0x20)
            prices := add(prices, 0x20)
            let end := add(add(sums, 0x20), shl(5, mload(sums)))
            for { sums := add(sums, 0x20) } lt(sums, end) { sums := add(sums, 0x40) } {
                for { let lane := 0 } lt(lane, 256) { lane := add(lane, 32) } {
                    let less := and(shr(lane, mload(sums)), LANE)
                    let more := sub(and(shr(lane, mload(add(sums, 0x20))), LANE), less)
                    let place := add(add(page, 0x60), and(lane, 0x20))
                    mstore(place, or(mload(place), shl(sub(192, and(lane, 0xc0)), mload(prices))))
                    prices := add(prices, 0x20)
                    if iszero(eq(less, more)) {
                        place := shl(lane, LANE)
                        mstore(add(page, 0x20), or(mload(add(page, 0x20)), place))
                        switch lt(less, more)
                        case 0 {
                            let supply := less
                            less := more
                            more := supply
                        }
                        default { mstore(page, or(mload(page), place)) }
                        if less {
                            mstore(add(page, 0x40), or(mload(add(page, 0x40)), place))
                            mstore(add(add(page, 0xa0), lane), div(add(shl(64, less), sub(more, 1)), more))
                        }
                    }
                }
                page := add(page, PAGE_BYTES)
            }
        }
    }

    /// @notice Shares a member's day, and charges what it lacks then.
    /// @param nets place of its nets in calldata.
    /// @param lanes of {sharable}.
    /// @param pages of {share}.
    /// @return taken of what is shared.
    /// @return given to what is shared.
    /// @return cost of what it lacks, before what credits are worth.
    // One loop without calls, which would cost more than its arithmetic.
    // solhint-disable-next-line function-max-lines
    function settle(uint256 nets, uint256 lanes, uint256[] memory pages)
        internal
        pure
        returns (uint256 taken, uint256 given, uint256 cost)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, ONES)
            mstore(0x20, EVEN)
            let end := add(add(pages, 0x20), shl(5, mload(pages)))
            for { pages := add(pages, 0x20) } lt(pages, end) { pages := add(pages, PAGE_BYTES) } {
                let left
                let open
                switch lanes
                case 0 {
                    left := calldataload(nets)
                    open := left
                    nets := add(nets, 0x20)
                }
                default {
                    left := mload(lanes)
                    open := mload(add(lanes, 0x20))
                    lanes := add(lanes, 0x40)
                }
                let supplied := and(shr(31, left), mload(0x00))
                left := xor(left, shl(31, supplied))
                open := xor(open, shl(31, supplied))
                supplied := sub(shl(32, supplied), supplied)
                let long := and(open, xor(mload(pages), and(supplied, mload(add(pages, 0x20)))))
                open := xor(open, long)
                long := and(long, mload(add(pages, 0x40)))
                if long {
                    // Each lane's share, rounded down. That its part is rounded up adds less than 2^-32, and a quotient
                    // by a sum below 2^32 that is not whole is further from the next number than that.
                    open := or(
                        open,
                        or(
                            or(
                                or(
                                    shr(64, mul(and(long, LANE), mload(add(pages, 0xa0)))),
                                    shl(32, shr(64, mul(and(shr(32, long), LANE), mload(add(pages, 0xc0)))))
                                ),
                                or(
                                    shl(64, shr(64, mul(and(shr(64, long), LANE), mload(add(pages, 0xe0))))),
                                    shl(96, shr(64, mul(and(shr(96, long), LANE), mload(add(pages, 0x100)))))
                                )
                            ),
                            or(
                                or(
                                    shl(128, shr(64, mul(and(shr(128, long), LANE), mload(add(pages, 0x120))))),
                                    shl(160, shr(64, mul(and(shr(160, long), LANE), mload(add(pages, 0x140)))))
                                ),
                                or(
                                    shl(192, shr(64, mul(and(shr(192, long), LANE), mload(add(pages, 0x160))))),
                                    shl(224, shr(64, mul(shr(224, long), mload(add(pages, 0x180)))))
                                )
                            )
                        )
                    )
                }
                mstore(add(pages, SHARED_AT), open)
                left := sub(left, open)
                open := and(open, supplied)
                given := add(given, open)
                taken := add(taken, xor(mload(add(pages, SHARED_AT)), open))
                left := and(left, not(supplied))
                if left {
                    // Four products at once, whose sum is in the highest 64 bits; 24 of them stay below 2^64.
                    let odd := and(shr(32, left), mload(0x20))
                    left := xor(left, shl(32, odd))
                    cost := add(cost, add(mul(left, mload(add(pages, 0x60))), mul(odd, mload(add(pages, 0x80)))))
                }
            }
            given := shr(224, mul(given, mload(0x00)))
            taken := shr(224, mul(taken, mload(0x00)))
            cost := shr(192, cost)
        }
    }

    /// @notice Own metered surplus that is left is kept, own metered deficit that is left is covered, slot by slot.
    /// @param credits before the day.
    /// @param nets place of the member's nets in calldata.
    /// @param lanes of {sharable}.
    /// @param pages as {settle} leaves them.
    function keep(uint256 credits, uint256 nets, uint256 lanes, uint256[] memory pages)
        internal
        pure
        returns (uint256 kept, uint256 drawn)
    {
        unchecked {
            // slither-disable-next-line uninitialized-local: 0 so far
            Credits memory tally;
            tally.wh = credits;
            for (uint256 i = 0; PAGE * i < pages.length; ++i) {
                (uint256 imports, uint256 exports) = split(wordAt(nets + 32 * i));
                (uint256 left,) = _wordsAt(nets, lanes, 2 * i);
                (uint256 need, uint256 rest) = split(left);
                (uint256 taken, uint256 given) = split((left & HIGH) | pages[PAGE * i + PAGE - 1]);
                // Not more than is metered, and not shared.
                _keepPage(tally, _min(rest, exports) - given, _min(need, imports) - taken);
            }
            return (tally.kept, tally.drawn);
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

    /// @dev Left and open of a page; `offset` counts two a page.
    function _wordsAt(uint256 nets, uint256 lanes, uint256 offset) private pure returns (uint256 left, uint256 open) {
        unchecked {
            if (lanes == 0) left = open = wordAt(nets + 16 * offset);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                if lanes {
                    lanes := add(lanes, shl(5, offset))
                    left := mload(lanes)
                    open := mload(add(lanes, 0x20))
                }
            }
        }
    }

    function _quota(uint256 demand, uint256 supply, uint256 coefficient) private pure returns (uint256 taken) {
        unchecked {
            if (demand == 0 || coefficient == 0) return 0;
            for (uint256 at = 0; at < 256; at += 32) {
                uint256 wh = (demand >> at) & LANE;
                uint256 most = ((supply >> at) & LANE) * coefficient / 10_000;
                taken |= (wh < most ? wh : most) << at;
            }
        }
    }

    function _keepPage(Credits memory tally, uint256 rest, uint256 need) private pure {
        unchecked {
            (uint256 has, uint256 kept, uint256 drawn) = (tally.wh, tally.kept, tally.drawn);
            if (rest == 0 && (need == 0 || has == 0)) return;
            (uint256 more, uint256 less) = (sum(rest), sum(need));
            // In whatever order: no slot lacks credits, or room for them.
            if (less <= has && more <= MAX_CREDITS - has) {
                (tally.wh, tally.kept, tally.drawn) = (has + more - less, kept + more, drawn + less);
                return;
            }
            for (uint256 lane = 0; lane < 256; lane += 32) {
                uint256 wh = (rest >> lane) & LANE;
                if (wh != 0) {
                    if (wh > MAX_CREDITS - has) wh = MAX_CREDITS - has;
                    (has, kept) = (has + wh, kept + wh);
                }
                wh = (need >> lane) & LANE;
                if (wh != 0) {
                    if (wh > has) wh = has;
                    (has, drawn) = (has - wh, drawn + wh);
                }
            }
            (tally.wh, tally.kept, tally.drawn) = (has, kept, drawn);
        }
    }

    /// @dev The lesser of both in each lane; both below 2^31.
    function _min(uint256 x, uint256 y) private pure returns (uint256) {
        unchecked {
            uint256 more = (x | HIGH) - y;
            return x - (more & _all((more >> 31) & ONES) & LOW);
        }
    }

    /// @dev All bits of lanes that are 1, none of lanes that are 0.
    function _all(uint256 ones) private pure returns (uint256) {
        unchecked {
            return (ones << 32) - ones;
        }
    }
}
