// The newest event, and then each as it comes in, by server-sent events.  Ends after the first that is new.  Node 18.

const BASE_URL = "http://127.0.0.1:8480";
const API_KEY = "YOUR_API_KEY";
const DEVICE = 1;

const headers = { "X-API-Key": API_KEY, "Content-Type": "application/json" };
const stream = await fetch(`${BASE_URL}/v1/events/stream?device=${DEVICE}&history=1`, { headers });
if (!stream.ok) throw new Error(`${stream.status} ${await stream.text()}`);
let text = "";
let told = 0;
for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
  text += piece;
  const messages = text.split("\n\n");
  text = messages.pop();
  for (const message of messages.filter((one) => one.includes("data: "))) {
    const event = JSON.parse(message.slice(message.indexOf("data: ") + 6));
    console.log(told === 0 ? "before" : "live", event.kind);
    told += 1;
    if (told === 1) {
      const body = JSON.stringify({ kind: "door.opened", device: DEVICE });
      await fetch(`${BASE_URL}/v1/events`, { method: "POST", headers, body });
    }
  }
  if (told > 1) process.exit(0);
}
