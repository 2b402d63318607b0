"""Runs the command line: `python -m tools.govshare`."""

import sys

from tools.govshare.commands import main

sys.exit(main())
