"""An agent acts for a prosumer: its battery, and its orders; needs the extra ``foresight``."""
