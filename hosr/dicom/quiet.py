"""Keeping pydicom quiet: its warnings and log lines quote values of the header."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """No warning is shown and nothing of pydicom is logged inside of this."""
    names = [name for name in logging.root.manager.loggerDict if name.startswith("pydicom.")]
    loggers = [logging.getLogger(name) for name in ("pydicom", *names)]
    were_disabled = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, was_disabled in zip(loggers, were_disabled, strict=True):
            logger.disabled = was_disabled
