"""Titles of lecture 01's sections, to which the panels point."""

STRING = "A network as a configuration string"
CONTROLLER = "The controller writes token by token"
REINFORCE = "Learning from rewards: REINFORCE"
Q_LEARNING = "MetaQNN: Q-learning over layers"
METROPOLIS = "View 2: a Metropolis chain"
CLAIM = "Does the controller beat random search?"
