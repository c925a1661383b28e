"""What anybody may read without signing in: start page, landing pages, exports."""

from excudit.web.public.pages import ROUTES

__all__ = ["ROUTES"]
