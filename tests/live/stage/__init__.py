"""Live status as tests see it: the bridge behind a real httpd, and clients of both protocols."""
