"""Another product on the same mails: django-helpdesk, installed into a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import traffic
from benchmarks.stage import Stage
from tests.servers.dovecot import PASSWORD

NAME = "django-helpdesk 2.6.1"

# The newest of the day these figures were taken, and the Django it was tried with.
_PINS = ("django-helpdesk==2.6.1", "Django==5.2.19")

_SETTINGS = """
SECRET_KEY = "benchmark"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.sites", "django.contrib.admin",
    "django.contrib.humanize", "helpdesk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {{"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]}},
}}]
SITE_ID = 1
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {database!r}}}}}
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", {port}
DEFAULT_FROM_EMAIL = "desk@society.example.jp"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
MEDIA_ROOT = {media!r}
USE_TZ = True
LANGUAGE_CODE = "en"
ROOT_URLCONF = "bench_urls"
HELPDESK_TEAMS_MODE_ENABLED = False
"""

_URLS = """
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""

_QUEUE = """
import django; django.setup()
from helpdesk.models import Queue
Queue.objects.create(
    title="desk", slug="desk", email_address="desk@society.example.jp",
    allow_email_submission=True, allow_public_submission=True,
    email_box_type="imap", email_box_host="127.0.0.1", email_box_port={port},
    email_box_user={user!r}, email_box_pass={password!r}, email_box_ssl=False,
    email_box_imap_folder="INBOX", email_box_interval=0,
)
"""


def django_helpdesk_rate(stage: Stage, mails: int, run: str) -> float:
    """Return mails a second over IMAP, each acknowledged, all there when it starts."""
    python = _installed()
    folder = stage.folder
    (folder / "bench_settings.py").write_text(
        _SETTINGS.format(
            database=str(folder / "django.db"), port=stage.sink.port, media=str(folder / "media")
        ),
        encoding="utf-8",
    )
    (folder / "bench_urls.py").write_text(_URLS, encoding="utf-8")
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "DJANGO_SETTINGS_MODULE": "bench_settings",
    }

    def run_python(*arguments: str) -> None:
        done = subprocess.run(
            [str(python), *arguments],
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])

    run_python("-m", "django", "migrate", "-v", "0", "--skip-checks")
    # Its letters are kept in the database; without them nothing is acknowledged.
    run_python("-m", "django", "loaddata", "-v", "0", "emailtemplate.json")
    queue = _QUEUE.format(port=stage.dovecot.imap_port, user=stage.user, password=PASSWORD)
    run_python("-c", queue)
    stage.dovecot.deliver_many(traffic.requests(mails, run), stage.user)
    began = time.monotonic()
    run_python("-m", "django", "get_email", "--quiet")
    notes = stage.sink.wait_for(mails, 5)
    return mails / (max(at for at, _ in notes) - began)


def _installed() -> Path:
    """Return the Python of a folder that has the product, made at the first call."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "helpdesk-benchmarks" / _PINS[0]
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        # pkg_resources is gone from newer setuptools, and it still asks for it.
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *_PINS, "setuptools<80"], check=True
        )
        (folder / "installed").touch()
    return python
