(() => {
  // A message that arrives redraws the talk: what the reader opened stays open.
  const opened = new Set();
  document.addEventListener("click", event => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) details.open ? opened.delete(details.id) : opened.add(details.id);
  }, true);
  new MutationObserver(changes => changes.forEach(({target}) => {
    if (!target.open && opened.has(target.id)) target.open = true;
  })).observe(document, {subtree: true, attributes: true, attributeFilter: ["open"]});

  // A choice that was pressed goes; who pressed it with a key goes on writing.
  document.addEventListener("click", event => {
    if (event.detail === 0 && event.target.closest(".choices")) document.querySelector("#box textarea").focus();
  }, true);

  // Enter that only chooses a word of an input method does not send.
  for (const kind of ["keydown", "keypress"])
    document.addEventListener(kind, event => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);

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

  // The pages say so themselves when the server is out of reach.
  setInterval(async () => {
    const asked = fetch("/health", {cache: "no-store", signal: AbortSignal.timeout(3000)});
    document.body.classList.toggle("offline", !await asked.then(reply => reply.ok, () => false));
  }, 3000);

  // What is written and not sent outlives a reload, which Gradio does after every lost connection; and at the desk it
  // stays with the conversation that it was written for, which begins with the box in focus.
  let open;
  document.addEventListener("input", ({target}) => {
    if (open && target.matches("#box textarea")) sessionStorage.setItem(open, target.value);
  }, true);
  setInterval(() => {
    const box = document.querySelector("#box textarea");
    const current = document.querySelector("[aria-current]")?.dataset.conversation ?? location.pathname;
    if (!box) open = undefined;
    else if (open === current) sessionStorage.setItem(current, box.value);
    else {
      open = current;
      box.value = sessionStorage.getItem(current) ?? "";
      box.dispatchEvent(new Event("input", {bubbles: true}));
      if (current !== location.pathname) box.focus();
    }
  }, 100);
})();
