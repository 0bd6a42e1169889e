"""Where everything stands on the picture, frame by frame."""
