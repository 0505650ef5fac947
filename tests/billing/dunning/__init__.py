"""Tests of reminders, suspensions and what an owner can do about them."""
