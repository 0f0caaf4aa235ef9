"""Pictures and demos of architecture search."""
