"""The admin area, at /console/admin, on starlette-admin: one file per noun, put together in `site.py`."""

from bot.console.admin.site import mount

__all__ = ["mount"]
