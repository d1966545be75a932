"""Before and after on one page that needs nothing else: for a pull request's reviewer.

The pictures are in the page itself, its script and style too, and its policy lets it load
nothing. Titles come from whoever drew a dashboard, so every one is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from html import escape

from delivery.publish.report import cell
from delivery.snapshot.compare import Pair, PanelChange
from delivery.snapshot.model import Panel, Shot

Load = Callable[[Shot], bytes | None]
_Mark = tuple[PanelChange, Panel | None]

_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
#: How many panels a summary names of one dashboard.
_NAMED = 8

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1b1e23; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 0; display: inline; }
section, details { border-top: 1px solid #c8ccd2; padding: .8rem 0; }
summary { cursor: pointer; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: .6rem; }
figure { margin: 0; min-width: 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
.picture { position: relative; } .picture img { display: block; width: 100%; }
.picture i { position: absolute; border: 3px solid; box-sizing: border-box; }
.changed { border-color: #d98200; } .added { border-color: #1a7f37; }
.gone { border-color: #c9252d; }
.none { padding: 2rem; background: #eef0f3; color: #57606a; }
.state { border: 1px solid #57606a; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #14161a; } .none { background: #22262c; color: #a9b0b8; }
}
"""

#: Counts the pixels of two pictures that are visibly other ones: by more than 24 of 255 in a
#: colour, which is above what smoothing a letter's edge makes of it. Beyond the shorter picture
#: every pixel counts.
_SCRIPT = """
const drawn = async image => {
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.drawImage(image, 0, 0);
  return canvas;
};
const share = (a, b) => {
  const width = Math.min(a.width, b.width), height = Math.min(a.height, b.height);
  const all = Math.max(a.width, b.width) * Math.max(a.height, b.height);
  if (!width || !height) return 1;
  const one = a.getContext('2d').getImageData(0, 0, width, height).data;
  const two = b.getContext('2d').getImageData(0, 0, width, height).data;
  let other = all - width * height;
  for (let at = 0; at < one.length; at += 4) {
    if (Math.abs(one[at] - two[at]) > 24 || Math.abs(one[at + 1] - two[at + 1]) > 24
        || Math.abs(one[at + 2] - two[at + 2]) > 24) other += 1;
  }
  return other / all;
};
const tell = async pair => {
  const said = pair.querySelector('.pixels');
  const images = pair.querySelectorAll('img');
  if (!said || images.length !== 2) return;
  try {
    const value = share(await drawn(images[0]), await drawn(images[1]));
    said.dataset.share = value.toFixed(6);
    said.textContent = (100 * value).toFixed(2) + ' % of the pixels differ';
  } catch (error) {
    said.textContent = 'the pictures cannot be compared here: ' + error.message;
  }
};
(async () => {
  for (const pair of document.querySelectorAll('[data-pair]')) await tell(pair);
  document.body.dataset.done = 'yes';
})();
"""


def page(pairs: Sequence[Pair], before: Load, after: Load) -> str:
    """The page; the two functions give a picture's bytes, or None where it is lost."""
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(part for pair in pairs for part in _pair(pair, before, after))
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Dashboards, before and after</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>Dashboards, before and after</h1>\n<p>{escape(summary(pairs))}</p>\n"
        f"{body}\n<script>{_SCRIPT}</script></body></html>\n"
    )


def summary(pairs: Sequence[Pair]) -> str:
    """All of it in one line."""
    counts = [(state, sum(1 for each in pairs if each.state == state)) for state in _STATES]
    said = ", ".join(f"{count} {state}" for state, count in counts if count)
    return f"{len(pairs)} pictures: {said}." if pairs else "There are no pictures."


_STATES = ("changed", "new", "gone", "same")


def markdown(pairs: Sequence[Pair]) -> str:
    """The summary for a pull request: what changed, not the pictures."""
    lines = ["### Dashboards, before and after", "", summary(pairs), ""]
    told = [each for each in pairs if each.state != "same"]
    if told:
        lines += ["| Dashboard | | Panels |", "|---|---|---|"]
        lines += [f"| {cell(each.title)} | {each.state} | {cell(_said(each))} |" for each in told]
        lines.append("")
    return "\n".join(lines)


def _said(pair: Pair) -> str:
    if pair.state in {"new", "gone"}:
        return "the whole dashboard"
    named = [f"{each.change}: {each.title}" for each in pair.changes[:_NAMED]]
    more = len(pair.changes) - len(named)
    named += [f"and {more} more"] if more > 0 else []
    return "; ".join(named) or "none: only what is around them (variables, links, annotations)"


def _pair(pair: Pair, before: Load, after: Load) -> Iterator[str]:
    # What did not change is there to be opened, and out of the way.
    tag, head = ("details", "summary") if pair.state == "same" else ("section", "div")
    yield f'<{tag} data-pair="{escape(pair.name)}">'
    yield (
        f'<{head}><h2>{escape(pair.title)}</h2> <span class="state">{pair.state}</span> '
        f'<span class="pixels"></span></{head}>'
    )
    if pair.state != "same":
        yield f"<p>{escape(_said(pair))}</p>"
    yield '<div class="sides">'
    yield _side("Before", pair.before, before, [(each, each.before) for each in pair.changes])
    yield _side("After", pair.after, after, [(each, each.after) for each in pair.changes])
    yield f"</div></{tag}>"


def _side(name: str, shot: Shot | None, load: Load, marks: Sequence[_Mark]) -> str:
    data = load(shot) if shot is not None and shot.file else None
    if shot is None or data is None:
        why = "There is none." if shot is None else _why(shot)
        inside = f'<div class="none">{escape(why)}</div>'
    else:
        kind = _TYPES.get(shot.file.rpartition(".")[2], "image/png")
        source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        alt = escape(f"{shot.title}, {name.lower()}")
        boxes = "".join(_outline(*mark, shot) for mark in marks)
        inside = f'<div class="picture"><img alt="{alt}" src="{source}">{boxes}</div>'
    return f"<figure><figcaption>{name}</figcaption>{inside}</figure>"


def _why(shot: Shot) -> str:
    failed = [each.text for each in shot.findings if each.kind == "failed"]
    return failed[0] if failed else "The picture is not in the folder any more."


def _outline(change: PanelChange, panel: Panel | None, shot: Shot) -> str:
    """A frame around a panel that is not what it was, in parts of the picture's own size."""
    if panel is None or panel.box is None or not shot.width or not shot.height:
        return ""
    box = panel.box
    left, width = (100 * each / shot.width for each in (box.x, box.width))
    top, height = (100 * each / shot.height for each in (box.y, box.height))
    return (
        f'<i class="{change.change}" title="{escape(change.title)}" style="left:{left:.3f}%;'
        f'top:{top:.3f}%;width:{width:.3f}%;height:{height:.3f}%"></i>'
    )
