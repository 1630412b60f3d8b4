"""Webhooks: telling other systems over HTTP."""
