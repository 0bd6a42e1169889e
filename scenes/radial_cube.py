"""Three sigmoid units lift the disk out of the ring: in their cube the two become clusters in
different corners, and a plane comes between them."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.16",)

# Cast: of 8 seeds, all of which part the classes, the one whose plane is seen from its side least.
scene = Scene(
    dataset=datasets.disk_and_ring(seed=100),
    model=models.mlp(2, 3, 1, activation="sigmoid", output="sigmoid"),
    training=Training(epochs=3_000, batch_size=None, optimizer="adam", lr=0.01, loss="bce", seed=6),
    views=[views.InputSpace(), views.HiddenSpace3D()],
)
