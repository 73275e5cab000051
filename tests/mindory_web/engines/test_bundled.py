"""The bundled model is the one we know, says what an independent computation says, and is prepared once."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from mindory_web.engines import building, bundled
from mindory_web.engines.encoder import Encoder, batches
from mindory_web.engines.errors import BadModel, EngineError

TEXTS = ["Where is the key?", "The whale is white, and Ahab hates it; he will not turn back.", "Über Bücher 书"]


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The graph in full precision."""
    made = bundled.prepare(tmp_path_factory.mktemp("exact"), precision="fp32")
    return Encoder(made.graph, made.tokenizer, threads=1)


def by_hand(ids: list[int], weights: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    """Compute one text's vector step by step, as the paper says, in double precision."""
    from math import erf

    def dense(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        product: NDArray[np.float64] = x @ weights[f"{name}.weight"].T.astype(np.float64)
        return product + weights[f"{name}.bias"]

    def normal(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = x - x.mean(-1, keepdims=True)
        scaled: NDArray[np.float64] = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x.reshape(len(ids), 12, 32).transpose(1, 0, 2)

    gelu = np.vectorize(lambda x: x * 0.5 * (1 + erf(x / 2**0.5)))
    x = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = normal("embeddings.LayerNorm", x + weights["embeddings.token_type_embeddings.weight"][0])
    for number in range(6):
        layer = f"encoder.layer.{number}"
        query, key, value = (heads(dense(f"{layer}.attention.self.{part}", x)) for part in ("query", "key", "value"))
        scores = np.exp(query @ key.transpose(0, 2, 1) / 32**0.5)
        seen = (scores / scores.sum(-1, keepdims=True)) @ value
        seen = dense(f"{layer}.attention.output.dense", seen.transpose(1, 0, 2).reshape(len(ids), 384))
        x = normal(f"{layer}.attention.output.LayerNorm", seen + x)
        inner = dense(f"{layer}.output.dense", gelu(dense(f"{layer}.intermediate.dense", x)))
        x = normal(f"{layer}.output.LayerNorm", inner + x)
    mean: NDArray[np.float64] = x.mean(0)
    return mean / np.linalg.norm(mean)


def test_the_graph_says_what_the_formulas_say(exact: Encoder) -> None:
    weights = load_file(bundled.package_files() / "model.safetensors")

    found = exact.encode(TEXTS)

    for vector, ids in zip(found, exact.tokens(TEXTS), strict=True):
        assert float(vector @ by_hand(ids, weights)) > 0.99999
        assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


def test_a_text_has_the_same_vector_alone_and_in_a_batch(exact: Encoder) -> None:
    together = exact.run(exact.tokens(TEXTS))

    for vector, text in zip(together, TEXTS, strict=True):
        assert float(vector @ exact.encode([text])[0]) > 0.99999


def test_the_model_of_this_machine_is_close_to_full_precision(exact: Encoder, model_data: Path) -> None:
    made = bundled.prepared(model_data)
    assert made is not None
    mine = Encoder(made.graph, made.tokenizer, threads=1)
    texts = [*building.SENTENCES, *TEXTS[:2]]

    cosines = (mine.encode(texts) * exact.encode(texts)).sum(axis=1)

    assert cosines.mean() > 0.98
    assert made.name == f"all-MiniLM-L6-v2@53aa5117-1.{made.precision}"


def test_meaning_is_near_and_nonsense_is_far(model_data: Path) -> None:
    made = bundled.prepared(model_data)
    assert made is not None
    question, near, far = Encoder(made.graph, made.tokenizer, threads=1).encode(
        ["Who hunts the whale?", "Ahab pursues the white whale across the sea.", "Bread needs flour, water and salt."]
    )

    assert question @ near > 0.4 > 0.2 > question @ far


def test_a_long_text_is_cut_and_an_empty_one_is_allowed(exact: Encoder) -> None:
    assert [len(ids) for ids in exact.tokens(["word " * 1000, ""])] == [256, 2]
    assert exact.encode([""]).shape == (1, 384)
    assert exact.encode([]).shape == (0, 384)


def test_batches_hold_texts_of_like_length_within_their_budget() -> None:
    tokens = [[1] * length for length in (10, 300, 12, 90, 11)]

    assert list(batches(tokens, budget=100)) == [[0, 4, 2], [3], [1]]


def test_the_second_preparation_does_nothing(model_data: Path) -> None:
    before = bundled.prepared(model_data)
    assert before is not None
    made = before.graph.stat().st_mtime_ns

    assert bundled.prepare(model_data) == before
    assert before.graph.stat().st_mtime_ns == made


def test_a_preparation_that_was_killed_is_done_again(model_data: Path, tmp_path: Path) -> None:
    place = bundled.directory(tmp_path)
    shutil.copytree(bundled.directory(model_data), place)
    (place / "choice.json").unlink()
    (place / "making").mkdir()
    (place / "making" / "fp32.onnx").write_bytes(b"half a file")

    made = bundled.prepare(tmp_path, precision="int8")

    assert made.graph.exists()
    assert not (place / "making").exists()


def test_damaged_weights_are_refused_by_name(tmp_path: Path) -> None:
    shutil.copyfile(bundled.package_files() / "tokenizer.json", tmp_path / "tokenizer.json")
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")

    with pytest.raises(BadModel, match=r"model\.safetensors is damaged"):
        bundled.verify(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(BadModel, match=r"model\.safetensors is missing"):
        bundled.verify(tmp_path)


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where a directory belongs")

    with pytest.raises(EngineError, match="could not be prepared: File exists"):
        bundled.prepare(tmp_path)


@pytest.mark.parametrize(
    ("least", "mean", "speed", "chosen"),
    [(0.97, 0.99, 150, "int8"), (0.97, 0.97, 150, "fp32"), (0.9, 0.99, 150, "fp32"), (0.97, 0.99, 105, "fp32")],
)
def test_int8_is_chosen_when_it_is_alike_and_faster(least: float, mean: float, speed: float, chosen: str) -> None:
    measured = {"cosine_mean": mean, "cosine_least": least, "fp32_per_second": 100.0, "int8_per_second": speed}

    assert building.better(measured) == chosen
