from playground.compare.models.comparison import Column, Comparison, Verdict
from playground.compare.models.sweep import Cell, Sweep, SweepState

__all__ = ["Cell", "Column", "Comparison", "Sweep", "SweepState", "Verdict"]
