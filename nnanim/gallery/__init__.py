"""Gallery: many scenes as a site, a card and a page of its own for each."""
