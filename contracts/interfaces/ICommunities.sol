// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title ICommunities
/// @notice Energy communities: accounts of one region that share their surplus in every slot by the dynamic key. An
/// account is in one community at a time. What is shared costs theta basis points of the way from feed-in to purchase.
///
/// A membership begins with the next day, by the account's own will. It ends with the first day that nothing tradable
/// now belongs to, by the account's will, the manager's, or anybody's if the account owes. Who owes cannot join; who
/// was expelled joins that community again only if its manager has readmitted it.
interface ICommunities {
    /// @notice The connected contracts, fixed at deployment.
    struct Modules {
        address settlement;
        IEnergyAccounts energy;
        ITariffs tariffs;
        address forwarder;
    }

    /// @notice A community.
    /// @param members accounts that are in it, will be, or leave on a later day.
    /// @param theta today's.
    struct Community {
        bytes32 region;
        address manager;
        uint256 members;
        uint256 theta;
    }

    /* EVENTS */

    /// @notice A community was founded in a region, with its manager and its theta.
    event CommunityCreated(uint256 indexed id, bytes32 indexed region, address indexed manager, uint256 theta);
    /// @notice The community has another manager, or none.
    event ManagerChanged(uint256 indexed id, address indexed manager);
    /// @notice From `day` on, taking and giving in the community is priced at theta.
    event ThetaSet(uint256 indexed id, uint256 theta, uint256 day);
    /// @notice The account is a member from `day` on.
    event Joined(uint256 indexed id, address indexed account, uint256 day);
    /// @notice The account is no member from `day` on. `by` is the account, the manager, or who reported its debt.
    event Left(uint256 indexed id, address indexed account, uint256 day, address by);
    /// @notice The account, which was expelled, may join again.
    event Readmitted(uint256 indexed id, address indexed account);

    /* ERRORS */

    /// @notice There is no community of this number, see {communityCount}.
    error Communities_Unknown(uint256 id);
    /// @notice Only the community's manager may do this.
    error Communities_NotManager(uint256 id, address caller);
    /// @notice There are 2^24 - 1 communities.
    error Communities_TooMany();
    /// @notice Theta is at most `highest` basis points.
    error Communities_ThetaAbove(uint256 theta, uint256 highest);
    /// @notice Trades of that day are possible already; the first day that can change is `firstDay`.
    error Communities_WithinHorizon(uint256 day, uint256 firstDay);
    /// @notice The account has no number in Settlement: deposit first, or register a meter for it.
    error Communities_UnknownAccount(address account);
    /// @notice The account is in a community tomorrow.
    error Communities_IsMember(address account, uint256 id);
    /// @notice The account is in no community on the first day beyond the horizon, or in another one.
    error Communities_NotMember(address account, uint256 id);
    /// @notice The account's metering point is in another region; 0 if it never had one.
    error Communities_OtherRegion(address account, uint256 region);
    /// @notice A slot at the account's rated power holds more than a community counts of one member, 2^24 - 1 Wh.
    error Communities_PowerTooHigh(address account);
    /// @notice MAX_MEMBERS accounts are members on the day.
    error Communities_Full(uint256 id, uint256 day);
    /// @notice Only an account that owes money can be suspended.
    error Communities_NoDebt(address account);
    /// @notice The account owes `debt` (money, rounded up): pay it first.
    error Communities_InDebt(address account, uint256 debt);
    /// @notice No meter speaks for the account tomorrow.
    error Communities_NoMeter(address account);
    /// @notice The manager has expelled the account, and not readmitted it.
    error Communities_Expelled(address account, uint256 id);
    /// @notice The signature was valid until `deadline` (Unix seconds).
    error Communities_Expired(uint256 deadline);
    /// @notice The signature is not the account's over these values and its nonce.
    error Communities_WrongSignature(address account, uint256 nonce);

    /* ANYONE */

    /// @notice A new community without members. The manager can expel and set theta.
    /// @param region of all members; see Tariffs.
    /// @param theta basis points, at most 10,000.
    /// @param manager who can expel and set theta; the zero address: nobody.
    /// @return id from 1 on.
    function create(bytes32 region, uint256 theta, address manager) external returns (uint256 id);

    /// @notice Joins for an account that has signed
    /// `JoinCommunity(address account,uint256 community,uint256 nonce,uint256 deadline)` by EIP-712; contract wallets
    /// by ERC-1271.
    /// @param account the account's address.
    /// @param id number of the community, from 1 on.
    /// @param deadline Unix seconds, the last at which the signature counts.
    /// @param signature the account's, over its current nonce.
    function joinFor(address account, uint256 id, uint256 deadline, bytes calldata signature) external;

    /// @notice Ends the membership of an account that owes money.
    /// @param account the account's address.
    function suspend(address account) external;

    /* ACCOUNT HOLDERS */

    /// @notice Becomes a member with the next day.
    /// @param id number of the community, from 1 on.
    function join(uint256 id) external;

    /// @notice Leaves, and takes back what signatures it gave before.
    function leave() external;

    /* MANAGER */

    /// @notice Ends an account's membership. It cannot join this community again until {readmit}.
    /// @param id number of the community, from 1 on.
    /// @param account the account's address.
    function expel(uint256 id, address account) external;

    /// @notice Lets an account that was expelled join again, by its own will.
    /// @param id number of the community, from 1 on.
    /// @param account the account's address.
    function readmit(uint256 id, address account) external;

    /// @notice Schedules theta for a day beyond the horizon and the days after it.
    /// @param id number of the community, from 1 on.
    /// @param theta basis points, at most 10,000.
    /// @param day number of the first day, at least {beyondHorizon}.
    function setTheta(uint256 id, uint256 theta, uint256 day) external;

    /// @notice Hands the community to another manager; address 0: nobody expels or readmits any more, theta
    /// stays.
    /// @param id number of the community, from 1 on.
    /// @param manager the new one.
    function setManager(uint256 id, address manager) external;

    /* VIEWS */

    /// @notice The most members of a community on any day: its sums are 32 bits wide.
    /// @return the number.
    function MAX_MEMBERS() external view returns (uint256);

    /// @notice The number of communities; they are numbered from 1 to this.
    /// @return the number.
    function communityCount() external view returns (uint256);

    /// @notice Whether the account was expelled from the community, and not readmitted.
    /// @param id number of the community, from 1 on.
    /// @param account the account's address.
    /// @return whether it was.
    function isExpelled(uint256 id, address account) external view returns (bool);

    /// @notice A community. Reverts with Unknown if there is none.
    /// @param id number of the community, from 1 on.
    /// @return the community.
    function communityOf(uint256 id) external view returns (Community memory);

    /// @notice Theta of a day in basis points; 0 of an unknown community.
    /// @param id number of the community, from 1 on.
    /// @param day number of the day.
    /// @return basis points.
    function thetaAt(uint256 id, uint256 day) external view returns (uint256);

    /// @notice The nonce of the account's next signature.
    /// @param account the account's address.
    /// @return the nonce.
    function nonces(address account) external view returns (uint256);

    /// @notice The EIP-712 hash to sign for {joinFor}.
    /// @param account the account's address.
    /// @param id number of the community, from 1 on.
    /// @param deadline Unix seconds, the last at which the signature counts.
    /// @return the hash.
    function hashJoin(address account, uint256 id, uint256 deadline) external view returns (bytes32);

    /// @notice The first day that nothing tradable now belongs to.
    /// @return day its number.
    function beyondHorizon() external view returns (uint256 day);
}
