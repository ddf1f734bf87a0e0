"""From labelled figures to an encoder, and from an encoder to its explainer."""

from __future__ import annotations

from pathlib import Path


def run(path: Path, *, resume: bool = True) -> Path:
    """Go through the run of a TOML file, shown live, and return the run's folder.

    A file that names an ``encoder`` makes its explainer (:mod:`train.explainer`); one that names
    ``looks`` puts what first weights know of things beside an encoder (:mod:`train.meaning`); any
    other trains an encoder (:mod:`train.loop`). A run that was stopped goes on (the second kind,
    of minutes, begins anew); with ``resume`` off it begins anew. What ``engine train CONFIG`` and ``accelerate launch -m train CONFIG`` call.

    Raises: EngineError.
    """
    from train.config import names

    if names(path, "encoder"):
        from train import explainer

        return explainer.run(path, resume=resume)
    if names(path, "looks"):
        from train import meaning

        return meaning.run(path)
    from train import loop

    return loop.run(path, resume=resume)
