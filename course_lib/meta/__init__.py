"""Meta-learning: tasks, the MAML family, hypergradients, learned rules."""
