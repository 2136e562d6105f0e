"""Errors that the ABIs declare and no input can raise, each with the reason.

They come from library code that is compiled in. An entry that is raised after all fails the run.
"""

from __future__ import annotations

__all__ = ["UNREACHABLE"]

UNREACHABLE: dict[str, str] = {}
