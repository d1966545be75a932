"""From artifacts to files, and from files to servers: everything that touches the world outside."""
