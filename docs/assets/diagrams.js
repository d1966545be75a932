// Diagrams keep the size of their words, and do not shrink to the width of a phone.
const initialize = mermaid.initialize;
mermaid.initialize = (settings) =>
  initialize({ ...settings, flowchart: { useMaxWidth: false } });
