// Sign in, and read the audit trail of every lock.  Against Gatebook, three constants differ.  Node 18 or newer.

const BASE_URL = "https://api.doordeck.com";
const EMAIL = "USERNAME";
const PASSWORD = "PASSWORD";

const V2 = "application/vnd.doordeck.api-v2+json";
const asked = async (path, options = {}) => {
  const headers = { Accept: V2, "Content-Type": "application/json", ...options.headers };
  const answer = await fetch(BASE_URL + path, { ...options, headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
};

const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
const { authToken } = await asked("/auth/token", { method: "POST", body });
const headers = { Authorization: `Bearer ${authToken}` };
for (const lock of await asked("/device", { headers })) {
  const trail = await asked(`/device/${lock.id}/log`, { headers });
  console.log(`${lock.name}: ${trail.length} events, the newest first`);
  for (const event of trail) console.log(`${event.type} ${event.message}`);
}
