"""`python -m lmms_faith`, for launchers that start modules."""

from lmms_faith.cli import main

main()
