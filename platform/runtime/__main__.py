"""`python -m runtime`: the command line without an installed script."""

from runtime.cli import main

main()
