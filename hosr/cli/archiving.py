"""What `hosr send` and `hosr outbox` do: everything goes through the outbox, which loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["drop", "list_entries", "retry", "run", "send"]


def send(arguments: argparse.Namespace) -> int:
    """Put reports into the outbox and deliver them."""
    raise NotImplementedError(arguments)


def list_entries(arguments: argparse.Namespace) -> int:
    """Print what is in the outbox."""
    raise NotImplementedError(arguments)


def run(arguments: argparse.Namespace) -> int:
    """Deliver what is due."""
    raise NotImplementedError(arguments)


def retry(arguments: argparse.Namespace) -> int:
    """Queue objects anew."""
    raise NotImplementedError(arguments)


def drop(arguments: argparse.Namespace) -> int:
    """Give objects up."""
    raise NotImplementedError(arguments)
