"""The pictures behind the demo's films: one drawing function a film, each giving layers at any size."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from runtime.demo.canvas import Scene, Stage, dice
from runtime.demo.scenes.cities import arches, tram
from runtime.demo.scenes.landscapes import aurora, dunes, thunder, tides
from runtime.demo.scenes.lights import fireworks, lanterns
from runtime.demo.scenes.patterns import cells, coastline, tiles
from runtime.demo.scenes.skies import kites, planet

SCENES: dict[str, Callable[[Stage, Random], Scene]] = {
    scene.__name__: scene
    for scene in (
        arches,
        aurora,
        cells,
        coastline,
        dunes,
        fireworks,
        kites,
        lanterns,
        planet,
        thunder,
        tides,
        tiles,
        tram,
    )
}


def draw(name: str, stage: Stage, seed: str = "") -> Scene:
    """The named scene for a stage; the same name and seed always give the same picture."""
    return SCENES[name](stage, dice(seed or name))
