"""What runs cost: the ledger, what is added up from it, and what may be spent."""

from playground.usage.models.ledger import EntryKind, LedgerEntry
from playground.usage.models.repricing import Repricing
from playground.usage.models.rollups import DailyLatency, DailyUsage

__all__ = ["DailyLatency", "DailyUsage", "EntryKind", "LedgerEntry", "Repricing"]
