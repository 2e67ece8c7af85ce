// Rows as they come in.  The socket goes on from where the page ended, also after a break, so nothing is missed.
const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const CHART_MS = 10_000;
let waiting = [];
let pause = FIRST_MS;
let charted = Date.now();
let chartDue = 0;

export function live() {
  const made = document.querySelector("#made");
  if (made) setInterval(() => age(Date.parse(made.dateTime)), 15_000);
  const source = document.querySelector("[data-feed]");
  if (!source) return;
  window.addEventListener("scroll", () => atTop() && release(), { passive: true });
  document.querySelector("#news a")?.addEventListener("click", (click) => {
    click.preventDefault();
    window.scrollTo({ top: 0 });
    release();
  });
  listen(source);
}

function listen(source) {
  const url = new URL(source.dataset.feed, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("after", source.dataset.after);
  const socket = new WebSocket(url);
  socket.addEventListener("open", () => say("live"));
  socket.addEventListener("message", (message) => {
    pause = FIRST_MS;
    const news = JSON.parse(message.data);
    source.dataset.after = news.after;
    if (source.id === "events") take(news);
    else if (news.alarms) refresh(source);
  });
  socket.addEventListener("close", (closing) => {
    if (closing.code === 1008) return say(closing.reason || "no longer live");
    say("no contact; trying again");
    setTimeout(() => listen(source), pause);
    pause = Math.min(LONGEST_MS, pause * 2);
  });
}

function say(text) {
  const link = document.querySelector("#link");
  if (link && link.textContent !== text) link.textContent = text;
}

function age(made) {
  const minutes = Math.floor((Date.now() - made) / 60_000);
  if (minutes > 0) document.querySelector("#age").textContent = `, ${minutes} min ago`;
}

const atTop = () => document.querySelector("#events").getBoundingClientRect().top > -40;

function take(news) {
  if (!news.rows) return;
  const body = document.createElement("table");
  body.innerHTML = news.rows;
  waiting.unshift(...body.querySelectorAll("tr"));
  const most = Number(document.querySelector("#events").dataset.rows);
  waiting.length = Math.min(waiting.length, most);
  if (atTop()) release();
  else tell();
  clearTimeout(chartDue);
  chartDue = setTimeout(redraw, Math.max(0, charted + CHART_MS - Date.now()));
}

function tell() {
  const place = document.querySelector("#news");
  place.hidden = !waiting.length;
  place.firstElementChild.textContent = `${waiting.length} new`;
}

function release() {
  const table = document.querySelector("#events");
  for (const row of waiting.reverse()) {
    if (document.getElementById(row.id)) continue;
    row.classList.add("fresh");
    const rows = [...bodyOf(table, row).rows];
    const older = rows.find((one) => !one.matches(".day") && moment(one) <= moment(row));
    if (older) older.before(row);
    else rows.at(-1).after(row);
  }
  waiting = [];
  tell();
  const rows = [...table.querySelectorAll("tbody tr:not(.day)")];
  for (const old of rows.slice(Number(table.dataset.rows))) old.remove();
  for (const body of [...table.tBodies]) if (body.rows.length < 2) body.remove();
  document.querySelector("#list .empty")?.remove();
}

const moment = (row) => Date.parse(row.querySelector("time").dateTime);

// The rows of its day, which may have to be begun: a late report may be of a day before those that are shown.
function bodyOf(table, row) {
  const day = row.dataset.day;
  const found = [...table.tBodies].find((one) => one.dataset.day === day);
  if (found) return found;
  const body = document.createElement("tbody");
  body.dataset.day = day;
  const head = body.insertRow();
  head.className = "day";
  const cell = document.createElement("th");
  cell.colSpan = 5;
  cell.scope = "rowgroup";
  cell.textContent = day;
  head.append(cell);
  const older = [...table.tBodies].find((one) => moment(one.rows[1]) <= moment(row));
  if (older) older.before(body);
  else table.append(body);
  return body;
}

async function redraw() {
  charted = Date.now();
  if (document.hidden || document.querySelector("#chart:hover, #chart :focus")) return;
  const answer = await fetch(`/console/events/chart${location.search}`);
  if (answer.ok && !answer.redirected) document.querySelector("#chart").innerHTML = await answer.text();
}

async function refresh(source) {
  if (source.querySelector("form :active")) return;
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const at = document.activeElement?.closest("#alarms tr")?.id;
  source.replaceChildren(...fresh.querySelector("#list").childNodes);
  document.querySelector(".chips").replaceWith(fresh.querySelector(".chips"));
  if (at) document.querySelector(`#${CSS.escape(at)} td:nth-child(3) > a`)?.focus();
}
