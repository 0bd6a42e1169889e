"""A torch module as nnanim sees it, and what torch has by name: activations, losses, optimisers."""
