"""What a panel says of the directions in which it shows a layer."""

from typing import NamedTuple

from nnanim.film.basis import Basis


class Named(NamedTuple):
    """A title and a subtitle, "" for the view's own, and the names of the axes."""

    title: str
    subtitle: str
    axes: tuple[str, ...]


def named_basis(basis: Basis) -> Named:
    """Return what is said of a basis."""
    words, layer, blank = basis.film.words, basis.layer, ("",) * basis.count
    if basis.kind == "units":
        if layer.units == basis.count:
            return Named("", "", blank)
        numbers = [str(unit + 1) for unit in basis.units]
        listed = words.listed(numbers) if basis.count == 2 else ", ".join(numbers)
        return Named(words("{layer}, units {units}", layer=layer.title, units=listed), "", blank)
    if basis.kind == "pca":
        axes = tuple(
            words("direction {n}: {share}", n=k + 1, share=words.percent(f"{100 * share:.0f}"))
            for k, share in enumerate(basis.shares)
        )
        return Named("", words("{n} units, principal directions", n=layer.units), axes)
    if basis.kind == "boundary":
        text = words("{n} units, across the boundary", n=layer.units)
        one = basis.film.decision is not None and basis.film.decision.binary
        return Named("", text, (words("across the boundary"), *blank[1:]) if one else blank)
    return Named("", words("{n} units, a tour", n=layer.units), blank)
