// Sends files one after the other, and shows how far each has come: on its way, being read, in the knowledge.
"use strict";
const API = "/api/v1/knowledge", PAUSE = 500;
const LISTED = ["main > p.soft", "section[aria-labelledby=list]"];
const input = document.getElementById("files"), sent = document.getElementById("sent"), job = document.getElementById("job");
const wait = milliseconds => new Promise(next => setTimeout(next, milliseconds));

function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  return element;
}
function put(file, moved) { // fetch does not tell how much has been sent
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${API}/documents?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.onprogress = ({loaded, total}) => moved(loaded, total);
    request.onload = () => request.status === 202 ? done(request.response) : failed(new Error(refusal(request.status, request.response)));
    request.onerror = () => failed(new Error("The server is out of reach: try again."));
    request.send(file);
  });
}
const refusal = (status, problem) => status === 401 ? "You are signed out: load the page again." : problem?.detail ?? "That did not work: try again.";
async function finished(id) {
  for (;;) {
    const response = await fetch(`${API}/jobs/${id}`), told = await response.json();
    if (!response.ok) throw new Error(refusal(response.status, told));
    if (told.state === "failed") throw new Error(told.problem);
    if (told.state === "done") return told.result;
    await wait(PAUSE);
  }
}
async function follow(file) {
  const line = make("li"), name = make("bdi", file.name), state = make("span", "On its way…", "soft"), bar = make("progress");
  bar.setAttribute("aria-label", file.name);
  line.append(name, state, bar);
  sent.append(line);
  try {
    const begun = await put(file, (loaded, total) => { bar.max = total; bar.value = loaded; });
    bar.removeAttribute("value");
    state.textContent = "Being read…";
    const {hostile} = await finished(begun.id);
    state.textContent = "In the knowledge";
    for (const {excerpt, flags} of hostile) {
      const about = flags.length ? `Quoted to nobody (${flags.join(", ").replaceAll("_", " ")}): ` : "Hidden from readers, left out: ";
      line.append(make("span", `${about}“${excerpt}”`, "flag"));
    }
  } catch (error) {
    line.classList.add("refused");
    state.textContent = error.message;
  }
  bar.remove();
}
async function renew() { // the list and the count above it, as they are now; a link to them where somebody is at work there
  const read = await fetch(location.href).then(response => response.text(), () => "");
  const page = new DOMParser().parseFromString(read, "text/html");
  const parts = LISTED.map(part => [document.querySelector(part), page.querySelector(part)]);
  const held = parts.some(([shown, now]) => !now || shown.contains(document.activeElement));
  document.getElementById("again").hidden = !held;
  if (!held) parts.forEach(([shown, now]) => shown.replaceWith(now));
}
input.disabled = false;
input.addEventListener("change", async () => {
  const files = [...input.files];
  input.value = "";
  input.disabled = true;
  for (const file of files) await follow(file);
  input.disabled = false;
  input.focus();
  await renew();
});
if (job && !["failed", "done"].includes(job.dataset.state)) {
  finished(job.dataset.job).then(({added, removed}) => {
    job.textContent = `The changed files are read: ${added.length} new or changed, ${removed.length} gone.`;
  }, error => { job.textContent = error.message; });
}
