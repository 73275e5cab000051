"""The MiniLM encoder as an ONNX graph, built from its weights: BERT, 6 layers of 12 heads, erf-GELU, mean pooling.

Written for ONNX Runtime only, so the graph uses its fused operators (`com.microsoft`) from the start.
Imported by the set-up of the model alone: `onnx` takes 60 MB.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS = 6
HEADS = 12
SIZE = 384
EPSILON = 1e-12
FUSED = "com.microsoft"

Weights = Mapping[str, NDArray[np.float32]]


def graph(weights: Weights) -> onnx.ModelProto:
    """Return a model: `ids`, `mask` (int64, int32; texts x tokens) -> `vectors` (float32; texts x 384, unit length)."""
    made = _Graph()
    state = _embeddings(made, weights)
    for layer in range(LAYERS):
        state = _layer(made, weights, f"encoder.layer.{layer}.", state)
    _pooling(made, state)
    tokens = ["texts", "tokens"]
    return helper.make_model(
        helper.make_graph(
            made.nodes,
            "minilm",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, tokens),
                helper.make_tensor_value_info("mask", TensorProto.INT32, tokens),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", SIZE])],
            made.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        ir_version=9,
        producer_name="mindory",
    )


class _Graph:
    """Nodes and constants as they are added. Every node has one output, named by its place."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, domain: str = "", out: str = "", **attributes: Any) -> str:
        name = out or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def _embeddings(made: _Graph, weights: Weights) -> str:
    """Words and places, summed. There is one kind of text, so its vector is added to every place's beforehand."""
    words = made.constant("words", weights["embeddings.word_embeddings.weight"])
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    places = made.constant("places", weights["embeddings.position_embeddings.weight"] + kind)
    length = made.node("Slice", made.node("Shape", "ids"), *_numbers(made, "second", 1, 2, 0))
    zero, axis = _numbers(made, "places_from", 0, 0)
    here = made.node("Slice", places, zero, length, axis)
    summed = made.node("Add", made.node("Gather", words, "ids"), here)
    return _normalized(made, weights, "embeddings.LayerNorm", summed)


def _layer(made: _Graph, weights: Weights, name: str, state: str) -> str:
    """One encoder layer: attention, then two dense layers, each added to its input and normalized."""
    three = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
    joined = made.constant(f"{name}qkv", np.concatenate([weights[f"{one}.weight"].T for one in three], axis=1))
    biases = made.constant(f"{name}qkv_bias", np.concatenate([weights[f"{one}.bias"] for one in three]))
    seen = made.node("Attention", state, joined, biases, "mask", domain=FUSED, num_heads=HEADS)
    state = _added(made, weights, f"{name}attention.output", seen, state)
    inner = made.constant(f"{name}inner", weights[f"{name}intermediate.dense.weight"].T)
    bias = made.constant(f"{name}inner_bias", weights[f"{name}intermediate.dense.bias"])
    inner = made.node("BiasGelu", made.node("MatMul", state, inner), bias, domain=FUSED)
    return _added(made, weights, f"{name}output", inner, state)


def _added(made: _Graph, weights: Weights, name: str, inner: str, state: str) -> str:
    """Project `inner`, add it to `state`, normalize."""
    dense = made.constant(f"{name}.dense", weights[f"{name}.dense.weight"].T)
    scale = made.constant(f"{name}.scale", weights[f"{name}.LayerNorm.weight"])
    shift = made.constant(f"{name}.shift", weights[f"{name}.LayerNorm.bias"])
    bias = made.constant(f"{name}.bias", weights[f"{name}.dense.bias"])
    product = made.node("MatMul", inner, dense)
    return made.node("SkipLayerNormalization", product, state, scale, shift, bias, domain=FUSED, epsilon=EPSILON)


def _normalized(made: _Graph, weights: Weights, name: str, state: str) -> str:
    scale = made.constant(f"{name}.scale", weights[f"{name}.weight"])
    shift = made.constant(f"{name}.shift", weights[f"{name}.bias"])
    return made.node("LayerNormalization", state, scale, shift, axis=-1, epsilon=EPSILON)


def _pooling(made: _Graph, state: str) -> None:
    """Mean of the tokens that are text, scaled to length one. A text always has tokens: [CLS] and [SEP]."""
    (last, middle) = _numbers(made, "axis", -1, 1)
    mask = made.node("Unsqueeze", made.node("Cast", "mask", to=TensorProto.FLOAT), last)
    total = made.node("ReduceSum", made.node("Mul", state, mask), middle, keepdims=0)
    mean = made.node("Div", total, made.node("ReduceSum", mask, middle, keepdims=0))
    made.node("LpNormalization", mean, axis=-1, p=2, out="vectors")


def _numbers(made: _Graph, name: str, *values: int) -> list[str]:
    return [made.constant(f"{name}_{at}", np.array([value], np.int64)) for at, value in enumerate(values)]
