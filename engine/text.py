"""Words to vectors: a sentence encoder and BM25 terms, both without torch.

The sentence encoder is all-MiniLM-L6-v2 in ``engine/models/minilm-l6``, run by ONNX Runtime; an
image encoder trained beside it gives drawings rows in the same space. BM25 terms are numbered by
a hash, so no vocabulary is kept, and weighted here but for the IDF, which the store works out: the
same sparse vectors serve the embedded store and a server. Knows nothing of designs or stores.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelError
from engine.plan import SparseVector, Vector, unit_rows

DIMENSION = 384
BATCH_TOKENS = 2048  # in one run of the network: about 50 MB of activations
REMEMBERED = 20_000  # texts: 30 MB
CONFIG_FILE = "text.json"
FOLDER = Path(str(files("engine") / "models" / "minilm-l6"))

# --- dense: whole meanings -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class TextEncoder:
    """Texts in, unit rows out. Made by :func:`load`; threads may share it.

    Attributes:
        name, revision: which model; rows of two models never compare.
        session: an ONNX Runtime session, ids and mask (n, tokens) int64 → (n, dimension).
        tokenizer: a ``tokenizers.Tokenizer`` that truncates to the model's length.
    """

    name: str
    revision: str
    session: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    dimension: int = DIMENSION
    _rows: dict[str, Vector] = field(default_factory=dict, repr=False)

    def remembered(self, texts: Sequence[str]) -> Vector:
        """As :meth:`encode`, but texts that come again are encoded once: titles, names, headings."""
        known = {words: self._rows.get(words) for words in texts}
        new = [words for words, row in known.items() if row is None]
        if new:
            fresh = dict(zip(new, self.encode(new), strict=True))
            known |= fresh
            if len(self._rows) > REMEMBERED:
                self._rows.clear()
            self._rows.update(fresh)
        rows = [row for words in texts if (row := known[words]) is not None]
        return np.stack(rows) if rows else self.encode([])

    def encode(self, texts: Sequence[str]) -> Vector:
        """Texts of any length and script → (n, dimension) float32 unit rows, in their order.

        Only the first 256 tokens of a text count, as in the original.
        """
        tokens = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=True)
        rows = np.empty((len(tokens), self.dimension), dtype=np.float32)
        # Texts of like length run together, so that little is spent on padding.
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i].ids))
        while order:
            size = max(1, BATCH_TOKENS // len(tokens[order[-1]].ids))
            batch, order = order[-size:], order[:-size]
            length = max(len(tokens[i].ids) for i in batch)
            ids = np.zeros((len(batch), length), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(tokens[i].ids)] = tokens[i].ids
                mask[row, : len(tokens[i].ids)] = 1
            rows[batch] = self.session.run(["text"], {"ids": ids, "mask": mask})[0]
        return unit_rows(rows) if len(rows) else rows


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER, *, threads: int = 1) -> TextEncoder:
    """The sentence encoder of a model folder (``text.json``, network, tokenizer).

    Raises: ModelError when a file is missing, damaged, or not the one ``text.json`` describes.
    """
    from tokenizers import Tokenizer

    from engine.encoder import file_sha256, onnx_session

    try:
        config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
        name, revision, digests = config["name"], config["revision"], config["sha256"]
        network, tokenizer = folder / config["onnx"], folder / config["tokenizer"]
        for path in (network, tokenizer):
            if file_sha256(path) != digests[path.name]:
                raise ModelError(
                    f"{path} is not the file its {CONFIG_FILE} describes (sha256 differs). "
                    "It is damaged or was changed: install the package again."
                )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder} holds no text encoder that can be read ({error}). Install the package again."
        ) from error
    words = Tokenizer.from_file(str(tokenizer))
    words.no_padding()
    return TextEncoder(name, revision, onnx_session(network, threads), words, config["dimension"])


# --- sparse: the very words ----------------------------------------------------------------------

K1 = 1.2  # how soon repeating a word stops counting (Robertson & Zaragoza 2009)
B = 0.75  # how much a long text is marked down
AVERAGE_TERMS = 120  # of a title with some twenty descriptions; fixed, so points need no update

_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces are matched by pairs of characters.
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿豈-﫿𠀀-𲎯]+")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "with",
    ]
)


def terms(text: str) -> list[str]:
    """Words of a text as BM25 compares them: case, accents and plural -s taken off.

    English plurals go by the three rules of Harman's S stemmer (1991), so "chairs" finds "chair";
    Chinese and Japanese become pairs of characters.
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    found: list[str] = []
    for word in _WORD.findall(plain):
        start = 0
        for run in _UNSPACED.finditer(word):
            found += _spaced(word[start : run.start()])
            pairs = run.group()
            found += [pairs[i : i + 2] for i in range(max(1, len(pairs) - 1))]
            start = run.end()
        found += _spaced(word[start:])
    return found


def document_terms(text: str) -> SparseVector:
    """A stored text as BM25 weights; times the store's IDF they are the BM25 score of a term."""
    counts = Counter(terms(text))
    length = sum(counts.values())
    damping = K1 * (1 - B + B * length / AVERAGE_TERMS)
    return _sparse({term: n * (K1 + 1) / (n + damping) for term, n in counts.items()})


def query_terms(text: str) -> SparseVector:
    """A searcher's words: each counts as often as it is said. Empty where nothing is a word."""
    return _sparse({term: float(n) for term, n in Counter(terms(text)).items()})


def _spaced(word: str) -> list[str]:
    if not word or word in _STOP:
        return []
    if len(word) > 3 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return [word[:-3] + "y"]
    if len(word) > 3 and word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return [word[:-1]]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss")):
        return [word[:-1]]
    return [word]


def _sparse(weights: dict[str, float]) -> SparseVector:
    # Terms that share a number (one pair in four thousand million) are added up.
    numbered: dict[int, float] = {}
    for term, weight in weights.items():
        number = zlib.crc32(term.encode())
        numbered[number] = numbered.get(number, 0.0) + weight
    indices = tuple(sorted(numbered))
    return SparseVector(indices, tuple(numbered[i] for i in indices))
