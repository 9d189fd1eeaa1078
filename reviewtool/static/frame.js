// Theme switch, reading size, local times, undo strips, provenance cards, table columns.
const root = document.documentElement;

const keep = (key, value) => {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch { /* private window: the choice holds until the page is left */ }
};
const kept = (key) => {
  try { return localStorage.getItem(key); } catch { return null; }
};

// ---- theme ----
document.addEventListener("change", (event) => {
  if (event.target.name !== "theme") return;
  const theme = event.target.value;
  if (theme === "system") {
    delete root.dataset.theme;
    keep("reviewtool.theme", null);
  } else {
    root.dataset.theme = theme;
    keep("reviewtool.theme", theme);
  }
});

// ---- reading size: buttons with data-reading-size="+1" or "-1" ----
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reading-size]");
  if (!button) return;
  const now = parseFloat(getComputedStyle(root).getPropertyValue("--reading")) || 18;
  const size = Math.min(28, Math.max(14, now + Number(button.dataset.readingSize)));
  root.style.setProperty("--reading", `${size}px`);
  keep("reviewtool.reading", String(size));
});

// ---- times in the browser's zone, where the account names none ----
const two = (n) => String(n).padStart(2, "0");
const localTimes = (scope) => {
  for (const node of scope.querySelectorAll("time[data-local]")) {
    const at = new Date(node.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
    node.textContent = node.dataset.local === "clock" ? clock : `${day} ${clock}`;
    node.removeAttribute("data-local");
  }
};

// ---- undo strips go after ten seconds, unless somebody is on them ----
const undoStrips = (scope) => {
  for (const strip of scope.querySelectorAll(".undo:not([data-timed])")) {
    strip.dataset.timed = "";
    const leave = () => {
      if (strip.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else strip.classList.add("is-over");
    };
    setTimeout(leave, 10000);
  }
};

// ---- provenance cards stay inside the window; Escape shuts them ----
const place = (event) => {
  const prov = event.target.closest?.(".prov");
  if (!prov) return;
  prov.classList.remove("is-shut");
  const card = prov.querySelector(".prov-card");
  card.classList.add("is-fixed");
  const dot = prov.querySelector(".prov-dot").getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const below = dot.bottom + height + 8 < window.innerHeight;
  const left = Math.min(Math.max(8, dot.right - width), window.innerWidth - width - 8);
  card.style.left = `${left}px`;
  card.style.top = `${below ? dot.bottom : Math.max(8, dot.top - height)}px`;
};
document.addEventListener("focusin", place);
document.addEventListener("mouseover", place);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const prov of document.querySelectorAll(".prov")) prov.classList.add("is-shut");
});

// ---- column chooser: a table with data-columns="name" ----
const columns = (scope) => {
  for (const table of scope.querySelectorAll("table[data-columns]")) {
    const key = `reviewtool.columns.${table.dataset.columns}`;
    const hidden = new Set(JSON.parse(kept(key) || "[]"));
    const show = () => {
      [...table.tHead.rows[0].cells].forEach((head, index) => {
        const off = hidden.has(head.dataset.column);
        for (const row of table.rows) if (row.cells[index]) row.cells[index].hidden = off;
      });
    };
    show();
    const chooser = document.querySelector(`[data-columns-of="${table.dataset.columns}"]`);
    if (!chooser || chooser.dataset.ready) continue;
    chooser.dataset.ready = "1";
    chooser.hidden = false;
    for (const box of chooser.querySelectorAll("input")) {
      box.checked = !hidden.has(box.value);
      box.addEventListener("change", () => {
        if (box.checked) hidden.delete(box.value);
        else hidden.add(box.value);
        keep(key, JSON.stringify([...hidden]));
        show();
      });
    }
  }
};

// ---- small courtesies ----
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  const closer = event.target.closest("[data-close-dialog]");
  if (closer) closer.closest("dialog")?.close();
});
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);

// ---- a form is sent once, however often its button is pressed ----
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 3000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const ready = (scope) => {
  localTimes(scope);
  undoStrips(scope);
  columns(scope);
};
ready(document);
// The open tab is in view also where the tabs do not fit side by side.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
for (const input of document.querySelectorAll('input[name="theme"]')) {
  input.checked = input.value === (root.dataset.theme || "system");
}
document.addEventListener("htmx:afterSwap", (event) => {
  ready(document);
  if (event.detail.target?.id === "messages") event.detail.target.scrollIntoView({ block: "center" });
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) document.body.classList.add("is-waiting");
});
document.addEventListener("htmx:afterRequest", () => document.body.classList.remove("is-waiting"));
document.addEventListener("htmx:sendError", () => {
  const box = document.getElementById("messages");
  if (box) {
    box.innerHTML = "<div class=\"message error\" role=\"alert\"><p>The server does not answer. " +
      "What you see stays here; try again when the connection is back.</p></div>";
  }
});
