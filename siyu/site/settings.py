"""Django settings, made from the environment."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from siyu.core.secrets import load_key
from siyu.site.environment import prepare_home, read_environment, read_secret_key

ENVIRONMENT = read_environment()
prepare_home(ENVIRONMENT.home)

SIYU_SECRET_KEY = read_secret_key() or load_key(ENVIRONMENT.home / "secret.key")
SECRET_KEY = hashlib.sha256(b"django" + SIYU_SECRET_KEY).hexdigest()

SLICES = (
    "core",
    "pool",
    "lake",
    "segments",
    "tag_rules",
    "materials",
    "reach",
    "groups",
    "broadcasts",
    "moments",
    "journeys",
    "talk",
    "growth",
    "guides",
    "writeback",
    "commerce",
    "fans",
    "payments",
    "insight",
    "files",
)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    *(f"siyu.{name}" for name in SLICES),
]
AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ROOT_URLCONF = "siyu.site.urls"
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
MIDDLEWARE = [
    "siyu.site.middleware.name_caller",
    "django.middleware.security.SecurityMiddleware",
    "siyu.site.middleware.security_headers",
    "siyu.site.middleware.refuse_nul",
    "siyu.site.middleware.refuse_doubled",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "siyu.core.idempotency.answer_once",
]
TEMPLATES: list[dict[str, Any]] = []
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
APPEND_SLASH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "siyu_session"
CSRF_COOKIE_NAME = "siyu_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.public_url.startswith("https://")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
LOGGING_CONFIG = None


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "siyu.core.sqlite",
        "NAME": str(ENVIRONMENT.home / "siyu.db"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "cached_statements": 1000,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA foreign_keys=ON;"
            ),
        },
        "CONN_MAX_AGE": 600,
        "TEST": {"NAME": str(ENVIRONMENT.home / "test.db")},
    }


DATABASES = {
    "default": _postgres(ENVIRONMENT.database_url) if ENVIRONMENT.database_url else _sqlite()
}
