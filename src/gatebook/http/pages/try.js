// Every operation can be sent from its page, with the credential that is typed in above; nothing of it is kept.
const credential = document.querySelector("#credential");
for (const form of document.querySelectorAll("#credential, form.try")) form.hidden = false;
credential?.addEventListener("submit", (submit) => submit.preventDefault());

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    const output = form.querySelector("output");
    const { method, media } = form.dataset;
    const headers = {};
    const secret = credential.elements.secret.value.trim();
    const way = credential.elements.way.value;
    if (secret) headers[way] = way === "Authorization" ? `Bearer ${secret}` : secret;
    const body = method === "GET" ? undefined : form.elements.body?.value || undefined;
    if (body && media) headers["Content-Type"] = media;
    const begun = performance.now();
    try {
      const answer = await fetch(form.elements.path.value, { method, headers, body, credentials: "omit" });
      const text = await answer.text();
      show(output, `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - begun)} ms`, text);
    } catch (error) {
      show(output, String(error), "");
    }
  });
}

function show(output, head, text) {
  const told = document.createElement("pre");
  told.textContent = pretty(text);
  const said = document.createElement("p");
  said.textContent = head;
  output.replaceChildren(said, told);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
