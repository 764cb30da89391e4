"""What happens to presets. Callers have checked what the person may do: `visible_to`, `editable_by`, `owned_by`.

Everything takes keyword arguments, opens its own transaction and returns rows. What it raises: `presets/errors.py`.
"""

from playground.presets.services.describing import describe
from playground.presets.services.keeping import (
    count_use,
    create_preset,
    delete_preset,
    fork,
    purge,
    set_star,
    undelete_preset,
)
from playground.presets.services.sharing import set_everyone, share_with, unshare
from playground.presets.services.versions import name_version, restore_version, save_version

__all__ = [
    "count_use",
    "create_preset",
    "delete_preset",
    "describe",
    "fork",
    "name_version",
    "purge",
    "restore_version",
    "save_version",
    "set_everyone",
    "set_star",
    "share_with",
    "undelete_preset",
    "unshare",
]
