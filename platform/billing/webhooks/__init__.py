"""Webhooks of the gateways: verified, written down, answered at once, and worked by a job that asks for the present."""
