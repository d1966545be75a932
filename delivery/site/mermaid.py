"""What draws the diagrams in a reader's browser: the theme would load it from elsewhere."""

from __future__ import annotations

from pathlib import Path

#: Locked in package-lock.json, of the major release that the theme asks for.
DRAWS = Path(__file__).with_name("node_modules") / "@mermaid-js/tiny/dist/mermaid.tiny.js"
#: Where it stands in the site, and beside it how it draws, which is in docs/.
SCRIPT = "assets/mermaid.js"
SETTINGS = "assets/diagrams.js"
