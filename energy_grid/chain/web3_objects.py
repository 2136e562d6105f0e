"""What users of web3.py hand in and get out: `Web3`, contract instances, receipts.

Nothing else in the package imports web3, and here only the functions do: who asks for these
objects has loaded it, or pays for it then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from energy_grid.chain.rpc.node import Node
from energy_grid.chain.rpc.transport import Web3Transport
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from eth_typing import ChecksumAddress
    from web3 import Web3
    from web3.contract import Contract as Web3Contract
    from web3.providers import BaseProvider
    from web3.types import RPCEndpoint, RPCResponse, TxReceipt

    from energy_grid.chain.contract import Contract

__all__ = ["node_through", "web3_contract", "web3_of", "web3_receipt"]


def node_through(place: Web3 | BaseProvider) -> Node:
    """A node that is reached through the provider and the middleware of a `Web3`.

    Args:
        place: a provider gets the middleware that every new `Web3` has.

    Raises:
        InputError: it is something else, or asynchronous.
    """
    from web3 import Web3
    from web3.providers import BaseProvider

    w3 = Web3(place) if isinstance(place, BaseProvider) else place
    if not isinstance(w3, Web3) or w3.provider.is_async:
        raise InputError(f"{type(place).__name__} cannot be used here: pass a Web3 or its provider")
    return Node(Web3Transport(w3))


def web3_of(node: Node) -> Web3:
    """The `Web3` that a node is reached through, or a new one for its address."""
    if isinstance(node.transport, Web3Transport):
        return node.transport.w3
    from web3 import HTTPProvider, Web3

    return Web3(HTTPProvider(node.url))


def web3_contract(w3: Web3, contract: Contract) -> Web3Contract:
    """The web3.py object of a contract, with the ABI that is shipped."""
    address = cast("ChecksumAddress", contract.address)
    return w3.eth.contract(address, abi=contract.abi.entries)


def web3_receipt(mined: Mapping[str, Any]) -> TxReceipt:
    """A receipt as the node gives it, as ``w3.eth.get_transaction_receipt`` gives it."""
    from web3 import Web3
    from web3.providers import BaseProvider

    class Known(BaseProvider):
        def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
            return {"jsonrpc": "2.0", "id": 1, "result": dict(mined)}

    return Web3(Known()).eth.get_transaction_receipt(mined["transactionHash"])
