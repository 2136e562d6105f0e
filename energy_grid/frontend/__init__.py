"""Pages for people: what the market, its households and its operators look at."""
