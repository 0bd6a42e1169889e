"""A torch module as nnanim sees it: layers, activations, losses, optimisers, decisions, replay."""
