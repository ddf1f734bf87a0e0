"""A seeded lot, in the words that generators of designs are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from train.corpus.drawing import Part
from train.corpus.mesh import Mesh, join

T = TypeVar("T")


class Chance:
    """Draws lots from one seed."""

    def __init__(self, *seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def between(self, low: float, high: float) -> float:
        """A number, evenly between two."""
        return float(self.rng.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends possible."""
        return int(self.rng.integers(low, high + 1))

    def some(self, share: float = 0.5) -> bool:
        """True in this share of lots."""
        return bool(self.rng.random() < share)

    def one_of(self, *options: T) -> T:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]


Product = Callable[[Chance], tuple[str, list[Part]]]
PRODUCTS: list[tuple[str, Product]] = []


def product(subclass: str) -> Callable[[Product], Product]:
    """Register a generator of designs of one Locarno subclass: chance → title and parts."""

    def register(make: Product) -> Product:
        PRODUCTS.append((subclass, make))
        return make

    return register


def solids(*meshes: Mesh) -> list[Part]:
    """One part a mesh."""
    return [Part(mesh) for mesh in meshes]


def as_one(*meshes: Mesh) -> list[Part]:
    """One part of all the meshes: no line where they meet."""
    return [Part(join(meshes))]
