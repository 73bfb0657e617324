// The widget on a shop's page. The server puts STYLE (the style sheet) and LANGUAGES (tag -> own name) before it.
// It touches nothing of the page: a shadow root of its own, no inline style, no markup from text, no other host.

const script = document.currentScript;
const BASE = new URL(".", script.src).href;
const OPTIONS = {...script.dataset}; // key, language, theme, color, position, title
const STORE = `sevai:${OPTIONS.key ?? ""}`;
const LONGEST = 4000; // characters of a message, and
const LARGEST = 10; // megabytes of a file, that the server takes
const PAUSE = 3000; // milliseconds after which it is told again that somebody writes
const SILENT = 40_000; // milliseconds without a sign of life after which a stream counts as dead
const REGIONS = {ta: "IN", te: "IN", hi: "IN", bn: "IN", th: "TH", hu: "HU", ar: "SA", id: "ID", de: "DE", en: "US"};
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)(?!.*Latn)/;
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const ICONS = {
  chat: "M4 5h16v11H9l-5 4z", close: "M6 6l12 12M18 6 6 18", more: "M12 5h.01M12 12h.01M12 19h.01",
  send: "M5 12h13M12 5l7 7-7 7", attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8L9.5 17",
  speak: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  aloud: "M4 9v6h4l5 4V5L8 9zM17 9a4 4 0 0 1 0 6", stop: "M7 7h10v10H7z", file: "M7 3h7l4 4v14H7zM14 3v4h4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
};

// What is remembered between pages and tabs; in this page only where the browser forbids more.
let kept = {};
function memory() {
  try {
    kept = JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch { /* storage is forbidden: what is kept here counts */ }
  return {outbox: [], ...kept};
}
function remember(change) {
  kept = {...memory(), ...change};
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch { /* as above */ }
}
const token = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");

// The page's own parts
let say = {}, spoken = "", turns = [], state = {status: "pending"}, draft = "", shown = false, connected = true;
let writing = false, typed = 0, sending = false, following = null, parts = null, listening = null, wanted = "";
const labelled = [];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "say") labelled.push([element, ...value.split(":")]);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", ICONS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}
const button = (name, key, onclick, more = {}) =>
  make("button", {type: "button", class: name, say: `label:${key}`, onclick, ...more}, icon(name));
const fill = (text, fields) => (text ?? "").replace(/{(\w+)}/g, (_, name) => fields[name] ?? "");
const written = language => ({
  lang: language === "und" ? null : language,
  dir: language === "und" ? "auto" : RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr",
});

const host = document.createElement("sevai-widget");
const root = host.attachShadow({mode: "open"});
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
root.adoptedStyleSheets = [sheet];
const launcher = make("button", {type: "button", class: "launcher", "aria-expanded": "false", onclick: () => toggle(true)}, icon("chat"));
const badge = make("span", {class: "badge", hidden: true});
launcher.append(badge);
const widget = make("div", {class: "widget"}, launcher);
root.append(widget);

// Languages: what was chosen, what the shop says, what its page is in, what the browser wants
const shipped = tag => {
  const parts = (tag ?? "").split("-");
  for (; parts.length; parts.pop()) if (parts.join("-") in LANGUAGES) return parts.join("-");
  return null;
};
const first = () => [memory().language, OPTIONS.language, document.documentElement.lang, ...navigator.languages].map(shipped).find(Boolean) ?? "en";

async function speak(tag) {
  const language = shipped(tag) ?? "en";
  if (language === wanted) return;
  wanted = language;
  try {
    const words = await (await fetch(`${BASE}widget/${language}.json`)).json();
    if (wanted !== language) return;
    ({say} = words);
    spoken = language;
    widget.lang = language;
    widget.dir = words.direction;
    OPTIONS.name = OPTIONS.title || words.title;
    draw();
  } catch {
    wanted = spoken; // tried again when the connection is back
  }
}

// The server
async function call(method, path, {json, body, headers = {}, signal} = {}) {
  const {token} = memory();
  if (token) headers.authorization = `Bearer ${token}`;
  if (json) headers["content-type"] = "application/json";
  const url = `${BASE}api/v1/conversations${path}`;
  const response = await fetch(url, {method, headers, signal, body: json ? JSON.stringify(json) : body, credentials: "omit"});
  if (response.ok) return response;
  throw Object.assign(new Error(response.statusText), {status: response.status, wait: Number(response.headers.get("retry-after"))});
}
async function* events(response, alive = () => {}) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const {value, done} = await reader.read();
    if (done) return;
    alive();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const field = name => block.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
      if (field("event")) yield {name: field("event"), id: Number(field("id")), data: JSON.parse(field("data"))};
    }
  }
}
async function begin() {
  if (memory().id) return;
  const visitor = memory().visitor ?? token();
  const begun = await (await call("POST", "", {json: {site: OPTIONS.key, customer: visitor}})).json();
  remember({visitor, id: begun.id, token: begun.token});
}
function restart() { // the conversation was erased, or its token has expired
  following?.abort();
  following = null;
  turns = [];
  state = {status: "pending"};
  draft = "";
  writing = false;
  remember({id: undefined, token: undefined, seen: 0});
  redraw();
}

const HEARD = {
  turn({id, data}) {
    if (id !== turns.length + 1) return;
    turns.push(data);
    if (data.speaker === "customer") unqueue(turn => turn.text.trim() === data.text.trim(), false);
    else draft = "";
    if (data.speaker === "agent") writing = false;
    append(data, id);
  },
  state({data}) {
    state = data;
    if (!memory().language && data.language !== "und") speak(data.language);
  },
  typing({data}) {
    writing = data.writing;
  },
  gone: restart,
};
async function follow() {
  if (following || document.hidden || !memory().id) return;
  const controller = following = new AbortController();
  for (let pause = 500; following === controller; pause = Math.min(pause * 2, 15_000)) {
    let timer, cut = new AbortController();
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => cut.abort(), SILENT); };
    controller.signal.addEventListener("abort", () => cut.abort());
    try {
      alive();
      const headers = {"last-event-id": turns.length};
      const response = await call("GET", `/${memory().id}/events`, {headers, signal: cut.signal});
      writing = false;
      reachable(true);
      for await (const event of events(response, alive)) {
        if (following !== controller) return;
        pause = 500;
        HEARD[event.name]?.(event);
        draw();
      }
    } catch (error) {
      if (following !== controller) return;
      if ([401, 403, 404].includes(error.status)) return restart();
      if (!error.status) reachable(false);
      if (error.wait) pause = error.wait * 1000;
    } finally {
      clearTimeout(timer);
    }
    await new Promise(next => setTimeout(next, pause * (1 + Math.random())));
  }
}
function reachable(yes) {
  connected = yes;
  if (yes && !spoken) speak(first());
  draw();
}

// Messages wait in the outbox until the server has them; each has a name of its own and counts once.
function send(text) {
  if (!text.trim()) return;
  if (text.length > LONGEST) return notice(fill(say.too_long, {limit: LONGEST}));
  notice("");
  remember({outbox: [...memory().outbox, {id: token(), text}]});
  parts.box.value = "";
  typed = 0;
  grow();
  redraw();
  flush();
}
function unqueue(match, done = true) { // what the server has; shown no more as waiting, sent no more once it is answered
  const {outbox} = memory(), one = outbox.find(turn => (done || !turn.there) && match(turn));
  if (!one) return;
  remember({outbox: done ? outbox.filter(turn => turn !== one) : outbox.map(turn => turn === one ? {...turn, there: true} : turn)});
  waiting();
}
async function flush() {
  if (sending || !memory().outbox.length) return;
  sending = true;
  let again = 0;
  try {
    for (let next; (next = memory().outbox[0]); draft = "") {
      draw();
      await begin();
      follow();
      const json = {id: next.id, text: next.text};
      const response = await call("POST", `/${memory().id}/turns`, {json, headers: {accept: "text/event-stream"}});
      reachable(true);
      let said = false;
      for await (const {name, data} of events(response)) {
        if (name === "problem") throw Object.assign(new Error(data.detail), {status: data.status});
        said = true;
        draft = data.text ?? data.reply?.answer ?? "";
        if (!turns.length || turns.at(-1).speaker === "customer") draw();
      }
      if (!said) throw new Error("cut off");
      unqueue(turn => turn.id === next.id);
    }
  } catch (error) {
    const {status} = error;
    draft = "";
    if (!status) reachable(false);
    if (status === 401 || status === 404) restart();
    if (!status || status >= 500 || [401, 404, 409, 429].includes(status)) again = (error.wait || 2) * 1000;
    else {
      const [refused] = memory().outbox;
      unqueue(() => true);
      parts.box.value ||= refused.text;
      notice(say.failed);
    }
  } finally {
    sending = false;
    redraw();
    if (again) setTimeout(flush, again);
  }
}
async function upload(file) {
  if (!file) return;
  if (file.size > LARGEST * 2 ** 20) return notice(fill(say.file_size, {limit: LARGEST}));
  notice(file.name, true);
  try {
    await begin();
    const query = new URLSearchParams({name: file.name, key: token(), language: spoken || "en"});
    await call("POST", `/${memory().id}/files?${query}`, {body: file, headers: {"content-type": "application/octet-stream"}});
    notice("");
    follow();
  } catch (error) {
    const why = {409: say.file_full, 413: fill(say.file_size, {limit: LARGEST}), 415: say.file_kind, 507: say.file_full};
    notice(why[error.status] ?? say.failed);
  }
}
function tell() { // whoever waits for the next words sees that they come; nothing is kept, so a loss is none
  grow();
  if (!listening && parts.box.value.length <= LONGEST) notice(""); // it was read, and what it was about is over
  const now = Date.now(), empty = !parts.box.value.trim();
  if (state.status !== "open" || !memory().id || (empty ? !typed : now - typed < PAUSE)) return;
  typed = empty ? 0 : now;
  call("PUT", `/${memory().id}/typing`, {json: {writing: !empty}}).catch(() => {});
}
async function rate(rating) {
  try {
    await call("PUT", `/${memory().id}/rating`, {json: {rating}});
    state.ask = false;
    draw();
    notice(say.rated, true);
  } catch {
    notice(say.failed);
  }
}
async function forget() {
  try {
    if (memory().id) await call("DELETE", `/${memory().id}`);
  } catch (error) {
    if (![401, 404].includes(error.status)) return notice(say.failed);
  }
  remember({visitor: undefined, outbox: [], language: undefined});
  restart();
  menu(false);
  notice(say.forgotten);
}

// Speaking and listening, by the browser's own means
const region = language => {
  const base = language.split("-")[0];
  if (language.endsWith("-Latn")) return "en-IN";
  return navigator.languages.find(tag => tag.startsWith(`${base}-`)) ?? (REGIONS[base] ? `${base}-${REGIONS[base]}` : base);
};
const voice = language => window.speechSynthesis?.getVoices().find(({lang}) => lang.slice(0, 2) === region(language).slice(0, 2));
function aloud(text, language, pressed) {
  const was = pressed.getAttribute("aria-pressed") === "true";
  speechSynthesis.cancel();
  if (was) return;
  const speech = new SpeechSynthesisUtterance(text);
  const show = on => {
    pressed.setAttribute("aria-pressed", on);
    pressed.setAttribute("aria-label", on ? say.stop : say.read_aloud);
    pressed.replaceChildren(icon(on ? "stop" : "aloud"));
  };
  speech.lang = region(language);
  speech.voice = voice(language);
  speech.onend = speech.onerror = () => show(false);
  show(true);
  speechSynthesis.speak(speech);
}
function listen() {
  if (listening) return listening.stop();
  const before = parts.box.value && `${parts.box.value.trimEnd()} `;
  listening = new Recognition();
  listening.lang = region(state.language && state.language !== "und" ? state.language : spoken);
  listening.interimResults = true;
  listening.onresult = ({results}) => {
    parts.box.value = before + [...results].map(result => result[0].transcript).join("");
    grow();
  };
  listening.onend = () => { listening = null; notice(""); draw(); parts.box.focus(); };
  listening.onerror = ({error}) => { if (error !== "aborted" && error !== "no-speech") setTimeout(() => notice(say.failed)); };
  listening.start();
  notice(say.listening);
  draw();
}

// Drawing
function build() {
  const box = make("textarea", {rows: 1, say: "placeholder:type_here", enterkeyhint: "send", oninput: tell, onkeydown: keyed});
  const file = make("input", {type: "file", hidden: true, tabindex: -1, accept: "image/jpeg,image/png,image/gif,image/webp,.pdf,.txt,.docx,.xlsx"});
  file.addEventListener("change", () => { upload(file.files[0]); file.value = ""; });
  const chosen = make("select", {id: "language", onchange: () => { remember({language: chosen.value}); speak(chosen.value); }},
    ...Object.entries(LANGUAGES).map(([tag, name]) => make("option", {value: tag, lang: tag, dir: "auto"}, name)));
  const sure = make("div", {class: "sure", role: "group", hidden: true, "aria-labelledby": "sure"}, make("p", {id: "sure", say: "text:forget_ask"}),
    make("button", {type: "button", class: "breach", say: "text:forget_yes", onclick: forget}),
    make("button", {type: "button", say: "text:cancel", onclick: () => menu(false)}));
  const erase = make("button", {type: "button", say: "text:forget", onclick: () => { sure.hidden = false; erase.hidden = true; sure.querySelector("button:last-child").focus(); }});
  parts = {
    box, chosen, sure, erase,
    title: make("h2", {id: "title", dir: "auto"}),
    about: make("p", {class: "about", role: "status"}),
    more: button("more", "chat_menu", () => menu(parts.menu.hidden), {"aria-expanded": "false", "aria-controls": "menu"}),
    menu: make("div", {class: "menu", id: "menu", hidden: true}, make("label", {for: "language", say: "text:chat_language"}), chosen, erase, sure),
    lost: make("p", {class: "lost", role: "alert", hidden: true}),
    log: make("div", {class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-labelledby": "title"}),
    typing: make("div", {class: "turn assistant typing", role: "group", hidden: true}, make("p"), make("i"), make("i"), make("i")),
    queue: make("div", {class: "queue"}),
    choices: make("div", {class: "choices", role: "group", say: "label:did_you_mean"}),
    rating: make("div", {class: "rating", role: "group", "aria-labelledby": "rate", hidden: true}, make("p", {id: "rate", say: "text:rate"}),
      make("button", {type: "button", say: "text:rate_good", onclick: () => rate("good")}),
      make("button", {type: "button", say: "text:rate_bad", onclick: () => rate("bad")})),
    notice: make("p", {class: "notice", role: "status", dir: "auto"}),
    person: make("button", {type: "button", class: "person", onclick: () => send(say.talk_to_person)}, icon("person"), make("span", {say: "text:talk_to_person"})),
    mic: button("speak", "speak", listen, {"aria-pressed": "false", hidden: !Recognition}),
  };
  parts.talk = make("div", {class: "talk"}, parts.log, parts.queue, parts.typing, parts.choices, parts.rating);
  parts.panel = make("div", {class: "panel", role: "dialog", "aria-labelledby": "title", id: "panel", tabindex: "-1", hidden: true},
    make("div", {class: "top"}, make("div", {class: "names"}, parts.title, parts.about), parts.more, button("close", "chat_close", () => toggle(false))),
    parts.menu, parts.lost, parts.talk, parts.notice,
    make("form", {onsubmit: event => { event.preventDefault(); send(box.value); }},
      parts.person,
      make("div", {class: "composer"}, file, button("attach", "attach", () => file.click()), box, parts.mic, button("send", "send", () => send(box.value), {type: "submit", onclick: () => {}}))));
  parts.talk.addEventListener("scroll", () => { ending = atEnd(); });
  new ResizeObserver(() => { if (ending) bottom(); }).observe(parts.talk);
  parts.panel.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (parts.menu.hidden) toggle(false);
    else menu(false);
  });
  widget.prepend(parts.panel);
  redraw();
}
function keyed(event) {
  event.stopPropagation(); // the shop's own keys are not meant
  if (event.key === "Escape") return parts.menu.hidden ? toggle(false) : menu(false);
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send(parts.box.value);
}
function grow() {
  parts.box.style.height = "auto";
  parts.box.style.height = `${parts.box.scrollHeight + 2}px`;
}
function toggle(open) {
  if (!parts) build();
  shown = open;
  parts.panel.hidden = !open;
  widget.classList.toggle("open", open);
  try {
    sessionStorage.setItem(STORE, open ? "open" : "");
  } catch { /* then it opens closed on the next page */ }
  draw();
  if (!open) return launcher.focus();
  follow();
  flush();
  bottom();
  (matchMedia("(pointer: coarse)").matches ? parts.panel : parts.box).focus();
}
function menu(open) {
  parts.menu.hidden = !open;
  parts.sure.hidden = true;
  parts.erase.hidden = false;
  parts.more.setAttribute("aria-expanded", open);
  (open ? parts.chosen : parts.more).focus();
}
function notice(text, good = false) {
  if (!parts) return;
  parts.notice.textContent = text ?? "";
  parts.notice.classList.toggle("good", good);
}
function bottom() {
  parts.talk.scrollTop = parts.talk.scrollHeight;
}
const atEnd = () => parts.talk.scrollHeight - parts.talk.scrollTop - parts.talk.clientHeight < 80;
let ending = true; // whether the reader had scrolled to the end, which stays in sight when a notice or the box grows

function redraw() { // every bubble anew
  if (!parts) return draw();
  parts.log.replaceChildren();
  if (say.introduction) parts.log.append(bubble({speaker: "assistant", text: say.introduction, language: spoken}));
  turns.forEach((turn, place) => parts.log.append(bubble(turn, place + 1)));
  waiting();
  draw();
  bottom();
}
function append(turn, number) {
  if (!parts) return;
  const follows = atEnd() || turn.speaker === "customer";
  parts.log.append(bubble(turn, number));
  draw();
  if (follows) bottom();
}
function waiting() { // what is not with the server yet
  if (!parts) return;
  const bubbles = memory().outbox.filter(turn => !turn.there).map(({text}) => bubble({speaker: "customer", text, language: "und"}));
  parts.queue.replaceChildren(...bubbles);
}
const lines = ({text, language}) => RIGHT_TO_LEFT.test(language) // a quote in another script keeps its own direction
  ? text.split("\n").map(line => make("span", {class: "line", dir: /[\u0590-\u08ff]/.test(line) ? "rtl" : "ltr"}, line || "\u200b")) : [text];
function bubble(turn, number) {
  const name = turn.speaker === "agent" && turn.agent ? turn.agent : say[{customer: "you", assistant: "assistant", agent: "agent"}[turn.speaker]];
  const time = turn.at && new Date(turn.at).toLocaleTimeString(spoken.endsWith("-Latn") ? "en-IN" : spoken || [], {hour: "numeric", minute: "2-digit"});
  const top = make("h3", {}, make("bdi", {}, name ?? ""), time ? ` · ${time}` : "");
  if (turn.speaker !== "customer" && number && voice(turn.language)) {
    const read = make("button", {type: "button", class: "aloud", "aria-pressed": "false", "aria-label": say.read_aloud, onclick: () => aloud(turn.text, turn.language, read)}, icon("aloud"));
    top.append(read);
  }
  const body = turn.files?.length
    ? turn.files.map(file => make("p", {class: "file", dir: "auto"}, icon("file"), make("bdi", {}, file.name)))
    : [make("p", written(turn.language), ...lines(turn))];
  const pages = new Map();
  for (const [place, citation] of (turn.citations ?? []).entries()) {
    const page = `${citation.page} ${citation.document}`;
    pages.set(page, [...(pages.get(page) ?? []), {...citation, number: place + 1}]);
  }
  const chips = [...pages.values()].map(citations => source(citations, number)); // two of the same name could not be told apart
  const listed = chips.length ? make("div", {class: "sources", role: "group", "aria-label": say.sources}, ...chips) : null;
  return make("article", {class: `turn ${turn.speaker}`}, top, ...body, listed);
}
function source(citations, turn) {
  const [first] = citations, page = first.page ? make("span", {}, fill(say.page, {page: first.page})) : null;
  const quotes = citations.map(({quote}) => make("blockquote", {dir: "auto"}, make("mark", {}, quote)));
  const chip = make("details", {}, make("summary", {title: say.open_source}, make("bdi", {}, first.title || first.source), page), ...quotes);
  chip.addEventListener("toggle", async () => {
    await Promise.all(quotes.map(async (quote, place) => {
      try { // what stands around the quote; without it the quote alone is shown
        const around = await (await call("GET", `/${memory().id}/turns/${turn}/citations/${citations[place].number}`)).json();
        for (const [name, value] of Object.entries(written(around.language))) if (value) quote.setAttribute(name, value);
        quote.replaceChildren(around.before, make("mark", {}, around.quote), around.behind);
      } catch { /* offline */ }
    }));
    quotes[0].querySelector("mark").scrollIntoView({block: "nearest"});
  }, {once: true});
  return chip;
}
function draw() { // everything but the bubbles
  const unread = shown ? 0 : Math.max(0, turns.slice(memory().seen ?? 0).filter(turn => turn.speaker !== "customer").length);
  if (shown && turns.length !== memory().seen) remember({seen: turns.length});
  badge.hidden = !unread;
  badge.textContent = unread;
  launcher.setAttribute("aria-label", [say.chat_open ?? "Chat", unread ? fill(say.news, {count: unread}) : ""].filter(Boolean).join(". "));
  launcher.setAttribute("aria-expanded", shown);
  if (!parts) return;
  if (parts.spoken !== spoken) {
    parts.spoken = spoken;
    parts.chosen.value = spoken;
    for (const [element, kind, key] of labelled) {
      if (kind === "text") element.textContent = say[key];
      else element.setAttribute("aria-label", say[key]);
      if (kind === "placeholder") element.placeholder = say[key];
    }
    return redraw();
  }
  const follows = atEnd(), waits = memory().outbox.length;
  const last = turns.at(-1), {status, place, agent} = state, held = status === "open";
  const composing = status === "pending" && (sending || last?.speaker === "customer") && connected;
  parts.title.textContent = OPTIONS.name ?? "";
  const stand = held ? (agent ? fill(say.with_agent, {agent}) : place ? fill(say.waiting, {place}) : say.waiting_no_place) : say.automated;
  if (parts.about.textContent !== (stand ?? "")) parts.about.textContent = stand ?? "";
  widget.dataset.with = held ? (agent ? "agent" : "queue") : "assistant";
  widget.classList.toggle("unconnected", !connected);
  parts.lost.hidden = connected;
  parts.lost.textContent = connected ? "" : waits ? say.unsent : say.connection_lost;
  parts.person.hidden = held;
  parts.rating.hidden = !state.ask;
  parts.mic.setAttribute("aria-pressed", Boolean(listening));
  const comes = held && agent && writing && connected;
  parts.typing.hidden = !composing && !comes;
  parts.typing.setAttribute("aria-label", (comes ? agent : say.assistant) ?? "");
  parts.typing.firstChild.textContent = comes ? fill(say.writing, {agent}) : draft;
  const offered = status === "pending" && !waits ? last?.choices ?? [] : [];
  if (offered.join("\n") !== parts.offered) {
    parts.offered = offered.join("\n");
    parts.choices.replaceChildren(...offered.map(text => make("button", {type: "button", dir: "auto", onclick: () => { send(text); parts.box.focus(); }}, text)));
  }
  if (follows) bottom();
}

// Colours: the shop's, and beside it what can be read
const numbers = hex => (hex.length === 4 ? [...hex.slice(1)].map(digit => digit + digit) : hex.slice(1).match(/../g)).map(pair => parseInt(pair, 16));
const light = colour => colour.map(part => part / 255).map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4).reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
const contrast = (one, other) => { const [low, high] = [light(one), light(other)].sort((a, b) => a - b); return (high + .05) / (low + .05); };
function readable(colour, ground, towards) { // WCAG 2.2, 1.4.3: 4.5 to 1
  for (let share = 0; share <= 1; share += .05) {
    const mixed = colour.map(part => Math.round(part * (1 - share) + towards * share));
    if (contrast(mixed, ground) >= 4.6) return mixed;
  }
  return [towards, towards, towards];
}
const dark = matchMedia("(prefers-color-scheme: dark)");
function theme() {
  const night = OPTIONS.theme === "dark" || (OPTIONS.theme !== "light" && dark.matches);
  widget.dataset.theme = night ? "dark" : "light";
  if (!/^#([\da-f]{3}|[\da-f]{6})$/i.test(OPTIONS.color ?? "")) return;
  const colour = numbers(OPTIONS.color), white = [255, 255, 255], ink = [28, 25, 23];
  const set = (name, [r, g, b]) => widget.style.setProperty(name, `rgb(${r} ${g} ${b})`);
  set("--accent", colour);
  set("--on-accent", contrast(colour, white) >= 4.5 ? white : contrast(colour, ink) >= 4.5 ? ink : [0, 0, 0]);
  set("--link", night ? readable(colour, [41, 37, 36], 255) : readable(colour, [255, 255, 255], 0));
  set("--tint", colour.map((part, place) => Math.round(part * (night ? .25 : .12) + (night ? [41, 37, 36] : white)[place] * (night ? .75 : .88))));
}

// Begin: nothing but the button until somebody wants more
widget.dataset.position = OPTIONS.position ?? (getComputedStyle(document.documentElement).direction === "rtl" ? "left" : "right");
theme();
dark.addEventListener("change", theme);
document.documentElement.append(host);
if (host.showPopover) { // above everything, and out of reach of what the page turns, blurs or cuts off
  host.popover = "manual";
  host.showPopover();
}
speak(first());
const resume = () => {
  try {
    if (sessionStorage.getItem(STORE) && innerWidth > 640) toggle(true);
  } catch { /* closed, then */ }
  follow();
  flush();
};
(window.requestIdleCallback ?? setTimeout)(resume);
addEventListener("online", () => { following?.abort(); following = null; reachable(true); follow(); flush(); });
addEventListener("offline", () => reachable(false));
addEventListener("storage", ({key}) => {
  if (key !== STORE) return;
  const before = kept.id, {id} = memory();
  if (before && before !== id) { // another tab erased it, or began anew
    following?.abort();
    following = null;
    turns = [];
    state = {status: "pending"};
    redraw();
  }
  waiting();
  follow();
});
document.addEventListener("visibilitychange", () => { // browsers allow few streams a host
  if (document.hidden && !sending) {
    following?.abort();
    following = null;
  } else follow();
});
window.speechSynthesis?.addEventListener?.("voiceschanged", () => redraw());
window.sevai = {open: () => toggle(true), close: () => toggle(false)};
