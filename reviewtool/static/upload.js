// Files can be dropped anywhere on the field; without this script the field still works.
const area = document.querySelector("[data-drop]");
if (area) {
  const input = area.querySelector("input[type=file]");
  const list = area.querySelector("[data-drop-list]");
  const show = () => {
    list.replaceChildren(...[...input.files].map((file) => {
      const item = document.createElement("li");
      item.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1000)).toLocaleString()} kB)`;
      return item;
    }));
  };
  for (const name of ["dragenter", "dragover"]) {
    area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add("over"); });
  }
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    input.files = event.dataTransfer.files;
    show();
  });
  input.addEventListener("change", show);
}
