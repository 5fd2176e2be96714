"""The libraries that compute: which versions, or one sentence that says how to install them."""

from __future__ import annotations

from importlib import import_module

from hosr.errors import Fault, UsageError

_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
    "matplotlib": "matplotlib",
}


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
