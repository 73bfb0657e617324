(() => {
  // A page is in the language of its header, and runs in its direction.
  const page = document.documentElement;
  new MutationObserver(() => {
    const header = document.querySelector("header");
    for (const name of ["lang", "dir"]) if (header && page[name] !== header[name]) page[name] = header[name];
  }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["lang", "dir"]});

  // A message that arrives redraws the talk: what the reader opened stays open.
  const opened = new Set();
  document.addEventListener("click", event => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) details.open ? opened.delete(details.id) : opened.add(details.id);
  }, true);
  new MutationObserver(changes => changes.forEach(({target}) => {
    if (!target.open && opened.has(target.id)) target.open = true;
  })).observe(document, {subtree: true, attributes: true, attributeFilter: ["open"]});

  // Moments are told in the zone of who reads them; of another day with their date.
  const clock = moment => {
    const at = new Date(moment.dateTime), hour = {hour: "numeric", minute: "2-digit"};
    const day = at.toDateString() === new Date().toDateString() ? {} : {day: "numeric", month: "short"};
    if (at.getFullYear() !== new Date().getFullYear()) day.year = "numeric";
    const told = at.toLocaleString(document.querySelector("header")?.dataset.locale || [], {...day, ...hour});
    if (moment.textContent !== told) moment.textContent = told;
  };
  new MutationObserver(() => document.querySelectorAll("time[datetime]").forEach(clock))
    .observe(document, {subtree: true, childList: true, characterData: true});

  // A choice that was pressed goes; who pressed it with a key goes on writing.
  document.addEventListener("click", event => {
    if (event.detail === 0 && event.target.closest(".choices")) document.querySelector("#box textarea").focus();
  }, true);

  // Enter that only chooses a word of an input method does not send.
  for (const kind of ["keydown", "keypress"])
    document.addEventListener(kind, event => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);

  // What is sent twice within a blink, as by a double click, is sent once.
  const last = {words: "", at: -Infinity};
  for (const kind of ["click", "keydown"])
    document.addEventListener(kind, event => {
      const box = document.querySelector("#box textarea"), pressed = event.target.closest("#send, #person, .choices button");
      const enters = event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.isComposing && event.keyCode !== 229;
      if (kind === "click" ? !pressed : !enters || event.target !== box) return;
      const words = pressed && pressed.id !== "send" ? pressed.textContent : box?.value ?? "";
      const again = event.timeStamp - last.at < 1000 && (words === last.words || !words.trim());
      if (!again) return void Object.assign(last, {words, at: event.timeStamp});
      event.preventDefault();
      event.stopPropagation();
    }, true);

  // The desk's keys: Alt and a letter press a button or go to a box, arrows walk along a list, Esc leaves.
  const KEYS = {KeyR: "#actions [popovertarget]", KeyB: "[data-leave=hand_back]", KeyQ: "[data-leave=release]",
    KeyN: "#memo textarea", KeyU: "#notice [data-undo]"};
  const STEPS = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1};
  const walk = (list, step) => {
    const buttons = [...list.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const from = at < 0 ? buttons.findIndex(button => button.ariaCurrent) : at;
    buttons[from < 0 ? 0 : Math.min(Math.max(from + step, 0), buttons.length - 1)]?.focus();
  };
  document.addEventListener("keydown", event => {
    const {target, key} = event, queue = document.querySelector("#queue");
    if (!queue || event.isComposing) return;
    const help = document.querySelector("#keys");
    if (help.matches(":popover-open") && key === "Escape") return;
    const menu = document.querySelector("#outcomes:popover-open"), pressed = event.altKey && KEYS[event.code];
    const writing = target.matches("input, textarea, select");
    const list = menu ?? (writing ? null : target.closest("#past") ?? queue);
    if (pressed) {
      const found = document.querySelector(pressed);
      found?.matches("button") ? found.click() : found?.focus();
    } else if (event.altKey || event.metaKey) return;
    else if (event.ctrlKey) {
      if (key !== "Enter" || !target.matches("#box textarea")) return;
      document.querySelector("#send").click();
    } else if (key === "?" && !writing) help.togglePopover();
    else if (menu && "1234".includes(key)) menu.querySelectorAll("button")[key - 1].click();
    else if (list && STEPS[key]) walk(list, STEPS[key]);
    else if (key === "Escape" && !menu) {
      const close = document.querySelector("#reading [data-earlier]");
      if (close) close.click();
      else (queue.querySelector("[aria-current]") ?? queue.querySelector("[data-conversation]"))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // A queue that moves on takes neither the focus from a conversation nor the choice from a filter.
  let focused;
  for (const kind of ["focusin", "pointerdown"])
    document.addEventListener(kind, ({target}) => {
      focused = target.closest?.("#queue [data-conversation]")?.dataset.conversation;
    }, true);
  new MutationObserver(() => {
    const kept = focused && document.querySelector(`#queue [data-conversation="${CSS.escape(focused)}"]`);
    if (kept && kept !== document.activeElement) kept.focus();
    for (const filter of document.querySelectorAll("#queue select")) filter.value = filter.dataset.value;
  }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-conversation", "data-value"]});

  // The tab of the desk tells how many want something of who has gone to another: those who wait, and those of the
  // agent's own who have written.
  new MutationObserver(() => {
    const waits = document.querySelector("#queue [data-waiting]"), titled = document.querySelector("#brand h1")?.textContent;
    if (!waits || !titled) return;
    const own = document.querySelectorAll("#queue [data-unanswered]:not([data-unanswered='0'])").length;
    const count = Number(waits.dataset.waiting) + own, told = count ? `(${count}) ${titled}` : titled;
    if (document.title !== told) document.title = told;
  }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-waiting", "data-unanswered"]});

  // Another conversation is read from the top of what stands beside it: why it came.
  let beside;
  new MutationObserver(() => {
    const current = document.querySelector("#queue [aria-current]")?.dataset.conversation;
    if (current && current !== beside) document.querySelector("#side").scrollTop = 0;
    beside = current;
  }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-current", "data-conversation"]});

  // Alt and a number take a suggestion, which stands in the box to be finished, never sent.
  document.addEventListener("keydown", event => {
    const chosen = event.altKey && document.querySelectorAll("#why [data-text]")[event.code.replace("Digit", "") - 1];
    if (!chosen) return;
    event.preventDefault();
    chosen.click();
  }, true);
  document.addEventListener("click", ({target}) => {
    if (target.closest("#why [data-text]")) document.querySelector("#box textarea").focus();
  });

  // Where the browser can: what is heard stands in the box and goes when it has ended, and answers are read in their
  // own language, to who wishes it or has spoken.
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition, reader = window.speechSynthesis;
  const DEAF = ["not-allowed", "service-not-allowed", "audio-capture", "language-not-supported", "network"];
  page.classList.toggle("hears", !!Recognition);
  page.classList.toggle("reads", !!reader);
  let listening, read, aloud = localStorage.getItem("sevai-aloud");
  const base = tag => tag.split("-")[0];
  const press = (id, on) => document.querySelector(id)?.setAttribute("aria-pressed", on);
  const listen = () => {
    let said = "";
    reader?.cancel();
    listening = new Recognition();
    listening.lang = document.querySelector("header").dataset.locale || navigator.language;
    listening.interimResults = true;
    listening.onresult = ({results}) => {
      const box = document.querySelector("#box textarea");
      box.value = said = [...results].map(result => result[0].transcript).join("");
      box.dispatchEvent(new Event("input", {bubbles: true}));
    };
    listening.onerror = ({error}) => page.classList.toggle("deafened", DEAF.includes(error));
    listening.onend = () => {
      listening = undefined;
      press("#mic", false);
      if (!said.trim()) return;
      aloud ??= "yes";
      press("#aloud", aloud === "yes");
      setTimeout(() => document.querySelector("#send").click());
    };
    page.classList.remove("deafened");
    press("#mic", true);
    listening.start();
  };
  const say = turn => {
    const parts = [turn.querySelector("p").textContent.replace(/\s*\[\d+\]/g, "")], voices = reader.getVoices();
    for (let next = turn.nextElementSibling; next?.matches(".choices"); next = next.nextElementSibling)
      parts.push(...[...next.querySelectorAll("button")].map(choice => choice.textContent));
    const words = new SpeechSynthesisUtterance(parts.join(". ")), voice = voices.find(one => base(one.lang) === base(turn.lang));
    words.lang = turn.lang;
    words.voice = voice ?? null;
    if (voice || !voices.length) reader.speak(words);
  };
  document.addEventListener("click", ({target}) => {
    if (target.closest("#mic")) listening ? listening.stop() : listen();
    else if (target.closest("#aloud")) {
      aloud = aloud === "yes" ? "no" : "yes";
      localStorage.setItem("sevai-aloud", aloud);
      press("#aloud", aloud === "yes");
      const last = [...document.querySelectorAll("#customer article:not(.customer)")].at(-1);
      aloud === "yes" && last ? say(last) : reader.cancel();
    }
  });
  new MutationObserver(() => {
    const turns = [...document.querySelectorAll("#customer article")];
    if (!turns.length || turns.length === read) return;
    if (read === undefined) ["#mic", "#aloud"].forEach(id => press(id, id === "#aloud" && aloud === "yes"));
    else if (turns.at(-1).matches(".customer")) reader?.cancel();
    else if (aloud === "yes") turns.slice(read).filter(turn => !turn.matches(".customer")).forEach(say);
    read = turns.length;
  }).observe(document, {subtree: true, childList: true});

  // The pages say so themselves when the server is out of reach; whom the desk knows no more signs in again.
  setInterval(async () => {
    const asked = document.querySelector("#desk") ? "/api/v1/session" : "/health";
    const reply = await fetch(asked, {cache: "no-store", signal: AbortSignal.timeout(3000)}).catch(() => undefined);
    document.body.classList.toggle("offline", !reply || reply.status >= 500);
    if (reply?.status === 401) location.assign("/sign-in?next=/desk/");
  }, 3000);

  // What is written and not sent outlives a reload, which Gradio does after every lost connection; and at the desk it
  // stays with the conversation that it was written for, which begins with the box in focus, and ends with the next one.
  let open;
  document.addEventListener("input", ({target}) => {
    if (open && target.matches("#box textarea")) sessionStorage.setItem(open, target.value);
  }, true);
  const follow = () => {
    const box = document.querySelector("#box textarea");
    const current = document.querySelector("[aria-current]")?.dataset.conversation ?? location.pathname;
    if (!box) {
      if (open && document.activeElement === document.body) document.querySelector("#queue [data-conversation]")?.focus();
      open = undefined;
    } else if (open === current) sessionStorage.setItem(current, box.value);
    else {
      open = current;
      box.value = sessionStorage.getItem(current) ?? "";
      box.dispatchEvent(new Event("input", {bubbles: true}));
      if (current === location.pathname) return;
      if (matchMedia("(pointer: coarse)").matches) document.querySelector("#thread").scrollIntoView(); // no keyboard over it
      else if (!document.activeElement.matches("#memo textarea")) box.focus(); // a note would go to the customer
    }
  };
  new MutationObserver(follow) // at once: what is written meanwhile would be lost
    .observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-current", "data-conversation"]});
  setInterval(follow, 100);
})();
