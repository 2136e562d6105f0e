"""The trading engine: takes signed orders, keeps the book of each period, clears it and sends."""
