"""What an engine says of a plan that it has compared with a built network."""

from __future__ import annotations

import msgspec


class Verified(msgspec.Struct, frozen=True, tag="verified"):
    """Every row of the plan equals the built model: shape, parameters and MACs as torchinfo sees them.

    ``torchvision`` names the function of torchvision whose network is compared next, if there is one.
    """

    job: int
    rows: int
    params: int
    macs: int
    torchvision: str = ""


class Mismatch(msgspec.Struct, frozen=True, tag="mismatch"):
    """The first row in which plan and built model differ; ``against`` names who built it if it is not this program."""

    job: int
    path: str
    what: str
    planned: str
    built: str
    against: str = ""

    @property
    def sentence(self) -> str:
        """Where they differ and how."""
        return f"{self.path}: {self.what} planned {self.planned}, built {self.built}"


class Matched(msgspec.Struct, frozen=True, tag="matched"):
    """torchvision's function ``name`` builds the same: parameters, MACs and every layer's shape are equal."""

    job: int
    name: str
    rows: int
