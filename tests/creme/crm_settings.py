"""Django settings of the Creme CRM that the tests run: SQLite, one process, no other service.

CREME_DATA is the folder with what it keeps: database and uploads. CREME_BASE is the one with what
never changes: style sheets, scripts, images.
"""

import os
from pathlib import Path

from creme.settings import *  # noqa: F403

_data = Path(os.environ["CREME_DATA"])
_base = Path(os.environ["CREME_BASE"])

SECRET_KEY = "of-a-test-" + "x" * 50
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SITE_DOMAIN = "http://127.0.0.1"
TIME_ZONE = "Europe/Amsterdam"
LANGUAGE_CODE = "en"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _data / "db.sqlite3",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }
}
MEDIA_ROOT = _data / "upload"
STATIC_ROOT = _base / "static"
GENERATED_MEDIA_NAMES_FILE = _base / "generated_media_names.py"
GENERATED_MEDIA_NAMES_MODULE = "generated_media_names"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Background jobs are not run; what is asked of their manager goes to a socket that nobody reads.
JOBMANAGER_BROKER = f"unix_socket://{_data / 'broker'}/"
# Apps that no test opens. Without their tables, the first start takes half the time.
_left_out = [
    "billing", "products", "commercial", "opportunities", "events", "crudity", "emails", "sms",
    "projects", "tickets", "cti", "polls", "mobile", "geolocation", "graphs", "recurrents",
]  # fmt: skip
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS  # noqa: F405
    if app.removeprefix("creme.") not in _left_out
]
