// Extraction: every change is kept as one goes, a block pasted from a spreadsheet fills the grid,
// a value's source is noted beside the PDF, and one extractor's value is taken with a click.
const form = document.querySelector("form[data-cells-url]");
const state = document.querySelector("[data-save-state]");
const token = () => form.querySelector('[name="csrf_token"]').value;
const cells = () => [...form.querySelectorAll("[data-cell]")];
const byPath = (path) => cells().find((one) => one.dataset.cell === path);

const say = (words, kind) => {
  if (!state) return;
  state.textContent = words;
  state.className = `save-state ${kind}`;
};

const send = async (method, url, body) => {
  const answer = await fetch(url, {
    method, credentials: "same-origin", keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
    body: JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 409 && told.code === "changed-meanwhile") throw Object.assign(new Error("changed"), { late: told });
  if (!answer.ok) throw new Error(told.detail || told.title || told.message || "the server did not answer");
  return told;
};

// ---- what each cell was made from: its revision and the value that was shown ----
const origin = (path) => form.querySelector(`[name="${CSS.escape(`from:${path}`)}"]`);
const revision = (path) => Number(origin(path)?.value.split("|", 1)[0] ?? 0);
const remember = (path, number, value) => { if (origin(path)) origin(path).value = `${number}|${value}`; };

// Somebody else was faster: both values beside the cell, and a button for each.
const ask = (late, batch) => {
  for (const [path, newest] of Object.entries(late.revision)) {
    const node = form.querySelector(`[data-problem-of="${CSS.escape(path)}"]`);
    const input = byPath(path);
    const stands = late.stands[`cell:${path}`];
    const mine = batch[path]?.value ?? input?.value ?? "";
    if (!node || !input) continue;
    const button = (words, value) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn btn-sm";
      made.textContent = `${words}: ${value || "empty"}`;
      made.addEventListener("click", () => {
        node.hidden = true;
        input.removeAttribute("data-refused");
        input.removeAttribute("aria-invalid");
        input.value = value;
        remember(path, newest, stands);
        if (value !== stands) keep(path, { ...batch[path], value }, 0);
        else say("What stands now was kept", "is-saved");
      });
      return made;
    };
    node.replaceChildren("Changed elsewhere meanwhile. ", button("Store mine", mine), " ", button("Keep theirs", stands));
    node.hidden = false;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("data-refused", "");  // it stays on the page until one is chosen
  }
};

const mark = (told, paths) => {
  const messages = { ...told.flagged, ...told.refused };
  for (const node of form.querySelectorAll("[data-problem-of]")) {
    const path = node.dataset.problemOf;
    const message = messages[path];
    const input = byPath(path);
    // A refused value stays on the page with its message until it is typed anew.
    if (!message && input?.hasAttribute("data-refused") && !paths.includes(path)) continue;
    if (input) {
      input.toggleAttribute("data-refused", Boolean(told.refused[path]));
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    node.hidden = !message;
    node.textContent = message || "";
  }
};

let waiting = {};
let timer = 0;
let sending = Promise.resolve();
const flush = () => {
  clearTimeout(timer);
  const batch = waiting;
  waiting = {};
  if (!Object.keys(batch).length) return sending;
  say("Saving", "is-saving");
  sending = sending.then(async () => {
    try {
      const cells = Object.fromEntries(Object.entries(batch).map(([path, part]) => [path, { ...part, revision: revision(path) }]));
      const told = await send("PUT", form.dataset.cellsUrl, { cells });
      for (const [path, number] of Object.entries(told.revisions)) if (path in batch && !told.refused[path]) remember(path, number, batch[path].value ?? byPath(path)?.value ?? "");
      mark(told, Object.keys(batch));
      const refused = Object.keys(told.refused).length;
      const at = new Date().toTimeString().slice(0, 5);
      if (refused) say(`Not stored: ${refused === 1 ? "one value" : `${refused} values`}; see the message beside it`, "is-wrong");
      else say(`Saved ${at}`, "is-saved");
    } catch (error) {
      if (error.late) {
        ask(error.late, batch);
        for (const [path, part] of Object.entries(batch)) if (!(path in error.late.revision)) keep(path, { ...part, ...waiting[path] }, 0);
        say("Not saved: a value was changed elsewhere meanwhile; choose beside it", "is-wrong");
        return;
      }
      waiting = { ...batch, ...waiting };
      say(`Not saved: ${error.message}. It is sent again with the next change.`, "is-wrong");
    }
  });
  return sending;
};
const keep = (path, part, soon = 400) => {
  waiting[path] = { ...waiting[path], ...part };
  clearTimeout(timer);
  timer = setTimeout(flush, soon);
};

const settled = (input) => {
  const row = input.closest("tr[data-differs]");
  if (!row) return;
  row.removeAttribute("data-differs");
  row.classList.add("settled");
  const left = form.querySelectorAll("tr[data-differs]").length;
  const count = document.querySelector("[data-left]");
  if (count) count.textContent = left;
};

if (form) {
  form.addEventListener("change", (event) => {
    const input = event.target.closest("[data-cell]");
    if (!input) return;
    keep(input.dataset.cell, { value: input.value });
    settled(input);
  });
  form.addEventListener("keydown", (event) => {
    const input = event.target.closest("[data-cell]");
    if (!input || event.key !== "Enter" || input.tagName === "TEXTAREA") return;
    event.preventDefault();
    const row = input.closest("tr");
    const column = row ? [...row.querySelectorAll("[data-cell]")].indexOf(input) : -1;
    const below = row?.nextElementSibling?.querySelectorAll("[data-cell]")[column];
    const all = cells();
    (below || all[all.indexOf(input) + 1])?.focus();
  });
  form.addEventListener("paste", (event) => {
    const input = event.target.closest("[data-grid] [data-cell]");
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!input || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const foci = input.closest("[data-foci]");
    const taking = document.querySelector("#take-foci-form");
    if (foci && taking) {
      // The server reads the block by the same rules as the box below, and names odd rows.
      taking.elements.text.value = text;
      const into = taking.elements.into;
      if ([...into.options].some(({ value }) => value === foci.dataset.foci)) into.value = foci.dataset.foci;
      flush().then(() => taking.submit());
      return;
    }
    const rows = [...input.closest("tbody").rows].map((row) => [...row.querySelectorAll("[data-cell]")]);
    const top = rows.findIndex((row) => row.includes(input));
    const left = rows[top].indexOf(input);
    let lost = 0;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const target = rows[top + down]?.[left + right];
        if (!target) { lost += value.trim() ? 1 : 0; return; }
        target.value = value.trim();
        keep(target.dataset.cell, { value: target.value });
      });
    });
    flush().then(() => {
      if (lost) say(`${lost} of the pasted values did not fit into the grid`, "is-wrong");
    });
  });
  form.addEventListener("submit", () => { clearTimeout(timer); waiting = {}; });
  window.addEventListener("pagehide", flush);

  // ---- one extractor's value into the final column ----
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-adopt]");
    if (!button || !form.dataset.adoptUrl) return;
    event.preventDefault();
    const row = button.closest("tr");
    await flush();
    try {
      const told = await send("POST", form.dataset.adoptUrl, { path: row.dataset.row, copy_kind: button.dataset.adopt, cell_revision: revision(row.dataset.row) });
      const input = byPath(row.dataset.row);
      input.value = told.value;
      remember(row.dataset.row, told.revisions[row.dataset.row] ?? 0, told.value);
      mark(told, [row.dataset.row]);
      settled(input);
      say("Saved", "is-saved");
    } catch (error) {
      if (error.late) ask(error.late, {});
      say(error.late ? "Not saved: it was changed elsewhere meanwhile; choose beside it" : `Not saved: ${error.message}`, "is-wrong");
    }
  });
  document.querySelector("[data-next-difference]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const rows = [...form.querySelectorAll("tr[data-differs]")];
    const here = form.querySelector("tr.is-here");
    const after = rows.find((row) => here && (here.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING));
    const next = after || rows[0];
    here?.classList.remove("is-here");
    if (!next) return;
    next.classList.add("is-here");
    next.scrollIntoView({ block: "center" });
    next.querySelector("[data-adopt], [data-cell]")?.focus();
  });
}

// ---- where the cell one is in was read ----
const strip = document.querySelector("[data-source-strip]");
if (form && strip) {
  const part = (name) => strip.querySelector(`[data-part="${name}"]`);
  let source = null;
  form.addEventListener("focusin", (event) => {
    const input = event.target.closest("[data-cell]");
    if (!input) return;
    source = [...form.querySelectorAll("[data-source-of]")].find((one) => one.dataset.sourceOf === input.dataset.cell);
    if (!source) return;
    strip.hidden = false;
    part("label").textContent = source.dataset.label;
    part("quote").value = source.dataset.quote;
    part("page").value = source.dataset.page;
  });
  const store = (more = {}) => {
    if (!source) return;
    source.dataset.quote = part("quote").value;
    source.dataset.page = part("page").value;
    keep(source.dataset.sourceOf, { quote: part("quote").value, page: part("page").value, ...more });
  };
  part("quote").addEventListener("change", () => store());
  part("page").addEventListener("change", () => store());
  document.addEventListener("pdf:selection", ({ detail }) => {
    if (!source) return;
    part("quote").value = detail.text;
    if (detail.page) part("page").value = detail.page;
    store(strip.dataset.report ? { report_id: Number(strip.dataset.report) } : {});
  });
  part("goto").addEventListener("click", () => {
    document.querySelector(".pdf")?.dispatchEvent(new CustomEvent("pdf:goto", {
      detail: { page: part("page").value, quote: part("quote").value },
    }));
  });
}
