"""What all tables share: their names, and integers of any size."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["METADATA", "Uint256", "integer"]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_DIGITS = 78
# Added to what SQLite keeps as text, so that its order is that of the numbers.
_BIAS = 2**255


class Uint256(TypeDecorator[int]):
    """An integer from -2^255 to 2^256 - 1, exact, and in the order of numbers.

    PostgreSQL has decimals of any length. SQLite would round to a double above 64 bits: it gets
    78 digits, of the number and 2^255.
    """

    impl = Numeric(_DIGITS, 0)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(_DIGITS))
        return dialect.type_descriptor(Numeric(_DIGITS, 0))

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return f"{value + _BIAS:0{_DIGITS}}"

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(value) - _BIAS if dialect.name == "sqlite" else int(value)


def integer(bits: int) -> TypeEngine[int]:
    """The column type of a whole number of so many bits, a sign included."""
    return BigInteger() if bits <= 64 else Uint256()
