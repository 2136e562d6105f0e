"""Calls for wallets: what the API would have done, for its account to sign and send."""

from __future__ import annotations

from energy_grid.api.models import UnsignedCall
from energy_grid.chain.contract import Call
from energy_grid.chain.custom_errors import DecodedError
from energy_grid.chain.tx.unsigned import gas_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import ContractError

__all__ = ["unsigned_call"]


def unsigned_call(market: EnergyGrid, sender: str, call: Call) -> UnsignedCall:
    """A call, tried as the chain is now."""
    gas, reverts = None, None
    try:
        gas = gas_of(market.node, sender, call)
    except ContractError as error:
        # In coins, as people count.
        reverts = error.message(market.coin) if isinstance(error, DecodedError) else str(error)
    return UnsignedCall.model_validate(
        {
            "chain_id": market.node.chain_id,
            "from": sender,
            "to": call.to,
            "data": f"0x{call.data.hex()}",
            "value": call.value,
            "contract": call.contract,
            "function": call.function,
            "gas": gas,
            "reverts": reverts,
            "relay_typed_data": market.relay_typed_data(sender, call),
        }
    )
