"""What is loaded ahead of the first visitor."""

import gc
import sys

from playground.server.warmup import warm_up


def test_everything_it_names_can_be_loaded(caplog):
    try:
        warm_up()
        assert not caplog.records
        assert "pygments.lexers.rust" in sys.modules
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_a_template_that_cannot_be_loaded_is_a_warning_and_no_end(caplog, settings, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "nobody-knows-it.html").write_text("")
    settings.BASE_DIR = tmp_path
    try:
        warm_up()
        assert "could not warm up" in caplog.text
    finally:
        gc.unfreeze()
