"""What a statistic is told with: its value, where it came from, and why it is missing.

A number never stands alone. A share has its count and its denominator, an interval its method,
and what cannot be computed is None with a reason in words. The libraries that compute are named
with their versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from hosr.errors import Fault, UsageError

LEVEL = 0.95


_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval, or the reason why there is none.

    `resamples` were drawn for a bootstrap, and in `undefined` of them the statistic had no value.
    """

    low: float | None
    high: float | None
    method: str
    reason: str = ""
    level: float = LEVEL
    resamples: int | None = None
    undefined: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A statistic of `n` hips; `interval` takes them as independent, `clustered` by subject."""

    value: float | None
    n: int
    method: str
    interval: Interval
    clustered: Interval
    standard_error: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many, and the words for what the denominator holds."""

    count: int
    total: int
    of: str
    value: float | None
    method: str
    interval: Interval
    clustered: Interval
    reason: str = ""


def no_interval(method: str, reason: str) -> Interval:
    """The place of an interval that does not exist."""
    return Interval(low=None, high=None, method=method, reason=reason)


def name_versions() -> dict[str, str]:
    """The version of each library by its name.

    Raises `UsageError` where one is not installed.
    """
    versions, missing = {}, []
    for module, name in _LIBRARIES.items():
        try:
            versions[name] = str(import_module(module).__version__)
        except ImportError:
            missing.append(name)
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        problem = f"needs {', '.join(missing)}, which {verb} not installed"
        raise UsageError(Fault("hosr cohort", problem, "install hosr[cohort]"))
    return versions
