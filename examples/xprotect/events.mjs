// A token from the identity provider, and the stored events.  Against Gatebook, three constants differ.  Node 18 or newer.

const SERVER_URL = "https://test-01.example.com";
const USERNAME = "username";
const PASSWORD = "password";

const asked = async (path, options) => {
  const answer = await fetch(SERVER_URL + path, options);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
};
const body = new URLSearchParams({
  grant_type: "password", username: USERNAME, password: PASSWORD, client_id: "GrantValidatorClient",
});
const token = (await asked("/IDP/connect/token", { method: "POST", body })).access_token;
const events = (await asked("/api/rest/v1/events", { headers: { Authorization: `Bearer ${token}` } })).array;

console.log(`${events.length} events, the oldest first`);
for (const event of events) console.log(`${event.time} ${event.source}`);
