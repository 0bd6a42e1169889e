"""The studio: a scene in the browser, whose training is done anew at each change."""
