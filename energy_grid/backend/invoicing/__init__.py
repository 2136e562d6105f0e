"""Statements: what a month brought an account, a community or a region, line by line."""
