// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DayFlowsWord} from "../types/DayFlowsWord.sol";
import {TariffWord} from "../types/TariffWord.sol";

/// @title DayPrices
/// @notice What a day's energy costs and brings, for all ways of closing it.
library DayPrices {
    /// @notice The prices of a day's deficits, slot by slot.
    /// @param terms the tariff of the day.
    /// @param pages factors in basis points, 16 bits a slot, 16 slots a word; 0 is none. See {ITariffs-dayOf}.
    /// @param lane the place of the first slot in the pages.
    /// @param count of slots.
    /// @param shift bits below each price that stay 0.
    /// @return prices money per kWh.
    /// @return dearest of them, or of the tariff.
    function pricesOf(TariffWord terms, uint256[] memory pages, uint256 lane, uint256 count, uint256 shift)
        internal
        pure
        returns (uint256[] memory prices, uint256 dearest)
    {
        unchecked {
            prices = new uint256[](count);
            dearest = terms.buy();
            (uint256 price, uint256 last, uint256 page) = (dearest, 0, pages[0] >> (16 * lane));
            for (uint256 i = 0; i < count; ++i) {
                if ((lane + i) & 15 == 0) page = pages[(lane + i) >> 4];
                // Slots that follow each other often have the same factor.
                if (uint16(page) != last) {
                    last = uint16(page);
                    price = last == 0 ? terms.buy() : terms.deficitPrice(last);
                    if (price > dearest) dearest = price;
                }
                prices[i] = price << shift;
                page >>= 16;
            }
        }
    }

    /// @notice What the flows of a day bring, before what deficits cost.
    /// @param shared the price of a shared kWh.
    /// @param value of a kWh of credit.
    /// @return thousandths of a money unit.
    function moneyOf(DayFlowsWord flows, TariffWord terms, uint256 shared, uint256 value)
        internal
        pure
        returns (int256)
    {
        unchecked {
            uint256 paid = flows.given() * shared + flows.fedIn() * terms.feedIn() + flows.drawn() * value;
            return int256(paid) - int256(flows.taken() * (shared + terms.networkFee()));
        }
    }
}
