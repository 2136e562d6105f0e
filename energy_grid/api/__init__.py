"""The backend's HTTP interface, seen from outside: what is sent, what is answered, and a client."""

from energy_grid.errors import MissingExtraError

try:
    import httpx2  # noqa: F401
    import pydantic  # noqa: F401
except ModuleNotFoundError as missing:
    raise MissingExtraError(f"{missing.name} is missing: pip install 'energy-grid[api]'") from None
