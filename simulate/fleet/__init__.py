"""The services of a catalog as instrumented programs that run: requests, spans, metrics, lines."""
