from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "playground.accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Here, and not above: models cannot be imported before the registry is ready.
        from playground.accounts.auditing import write
        from playground.lib.auditing import register

        register(write)
