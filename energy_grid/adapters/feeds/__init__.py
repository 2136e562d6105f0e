"""Where the energy of households comes from: recorded or standardised profiles."""
