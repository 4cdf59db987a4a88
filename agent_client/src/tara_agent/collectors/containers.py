"""CPU and memory of containers."""

import os
from typing import Final, Self

from tara_agent.collectors.cgroups import Group, Hierarchy, Usage, hierarchy_at
from tara_agent.collectors.container_names import ContainerNames
from tara_agent.collectors.protocol import Values
from tara_agent.counters import Rates

CONTAINERS_MAXIMUM: Final = 100
_LOOK_AGAIN_SECONDS: Final = 60.0


class ContainerCollector:
    """The share of all cores and the memory of each container."""

    name = "containers"

    def __init__(
        self, hierarchy: Hierarchy, names: ContainerNames, *, cores: int | None = None
    ) -> None:
        """`cores` is how many the machine has."""
        self._hierarchy = hierarchy
        self._names = names
        self._cores = cores or os.cpu_count() or 1
        self._find_at = float("-inf")
        self._groups: dict[str, Group] = {}
        self._rates = Rates()

    @classmethod
    def where_there_are_groups(cls) -> Self | None:
        """Return a collector; None where the kernel accounts for no groups."""
        hierarchy = hierarchy_at()
        return cls(hierarchy, ContainerNames()) if hierarchy else None

    def collect(self, now: float) -> Values:
        """Return the figures of the first hundred containers."""
        if now >= self._find_at:
            self._find()
            self._find_at = now + _LOOK_AGAIN_SECONDS
        usages = self._usages()
        if not usages:
            return {}
        counters = {name: (usage.cpu_seconds,) for name, usage in usages.items()}
        rates = self._rates.per_second(counters, now=now)
        values: Values = {
            "container_memory_bytes": {name: usage.memory_bytes for name, usage in usages.items()}
        }
        if rates:
            values["container_cpu_percent"] = {
                name: 100 * seconds / self._cores for name, (seconds,) in rates.items()
            }
        return values

    def _find(self) -> None:
        groups = {group.key: group for group in self._hierarchy.groups()}
        chosen = sorted(groups)[:CONTAINERS_MAXIMUM]
        names = self._names.of(chosen)
        self._groups = {names[key]: groups[key] for key in chosen}

    def _usages(self) -> dict[str, Usage]:
        usages = {}
        for name, group in self._groups.items():
            try:
                usages[name] = self._hierarchy.usage(group)
            except (OSError, ValueError, KeyError):
                continue  # it has ended since it was found
        return usages
