"""What runs cost: the ledger, what is added up from it, and what may be spent."""

from playground.usage.models.budgets import Budget, BudgetPot, Hold, Scope
from playground.usage.models.ledger import EntryKind, LedgerEntry
from playground.usage.models.repricing import Repricing
from playground.usage.models.rollups import DailyLatency, DailyUsage

__all__ = [
    "Budget",
    "BudgetPot",
    "DailyLatency",
    "DailyUsage",
    "EntryKind",
    "Hold",
    "LedgerEntry",
    "Repricing",
    "Scope",
]
