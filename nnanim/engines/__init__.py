"""Engines: work done elsewhere, in processes or on a cluster: what travels, who is asked."""
