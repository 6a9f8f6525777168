"""Pictures: a sheet to draw on, and how it is saved."""
