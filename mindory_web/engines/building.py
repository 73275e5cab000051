"""Make both graphs of the bundled model, compare them, and say which one this machine should use.

Runs in a process of its own (bundled.py): `onnx` and the quantizer are never loaded where books are embedded.
"""

import logging
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

from mindory_web.engines import minilm
from mindory_web.engines.encoder import Encoder, cores

LIKE_ENOUGH: Final = 0.98  # mean cosine between int8 and fp32
NEVER_BELOW: Final = 0.95
WORTH_IT: Final = 1.15  # how much faster int8 must be: older processors have no instructions for it
ROUNDS: Final = 3
SENTENCES: Final = (
    "Who opened the door?",
    "The ferry left at six, and nobody on the pier waved.",
    "What did the lighthouse keeper promise his daughter before the storm?",
    "Rain again. The bread had gone stale, the lamp smoked, and the letter still lay unread on the sill.",
    "A treaty was signed in the winter of that year; neither side meant to keep it for longer than the frost lasted.",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
    '"You are late," said the captain, "and you have brought the wrong horse." She laughed at him for a good while.',
    "The theorem holds for every finite group, but its proof says nothing about how long the search may take.",
    "My grandmother kept bees behind the station. On Sundays she sold the honey to travellers, who seldom paid "
    "what it was worth; she gave them a second jar all the same and asked where the train would carry them.",
    "Prices rose by a third between spring and autumn. The council met, argued, and postponed its decision.",
    "Where is the key?",
    "Beyond the last village the road becomes a track, and the track becomes a row of stones that only goats and "
    "smugglers can follow. There, below the ridge, the expedition found the first of the four inscriptions.",
)


def build(weights: Path, place: Path, precision: str) -> dict[str, Any]:
    """Write the wished graph into `place`, or with "auto" the better of the two, and return the record of it."""
    fp32, int8 = place / "fp32.onnx", place / "int8.onnx"
    onnx.save(minilm.graph(load_file(weights)), fp32)
    if precision != "fp32":
        logging.disable(logging.WARNING)  # the quantizer advises a pre-processing that this graph does not need
        quantize_dynamic(
            fp32,
            int8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    measured: dict[str, float] = {}
    chosen = precision
    if precision == "auto":
        measured = compare(fp32, int8, place / "tokenizer.json")
        chosen = better(measured)
    return {"precision": chosen, "measured": measured}


def better(measured: dict[str, float]) -> str:
    """Choose int8 when it says nearly the same and is really faster on this machine."""
    is_alike = measured["cosine_mean"] >= LIKE_ENOUGH and measured["cosine_least"] >= NEVER_BELOW
    is_faster = measured["int8_per_second"] >= WORTH_IT * measured["fp32_per_second"]
    return "int8" if is_alike and is_faster else "fp32"


def compare(fp32: Path, int8: Path, tokenizer: Path) -> dict[str, float]:
    """Embed the same sentences with both graphs in turn; the best round of each counts, because machines are shared."""
    exact, small = (Encoder(graph, tokenizer, threads=cores()) for graph in (fp32, int8))
    texts = [" ".join((text, SENTENCES[at - 1])) for at, text in enumerate(SENTENCES)] + list(SENTENCES)
    expected, found = exact.encode(texts), small.encode(texts)
    cosines: NDArray[np.float32] = (expected * found).sum(axis=1)
    best = {"fp32": 0.0, "int8": 0.0}
    for _ in range(ROUNDS):
        for name, encoder in (("fp32", exact), ("int8", small)):
            start = time.perf_counter()
            encoder.encode(texts)
            best[name] = max(best[name], len(texts) / (time.perf_counter() - start))
    return {
        "cosine_mean": round(float(cosines.mean()), 4),
        "cosine_least": round(float(cosines.min()), 4),
        "fp32_per_second": round(best["fp32"], 1),
        "int8_per_second": round(best["int8"], 1),
    }
