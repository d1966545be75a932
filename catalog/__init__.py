"""The facts: services, signals, promises, the platform; and the names all parts share."""
