"""Getting paid: reminders by a schedule, sites that close while a bill is open, and open again once it is paid."""
