// A drag over the histogram narrows the time; arrows move from bar to bar, which are one stop of the tab key.
export function chart() {
  const section = document.querySelector("#chart");
  if (!section) return;
  let from = null;
  section.addEventListener("pointerdown", (down) => {
    if (down.button === 0 && down.target.closest(".bars")) from = { x: down.clientX, moved: false };
  });
  section.addEventListener("dragstart", (drag) => drag.preventDefault());
  window.addEventListener("pointermove", (move) => {
    if (!from || Math.abs(move.clientX - from.x) < 6) return;
    from.moved = true;
    const [left, right] = ends(section, from.x, move.clientX);
    const mark = section.querySelector(".drag");
    mark.setAttribute("x", left * 1000);
    mark.setAttribute("width", (right - left) * 1000);
  });
  window.addEventListener("pointerup", (up) => {
    const begun = from;
    from = null;
    if (!begun?.moved) return;
    window.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    const bars = [...section.querySelectorAll(".bars a")];
    const [left, right] = ends(section, begun.x, up.clientX);
    const at = (share) => bars[Math.min(bars.length - 1, Math.floor(share * bars.length))];
    const url = new URL(location.href);
    for (const name of ["page", "event"]) url.searchParams.delete(name);
    url.searchParams.set("from", at(left).dataset.from);
    url.searchParams.set("to", at(right).dataset.to);
    location.assign(url);
  });
  section.addEventListener("keydown", (press) => {
    const bars = [...section.querySelectorAll(".bars a")];
    const next = bars.indexOf(document.activeElement) + { ArrowLeft: -1, ArrowRight: 1 }[press.key];
    if (!bars[next]) return;
    press.preventDefault();
    for (const bar of bars) bar.tabIndex = -1;
    bars[next].tabIndex = 0;
    bars[next].focus();
  });
}

function ends(section, one, other) {
  const box = section.querySelector(".bars").getBoundingClientRect();
  const share = (x) => Math.min(1, Math.max(0, (x - box.left) / box.width));
  return [share(Math.min(one, other)), share(Math.max(one, other))];
}
