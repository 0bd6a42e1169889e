"""What the training kernel knows losses and optimisers by; nothing is loaded for these alone."""

MSE, BCE, BCE_WITH_LOGITS, CROSS_ENTROPY, RELATIVE_MSE = range(5)
SGD, ADAM, ADAMW = range(3)
