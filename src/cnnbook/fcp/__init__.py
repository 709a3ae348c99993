"""Filter correlation patterns (FCPs): what patterns across maps can be counted and compared."""
