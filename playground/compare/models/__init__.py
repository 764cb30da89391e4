from playground.compare.models.comparison import Column, Comparison, Verdict
from playground.compare.models.sweep import Cell, CellState, Square, Sweep, SweepState

__all__ = [
    "Cell",
    "CellState",
    "Column",
    "Comparison",
    "Square",
    "Sweep",
    "SweepState",
    "Verdict",
]
