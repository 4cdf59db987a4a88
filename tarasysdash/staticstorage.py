"""Static files under names with a hash, so that browsers may keep them for ever."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch, support_js_module_import_aggregation, looks into every script, and stops at
# an import that is only mentioned in a comment of somebody else's. Ours are the ones to rewrite.
_, _MODULE_IMPORTS = ManifestStaticFilesStorage._js_module_import_aggregation_patterns  # noqa: SLF001


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Compressed files with hashed names; imports between our own modules follow the new names."""

    patterns = (*ManifestStaticFilesStorage.patterns, ("dashboard/js/*.js", _MODULE_IMPORTS))
