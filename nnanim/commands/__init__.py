"""Commands: what the command line does, a file for each kind of thing it is done to."""
