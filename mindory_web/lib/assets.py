"""Static files under names that hold their hash, so that a browser may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash the imports between our ES modules too, or a module of the last version would meet one of this.

    Django finds an import only when it is relative and ends with a semicolon; a test looks at every module.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 30  # as deep as modules import one another, with the types they name
