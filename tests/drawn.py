"""How many examples a drawn test is tried on: by a profile, named by `pytest --hypothesis-profile`."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import HealthCheck, settings

# Examples of a test that does not say how many it wants; one that does has its number in proportion.
_EXAMPLES = {"quick": 10, "standard": 40, "long": 1000}
_FEWEST = 5


def register_profiles() -> None:
    """Have hypothesis know the profiles; `standard` holds until another is asked for.

    Only `long` draws other examples each time, and keeps those that failed: the others are the same
    on every machine and every day. How long an example takes tells of the machine's load, not of hosr.
    """
    for name, examples in _EXAMPLES.items():
        settings.register_profile(
            name,
            settings.get_profile("default"),
            max_examples=examples,
            deadline=None,
            derandomize=name != "long",
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile("standard")


def drawn(
    examples: int = 40, *, unchecked: Collection[HealthCheck] = (), steps: int = 50
) -> settings:
    """Settings of a test that wants so many examples on the profile `standard`, at least five on any.

    `unchecked` are the health checks that it does not pass, `steps` the most of a state machine.
    """
    wanted = examples * settings().max_examples // _EXAMPLES["standard"]
    return settings(
        max_examples=max(wanted, _FEWEST),
        stateful_step_count=steps,
        suppress_health_check=[HealthCheck.too_slow, *unchecked],
    )
