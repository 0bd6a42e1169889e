"""What a user declares: scenes, trainings, timelines, comparisons, and the files they stand in."""
