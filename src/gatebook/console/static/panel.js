// One event beside the list: its part is fetched and put in; the address follows, so that Back closes it again.
const place = document.querySelector("#panel");
let asked = 0;

export function panel() {
  if (!place) return;
  document.addEventListener("click", (click) => {
    if (click.defaultPrevented || click.button || click.metaKey || click.ctrlKey || click.shiftKey) return;
    const link = click.target.closest("a[href]");
    if (!link || link.closest("svg")) return;
    const id = eventOf(link.href);
    const closes = link.matches("#panel .close");
    if (!id && !closes) return;
    click.preventDefault();
    go(closes ? null : id);
  });
  window.addEventListener("popstate", () => show(eventOf(location.href)));
}

export function close() {
  if (place && !place.hidden) go(null);
}

function eventOf(address) {
  const url = new URL(address, location.href);
  return url.origin === location.origin && url.pathname === "/console/events" ? url.searchParams.get("event") : null;
}

function go(id) {
  const url = new URL(location.href);
  if (id) url.searchParams.set("event", id);
  else url.searchParams.delete("event");
  history.pushState(null, "", url);
  show(id);
}

async function show(id) {
  const mine = ++asked;
  for (const row of document.querySelectorAll("tr[aria-current]")) row.removeAttribute("aria-current");
  if (!id) {
    place.hidden = true;
    place.replaceChildren();
    return;
  }
  document.getElementById(`e${id}`)?.setAttribute("aria-current", "true");
  const answer = await fetch(`/console/events/${encodeURIComponent(id)}${location.search}`);
  if (mine !== asked) return;
  if (answer.redirected) return location.reload();
  place.innerHTML = await answer.text();
  place.hidden = false;
  place.scrollTop = 0;
  place.focus({ preventScroll: true });
}
