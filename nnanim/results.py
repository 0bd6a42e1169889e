"""How well the networks of a comparison end, as a table."""

from nnanim.rendering.results import results as results
