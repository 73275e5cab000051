"""The rows and cells of a Word table, with the cells that were joined."""

from dataclasses import dataclass
from typing import Any, Final

from books.formats.docx.names import child, full, inside, is_on, number, short, value

_LONGEST_CELL: Final = 3_000  # characters; a table with longer ones lays out a page
_TEXT: Final = full("w:t")


@dataclass(slots=True)
class Cell:
    """A cell that is shown: over how many columns and rows it reaches."""

    element: Any
    column: int
    columns: int = 1
    rows: int = 1
    is_header: bool = False

    @property
    def target(self) -> str:
        """Return what its mark says; empty for a plain cell."""
        spans = f"{min(self.columns, 999)}x{min(self.rows, 9999)}" if (self.columns, self.rows) != (1, 1) else ""
        return ("h" if self.is_header else "") + spans

    @property
    def is_long(self) -> bool:
        """Say whether it holds more than a table's cell does."""
        length = 0
        for text in self.element.iter(_TEXT):
            length += len(text.text or "")
            if length > _LONGEST_CELL:
                return True
        return False


def rows_of(table: Any) -> list[list[Cell]]:
    """Return the cells of each row; a cell that goes on from the row above is counted there."""
    rows: list[list[Cell]] = []
    above: dict[int, Cell] = {}  # by column: the cell that may go on
    for row in inside(table, "w:tr"):
        properties = child(row, "w:trPr")
        if properties is not None and any(short(element) == "w:del" for element in properties):
            continue
        column = number(value(properties, "w:gridBefore"), 0) if properties is not None else 0
        is_header = properties is not None and is_on(properties, "w:tblHeader")
        shown: list[Cell] = []
        for element in inside(row, "w:tc"):
            columns = max(number(value(element, "w:tcPr", "w:gridSpan"), 1), 1)
            if child(element, "w:tcPr", "w:cellDel") is not None:
                continue
            merged = child(element, "w:tcPr", "w:vMerge")
            if merged is not None and value(merged) in {"", "continue"} and column in above:
                above[column].rows += 1
            else:
                cell = Cell(element, column, columns, is_header=is_header)
                shown.append(cell)
                if merged is None:
                    above.pop(column, None)
                else:
                    above[column] = cell
            column += columns
        rows.append(shown)
    return rows
