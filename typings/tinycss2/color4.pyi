from typing import Literal

class Color:
    space: str
    alpha: float
    coordinates: tuple[float | None, ...]
    def to(self, space: str) -> Color: ...

def parse_color(text: str, /) -> Color | Literal["currentcolor"] | None: ...
