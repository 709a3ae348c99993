"""What turns a figure into a thing that people can cite: its files and its record."""
