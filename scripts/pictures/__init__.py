"""The pictures of docs/screenshots: a made-up fleet, a running server, and a browser."""
