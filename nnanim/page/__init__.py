"""Page: the marks of a film become one HTML file that can be touched; FORMAT.md is what it holds."""
