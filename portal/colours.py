"""An organisation's own colour: what is made of it, and whether it can be read (WCAG 2.2, 1.4.3 and 1.4.11).

Pure. Colours are written `#rrggbb`.
"""

import colorsys
import re
from collections.abc import Iterator

TEXT, CONTROLS = 4.5, 3.0
HEX = re.compile(r"#[0-9a-f]{6}")
# What the accent is read on: paper, surface and sunken of `tokens.css`, in light and dark.
GROUNDS = {"light": ("#fbfaf7", "#ffffff", "#f2f0ea"), "dark": ("#101719", "#182124", "#202b2e")}
INK = {"light": ("#ffffff", "#1c2b2d"), "dark": ("#06282a", "#ffffff")}  # on the accent, the better one


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(share) for share in _shares(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _shares(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def on(colour: str, theme: str) -> str:
    """What is written on it."""
    return max(INK[theme], key=lambda ink: contrast(ink, colour))


def weakest(colour: str, theme: str) -> float:
    """The poorest contrast in which it is read: as a link on each ground and tint, under a button's words."""
    grounds = [*GROUNDS[theme], soft(colour, theme)]
    return min(contrast(on(colour, theme), colour), *(contrast(colour, ground) for ground in grounds))


def passes(colour: str, theme: str) -> bool:
    """Is it read well wherever it is used? As text it needs 4.5 to 1, which is more than controls need."""
    return weakest(colour, theme) >= TEXT


def nearest(colour: str, theme: str) -> str:
    """The colour of the same hue that is least lighter or darker, and can be read."""
    return next(shade for shade in _shades(colour) if passes(shade, theme))


def nearest_on(colour: str, ground: str) -> str:
    """The same on one ground; on a middling one black or white is the most there is."""
    best = max(("#000000", "#ffffff"), key=lambda each: contrast(each, ground))
    return next((shade for shade in _shades(colour) if contrast(shade, ground) >= TEXT), best)


def _shades(colour: str) -> Iterator[str]:
    """The same hue, from what is least lighter or darker."""
    hue, light, saturation = colorsys.rgb_to_hls(*_shares(colour))
    steps = sorted((step / 200 for step in range(201)), key=lambda step: abs(step - light))
    return (_written(colorsys.hls_to_rgb(hue, step, saturation)) for step in steps)


def strong(colour: str, theme: str) -> str:
    """The same for what is pointed at: further from the ground."""
    return _mixed(colour, "#000000" if theme == "light" else "#ffffff", 0.22)


def soft(colour: str, theme: str) -> str:
    """A tint of it, to lay under words."""
    return _mixed(GROUNDS[theme][1], colour, 0.1 if theme == "light" else 0.14)


def _mixed(one: str, other: str, share: float) -> str:
    return _written(
        tuple(a + (b - a) * share for a, b in zip(_shares(one), _shares(other), strict=True))  # type: ignore[arg-type]
    )


def _written(shares: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(share * 255):02x}" for share in shares)


def stylesheet(light: str, dark: str) -> str:
    """The tokens that follow from the two accents."""
    themes = {"light": light, "dark": dark}
    rules = {theme: _tokens(colour, theme) for theme, colour in themes.items()}
    return (
        f"@layer tokens{{:root{{{rules['light']}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{rules['dark']}}}}}}}\n"
    )


def _tokens(colour: str, theme: str) -> str:
    strength = strong(colour, theme)
    return (
        f"--accent:{colour};--accent-strong:{strength};--accent-soft:{soft(colour, theme)};"
        f"--on-accent:{on(colour, theme)};--focus:{colour if theme == 'light' else strength}"
    )
