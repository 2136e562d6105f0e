"""A trading day as files: a picture, a page, numbers for programs."""
