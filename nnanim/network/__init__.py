"""A torch module as nnanim sees it: layers, read-out, losses, decisions, replay."""
