"""The errors of an import."""


class RefusedError(ValueError):
    """A model or an option that cannot be served. The message says why, and what can be done."""


class WriteFailedError(OSError):
    """A bundle that could not be written. The message says why."""
