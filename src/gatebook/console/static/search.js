// The words that the search box offers are fetched when it is first used.
export function search() {
  const box = document.querySelector("input[list=words]");
  box?.addEventListener(
    "focus",
    async () => {
      const answer = await fetch("/console/events/words");
      if (answer.ok && !answer.redirected) document.querySelector("#words").innerHTML = await answer.text();
    },
    { once: true },
  );
  const form = box?.form;
  for (const field of form?.elements ?? []) field.addEventListener("change", () => field !== box && form.requestSubmit());
  form?.addEventListener("formdata", (made) => {
    for (const [name, value] of [...made.formData]) if (!value) made.formData.delete(name);
    const show = new URL(location.href).searchParams.get("show");
    if (show) made.formData.set("show", show);
  });
}
