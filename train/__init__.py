"""From labelled figures to an encoder."""
