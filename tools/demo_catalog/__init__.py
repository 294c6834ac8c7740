"""Generator of the embedded demo catalog: synthetic studio pictures of fashion items."""
