"""What wallets take about the market's tokens: names, decimals and pictures.

    tokenlist.json     a token list (tokenlists.org)
    watch-assets.json  what `wallet_watchAsset` is given, per token (EIP-747)
    contracts.json     contract metadata by name (the JSON of ERC-7572), for whoever asks for it

Names, symbols and decimals are the chain's. The pictures are in deployments/logos; of a settlement
token that is somebody else's there is none.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from energy_grid.chain.deployments import Deployment
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.journal import write_atomically
from scripts._deploy.plan import TEST_DOLLAR

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["write_wallet_files"]

_LOGOS = Path(__file__).resolve().parents[2] / "deployments/logos"
# What wallets take: MetaMask refuses longer symbols.
_SYMBOL_CHARACTERS = 11
_TOKENS = ("EnergyToken", "GovernanceToken", "CarbonCredits")
_COLLECTION = "EnergyAssetNFT"
_DESCRIPTIONS = {
    TEST_DOLLAR: "Money of local and test networks: anybody may mint it, it is worth nothing.",
    "EnergyToken": "Energy credits of the market: one token is a kWh of surplus that was kept.",
    "GovernanceToken": "Votes on the market's rules.",
    "CarbonCredits": "Tonnes of CO2 equivalent that clean production of the market has avoided.",
    _COLLECTION: "Plants of the market: what they are, where, and what their meters measured.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A token as the chain describes it; `contract` is its name in the sources, if it is ours."""

    contract: str | None
    address: str
    name: str
    symbol: str
    decimals: int

    @property
    def logo(self) -> str | None:
        return _logo(self.contract) if self.contract else None


def write_wallet_files(folder: Path, web3: Web3, chain: Chain) -> None:
    """Write all of them.

    Raises:
        DeploymentError: a token's symbol is one that wallets refuse.
    """
    deployment = chain.deployment
    tokens = list(_tokens(chain))
    write_atomically(folder / "tokenlist.json", _token_list(tokens, web3, deployment))
    write_atomically(folder / "watch-assets.json", {"assets": [_watched(one) for one in tokens]})
    write_atomically(folder / "contracts.json", _contracts(tokens, chain))


def _tokens(chain: Chain) -> Iterator[_Token]:
    deployment = chain.deployment
    ours = deployment.token == _address(deployment, TEST_DOLLAR)
    places = [(TEST_DOLLAR if ours else None, deployment.token)]
    places += [(name, deployment.address(name)) for name in _TOKENS]
    for contract, address in places:
        name, symbol, decimals = (
            chain.read_at(address, "EnergyToken", view) for view in ("name", "symbol", "decimals")
        )
        if not 0 < len(symbol) <= _SYMBOL_CHARACTERS:
            raise DeploymentError(
                f"the symbol {symbol!r} of {address} is not of 1 to {_SYMBOL_CHARACTERS} characters"
            )
        yield _Token(
            contract=contract, address=address, name=name, symbol=symbol, decimals=decimals
        )


def _token_list(tokens: list[_Token], web3: Web3, deployment: Deployment) -> dict[str, Any]:
    last = max(entry.block for entry in deployment.contracts.values())
    made = datetime.fromtimestamp(web3.eth.get_block(last)["timestamp"], UTC)
    return {
        "name": f"EnergyGrid on chain {deployment.chain_id}",
        "timestamp": made.isoformat(),
        "version": {"major": 1, "minor": 0, "patch": 0},
        "keywords": ["energy", "carbon"],
        "logoURI": _logo("EnergyToken"),
        "tokens": [
            {
                "chainId": deployment.chain_id,
                "address": token.address,
                "name": token.name,
                "symbol": token.symbol,
                "decimals": token.decimals,
                **({"logoURI": token.logo} if token.logo else {}),
            }
            for token in tokens
        ],
    }


def _watched(token: _Token) -> dict[str, Any]:
    options = {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}
    return {"type": "ERC20", "options": options | ({"image": token.logo} if token.logo else {})}


def _contracts(tokens: list[_Token], chain: Chain) -> dict[str, Any]:
    named = {token.contract: (token.name, token.symbol) for token in tokens if token.contract}
    named[_COLLECTION] = (chain.read(_COLLECTION, "name"), chain.read(_COLLECTION, "symbol"))
    return {
        contract: {
            "name": name,
            "symbol": symbol,
            "description": _DESCRIPTIONS[contract],
            "image": _logo(contract),
        }
        for contract, (name, symbol) in named.items()
    }


def _logo(contract: str) -> str:
    """A picture that needs no server."""
    picture = (_LOGOS / f"{contract}.svg").read_bytes()
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def _address(deployment: Deployment, contract: str) -> str | None:
    entry = deployment.contracts.get(contract)
    return entry.address if entry else None
