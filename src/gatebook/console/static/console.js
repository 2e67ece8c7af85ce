// Starts what a page can do beyond its links and forms; each part finds for itself whether the page has use for it.
import { chart } from "./chart.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { panel } from "./panel.js";
import { search } from "./search.js";

for (const begin of [panel, chart, keys, search, live]) begin();
document.documentElement.dataset.ready = "";
