"""Where a piece of text is. The only address in the system."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of canonical text: characters [start, end) of one section (counted from 0).

    Offsets count Unicode code points, as Python does. The browser counts UTF-16 units;
    frontend/static/js/reader/span.js is the only place that converts.
    """

    section: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.section < 0 or not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: section {self.section}, [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the slice of the section's canonical `text` that this span names."""
        return text[self.start : self.end]

    def covers(self, other: "Span") -> bool:
        """Say whether `other` lies wholly inside this span."""
        return self.section == other.section and self.start <= other.start and other.end <= self.end
