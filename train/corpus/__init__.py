"""Labelled drawings to train with: procedural designs, rendered meshes, clip art, real files.

Importing this package costs nothing; ``mesh``, ``drawing`` and ``procedural`` need numpy and Pillow
alone, so the base install can draw its own demonstration.
"""
