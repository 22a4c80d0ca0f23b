"""django-helpdesk on the same mails: read over IMAP, acknowledged to the same sink.

It lives in a folder of its own under the user's cache, so that nothing of it comes into
the product's environment. It reads by its own command `get_email`, as cron would start
it, from a queue set up for IMAP. Its start-up is left out of its time.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.letters_in import mail_of
from benchmarks.office import release_mails, spool_mails
from benchmarks.sink import Sink
from benchmarks.throughput import check_receipts
from tests.servers.dovecot import PASSWORD, Dovecot

# Pinned, so that figures of two days can be compared.
RELEASES = ("django-helpdesk==2.6.1", "Django==5.2.19")

_TIMEOUT_S = 1800.0

_SETTINGS = """
SECRET_KEY = "only-for-this-measurement"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
SITE_ID = 1
ROOT_URLCONF = "bench_urls"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.sites", "django.contrib.messages", "django.contrib.staticfiles",
    "django.contrib.admin", "django.contrib.humanize", "rest_framework", "helpdesk",
    "django_cleanup.apps.CleanupConfig",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
STATIC_URL = "/static/"
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": "@FOLDER@/django.db",
    # As durable as ours: what was acknowledged survives a loss of power.
    "OPTIONS": {"init_command": "PRAGMA synchronous=FULL;"},
}}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", @SMTP@
DEFAULT_FROM_EMAIL = "desk@society.example.jp"
MEDIA_ROOT = "@FOLDER@/media"
HELPDESK_TEAMS_MODE_ENABLED = False
"""

_URLS = """
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]
"""

_QUEUE = """
import django
django.setup()
from helpdesk.models import Queue
Queue.objects.create(
    title="Desk", slug="desk", email_address="desk@society.example.jp", locale="en",
    allow_email_submission=True, allow_public_submission=True,
    email_box_type="imap", email_box_host="127.0.0.1", email_box_port=@IMAP@,
    email_box_ssl=False, email_box_user="@USER@", email_box_pass="@PASSWORD@",
    email_box_imap_folder="INBOX", email_box_interval=0, logging_type="none",
)
"""


def install() -> Path:
    """Return the Python of the rival's own environment, made where it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "helpdesk-benchmarks" / "-".join(RELEASES).replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *RELEASES], check=True)
        (folder / "complete").touch()
    return python


class Rival:
    """One installation with a database and a mailbox of its own."""

    def __init__(self, python: Path, dovecot: Dovecot, sink: Sink) -> None:
        """Write its project, make its tables, and set up its queue."""
        self._python = python
        self.user = f"rival-{secrets.token_hex(5)}@example.test"
        self.folder = Path(tempfile.mkdtemp(prefix="hd-rival-"))
        values = {
            "@FOLDER@": str(self.folder),
            "@SMTP@": str(sink.port),
            "@IMAP@": str(dovecot.imap_port),
            "@USER@": self.user,
            "@PASSWORD@": PASSWORD,
        }
        texts = {"bench_settings": _SETTINGS, "bench_urls": _URLS, "bench_queue": _QUEUE}
        for name, text in texts.items():
            for mark, value in values.items():
                text = text.replace(mark, value)  # noqa: PLW2901
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        self._run("-m", "django", "migrate", "--verbosity=0")
        self._run("-m", "django", "loaddata", "--verbosity=0", "emailtemplate.json")
        self._run("bench_queue.py")

    def _run(self, *arguments: str) -> None:
        env = {
            "PATH": os.environ.get("PATH", ""),
            "DJANGO_SETTINGS_MODULE": "bench_settings",
            "PYTHONPATH": str(self.folder),
            "LANG": "C.UTF-8",
        }
        done = subprocess.run(
            [self._python, *arguments],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"django-helpdesk: {arguments}: {done.stderr[-2000:]}")

    def get_email(self) -> float:
        """Read the mailbox once; return the monotonic second at which that began."""
        started = time.monotonic()
        self._run("-m", "django", "get_email", "--quiet")
        return started


def measure(python: Path, dovecot: Dovecot, mails: int) -> float:
    """Return mails/s that it takes in and acknowledges. Raises where a receipt is missing."""
    with ExitStack() as stack:
        sink = Sink()
        stack.callback(sink.close)
        rival = Rival(python, dovecot, sink)
        stack.callback(shutil.rmtree, rival.folder, ignore_errors=True)
        spool_mails(dovecot, rival.user, (mail_of(number) for number in range(mails)))
        empty = rival.get_email()
        start_up_s = time.monotonic() - empty
        release_mails(dovecot, rival.user)
        started = rival.get_email() + start_up_s
        letters = sink.wait_for(mails, 10.0)
        check_receipts([to for _, to in letters], mails)
        return mails / (max(at for at, _ in letters) - started)
