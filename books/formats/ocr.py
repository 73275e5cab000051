"""Read the words of pages that are pictures, with RapidOCR, whose models are inside its package.

Runs in a child of its own: the models take most of a gigabyte, and a page takes seconds.
"""

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO, Final

from books.errors import DamagedBook, ParserDied, ScannedBook
from books.formats import frames
from books.formats.page_order import in_reading_order
from books.formats.parsed import Told
from books.formats.sources import Source
from books.formats.writer import cleaned

WIDTH: Final = 1_500  # pixels a page is drawn with: 180 dpi on A4; more reads no better
# Lines are looked for in a picture this long: a short line alone on its page is lost in a larger one. Where the
# print turns out to be small, they are looked for again in a larger one: it would be lost in a small one.
_USUAL_EDGE, _LARGE_EDGE = 960, 1_920
_SMALL_PRINT: Final = 9  # pixels from line to line, in a picture of the usual size
MOST_LINES: Final = 5_000  # on a page
LONGEST_LINE: Final = 5_000  # characters
_PARTS: Final = ("rapidocr", "cv2")
# Threads are forbidden in the child, and would only be in the way of other workers.
_ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def is_available() -> bool:
    """Say whether the packages for text recognition are installed."""
    return all(find_spec(part) is not None for part in _PARTS)


def recognise(source: Source, told: Told, out: BinaryIO) -> None:
    """Answer the child's task "recognise": the lines of each page of `options.scans`, a result per page, then the end.

    A result is {"page": number from 0, "lines": [{"text", "box": [left, top, right, bottom], "score"}]}, with the
    lines in reading order and the box in tenths of a point from the page's top left corner. A page that cannot be
    drawn has no lines.
    """
    engine = _engine()
    from books.formats.pdf.document import opened
    from books.formats.pdf.render import page_image

    with opened(source) as document:
        for done, number in enumerate(source.options.scans, 1):
            try:
                image = page_image(document, number, width=WIDTH)
                scale = 10 * document.get_page_size(number)[0] / image.width
                lines = _lines(engine, image, scale)
            except DamagedBook:
                lines = []
            frames.send(out, frames.RESULT, {"page": number, "lines": lines})
            out.flush()
            told(done, len(source.options.scans))
    frames.send(out, frames.END, None)


def _engine() -> Any:
    """Load the models, from the package and from nowhere else."""
    os.environ.update(_ONE_THREAD)
    try:
        import cv2
        import rapidocr

        cv2.setNumThreads(0)
        models = Path(rapidocr.__file__).parent / "models"
        found = {
            "Det.model_path": _model(models, "*_det_*.onnx"),
            "Rec.model_path": _model(models, "*_rec_*.onnx"),
            "Global.use_cls": False,  # a page stands upright: its PDF says how it is turned
            "Global.log_level": "critical",
            "Global.max_side_len": 2_600,
            "Det.limit_type": "max",
            "Det.limit_side_len": _USUAL_EDGE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Rec.rec_batch_num": 1,  # lines of different lengths, padded to the longest one, take longer together
        }
        return rapidocr.RapidOCR(params=found)
    except (ImportError, OSError, ValueError, AttributeError) as error:
        raise ScannedBook(
            "The pages of this PDF are pictures, and the text recognition on this server does not work."
            " Install it again with `make ocr`, then read the book again."
        ) from error


def _model(folder: Path, pattern: str) -> str:
    """Return the path of a model. RapidOCR would download one that is not there."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(pattern)
    return str(found[0])


def _lines(engine: Any, image: Any, scale: float) -> list[dict[str, Any]]:
    """Return what stands on a picture. `scale`: tenths of a point per pixel."""
    import numpy

    pixels = numpy.asarray(image)[:, :, ::-1]  # it wants blue first
    answer = _answer(engine, pixels, _USUAL_EDGE)
    if answer.txts and _height(answer) * _USUAL_EDGE / max(image.size) < _SMALL_PRINT:
        answer = max(answer, _answer(engine, pixels, _LARGE_EDGE), key=lambda one: sum(map(len, one.txts or ())))
    if answer.boxes is None or not answer.txts:
        return []
    boxes: list[list[int]] = []
    lines: list[dict[str, Any]] = []
    for corners, text, score in zip(answer.boxes, answer.txts, answer.scores, strict=True):
        across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        box = [round(edge * scale) for edge in (min(across), min(down), max(across), max(down))]
        words = " ".join(cleaned(str(text)).split())
        if words:
            boxes.append([max(edge, 0) for edge in box])
            lines.append({"text": words, "box": boxes[-1], "score": round(float(score), 3)})
    order = in_reading_order(boxes, [len(line["text"]) for line in lines])
    return [lines[number] for number in order]


def _answer(engine: Any, pixels: Any, edge: int) -> Any:
    """Look for lines in a picture whose longer edge was made `edge` pixels, and read them in the picture as it is."""
    if engine.text_det is not None:  # it is loaded with the first page
        engine.text_det.limit_side_len = edge
    return engine(pixels)


def _height(answer: Any) -> float:
    """Return how high most lines are, in pixels."""
    return float(median(abs(float(corners[2][1]) - float(corners[0][1])) for corners in answer.boxes))


def checked(result: Any, pages: Sequence[int]) -> tuple[int, list[dict[str, Any]]]:
    """Return (page, lines) of a child's result; ParserDied when it is not one of these pages."""
    try:
        page, lines = result["page"], result["lines"]
        if page not in pages or not isinstance(lines, list) or len(lines) > MOST_LINES:
            raise ValueError("not a page that was asked for")
        return page, [_checked_line(line) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise ParserDied("The parser's answer could not be read.") from error


def _checked_line(line: Mapping[str, Any]) -> dict[str, Any]:
    text, box, score = line["text"], line["box"], line["score"]
    if not isinstance(text, str) or "\0" in text or len(text) > LONGEST_LINE:
        raise ValueError("not a line")
    if len(box) != 4 or not all(isinstance(edge, int) and 0 <= edge < 1 << 24 for edge in box):
        raise ValueError("not a box")
    return {"text": text, "box": list(box), "score": float(score)}
