// The newest page of a lock's history.  Against Gatebook, three constants differ.  Node 18 or newer.

const BASE_URL = "https://api.spkey.co";
const API_KEY = "YOUR_API_KEY";
const LOCK_ID = 123;

const answer = await fetch(`${BASE_URL}/locks/${LOCK_ID}/events`, {
  headers: { "X-API-Key": API_KEY, "Content-Type": "application/json" },
});
if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
const history = await answer.json();

console.log(`page ${history.page} of ${history.totalPages}, ${history.totalEvents} events`);
for (const event of history.events) console.log(`${event.version} ${event.type}`);
