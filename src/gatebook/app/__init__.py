"""Where the parts are made and joined into a running server."""
