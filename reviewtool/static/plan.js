// Forms of outcomes and analyses: lists follow what was chosen above them. Without this
// script every choice is there, and the server says what does not fit.
const field = (name) => document.querySelector(`form [name="${name}"]`);
const chosen = (select) => select?.selectedOptions[0]?.dataset ?? {};
const has = (words, word) => (words ?? "").split(" ").includes(word);

// Every option as the server sent it, with its heading.
const all = new Map();
const options = (select) => {
  if (!all.has(select)) {
    all.set(select, [...select.options].map((option) => ({
      option, data: option.dataset, heading: option.parentElement.label ?? "",
    })));
  }
  return all.get(select);
};

// Keep the options that fit; headings only where they tell several apart.
const narrow = (select, fits, headingOf = ({ heading }) => heading) => {
  const before = select.value;
  const kept = options(select).filter(fits);
  const headings = new Set(kept.map(headingOf).filter(Boolean));
  select.replaceChildren();
  for (const one of kept) {
    const heading = headingOf(one);
    let parent = select;
    if (heading && headings.size > 1) {
      parent = [...select.children].find((child) => child.label === heading);
      if (!parent) {
        parent = document.createElement("optgroup");
        parent.label = heading;
        select.append(parent);
      }
    }
    parent.append(one.option);
  }
  select.value = kept.some(({ option }) => option.value === before) ? before : kept[0]?.option.value;
};

// A field that means nothing now is neither shown nor sent.
const show = (input, wanted) => {
  const box = input?.closest(".field");
  if (!box) return;
  box.hidden = !wanted;
  for (const one of box.querySelectorAll("input, select")) one.disabled = !wanted;
};

const measure = field("measure");
const sides = ({ data }) => ({ 1: "Describes one group", 2: "Compares two groups" })[data.groups] ?? "";
const nameOf = ({ option }) => option.label.replace(/ – \S+$/, "");

const outcome = field("outcome_id");
const kind = field("kind");
if (measure && !outcome) {
  const update = () => {
    const map = kind.value === "coordinates";
    for (const name of ["measure", "better", "unit", "timepoints", "minimal_important_difference"]) show(field(name), !map);
    for (const name of ["modality", "direction"]) show(field(name), map);
    if (map) return;
    narrow(measure, ({ data }) => !data.kinds || has(data.kinds, kind.value), sides);
    const usual = options(measure).find(({ data }) => has(data.usual, kind.value));
    measure.options[0].textContent = `The usual one: ${nameOf(usual)}`;
  };
  kind.addEventListener("change", update);
  update();
} else if (measure) {
  const comparison = field("comparison_id");
  const method = field("method");
  const ofNetworks = ["parts", "components", "inactive", "interactions"];
  const ofTimes = ["rho", "pattern", "time_unit", "structure"];
  const ofMap = ["algorithm", "correction", "forming", "corrected", "draws", "seed", "merged", "combine", "other_id"];
  const update = () => {
    const of = chosen(outcome);
    narrow(kind, ({ option }) => option.value === "narrative"
      || (option.value === "coordinates") === (of.kind === "coordinates"));
    const map = kind.value === "coordinates";
    const together = kind.value === "times";
    for (const name of ofTimes) show(field(name), together);
    for (const name of ofNetworks) show(field(name), kind.value === "network");
    for (const name of ["inactive", "interactions"]) show(field(name), kind.value === "network" && field("components").checked);
    if (together) show(field("time_unit"), field("pattern").value === "decaying" || ["AR", "HAR"].includes(field("structure").value));
    for (const name of ["measure", "method", "timepoint", "test", "level", "subgroup", "moderators", "sensitivity", "sets"]) show(field(name), of.kind !== "coordinates");
    for (const name of ofMap) show(field(name), map);
    if (map) {
      const two = field("combine").value;
      narrow(field("correction"), ({ option }) => two !== "contrast" || option.value !== "fdr");
      const correction = field("correction").value;
      show(field("forming"), ["cluster", "none"].includes(correction));
      show(field("corrected"), correction !== "none");
      for (const name of ["draws", "seed"]) show(field(name), two === "contrast" || ["cluster", "voxel"].includes(correction));
      show(field("other_id"), Boolean(two));
    }
    if (of.kind === "coordinates") return;
    const network = kind.value === "network";
    const groups = Number(chosen(comparison).groups ?? 2);
    const fits = ({ data }) => has(data.kinds, of.kind) && Number(data.groups) <= groups
      && (!network || "network" in data || of.kind === "estimate");
    narrow(measure, (one) => !one.data.kinds || fits(one), sides);
    const own = options(measure).find(({ option }) => option.value === of.measure);
    const fitting = options(measure).filter((one) => one.data.kinds && fits(one));
    const usual = own && fits(own) ? own : fitting.find(({ data }) => has(data.usual, of.kind)) ?? fitting[0];
    measure.options[0].textContent = usual ? `The usual one: ${nameOf(usual)}` : "No measure fits";
    const pools = chosen(measure).pools ?? usual?.data.pools;
    narrow(method, ({ data }) => (!network || "network" in data) && (!together || "times" in data)
      && (!data.pools || (has(pools, data.pools) && of.kind !== "estimate")));
    narrow(field("timepoint"), ({ data }) => !data.outcomes || has(data.outcomes, outcome.value));
    const common = ["EE", "MH"].includes(method.value);
    show(field("test"), !network && !common);
    if (together) {
      const usual = !["z", "t"].includes(field("test").value);
      narrow(field("test"), ({ option }) => ["z", "t"].includes(option.value));
      if (usual) field("test").value = "t";
    }
    if (!together) narrow(field("test"), () => true);
    show(field("timepoint"), !together);
    for (const name of ["subgroup", "moderators", "sensitivity", "sets"]) show(field(name), !network && !together);
  };
  for (const one of [outcome, comparison, kind, measure, method, field("correction"), field("combine"), field("pattern"), field("structure"), field("components")]) one.addEventListener("change", update);
  update();
}
