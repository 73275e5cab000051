"""A loaded model: texts in, unit vectors out. Imports ONNX Runtime, so only the embedding process loads it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

TOKENS_AT_MOST: Final = 256  # what the model was trained with; the rest of a text is not seen
# Small batches cost nothing here (measured: 1,024 tokens are as fast as 4,096), and a question waits for one at most.
BATCH_TOKENS: Final = 1024


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Encoder:
    """One model in memory. Not for several threads at once."""

    def __init__(self, graph: Path, tokenizer: Path, *, threads: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(TOKENS_AT_MOST)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take the cores from Postgres and the web process.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token numbers of each text, at most TOKENS_AT_MOST."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the vectors of one batch."""
        longest = max(len(ids) for ids in tokens)
        ids = np.zeros((len(tokens), longest), np.int64)
        mask = np.zeros((len(tokens), longest), np.int32)
        for row, found in enumerate(tokens):
            ids[row, : len(found)] = found
            mask[row, : len(found)] = 1
        vectors: NDArray[np.float32] = self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
        return vectors

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text, in order."""
        tokens = self.tokens(texts)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for batch in batches(tokens):
            vectors[batch] = self.run([tokens[at] for at in batch])
        return vectors

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._session.get_outputs()[0].shape[1])


def batches(tokens: Sequence[Sequence[int]], *, budget: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield positions of texts of like length, so that little is padding: at most `budget` tokens with it."""
    batch: list[int] = []
    for at in sorted(range(len(tokens)), key=lambda at: len(tokens[at])):
        if batch and (len(batch) + 1) * len(tokens[at]) > budget:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
