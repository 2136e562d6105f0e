"""What the messages of devices that do not sign look like: a TOML file for each kind.

Values in JSON, by path; ``unit`` is what one of them is in Wh, decivolts or centihertz.
"""
