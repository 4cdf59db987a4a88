"""The ASGI entry point that uvicorn serves: one door for agents, one for everybody else."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tarasysdash.settings")
django.setup(set_prefix=False)

from tarasysdash.door import IngestDoor  # noqa: E402  (not before Django is set up)
from tarasysdash.lane import INGEST_PATH  # noqa: E402
from tarasysdash.pages import Pages, Receive, Scope, Send  # noqa: E402
from tarasysdash.settings import WEB_THREADS  # noqa: E402

_ingest = IngestDoor()
_pages = Pages(threads=WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an HTTP request."""
    if scope["type"] != "http":
        raise NotImplementedError(f"This server does not speak {scope['type']}.")
    answer = _ingest if scope["path"] == INGEST_PATH else _pages
    await answer(scope, receive, send)
