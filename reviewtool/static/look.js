// Leaving a study out for a look changes the page in place; without scripts it is a plain link.
const path = (link) => link.getAttribute("href") || link.getAttributeNS("http://www.w3.org/1999/xlink", "href");

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-look], [data-look-plot] a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
  const address = path(link);
  if (!address) return;
  event.preventDefault();
  const at = scrollY;
  htmx.ajax("GET", address, { target: "#main", select: "#main", swap: "outerHTML" }).then(() => {
    history.pushState({ htmx: true }, "", address);
    scrollTo({ top: at, behavior: "instant" });
  });
});
