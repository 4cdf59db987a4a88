"""Static files under names with a hash, so that browsers may keep them for ever."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin, ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch, support_js_module_import_aggregation, looks into every script, and stops at
# an import that is only mentioned in a comment of somebody else's. Ours are the ones to rewrite.
# A test of the rewritten names pins the private attribute, which the stubs do not know.
_PATTERNS: tuple[str, Any] = vars(HashedFilesMixin)["_js_module_import_aggregation_patterns"]


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Compressed files with hashed names; imports between our own modules follow the new names."""

    patterns = (*ManifestStaticFilesStorage.patterns, ("dashboard/js/*.js", _PATTERNS[1]))
