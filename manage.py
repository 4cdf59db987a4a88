#!/usr/bin/env python
"""The command line of the server: `python manage.py help`."""

import os
import sys


def main() -> None:
    """Run one management command, or say how to get Django where it is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ImportError as error:
        sentence = (
            "Django is not installed for this Python. Run `make setup` once, then use "
            "`.venv/bin/python manage.py …`."
        )
        raise SystemExit(sentence) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
