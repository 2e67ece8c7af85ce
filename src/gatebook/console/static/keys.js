// j and k move, enter opens, / searches, ? shows all keys, esc closes; t, c and x press the buttons of an alarm's row.
import { close } from "./panel.js";

const LINK = "td.time a, td:nth-child(3) > a";

export function keys() {
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    if (press.key === "Escape") return close();
    if (press.target.closest("input, textarea, select, dialog")) return;
    const does = { j: () => move(1), k: () => move(-1), "/": search, "?": help }[press.key] ?? button(press.key);
    if (!does) return;
    press.preventDefault();
    does();
  });
}

function move(step) {
  const links = [...document.querySelectorAll("#events, #alarms")].flatMap((table) => [...table.querySelectorAll(LINK)]);
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  const open = links.findIndex((link) => link.closest("tr").hasAttribute("aria-current"));
  const from = at >= 0 ? at : open;
  links[from < 0 ? 0 : Math.min(links.length - 1, Math.max(0, from + step))]?.focus();
}

function search() {
  document.querySelector("input[type=search]")?.focus();
}

function help() {
  document.querySelector("#keys")?.showModal();
}

function button(key) {
  if (!/^[tcx]$/.test(key)) return null;
  const found = document.activeElement?.closest("#alarms tr")?.querySelector(`[data-key=${key}]`);
  return found ? () => found.click() : null;
}
