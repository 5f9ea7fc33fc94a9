"""The error of an import that is refused."""


class RefusedError(ValueError):
    """A model or an option that cannot be served. The message says why, and what can be done."""
