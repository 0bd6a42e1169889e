"""Results: how well the networks of a comparison end, as a table."""

from typing import Any

from nnanim.film.film import Film


def results(film: Film) -> list[dict[str, Any]]:
    """Return for each film in the picture its name, final loss and score; plain JSON.

    `score` is `accuracy` or `R²`, on the test part where there is one; `loss` that of all training
    data. `diverged_at` is the epoch in which a training broke off.
    """
    names = film.names or [" ".join(film.header.title.split())]
    return [
        {
            "name": name,
            "epochs": tile.epochs,
            "seed": tile.header.seed,
            "loss_name": tile.header.loss,
            "loss": tile.loss(tile.epochs),
            "score_name": tile.score_name,
            "score": tile.score(tile.epochs),
            "diverged_at": tile.header.diverged_at,
        }
        for name, tile in zip(names, film.tiles, strict=True)
    ]
