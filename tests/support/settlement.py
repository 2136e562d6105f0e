"""Withdrawals that wait."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import Market

__all__ = ["limit_outflow", "queue"]


def limit_outflow(market: Market, limit: int) -> None:
    """Governance sets how much may leave at once per window."""
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", limit)


def queue(
    market: Market, account: LocalAccount, amount: int, to: LocalAccount | None = None
) -> int:
    """The number of a withdrawal that the outflow limit, then zero, makes wait."""
    limit_outflow(market, 0)
    recipient = (to or account).address
    receipt = market.do(account, market.settlement, "withdraw", amount, recipient)
    return int(market.events(receipt, market.settlement, "WithdrawalQueued")[0]["id"])
