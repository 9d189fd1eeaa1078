// What was typed into a form marked data-keep is still there after a look at another page.
// Kept in this tab only, by field name; the server's own answer after an error wins.
const key = `keep ${location.pathname}`;
const form = document.querySelector("form[data-keep]");
const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
if (form && !document.querySelector(".error-summary")) {
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements[name];
    if (!field || field.type === "hidden") continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
}
form?.addEventListener("change", ({ target }) => {
  if (!target.name) return;
  kept[target.name] = target.type === "checkbox" ? target.checked : target.value;
  sessionStorage.setItem(key, JSON.stringify(kept));
});
