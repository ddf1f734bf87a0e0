"""Generators of designs by Locarno subclass; importing the package registers them all."""
