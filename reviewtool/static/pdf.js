// A PDF read in the page: <div class="pdf" data-pdf="address"> with a toolbar (fulltext/_pdf.html).
// Anything with data-pdf-page (and data-pdf-quote) turns to that page and shows the quote.
// A selection is told as the event "pdf:selection" with { text, page }.
import * as pdfjsLib from "./vendor/pdfjs/pdf.min.mjs";

globalThis.pdfjsLib = pdfjsLib;
const here = new URL("./vendor/pdfjs/", import.meta.url).href;
pdfjsLib.GlobalWorkerOptions.workerSrc = `${here}pdf.worker.min.mjs`;
const { EventBus, PDFFindController, PDFLinkService, PDFViewer } =
  await import("./vendor/pdfjs/pdf_viewer.mjs");

const open = async (root) => {
  if (root.dataset.ready) return;
  root.dataset.ready = "1";
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const container = part("container");
  const eventBus = new EventBus();
  const linkService = new PDFLinkService({ eventBus, externalLinkTarget: 2 });
  const findController = new PDFFindController({ eventBus, linkService });
  const viewer = new PDFViewer({
    container, viewer: part("viewer"), eventBus, linkService, findController,
    textLayerMode: 1, annotationMode: 1, removePageBorders: true,
  });
  linkService.setViewer(viewer);

  const page = part("page");
  eventBus.on("pagesinit", () => {
    viewer.currentScaleValue = "page-width";
    part("pages").textContent = `of ${viewer.pagesCount}`;
    page.max = viewer.pagesCount;
    part("tools").hidden = false;
  });
  eventBus.on("pagechanging", (event) => { page.value = event.pageNumber; });
  eventBus.on("updatefindmatchescount", ({ matchesCount }) => {
    part("found").textContent = matchesCount.total
      ? `${matchesCount.current} of ${matchesCount.total}` : "";
  });
  eventBus.on("updatefindcontrolstate", ({ state, matchesCount }) => {
    if (state === 1) part("found").textContent = "not found";
    else if (matchesCount?.total) {
      part("found").textContent = `${matchesCount.current} of ${matchesCount.total}`;
    }
  });

  const find = (query, more = "") => eventBus.dispatch("find", {
    source: root, type: more, query, caseSensitive: false, entireWord: false,
    highlightAll: true, findPrevious: false, matchDiacritics: false,
  });
  const act = {
    smaller: () => { viewer.currentScale = Math.max(0.25, viewer.currentScale / 1.15); },
    larger: () => { viewer.currentScale = Math.min(5, viewer.currentScale * 1.15); },
    width: () => { viewer.currentScaleValue = "page-width"; },
    rotate: () => { viewer.pagesRotation = (viewer.pagesRotation + 90) % 360; },
    previous: () => { viewer.previousPage(); },
    next: () => { viewer.nextPage(); },
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) act[button.dataset.do]?.();
  });
  page.addEventListener("change", () => { viewer.currentPageNumber = Number(page.value) || 1; });
  const search = part("search");
  let last = "";
  part("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    find(search.value, search.value === last ? "again" : "");
    last = search.value;
  });
  search.addEventListener("input", () => { if (!search.value) find(""); });

  root.addEventListener("pdf:goto", ({ detail }) => {
    if (detail.page) viewer.currentPageNumber = Number(detail.page);
    if (detail.quote) find(detail.quote);
  });
  container.addEventListener("pointerup", () => {
    const selection = document.getSelection();
    const text = selection?.toString().replace(/\s+/g, " ").trim();
    if (!text) return;
    const node = selection.anchorNode.parentElement?.closest(".page");
    root.dispatchEvent(new CustomEvent("pdf:selection", {
      bubbles: true, detail: { text, page: Number(node?.dataset.pageNumber) || null },
    }));
  });
  new ResizeObserver(() => {
    if (viewer.currentScaleValue === "page-width") viewer.currentScaleValue = "page-width";
  }).observe(container);

  try {
    const pdf = await pdfjsLib.getDocument({
      url: root.dataset.pdf, cMapUrl: `${here}cmaps/`, cMapPacked: true,
      standardFontDataUrl: `${here}standard_fonts/`, wasmUrl: `${here}wasm/`,
      iccUrl: `${here}iccs/`, enableXfa: false, isEvalSupported: false,
    }).promise;
    viewer.setDocument(pdf);
    linkService.setDocument(pdf, null);
  } catch (error) {
    const words = error?.name === "PasswordException"
      ? "This PDF is locked with a password. Upload a copy without one."
      : "This PDF cannot be shown here; it may be damaged. Download it, or upload another copy.";
    part("message").textContent = words;
    part("message").hidden = false;
  }
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-pdf-page], [data-pdf-quote]");
  const root = document.querySelector(".pdf");
  if (!link || !root) return;
  event.preventDefault();
  root.dispatchEvent(new CustomEvent("pdf:goto", {
    detail: { page: link.dataset.pdfPage, quote: link.dataset.pdfQuote },
  }));
});
const all = () => document.querySelectorAll(".pdf[data-pdf]").forEach(open);
all();
document.addEventListener("htmx:afterSwap", all);
