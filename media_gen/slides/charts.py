"""The numbers of a chart: where its axis begins and ends, its ticks, and how its values are written. Pure."""

import math
from decimal import Decimal
from typing import Any

from media_gen.language import Language
from media_gen.lesson import Chart

TICKS = 5  # about so many steps on an axis


def data(chart: Chart, language: Language) -> dict[str, Any]:
    """What ``typst/charts.typ`` needs beside labels and names."""
    if chart.form == "pie":
        values = chart.series[0].values
        whole = sum(values)
        unit = f" {chart.unit}" if chart.unit else ""
        texts = [
            f"{number(v, language)}{unit} · {number(round(100 * v / whole, 1 if v / whole < 0.095 else 0), language)} %"
            if chart.unit != "%" or abs(whole - 100) > 0.5
            else f"{number(v, language)} %"
            for v in values
        ]
        return {"shares": [v / whole for v in values], "texts": texts}
    values = tuple(v for one in chart.series for v in one.values)
    lo, hi, step = scale(min(values), max(values), from_zero=chart.form == "bar")
    grouped = max(abs(lo), abs(hi)) >= 10_000  # all numbers of an axis alike
    ticks = [lo + step * i for i in range(round((hi - lo) / step) + 1)]
    return {
        "lo": lo,
        "hi": hi,
        "ticks": [{"value": _clean(t), "text": number(_clean(t), language, grouped=grouped)} for t in ticks],
        "texts": [[number(v, language, grouped=grouped) for v in one.values] for one in chart.series],
    }


def scale(low: float, high: float, *, from_zero: bool) -> tuple[float, float, float]:
    """(lowest, highest, step) of an axis: steps of 1, 2 or 5 times a power of ten. Bars always begin at zero, lines
    only where zero is near."""
    if from_zero or (0 <= low <= high * 0.6):
        low = min(low, 0.0)
    if from_zero or high <= 0 <= high - low:
        high = max(high, 0.0)
    span = high - low or abs(high) or 1.0
    raw = span / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= raw * 0.999)
    lowest, highest = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return _clean(lowest), _clean(highest if highest > lowest else lowest + step), step


def _clean(value: float) -> float:
    return 0.0 if value == 0 else float(f"{value:.12g}")


def number(value: float, language: Language, *, grouped: bool = False) -> str:
    """A number of six significant digits as the language writes it; four digits are grouped only where wanted."""
    if abs(value) >= 1e12 or 0 < abs(value) < 1e-4:
        return f"{value:.3g}".replace(".", language.decimal).replace("-", "−")
    rounded = Decimal(f"{value:.6g}" if abs(value) < 1e5 else f"{value:.0f}")
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, part = text.partition(".")
    if not grouped and len(whole.lstrip("-").replace(",", "")) <= 4:
        whole = whole.replace(",", "")
    return (whole.replace(",", language.group) + (language.decimal + part if part else "")).replace("-", "−")
