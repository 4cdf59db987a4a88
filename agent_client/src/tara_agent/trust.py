"""Whose certificates are believed. Loads OpenSSL."""

import ssl
from pathlib import Path

from tara_agent.errors import ConfigError


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Return what verifies a server: by this file's authorities, else by those of the system.

    Raises ConfigError for a file that has none.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError as error:
        raise ConfigError(
            f"ca_file names {ca_file}, which has no certificate that can be read "
            f"({error.strerror or error}). Put the authority's certificate there, in PEM."
        ) from error
    if ca_file is None and not _has_authorities(context):
        _add_certifi(context)
    return context


def _has_authorities(context: ssl.SSLContext) -> bool:
    paths = ssl.get_default_verify_paths()
    in_folder = paths.capath is not None and any(Path(paths.capath).iterdir())
    return bool(paths.cafile or in_folder or context.cert_store_stats()["x509_ca"])


def _add_certifi(context: ssl.SSLContext) -> None:
    """Use certifi's authorities where it is installed: some Pythons for macOS know none."""
    try:
        import certifi  # noqa: PLC0415
    except ImportError:
        return
    context.load_verify_locations(certifi.where())
