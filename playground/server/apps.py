from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate

from playground.lib.postgres import lift_limits, restore_limits


class ServerConfig(AppConfig):
    name = "playground.server"

    def ready(self) -> None:
        from playground.server import checks  # noqa: F401 - registers the system checks

        once = apps.get_app_config("accounts")  # each application with models is a sender, and this one has none
        pre_migrate.connect(lift_limits, sender=once)
        post_migrate.connect(restore_limits, sender=once)
