"""Who calls what: a hook on every request that names a contract's function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

__all__ = ["Hook", "run_hooks"]

# Gets the contract's address (lower case), the four bytes of the function, and the revert data,
# None without a revert. A transaction that reverts is seen twice: when it is sent, and when the
# reason is asked for.
Hook = Callable[[str, bytes, bytes | None], None]

_SELECTOR_BYTES = 4
_TO, _DATA = 5, 7


def run_hooks(
    hooks: Iterable[Hook],
    request: tuple[str, Sequence[Any]],
    result: Any,
    revert: bytes | None,
) -> None:
    """Run the hooks for one answered request; most requests call no function."""
    if not hooks:
        return
    called = _called(request, result)
    if called is None:
        return
    if request[0].startswith("debug_trace") and result.get("error"):
        revert = _bytes(result.get("output") or "0x")
    for hook in hooks:
        hook(called[0], called[1][:_SELECTOR_BYTES], revert)


def _called(request: tuple[str, Sequence[Any]], result: Any) -> tuple[str, bytes] | None:
    """The address and the call data of a request, None where it calls nothing."""
    method, params = request
    method = method.removesuffix("Sync")
    if method in ("eth_call", "eth_estimateGas", "eth_sendTransaction"):
        return _target(params[0].get("to"), params[0].get("data"))
    if method == "debug_traceTransaction" and isinstance(result, dict):
        return _target(result.get("to"), result.get("input"))
    if method == "eth_sendRawTransaction":
        import rlp  # type: ignore[import-untyped]

        # EIP-1559: one byte of type, then the list of fields.
        fields = rlp.decode(_bytes(params[0])[1:])
        return _target("0x" + fields[_TO].hex(), "0x" + fields[_DATA].hex())
    return None


def _target(to: str | None, data: str | None) -> tuple[str, bytes] | None:
    return None if not to or to == "0x" else (to.lower(), _bytes(data or "0x"))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
