"""Tables and optima that others published or certified."""
