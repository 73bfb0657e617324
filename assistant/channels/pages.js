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

  // Enter that only chooses a word of an input method does not send.
  for (const kind of ["keydown", "keypress"])
    document.addEventListener(kind, event => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    }, true);

  // The pages say so themselves when the server is out of reach.
  setInterval(async () => {
    const reached = await fetch("/health", {cache: "no-store"}).then(reply => reply.ok, () => false);
    document.body.classList.toggle("offline", !reached);
  }, 3000);
})();
