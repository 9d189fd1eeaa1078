// Keys press the button that carries their action: <button data-key="include">.
// Never while typing; each key can be changed or switched off; kept in this browser.
const STORE = "reviewtool.keys";
export const DEFAULTS = {
  include: "i", exclude: "e", maybe: "u", undo: "z", next: "ArrowRight", previous: "ArrowLeft",
  note: "n", merge: "m", apart: "d", help: "?",
};
const WORDS = {
  include: "Include", exclude: "Exclude", maybe: "Maybe", undo: "Undo my last decision",
  next: "Next record", previous: "Previous record", note: "Write a note", merge: "Merge two records", apart: "Not a duplicate", help: "Show these keys",
};
const SHOWN = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" };

const read = () => {
  try { return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(STORE) || "{}") }; }
  catch { return { ...DEFAULTS }; }
};
let keys = read();
const shown = (key) => SHOWN[key] || (key.length === 1 ? key.toUpperCase() : key);

const label = () => {
  for (const node of document.querySelectorAll("[data-key]")) {
    const key = keys[node.dataset.key];
    const badge = node.querySelector("kbd");
    if (badge) { badge.textContent = key ? shown(key) : ""; badge.hidden = !key; }
    if (key) node.setAttribute("aria-keyshortcuts", key);
    else node.removeAttribute("aria-keyshortcuts");
  }
};

const typing = (node) =>
  node.isContentEditable || node.matches?.(
    'textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"])');

const press = (action) => {
  const seen = [...document.querySelectorAll(`[data-key="${action}"]`)]
    .filter((node) => !node.disabled && node.offsetParent !== null || node.closest(".decision, .undo"));
  const node = seen.at(-1);
  if (!node) return false;
  if (node.matches("textarea, input")) node.focus();
  else node.click();
  return true;
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.altKey || event.metaKey && event.key !== "z") return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const combined = event.ctrlKey || event.metaKey;
  if (combined) {
    if (event.key === "z" && press("undo")) event.preventDefault();
    return;
  }
  const arrows = event.key.startsWith("Arrow");
  if (arrows && event.target.closest?.('[role="tablist"], [type="radio"], .pdf, summary')) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = Object.keys(keys).find((name) => keys[name] === pressed);
  if (!action) return;
  if (action === "help") { event.preventDefault(); openHelp(); return; }
  if (press(action)) event.preventDefault();
});

// ---- the list of keys, where they are changed ----
const openHelp = () => {
  const dialog = document.getElementById("keys-dialog");
  if (!dialog) return;
  fill(dialog);
  dialog.showModal();
};
const fill = (dialog) => {
  const body = dialog.querySelector("tbody");
  body.replaceChildren(...Object.keys(DEFAULTS).map((action) => {
    const row = document.createElement("tr");
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = WORDS[action];
    const cell = document.createElement("td");
    const input = document.createElement("input");
    input.className = "form-control form-control-sm";
    input.value = keys[action] ? shown(keys[action]) : "off";
    input.readOnly = true;
    input.setAttribute("aria-label", `Key for: ${WORDS[action]}`);
    input.addEventListener("keydown", (event) => {
      if (["Tab", "Escape", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const off = pressed === "Backspace" || pressed === "Delete";
      for (const other of Object.keys(keys)) if (!off && keys[other] === pressed) keys[other] = "";
      keys[action] = off ? "" : pressed;
      save();
      fill(dialog);
      dialog.querySelector(`[aria-label="Key for: ${WORDS[action]}"]`).focus();
    });
    cell.append(input);
    row.append(name, cell);
    return row;
  }));
};
const save = () => {
  try { localStorage.setItem(STORE, JSON.stringify(keys)); } catch { /* holds for this page */ }
  label();
};
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-help]")) openHelp();
  if (event.target.closest("[data-keys-reset]")) {
    keys = { ...DEFAULTS };
    save();
    fill(document.getElementById("keys-dialog"));
  }
});

label();
document.addEventListener("htmx:afterSwap", label);
