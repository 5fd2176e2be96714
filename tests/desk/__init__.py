"""The desk: a real server on a real socket, and what is asked of it."""
