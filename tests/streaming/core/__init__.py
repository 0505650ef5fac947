"""Tests of the streaming core: sources, caches, scheduling and the Telegram pool."""
