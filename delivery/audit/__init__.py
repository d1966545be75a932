"""Every query, rule and link of the generated files, asked and followed on live servers."""
