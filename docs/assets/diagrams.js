// On a wide screen a diagram is as wide as the text; on a phone it keeps the size of its words, as it
// could not be read otherwise, and moves within its place.
const initialize = mermaid.initialize;
const wide = window.matchMedia("(min-width: 60em)").matches;
mermaid.initialize = (settings) =>
  initialize({ ...settings, flowchart: { useMaxWidth: wide } });
