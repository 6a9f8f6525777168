"""Run the command line as `python -m trilogue.cli`."""

from trilogue.cli import main

main()
