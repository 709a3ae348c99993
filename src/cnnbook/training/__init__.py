"""How networks learn, one or many, and how they are kept."""
