"""Charts that the server draws: values in, positions out. templates/components/_chart.html and _toplist.html show them."""

from playground.usage.charts.drawing import bar_chart, line_chart, stack
from playground.usage.charts.scales import UNKNOWN, Unit, Value, write
from playground.usage.charts.shapes import Chart, Point, Series, TopList
from playground.usage.charts.toplists import Top, top_list

__all__ = [
    "UNKNOWN",
    "Chart",
    "Point",
    "Series",
    "Top",
    "TopList",
    "Unit",
    "Value",
    "bar_chart",
    "line_chart",
    "stack",
    "top_list",
    "write",
]
