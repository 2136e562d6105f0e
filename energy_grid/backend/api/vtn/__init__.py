"""OpenADR 3.1 over HTTP: what a VEN asks a VTN, below a path of its own."""
