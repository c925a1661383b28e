"""`python -m excudit.cli`: the same as `excudit`."""

from excudit.cli import main

main()
