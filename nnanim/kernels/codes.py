"""What the kernels know layers, losses and optimisers by; nothing is loaded for these alone."""

LINEAR, TANH, RELU, LEAKY_RELU, SIGMOID, SOFTPLUS, IDENTITY, BATCH_NORM = range(8)
MSE, BCE, BCE_WITH_LOGITS, CROSS_ENTROPY, RELATIVE_MSE = range(5)
SGD, ADAM, ADAMW = range(3)

# What stands in a layer's row.
KIND, FAN_IN, FAN_OUT, WEIGHT, BIAS, STATISTICS = range(6)
COLUMNS = 6
