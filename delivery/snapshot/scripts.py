"""What is asked of the page: the few places where Grafana's own elements are named.

From 9.4 to 11 a panel's element has ``data-panelid``; where scenes draw dashboards (an option of
11, all of 12) it has ``data-viz-panel-key``. Each script answers with JSON as text: a wait for text
ends when it is told to, even if the page hangs, and one for an object does not.
"""

from __future__ import annotations

_PANELS = "document.querySelectorAll('[data-panelid], [data-viz-panel-key]')"

#: Opens every collapsed row, and says how many there were.
OPEN_ROWS = """() => {
  const closed = [...document.querySelectorAll(
    '.dashboard-row--collapsed .dashboard-row__title,'
    + ' button[aria-label="Expand row"],'
    + ' button[aria-expanded="false"][data-testid*="dashboard-row-title"]')];
  closed.forEach(each => each.click());
  return JSON.stringify(closed.length);
}"""

#: How many panels there are, how many load, and how far down the last one reaches.
STATE = f"""() => {{
  const loading = [
    '[aria-label="Panel loading bar"]', '[data-testid="data-testid panel loading bar"]',
    '[data-testid="data-testid Panel loading bar"]', '[aria-label*="oading indicator"]',
    '.panel-loading', '[data-testid="Spinner"]'].join(', ');
  const panels = [...{_PANELS}];
  const texts = [...document.querySelectorAll('[class*="panel-content"], section')];
  const bottoms = panels.map(e => e.getBoundingClientRect().bottom + window.scrollY);
  return JSON.stringify({{
    panels: panels.length,
    loading: document.querySelectorAll(loading).length
      + texts.filter(e => /^Loading/.test(e.textContent)).length,
    bottom: Math.ceil(Math.max(0, ...bottoms)),
  }});
}}"""

#: What each panel looks like: :class:`delivery.snapshot.model.Drawn`, as JSON.
PANELS = f"""() => {{
  const loading = '[aria-label="Panel loading bar"], [data-testid$="anel loading bar"],'
    + ' [aria-label*="oading indicator"], .panel-loading, [data-testid="Spinner"]';
  const failing = '[data-testid="data-testid Panel status error"], [aria-label="Panel status"],'
    + ' [data-testid="data-testid panel-error"], .panel-info-corner--error,'
    + ' [aria-label*="Panel header error"]';
  const heading = '[data-testid="header-container"] h2, [data-testid="header-container"] h6,'
    + ' h2[class*="panel-title"], h6[class*="panel-title"], .panel-title-text';
  const number = e => Number(
    (e.getAttribute('data-panelid') || e.getAttribute('data-viz-panel-key')).match(/\\d+/)[0]);
  const wide = e => e.scrollWidth > e.clientWidth + 1;
  const scrolls = (e, top) => {{
    for (; e && e !== top; e = e.parentElement) {{
      const style = getComputedStyle(e);
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) return true;
    }}
    return false;
  }};
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  // A cell of a table and a log line may be longer than there is room: one looks into them.
  const clipped = (panel, box) => [...panel.querySelectorAll('div, span, p, button, text')]
    .filter(e => own(e) && !e.closest('[role="table"], [role="row"], table, [role="grid"]')
      && !e.closest(heading))
    .filter(e => {{
      const style = getComputedStyle(e);
      if (style.visibility === 'hidden' || scrolls(e, panel)) return false;
      const at = e.getBoundingClientRect();
      if (!at.width || !at.height) return false;
      const cut = style.textOverflow === 'ellipsis' && wide(e);
      return cut || at.left < box.left - 1 || at.right > box.right + 1
        || at.bottom > box.bottom + 1;
    }})
    .concat([...panel.querySelectorAll('[role="columnheader"] *, th *')].filter(
      e => own(e) && (wide(e) || wide(e.parentElement))))
    .map(e => e.textContent.trim().slice(0, 120));
  return JSON.stringify([...{_PANELS}].map(e => {{
    const box = e.getBoundingClientRect();
    const title = e.querySelector(heading);
    const status = e.querySelector(failing);
    const legends = [...e.querySelectorAll(
      '[data-testid*="VizLegend series"], [aria-label*="VizLegend series"]')];
    return {{
      id: number(e),
      box: {{x: Math.round(box.x), y: Math.round(box.y + window.scrollY),
             width: Math.round(box.width), height: Math.round(box.height)}},
      text: e.innerText || '',
      rows: e.querySelectorAll('[role="row"]').length,
      error: status ? (status.getAttribute('aria-label') || status.textContent || 'error') : '',
      loading: e.querySelectorAll(loading).length > 0
        || [...e.querySelectorAll('[class*="panel-content"]')].some(
          c => /^Loading/.test(c.textContent)),
      cut: !!title && wide(title),
      legends: legends.map(l => (l.innerText || l.textContent).trim()),
      clipped: [...new Set(clipped(e, box))],
    }};
  }}));
}}"""
