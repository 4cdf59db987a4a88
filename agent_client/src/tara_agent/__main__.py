"""Let `python -m tara_agent` do what the command `tara-agent` does."""

import sys

from tara_agent.cli import main

if __name__ == "__main__":
    sys.exit(main())
