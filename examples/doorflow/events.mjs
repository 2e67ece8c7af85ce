// Everything since a time, page after page.  Against Gatebook, three constants differ.  Node 18 or newer.

const BASE_URL = "https://api.doorflow.com";
const API_KEY = "YOUR_API_KEY";
const SINCE = "2026-01-01T00:00:00Z";

const headers = { Authorization: `Basic ${btoa(`${API_KEY}:x`)}` };
const found = [];
let total = 1;
for (let page = 1; found.length < total; page += 1) {
  const query = new URLSearchParams({ since: SINCE, n: 100, page });
  const answer = await fetch(`${BASE_URL}/api/3/events?${query}`, { headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  total = Number(answer.headers.get("Total"));
  const events = await answer.json();
  if (events.length === 0) break;
  found.push(...events);
}

console.log(`${found.length} of ${total} events`);
for (const event of found) console.log(`${event.event_code} ${event.event_label} at ${event.channel_name}`);
