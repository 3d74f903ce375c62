"""`python -m relatedness`: the command line."""

from relatedness.cli import main

main()
