"""The prediction as a landscape: two classes in the corners of a square raise and sink the ground
under them, and the decision line runs along the slope between."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S3.14",)

scene = Scene(
    dataset=datasets.xor(),
    model=models.mlp(2, 4, 4, 1, activation="tanh", output="sigmoid"),
    training=Training(epochs=24, batch_size=128, optimizer="adam", lr=0.01, loss="bce", seed=1),
    views=[views.InputSpace(), views.Surface()],
)
