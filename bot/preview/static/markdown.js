// Reads Discord's markdown into a tree of plain nodes; markup.js turns the tree into DOM.
// It is as lenient as Discord's own client, so that text which is not made safe looks unsafe here as well.
//
// parse(text) → nodes: {type: "text", text} or {type, children, …}. The reader moves left to right; at each place
// the first rule that matches wins, and what no rule takes is text.

const MAX_DEPTH = 30; // of nesting; deeper is shown as typed
const URL_START = /https?:\/\//y;
const RULES = [
  escape, fence, quote, heading, subtext, list, timestamp, mention, angleLink, maskedLink, bareLink, code,
  emphasis, strike, spoiler,
];

/** Read a whole message, a text display or a label. */
export function parse(text) {
  return read(text.trim(), { depth: 0, block: true });
}

function read(text, state) {
  if (state.depth > MAX_DEPTH) return [{ type: "text", text }];
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = match(text, at, state);
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (found.node.type === "text") plain += found.node.text;
    else {
      if (plain) nodes.push({ type: "text", text: plain });
      plain = "";
      nodes.push(found.node);
    }
    at += found.length;
  }
  if (plain) nodes.push({ type: "text", text: plain });
  return nodes;
}

function match(text, at, state) {
  for (const rule of RULES) {
    const found = rule(text, at, state);
    if (found) return found;
  }
  return null;
}

function inside(text, state, more = {}) {
  return read(text, { ...state, block: false, ...more, depth: state.depth + 1 });
}

function isLineStart(text, at, state) {
  return at === 0 ? state.block : text[at - 1] === "\n";
}

function exec(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

// ── Blocks: only where a line starts ──

function heading(text, at, state) {
  if (!isLineStart(text, at, state) || state.inLink || state.inHeading) return null;
  const found = exec(/ *(#{1,3})[^\S\n]+([^\n]*\S[^\n]*)\n?/y, text, at);
  if (!found) return null;
  const content = found[2].replace(/\s*#*\s*$/, "");
  if (!content) return null;
  const node = { type: "heading", level: found[1].length, children: inside(content, state, { inHeading: true }) };
  return { length: found[0].length, node };
}

function subtext(text, at, state) {
  if (!isLineStart(text, at, state) || state.inLink) return null;
  const found = exec(/ *-#[^\S\n]+([^\n]*\S[^\n]*)\n?/y, text, at);
  if (!found) return null;
  return { length: found[0].length, node: { type: "subtext", children: inside(found[1], state) } };
}

function quote(text, at, state) {
  if (!isLineStart(text, at, state) || state.inQuote || state.inLink) return null;
  const rest = exec(/ *>>> ([^]*)/y, text, at);
  const found = rest ?? exec(/(?: *> [^\n]*\n?)+/y, text, at);
  if (!found) return null;
  const content = rest ? rest[1] : found[0].replace(/^ *> /gm, "").replace(/\n$/, "");
  return {
    length: found[0].length,
    node: { type: "quote", children: inside(content, state, { inQuote: true, block: true }) },
  };
}

function list(text, at, state) {
  if (!isLineStart(text, at, state) || state.inLink) return null;
  const found = exec(/(?: *(?:[-*]|\d{1,9}\.)[^\S\n]+[^\n]*\S[^\n]*(?:\n|$)(?: {2,}(?![-*] |\d{1,9}\. )\S[^\n]*(?:\n|$))*)+/y, text, at);
  if (!found) return null;
  const lines = found[0].replace(/\n$/, "").split("\n");
  return { length: found[0].length, node: makeList(readItems(lines), state) };
}

function readItems(lines) {
  const items = [];
  for (const line of lines) {
    const item = /^( *)([-*]|\d{1,9}\.)[^\S\n]+(.*)$/.exec(line);
    if (item) items.push({ indent: item[1].length, mark: item[2], text: item[3] });
    else items.at(-1).text += `\n${line.trim()}`;
  }
  return items;
}

function makeList(items, state) {
  const [first] = items;
  const ordered = !/[-*]/.test(first.mark);
  const node = { type: "list", ordered, start: ordered ? parseInt(first.mark, 10) : 1, children: [] };
  for (let at = 0; at < items.length; ) {
    let end = at + 1;
    while (end < items.length && items[end].indent > first.indent) end += 1;
    const children = inside(items[at].text, state, { block: true, inHeading: false });
    const deeper = items.slice(at + 1, end);
    if (deeper.length && state.depth < MAX_DEPTH) {
      children.push(makeList(deeper, { ...state, depth: state.depth + 1 }));
    }
    node.children.push({ type: "item", children });
    at = end;
  }
  return node;
}

function fence(text, at, state) {
  if (state.inLink || !text.startsWith("```", at)) return null;
  const found = exec(/```(?:([a-z0-9_+\-.#]+)\n)?\n*([^\n][^]*?)\n*```/iy, text, at);
  if (!found) return null;
  return { length: found[0].length, node: { type: "fence", language: found[1] ?? "", text: found[2] } };
}

// ── Inline ──

function escape(text, at, state) {
  if (text[at] !== "\\") return null;
  const found = exec(/\\([^0-9A-Za-z\s])/uy, text, at);
  if (!found) return null;
  // Inside a masked link the backslash keeps working yet is shown: discord-api-docs #6185.
  return { length: found[0].length, node: { type: "text", text: state.inLink ? found[0] : found[1] } };
}

function code(text, at) {
  if (text[at] !== "`") return null;
  const found = exec(/(`+)([^]*?[^`])\1(?!`)/y, text, at);
  if (!found) return null;
  const content = found[2].replace(/^ (?=`)|(?<=`) $/g, "");
  return { length: found[0].length, node: { type: "code", text: content } };
}

const EMPHASIS = {
  "*": [
    ["strong", /\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y],
    ["em", /\*(?=\S)((?:\*\*|\\[^]|\s+(?:\\[^]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y],
  ],
  _: [
    ["underline", /__((?:\\[^]|[^\\])+?)__(?!_)/y],
    ["em", /_((?:__|\\[^]|[^\\_])+?)_(?![0-9A-Za-z_])/y],
  ],
};

function emphasis(text, at, state) {
  let best = null;
  for (const [type, pattern] of EMPHASIS[text[at]] ?? []) {
    const found = exec(pattern, text, at);
    // Of two readings Discord takes the longer one: ***x*** is emphasis around strong.
    if (found && found[0].length >= (best?.found[0].length ?? 0)) best = { type, found };
  }
  if (!best) return null;
  return { length: best.found[0].length, node: { type: best.type, children: inside(best.found[1], state) } };
}

function strike(text, at, state) {
  const found = text.startsWith("~~", at) && exec(/~~([^]+?)~~(?!_)/y, text, at);
  if (!found) return null;
  return { length: found[0].length, node: { type: "strike", children: inside(found[1], state) } };
}

function spoiler(text, at, state) {
  const found = text.startsWith("||", at) && exec(/\|\|([^]+?)\|\|/y, text, at);
  if (!found) return null;
  return { length: found[0].length, node: { type: "spoiler", children: inside(found[1], state) } };
}

// ── Links: only http and https become links ──

function maskedLink(text, at, state) {
  if (text[at] !== "[" || state.inLink) return null;
  const close = findLabelEnd(text, at);
  if (close < 0) return null;
  const label = text.slice(at + 1, close);
  const found = exec(/\(\s*(?:<([^<>\s]*)>|((?:\([^()\s]*\)|[^\s()])*))(?:\s+["']([^]*?)["'])?\s*\)/y, text, close + 1);
  const href = found && findHref(found[1] ?? found[2]);
  // A label with an address in it is not masked: discord-api-docs #7721.
  if (!href || !label.trim() || /https?:\/\/[^\s]/i.test(label)) return null;
  const children = inside(label, state, { inLink: true });
  return { length: close + 1 + found[0].length - at, node: { type: "link", href, title: found[3], children } };
}

function findLabelEnd(text, at) {
  let depth = 0;
  for (let place = at; place < text.length; place += 1) {
    if (text[place] === "[") depth += 1;
    else if (text[place] === "]") depth -= 1;
    if (depth === 0) return place;
  }
  return -1;
}

function angleLink(text, at, state) {
  if (text[at] !== "<" || state.inLink) return null;
  const found = exec(/<(https?:\/\/[^ >\n]+)>/iy, text, at);
  const href = found && findHref(found[1]);
  return href ? { length: found[0].length, node: makeLink(href, found[1]) } : null;
}

function bareLink(text, at, state) {
  if (state.inLink || !exec(URL_START, text, at)) return null;
  const found = exec(/https?:\/\/[^\s<]+[^<.,:;"'\]\s]/y, text, at);
  if (!found) return null;
  let shown = found[0];
  while (shown.endsWith(")") && shown.split(")").length > shown.split("(").length) shown = shown.slice(0, -1);
  const href = findHref(shown);
  return href ? { length: shown.length, node: makeLink(href, shown) } : null;
}

function makeLink(href, text) {
  return { type: "link", href, children: [{ type: "text", text }] };
}

/** Return the address when a link may carry it (http or https, with a host), else null. */
export function findHref(address) {
  const known = /^https?:\/\//i.test(address) && URL.canParse(address);
  return known ? new URL(address).href : null;
}

// ── Things in angle brackets ──

function timestamp(text, at, state) {
  if (text[at] !== "<" || state.inLink) return null;
  const found = exec(/<t:(-?\d{1,17})(?::([tTdDfFRsS]))?>/y, text, at);
  if (!found || Math.abs(Number(found[1])) > 8.64e12) return null;
  return {
    length: found[0].length,
    node: { type: "timestamp", seconds: Number(found[1]), style: found[2] ?? "f" },
  };
}

const MENTIONS = [
  [/<@!?(\d+)>/y, () => "@unknown-user"],
  [/<@&(\d+)>/y, () => "@unknown-role"],
  [/<#(\d+)>/y, () => "#unknown"],
  [/<\/([-_\p{L}\p{N} ]{1,98}):(\d+)>/uy, (found) => `/${found[1]}`],
  [/<id:(\w+)(?::\d+)?>/y, (found) => `#${found[1]}`],
  [/<a?:(\w{2,32}):(\d+)>/y, (found) => `:${found[1]}:`],
  [/<((?:[^\s@<>:/]+|mailto:[^\s@<>]+)@[^\s@<>]+\.[^\s@<>]+)>/y, (found) => found[1]],
  [/<((?:tel:|sms:)?\+\d[\d ()-]{4,})>/y, (found) => found[1]],
  [/(@(?:everyone|here))/y, (found) => found[1]],
];

function mention(text, at, state) {
  if ((text[at] !== "<" && text[at] !== "@") || state.inLink) return null;
  for (const [pattern, show] of MENTIONS) {
    const found = exec(pattern, text, at);
    if (found) return { length: found[0].length, node: { type: "mention", source: found[0], text: show(found) } };
  }
  return null;
}
