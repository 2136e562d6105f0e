// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {ISmartMeter} from "./ISmartMeter.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title ICommunities
/// @notice Energy communities: accounts of one region that share their surplus in every slot. An account is in one
/// community at a time. What is shared costs theta basis points of the way from feed-in to purchase.
///
/// A membership begins with the next day, by the account's own will. It ends with the first day that nothing tradable
/// now belongs to, by the account's will, the manager's, or anybody's if the account owes. Who owes cannot join; who
/// was expelled joins that community again only if its manager has readmitted it.
///
/// A community may be founded with a gateway: a meter operator that reads whole days of all members. This never
/// changes; which one it is can, with a week's notice beyond the horizon. Joining is the consent to the gateway.
///
/// The dynamic key shares by what is needed in the slot. A community with a gateway may have the static key instead:
/// what a member takes is at most its coefficient of all surplus. Coefficients add up to at most 10,000 basis points on
/// every day, and a new member has 0:
///
///     lower: by the manager, from the first day beyond the horizon on
///     higher: offered by the manager, from the day after the member has accepted it on
///     0: with the membership's end
interface ICommunities {
    /// @notice The connected contracts, fixed at deployment.
    struct Modules {
        address settlement;
        IEnergyAccounts energy;
        ITariffs tariffs;
        ISmartMeter meter;
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
    /// @notice The community, created in the same transaction, has a gateway, and the static key or not.
    event GatewayCreated(uint256 indexed id, address indexed gateway, bool isStatic);
    /// @notice From `day` on, the gateway reads the community's members, instead of what was planned.
    event GatewayNamed(uint256 indexed id, address indexed gateway, uint256 day);
    /// @notice The manager offers the member a higher coefficient in basis points; 0: no offer any more.
    event CoefficientOffered(uint256 indexed id, address indexed account, uint256 bps);
    /// @notice From `day` on, the member has this coefficient in basis points, instead of what was planned. An offer is
    /// void.
    event CoefficientSet(uint256 indexed id, address indexed account, uint256 bps, uint256 day);
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
    /// @notice A community with a gateway needs an address for it.
    error Communities_ZeroGateway();
    /// @notice The community was founded without a gateway, and stays so.
    error Communities_NoGateway(uint256 id);
    /// @notice The community does not have the static key: its members have no coefficients.
    error Communities_NotStatic(uint256 id);
    /// @notice A coefficient is at most `highest` basis points.
    error Communities_CoefficientAbove(uint256 bps, uint256 highest);
    /// @notice The manager offers the account another coefficient, in basis points; 0: none that is higher.
    error Communities_OtherOffer(address account, uint256 bps, uint256 offered);
    /// @notice The others have `others` basis points tomorrow: with `bps` it would be more than 10,000. The manager can
    /// lower other coefficients, or offer less.
    error Communities_CoefficientsFull(uint256 id, uint256 others, uint256 bps);
    /// @notice Days before the coefficient's change of `fromDay` are open; once the account's first open day, `cursor`,
    /// is there, it can change again.
    error Communities_CoefficientPending(address account, uint256 cursor, uint256 fromDay);
    /// @notice The signature is not the account's over these values and its nonce.
    error Communities_WrongSignature(address account, uint256 nonce);

    /* ANYONE */

    /// @notice A new community without members. The manager can expel and set theta.
    /// @param region of all members; see Tariffs.
    /// @param theta basis points, at most 10,000.
    /// @param manager who can expel and set theta; the zero address: nobody.
    /// @return id from 1 on.
    function create(bytes32 region, uint256 theta, address manager) external returns (uint256 id);

    /// @notice A new community without members, whose members' days a gateway reads.
    /// @param region of all members; see Tariffs.
    /// @param theta basis points, at most 10,000.
    /// @param manager who can expel, set theta, coefficients and the gateway; the zero address: nobody.
    /// @param gateway a meter operator with the role METER_GATEWAY, not the zero address.
    /// @param isStatic whether members share by coefficients.
    /// @return id from 1 on.
    function createWithGateway(bytes32 region, uint256 theta, address manager, address gateway, bool isStatic)
        external
        returns (uint256 id);

    /// @notice Joins for an account that has signed
    /// `JoinCommunity(address account,uint256 community,address gateway,uint256 nonce,uint256 deadline)` by EIP-712;
    /// contract wallets by ERC-1271. `gateway` is the one named last, see {nextGatewayOf}; zero without one.
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

    /// @notice Takes the higher coefficient that the manager offers, from tomorrow on, instead of what is planned.
    /// @param bps the offer in basis points, see {offerOf}.
    function acceptCoefficient(uint256 bps) external;

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

    /// @notice Another gateway from a day on, instead of what was planned. The community must have been founded with
    /// one.
    /// @param id number of the community, from 1 on.
    /// @param gateway a meter operator with the role METER_GATEWAY, not the zero address.
    /// @param day number of the first day, at least {beyondHorizon} and seven days: who disagrees leaves first.
    function setGateway(uint256 id, address gateway, uint256 day) external;

    /// @notice Sets a member's coefficient of the static key. A lower one than the newest holds from {beyondHorizon}
    /// on, and an offer is void; a higher one is an offer; the same one takes an offer back.
    /// @param id number of the community, from 1 on.
    /// @param account the member's address, whose membership has no end.
    /// @param bps basis points, at most 10,000.
    function setCoefficient(uint256 id, address account, uint256 bps) external;

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

    /// @notice What a day of the community is settled by; all 0 of an unknown community.
    /// @param id number of the community, from 1 on.
    /// @param day number of the day.
    /// @return region number of the region.
    /// @return theta basis points.
    /// @return isStatic whether it has the static key.
    function termsOf(uint256 id, uint256 day) external view returns (uint256 region, uint256 theta, bool isStatic);

    /// @notice Whether the community was founded with a gateway.
    /// @param id number of the community, from 1 on.
    /// @return whether it was.
    function isByGateway(uint256 id) external view returns (bool);

    /// @notice Today's gateway.
    /// @param id number of the community, from 1 on.
    /// @return its address; zero without one.
    function gatewayOf(uint256 id) external view returns (address);

    /// @notice The gateway that was named last.
    /// @param id number of the community, from 1 on.
    /// @return gateway its address; zero without one.
    /// @return fromDay number of its first day; 0: since the community was founded.
    function nextGatewayOf(uint256 id) external view returns (address gateway, uint256 fromDay);

    /// @notice Coefficients of the static key, each of the community that the account is in on the day. Of days before
    /// an account's first open one, they are not kept.
    /// @param day number of the day.
    /// @param numbers numbers of accounts.
    /// @return basis points of each.
    function coefficientsOn(uint256 day, uint256[] calldata numbers) external view returns (uint256[] memory);

    /// @notice What the coefficients of a community add up to.
    /// @param id number of the community, from 1 on.
    /// @param day number of the day, from tomorrow on.
    /// @return bps basis points, at most 10,000.
    function coefficientSumOn(uint256 id, uint256 day) external view returns (uint256 bps);

    /// @notice The higher coefficient that the manager of its community offers an account.
    /// @param account the account's address.
    /// @return bps basis points; 0: none.
    function offerOf(address account) external view returns (uint256 bps);

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
