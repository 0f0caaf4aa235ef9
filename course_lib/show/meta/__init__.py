"""Pictures and demos of meta-learning."""
