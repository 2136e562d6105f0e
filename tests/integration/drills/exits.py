"""How a neighbourhood is wound up: every account takes out what it owns, by exits alone."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import (
    BuyoutStatus,
    OfferStatus,
    ParticipationStatus,
    ProgramStatus,
    State,
    StopLevel,
    TradeStatus,
)
from energy_grid.domain.orders import OrderStatus
from tests.integration.drills.neighbourhood import (
    BIDDER,
    BUYER,
    DAY,
    DEBTOR,
    HOLDER,
    KEEPER,
    MEMBER,
    NEIGHBOUR,
    OWNER,
    RECIPIENT,
    RIVAL,
    SAVER,
    SELLER,
    TUESDAY,
    WEEK,
    Neighbourhood,
)

__all__ = ["Exits"]


@dataclass(frozen=True, slots=True)
class Exits:
    """What is still open to those who are in a neighbourhood."""

    neighbourhood: Neighbourhood

    def take_all(self) -> None:
        """Go through every exit that is open in this state; nothing new is begun."""
        self.take_back()
        self.end_events()
        self.close_days()
        self.use_credits()
        self.withdraw()
        self.end_shares()
        self.execute_withdrawals()
        self.collect()

    def take_back(self) -> None:
        """What can be taken back at once."""
        market, trading, spot = (
            self.neighbourhood.market,
            self.neighbourhood.market.trading,
            self.neighbourhood.market.spot,
        )
        for number in self.neighbourhood.numbers(trading, "orderCount"):
            trader, *_, status = trading.call("getOrder", number)
            if status == OrderStatus.ACTIVE:
                self.neighbourhood.do(trader, trading, "cancelOrder", number)
        for number in self.neighbourhood.numbers(spot, "offerCount"):
            seller, *_, status = spot.call("getEnergyOffer", number)
            if status == OfferStatus.OPEN:
                self.neighbourhood.do(seller, spot, "cancelEnergyOffer", number)
        for number in self.neighbourhood.numbers(spot, "tradeCount"):
            _, buyer, *_, status = spot.call("getTradeInfo", number)
            if status == TradeStatus.PENDING:
                self.neighbourhood.do(buyer, spot, "cancelTrade", number)
        for number in self.neighbourhood.numbers(self.neighbourhood.sales, "offerCount"):
            seller, *_, remaining, _, _ = self.neighbourhood.sales.call("offerOf", number)
            if remaining:
                self.neighbourhood.do(seller, self.neighbourhood.sales, "cancelOffer", number)
        # What they have signed and nobody has brought in.
        self.neighbourhood.do(BUYER, trading, "cancelSigned", [3])
        self.neighbourhood.do(SELLER, trading, "cancelSignedBelow", 9)
        for number in self.neighbourhood.numbers(market.settlement, "withdrawalCount"):
            # The worst that the guardian can do to who leaves.
            guardian = market.roles[Role.GUARDIAN]
            self.neighbourhood.do(guardian, market.settlement, "lengthenWithdrawal", number, WEEK)
        self.end_program()
        accepted, _ = self.neighbourhood.shares.call("acceptedOf", HOLDER.address)
        if accepted:
            self.neighbourhood.do(HOLDER, self.neighbourhood.shares, "retractAcceptance", accepted)

    def end_program(self) -> None:
        scheme = self.neighbourhood.scheme
        for event in self.neighbourhood.events(EventStatus.ACTIVE):
            if self.neighbourhood.market.now + 1 < scheme.event(event).start_time:
                scheme.do(scheme.operator, "cancelEvent", event)
        if scheme.participant(1, MEMBER).committed:
            # What was promised before the stop is still honoured.
            scheme.do(scheme.operator, "reportReduction", 1, MEMBER.address, 100)
            # Its budget is locked until then. What was announced before still pays.
            scheme.do(MEMBER, "leaveProgram", 1)
        if scheme.program(1).status is ProgramStatus.ACTIVE:
            scheme.do(scheme.operator, "closeProgram", 1, scheme.operator.address)
        if scheme.participant(1, MEMBER).earned:
            scheme.do(MEMBER, "claimProgramReward", 1, MEMBER.address)

    def end_events(self) -> None:
        """Those that have begun are verified, completed and paid; the rest of their money goes
        back."""
        scheme = self.neighbourhood.scheme
        for event, consumer, reduction in (
            (1, SAVER, 1500),
            (1, NEIGHBOUR, 9999),
            (3, MEMBER, 400),
        ):
            if event in self.neighbourhood.events(EventStatus.ACTIVE):
                status = scheme.participation(event, consumer).status
                if status is ParticipationStatus.PENDING:
                    self.neighbourhood.pass_to(scheme.event(event).end_time)
                    scheme.verify(event, consumer, reduction)
        for event in self.neighbourhood.events(EventStatus.ACTIVE):
            self.neighbourhood.pass_to(scheme.event(event).verifiable_until + 1)
            scheme.do(KEEPER, "completeEvent", event)
        for event in self.neighbourhood.events(EventStatus.COMPLETED):
            status = scheme.participation(event, SAVER).status
            if status is ParticipationStatus.VERIFIED:
                scheme.do(SAVER, "claimReward", event, SAVER.address)
            scheme.do(KEEPER, "distributeRewards", event, 100)
        for event in self.neighbourhood.events(EventStatus.COMPLETED, EventStatus.CANCELLED):
            scheme.do(scheme.operator, "reclaimBudget", event, scheme.operator.address)

    def close_days(self) -> None:
        """Meters know of no stop: they leave, and what they said is settled. Every debt is paid,
        every security free."""
        neighbourhood, market = self.neighbourhood, self.neighbourhood.market
        settlement = market.settlement
        neighbourhood.move_out()
        neighbourhood.measure_to(24)
        neighbourhood.pass_to(market.closable_at(TUESDAY))
        buyer = settlement.call("numberOf", BUYER.address)
        trades = neighbourhood.transactions()
        if trades and settlement.call("cursorAt", buyer) <= TUESDAY:
            neighbourhood.do(KEEPER, market.trading, "settleTransaction", trades[0])
        for account in (SELLER, BUYER, DEBTOR):
            number = settlement.call("numberOf", account.address)
            if settlement.call("cursorAt", number) <= TUESDAY:
                market.close(TUESDAY, account)
            debt = settlement.call("debtOf", account.address)
            if debt:
                neighbourhood.do(account, settlement, "repayDebt", debt)
            neighbourhood.do(KEEPER, settlement, "releaseSecurity", account.address)

    def use_credits(self) -> None:
        """Energy credits that were kept are money again; one goes out and in before."""
        settlement, carbon = self.neighbourhood.market.settlement, self.neighbourhood.market.carbon
        kept = settlement.call("creditsOf", SELLER.address)
        if kept:
            for function, amount in (
                ("withdrawCredits", 1),
                ("depositCredits", 1),
                ("redeem", kept),
            ):
                self.neighbourhood.do(SELLER, settlement, function, amount)
        if not carbon.call("isCredited", 1):
            self.neighbourhood.earn_credits()
        if carbon.call("balanceOf", BUYER.address):
            self.neighbourhood.do(BUYER, carbon, "transferCarbonCredits", SELLER.address, 9)
            self.neighbourhood.do(SELLER, carbon, "retire", 4, SELLER.address, "bread")

    def withdraw(self) -> None:
        """All balances; one of them changes its mind first."""
        settlement = self.neighbourhood.market.settlement
        for account in (BUYER, SELLER, DEBTOR):
            balance = self.neighbourhood.market.balance(account)
            if balance:
                receipt = self.neighbourhood.do(
                    account, settlement, "withdraw", balance, account.address
                )
                for event in self.neighbourhood.market.events(
                    receipt, settlement, "WithdrawalQueued"
                ):
                    self.neighbourhood.do(account, settlement, "cancelWithdrawal", event["id"])
                    self.neighbourhood.do(account, settlement, "withdraw", balance, account.address)

    def collect(self) -> None:
        """The supplier's money, when nothing can be due any more; a pause keeps it for later."""
        settlement = self.neighbourhood.market.settlement
        self.neighbourhood.pass_to((TUESDAY + 9) * DAY)
        amount = self.neighbourhood.of_the_grid
        if amount and settlement.call("stopLevel") is not StopLevel.PAUSED:
            market = self.neighbourhood.market
            treasury = market.roles[Role.TREASURY]
            # It is announced, for everybody who wants to leave before.
            call = settlement.prepare("collect", amount, RECIPIENT.address)
            self.neighbourhood.do(treasury, market.access, "schedule", call.to, call.data, 0)
            self.neighbourhood.pass_to((TUESDAY + 11) * DAY)
            self.neighbourhood.do(treasury, settlement, "collect", amount, RECIPIENT.address)

    def end_shares(self) -> None:
        """Every offer ends, every bidder and holder is paid. Where nobody bought the asset, one
        holder gets all shares and takes it out."""
        shares = self.neighbourhood.shares
        self.neighbourhood.do(KEEPER, shares, "recordRevenue")
        for number in self.neighbourhood.numbers(shares, "buyoutCount"):
            if shares.call("buyout", number)[4] == BuyoutStatus.OPEN:
                self.neighbourhood.pass_to(shares.call("buyout", number)[2])
                self.neighbourhood.do(KEEPER, shares, "concludeBuyout", number)
        for bidder in (BIDDER, RIVAL):
            if shares.call("refundOf", bidder.address):
                self.neighbourhood.do(KEEPER, shares, "withdrawRefund", bidder.address)
        for holder in (OWNER, HOLDER):
            if shares.call("claimableOf", holder.address):
                self.neighbourhood.do(KEEPER, shares, "claimRevenue", holder.address)
        if shares.call("state") == State.HELD:
            held = shares.call("balanceOf", HOLDER.address)
            self.neighbourhood.do(HOLDER, shares, "transfer", OWNER.address, held)
            self.neighbourhood.do(OWNER, shares, "redeem")

    def execute_withdrawals(self) -> None:
        settlement = self.neighbourhood.market.settlement
        for number in self.neighbourhood.numbers(settlement, "withdrawalCount"):
            if not self.is_queued(number):
                continue
            self.neighbourhood.pass_to(settlement.call("queuedWithdrawal", number)[3])
            self.neighbourhood.do(KEEPER, settlement, "executeWithdrawal", number)

    def is_queued(self, withdrawal: int) -> bool:
        try:
            self.neighbourhood.market.settlement.call("queuedWithdrawal", withdrawal)
        except errors.Settlement_NoSuchWithdrawal:
            return False
        return True
