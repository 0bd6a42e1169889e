"""Page: a film's marks become one HTML file that can be touched; FORMAT.md says what it holds."""
