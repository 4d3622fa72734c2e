"""Reflex's own settings: its tools on the PATH, one port, one origin. Nothing else belongs here."""

import os
import sys
from pathlib import Path

# Reflex looks for node and npm on the PATH as soon as it is imported; ours are beside Python.
os.environ["PATH"] = (
    f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
)
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "0")

import reflex as rx
from reflex.constants import StateManagerMode

from portal_app.settings import settings

_site = settings()

config = rx.Config(
    app_name="portal_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    api_url=_site.public_url,
    deploy_url=_site.public_url,
    frontend_port=_site.port,
    backend_port=_site.port,
    cors_allowed_origins=_site.origins,
    redis_url=_site.redis_url or None,
    state_manager_mode=StateManagerMode.REDIS if _site.redis_url else StateManagerMode.MEMORY,
    default_color_mode="light",
    # The first one the browser accepts is sent.
    frontend_compression_formats=["brotli", "gzip"],
    # The Radix theme's style sheet alone is 698 kB: views are rx.el elements and assets/portal.css.
    disable_plugins=[rx.plugins.SitemapPlugin, rx.plugins.RadixThemesPlugin],
)
