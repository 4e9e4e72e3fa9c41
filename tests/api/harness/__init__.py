"""What the API tests stand on: a real database, a real httpd, a client that checks every answer."""
