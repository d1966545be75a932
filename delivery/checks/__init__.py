"""What ships is checked against what is emitted: each rule is a module of its own."""
