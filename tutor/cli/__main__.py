"""``python -m tutor.cli``."""

from tutor.cli.command import main

main()
