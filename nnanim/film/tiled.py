"""Tiled: what a film knows of those that its picture shows beside it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property

from nnanim.film.clock import Clock
from nnanim.film.lattice import Lattice
from nnanim.film.replay import Replay
from nnanim.film.scored import Scored
from nnanim.film.together import Asked, Member, members_of


class Tiled(Scored):
    """Knows the films beside it, and asks its network with theirs where tiles are small."""

    clock: Clock
    lattice: Lattice | None

    @property
    @abstractmethod
    def tiles(self) -> "Sequence[Tiled]":
        """The films that the picture shows side by side; most often this one alone."""

    @property
    def beside(self) -> "Sequence[Tiled]":
        """The films of the picture that this one is in, itself among them."""
        found: Sequence[Tiled] = self.clock.film.tiles
        return found

    @cached_property
    def members(self) -> Mapping[Replay, Member]:
        """The groups of its tiles, where these are small multiples."""
        if self.lattice is None:
            return {}
        return members_of([Asked(tile.replay, tile.decision) for tile in self.tiles])

    @cached_property
    def _member(self) -> Member | None:
        whole: Tiled = self.clock.film
        return whole.members.get(self.replay)
