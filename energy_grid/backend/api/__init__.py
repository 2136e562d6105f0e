"""The doors of the backend for programs and people: REST over HTTP, and a live stream."""
