"""The backend's HTTP interface, seen from outside: what is sent, what is answered, and a client."""
