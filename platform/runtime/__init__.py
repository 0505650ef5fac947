"""The composition root: settings, embedded engines, server roles, command line. The only room that knows all rooms."""
