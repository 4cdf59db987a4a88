"""Answers compressed: brotli for who takes it, as browsers do over HTTPS and locally, else gzip.

Of 290 KB of rows brotli makes 14 KB in 1.8 ms, gzip 17 KB in 7 ms; a level more saves 2 % of it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import brotli
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

PLAIN: Final = ""
_CODINGS: Final = ("br", "gzip")
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 5
_SHORT: Final = 200  # bytes, of which nothing is saved that is worth the while

View = Callable[..., HttpResponseBase]


def coding_for(request: HttpRequest) -> str:
    """Return the best coding that the request takes, PLAIN where it takes none of ours."""
    parts = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    taken = {part.partition(";")[0] for part in parts if not part.endswith(";q=0")}
    return next((coding for coding in _CODINGS if coding in taken), PLAIN)


def compressed(data: bytes, coding: str) -> bytes:
    """Return data, which is text, in a coding of `coding_for`."""
    if coding == "br":
        packed: bytes = brotli.compress(data, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
        return packed
    return gzip.compress(data, _GZIP_LEVEL, mtime=0) if coding == "gzip" else data


def compressed_page(view: View) -> View:
    """Compress what the view answers, whatever the status. The view must not have done so."""

    @wraps(view)
    def compressing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Encoding"])
        coding = coding_for(request)
        if coding and isinstance(response, HttpResponse) and len(response.content) >= _SHORT:
            response.content = compressed(response.content, coding)
            response["Content-Encoding"] = coding
        return response

    return compressing
