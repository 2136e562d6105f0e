// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

// What no contract can avoid, one contract for each operation, to measure the product's against. They are not safe to use:
// they store, log, hash and check signatures where the operation must, and do nothing else. What they leave out, and the
// product has: roles and stops, limits of any kind, rounding, fees, custom errors, separate contracts, a selector.
//
// Common to all: calldata is packed to the bytes that carry information; an account is its address, with all its money in
// one word (available 128, locked 128); nets of readings and positions of trades stand in words of eight slots, prices
// too; what an operation changes is logged once, named by what it concerns.

/// @dev createOrder: a number for the order (a count that is read and written), the order's word, fresh, since orders are
/// kept, and the trader's money, which must not be promised twice.
contract PlaceFloor {
    fallback() external payable {
        assembly {
            let order := calldataload(0)
            let id := add(sload(0), 1)
            sstore(0, id)
            mstore(0, caller())
            let account := keccak256(0, 32)
            let money := sload(account)
            let cost := and(order, 0xffffffff)
            if lt(and(money, 0xffffffffffffffffffffffffffffffff), cost) { revert(0, 0) }
            sstore(account, add(sub(money, cost), shl(128, cost)))
            sstore(add(id, shl(200, 1)), order)
            mstore(0, order)
            log3(0, 32, 1, id, caller())
        }
    }
}

/// @dev cancelOrder: one word says that the order is over. Its money may be counted as free from there on, so no other
/// word must change.
contract CancelFloor {
    fallback() external payable {
        assembly {
            let id := shr(216, calldataload(0))
            mstore(0, id)
            let at := keccak256(0, 32)
            let order := sload(at)
            if shr(255, order) { revert(0, 0) }
            sstore(at, or(order, shl(255, 1)))
            log3(0, 0, 1, id, caller())
        }
    }
}

/// @dev matchOrders: what is left of two orders, both positions, the seller's money of the day, and half a word for what
/// they have agreed. The buyer's money was locked before.
contract MatchFloor {
    fallback() external payable {
        assembly {
            let input := calldataload(0)
            let buyId := shr(216, input)
            let sellId := and(shr(176, input), 0xffffffffff)
            let buy := sload(buyId)
            let sell := sload(sellId)
            if iszero(and(buy, sell)) { revert(0, 0) }
            sstore(buyId, sub(buy, 1500))
            sstore(sellId, sub(sell, 1500))
            let buyer := add(shl(64, 1), buyId)
            let seller := add(shl(64, 1), sellId)
            sstore(buyer, add(sload(buyer), 1500))
            sstore(seller, sub(sload(seller), 1500))
            let money := add(shl(65, 1), sellId)
            sstore(money, add(sload(money), 375))
            let transaction := add(sload(0), 1)
            sstore(0, transaction)
            let place := add(shl(66, 1), shr(1, transaction))
            let half := or(shl(40, buyId), sellId)
            sstore(place, or(sload(place), shl(shl(7, and(transaction, 1)), half)))
            mstore(0, buy)
            log4(0, 32, 1, transaction, buyId, sellId)
        }
    }
}

/// @dev A reading by the device itself: at a slot's end the meter's registers and the slot's net, in a word of eight; in
/// between the meter's latest values alone.
contract ReadFloor {
    fallback() external payable {
        assembly {
            let reading := calldataload(0)
            let time := shr(224, reading)
            mstore(0, caller())
            let meter := keccak256(0, 32)
            let latest := sload(meter)
            if iszero(gt(time, shr(224, latest))) { revert(0, 0) }
            sstore(meter, or(reading, 1))
            if iszero(mod(time, 900)) {
                let slot := div(time, 900)
                let page := add(meter, shr(3, slot))
                let net := and(sub(shr(128, reading), shr(128, latest)), 0xffffffff)
                sstore(page, or(sload(page), shl(shl(5, and(slot, 7)), net)))
            }
            mstore(0, reading)
            log2(0, 32, 1, caller())
        }
    }
}

/// @dev submitSignedReadings: as a reading at a slot's end, of 96 bytes each; who signed it is recovered, so the meter is
/// not sent.
contract SignedReadFloor {
    fallback() external payable {
        assembly {
            for { let at := 0 } lt(at, calldatasize()) { at := add(at, 96) } {
                let reading := calldataload(at)
                mstore(0x80, reading)
                mstore(0, keccak256(0x80, 32))
                let vs := calldataload(add(at, 64))
                mstore(32, add(shr(255, vs), 27))
                mstore(64, calldataload(add(at, 32)))
                mstore(96, shr(1, shl(1, vs)))
                if iszero(staticcall(gas(), 1, 0, 128, 0, 32)) { revert(0, 0) }
                let meter := keccak256(0, 32)
                let latest := sload(meter)
                let time := shr(224, reading)
                if iszero(gt(time, shr(224, latest))) { revert(0, 0) }
                sstore(meter, or(reading, 1))
                let slot := div(time, 900)
                let page := add(meter, shr(3, slot))
                let net := and(sub(shr(128, reading), shr(128, latest)), 0xffffffff)
                sstore(page, or(sload(page), shl(shl(5, and(slot, 7)), net)))
                log2(0x80, 32, 1, mload(0))
            }
        }
    }
}

/// @dev settleBatch of signed orders, a pair after the other in 204 bytes: the amount (12), and of each side limit,
/// expiry and nonce (32) and a compact signature (64). Of an order must be hashed what was signed, and the signer
/// recovered; the signer's money changes, and the same word holds which of his nonces are used; and his position. What a
/// seller will be paid waits for the day's closing, in a word of its own. Who they are and how much they have agreed is
/// kept, in half a word, and one log names a pair and both orders.
contract BatchFloor {
    fallback() external payable {
        assembly {
            function orderAt(at, amount) -> orderHash, account {
                calldatacopy(0x80, at, 32)
                orderHash := keccak256(0x80, 32)
                mstore(0, orderHash)
                let vs := calldataload(add(at, 64))
                mstore(32, add(shr(255, vs), 27))
                mstore(64, calldataload(add(at, 32)))
                mstore(96, shr(1, shl(1, vs)))
                if iszero(staticcall(gas(), 1, 0, 128, 0, 32)) { revert(0, 0) }
                account := keccak256(0, 32)
                let word := sload(account)
                let used := shl(and(mload(0x80), 0x7f), 1)
                if and(word, used) { revert(0, 0) }
                sstore(account, or(sub(word, shl(128, 375)), used))
                let position := add(account, 1)
                sstore(position, add(sload(position), amount))
            }
            // The count of pairs so far, which numbers them: each batch begins with a word of its own.
            let id := sload(0)
            let pairs := 0
            for { let at := 0 } lt(at, calldatasize()) { at := add(at, 204) } {
                let amount := shr(160, calldataload(at))
                let buyHash, buyer := orderAt(add(at, 12), amount)
                let sellHash, seller := orderAt(add(at, 108), amount)
                let money := add(seller, 2)
                sstore(money, add(sload(money), 375))
                // Numbers of 32 bits are enough to say who it was.
                let half := or(or(shl(96, and(buyer, 0xffffffff)), shl(64, and(seller, 0xffffffff))), amount)
                pairs := or(shl(128, pairs), half)
                if and(id, 1) {
                    sstore(add(shr(1, id), shl(200, 1)), pairs)
                    pairs := 0
                }
                mstore(0, amount)
                log4(0, 32, 1, id, buyHash, sellHash)
                id := add(id, 1)
            }
            if pairs { sstore(add(shr(1, id), shl(200, 1)), pairs) }
            sstore(0, add(id, and(id, 1)))
        }
    }
}

/// @dev settleBatch of stored orders: their money is locked already, so what changes is the rest of each order, both
/// positions and the seller's money of the day. Of a pair come the amount and two numbers, five bytes each, and half a
/// word is kept.
contract StoredBatchFloor {
    fallback() external payable {
        assembly {
            let id := sload(0)
            let pairs := 0
            for { let at := 0 } lt(at, calldatasize()) { at := add(at, 15) } {
                let input := calldataload(at)
                let amount := shr(216, input)
                let buyId := and(shr(176, input), 0xffffffffff)
                let sellId := and(shr(136, input), 0xffffffffff)
                sstore(buyId, sub(sload(buyId), amount))
                sstore(sellId, sub(sload(sellId), amount))
                let buyer := add(shl(64, 1), buyId)
                let seller := add(shl(64, 1), sellId)
                sstore(buyer, add(sload(buyer), amount))
                sstore(seller, sub(sload(seller), amount))
                let money := add(shl(65, 1), sellId)
                sstore(money, add(sload(money), 375))
                let half := or(or(shl(84, and(buyId, 0xffffffff)), shl(40, and(sellId, 0xffffffff))), amount)
                pairs := or(shl(128, pairs), half)
                if and(id, 1) {
                    sstore(add(shr(1, id), shl(200, 1)), pairs)
                    pairs := 0
                }
                mstore(0, amount)
                log4(0, 32, 1, id, buyId, sellId)
                id := add(id, 1)
            }
            if pairs { sstore(add(shr(1, id), shl(200, 1)), pairs) }
            sstore(0, add(id, and(id, 1)))
        }
    }
}

/// @dev closeThrough of one day: the number of its words of eight slots (1 byte), whether there are trades (1), and four
/// bytes of each account. Read are the prices, once, the nets, and with trades the positions and the day's money; each
/// slot costs its price or earns the feed-in. An account's word has its money and the day to which it is closed.
contract CloseFloor {
    fallback() external payable {
        assembly {
            let words := byte(0, calldataload(0))
            let trades := byte(1, calldataload(0))
            for { let i := 0 } lt(i, words) { i := add(i, 1) } { mstore(shl(5, i), sload(add(shl(200, 1), i))) }
            let grid := sload(0)
            for { let at := 2 } lt(at, calldatasize()) { at := add(at, 4) } {
                let who := shr(224, calldataload(at))
                let account := shl(64, who)
                let money := 0
                for { let i := 0 } lt(i, words) { i := add(i, 1) } {
                    let nets := sload(add(add(account, 16), i))
                    let positions := 0
                    if trades { positions := sload(add(add(account, 32), i)) }
                    let prices := mload(shl(5, i))
                    for { let bit := 0 } lt(bit, 256) { bit := add(bit, 32) } {
                        let net := signextend(3, add(shr(bit, nets), shr(bit, positions)))
                        switch slt(net, 0)
                        case 1 { money := add(money, mul(net, and(shr(bit, prices), 0xffffffff))) }
                        default { money := add(money, mul(net, 80000)) }
                    }
                }
                grid := sub(grid, money)
                if trades { money := add(money, sload(add(account, 1))) }
                sstore(account, add(add(sload(account), money), shl(240, 1)))
                mstore(0x200, money)
                log2(0x200, 32, 1, who)
            }
            sstore(0, grid)
        }
    }
}

/// @dev settleDay: the number of words of eight slots (1 byte), whether there are trades (1), and leaves: four bytes of
/// account, 26 of registers, nets. Leaves are hashed to a root; of all nets are made sums, in lanes; what a slot lacks
/// costs its price, four slots at once. An account's word has its money and the day to which it is closed.
contract DayFloor {
    fallback() external payable {
        assembly {
            let words := byte(0, calldataload(0))
            let trades := byte(1, calldataload(0))
            let size := add(30, shl(5, words))
            let to := 0x4000
            for { let i := 0 } lt(i, words) { i := add(i, 1) } { mstore(shl(5, i), sload(add(shl(200, 1), i))) }
            for { let at := 2 } lt(at, calldatasize()) { at := add(at, size) } {
                calldatacopy(0x1000, at, size)
                mstore(to, keccak256(0x1000, size))
                to := add(to, 32)
                for { let i := 0 } lt(i, words) { i := add(i, 1) } {
                    mstore(add(0x800, shl(5, i)), add(mload(add(0x800, shl(5, i))), mload(add(0x101e, shl(5, i)))))
                }
            }
            for { let end := to } gt(end, 0x4020) { end := to } {
                to := 0x4000
                for { let at := to } lt(at, end) { at := add(at, 64) } {
                    mstore(to, keccak256(at, 64))
                    to := add(to, 32)
                }
            }
            if iszero(mload(0x4000)) { revert(0, 0) }
            let grid := sload(0)
            let out := 0x4000
            for { let at := 2 } lt(at, calldatasize()) { at := add(at, size) } {
                let account := shl(64, shr(224, calldataload(at)))
                let money := 0
                for { let i := 0 } lt(i, words) { i := add(i, 1) } {
                    let nets := calldataload(add(at, add(30, shl(5, i))))
                    if trades { nets := add(nets, sload(add(add(account, 32), i))) }
                    money := add(money, shr(192, mul(and(nets, sub(shl(128, 1), 1)), mload(shl(5, i)))))
                }
                grid := sub(grid, money)
                if trades { money := add(money, sload(add(account, 1))) }
                sstore(account, add(add(sload(account), money), shl(240, 1)))
                mstore(out, money)
                out := add(out, 32)
            }
            log2(0x4000, sub(out, 0x4000), 1, mload(0x800))
            sstore(0, grid)
        }
    }
}

/// @dev cancelSigned: a bit in a word of the trader, which is logged so that keepers see it.
contract CancelSignedFloor {
    fallback() external payable {
        assembly {
            let nonce := shr(216, calldataload(0))
            mstore(0, caller())
            let at := add(keccak256(0, 32), shr(8, nonce))
            sstore(at, or(sload(at), shl(and(nonce, 0xff), 1)))
            mstore(0, nonce)
            log2(0, 32, 1, caller())
        }
    }
}

/// @dev cancelSignedBelow: a number in a word of the trader, logged.
contract CancelBelowFloor {
    fallback() external payable {
        assembly {
            let nonce := shr(216, calldataload(0))
            mstore(0, caller())
            let at := keccak256(0, 32)
            let word := sload(at)
            if iszero(gt(nonce, and(word, 0xffffffffff))) { revert(0, 0) }
            sstore(at, or(shl(40, shr(40, word)), nonce))
            mstore(0, nonce)
            log2(0, 32, 1, caller())
        }
    }
}

/// @dev issueCarbonCredits for one day: the two words of a retirement (reads), which retirements are credited already (a
/// word of 256 in use), the holder's balance, the supply, and the log of an ERC-20.
contract CarbonFloor {
    fallback() external payable {
        assembly {
            let day := shr(224, calldataload(0))
            mstore(0, caller())
            let account := keccak256(0, 32)
            let energy := add(sub(sload(add(account, add(day, 1))), sload(add(account, day))), 70)
            let at := add(account, shl(64, shr(8, day)))
            let credited := sload(at)
            let bit := shl(and(day, 0xff), 1)
            if and(credited, bit) { revert(0, 0) }
            sstore(at, or(credited, bit))
            sstore(account, add(sload(account), energy))
            sstore(0, add(sload(0), energy))
            mstore(0, energy)
            log3(0, 32, 1, 0, caller())
        }
    }
}

/// @dev transfer of an ERC-20: two balances and the standard's log; its calldata is the standard's too.
contract TransferFloor {
    fallback() external payable {
        assembly {
            let amount := calldataload(36)
            let to := calldataload(4)
            let own := sload(caller())
            if lt(own, amount) { revert(0, 0) }
            sstore(caller(), sub(own, amount))
            sstore(to, add(sload(to), amount))
            mstore(0, amount)
            log3(0, 32, 1, caller(), to)
            mstore(0, 1)
            return(0, 32)
        }
    }
}
