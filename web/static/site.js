// Small conveniences of the plain pages. Every page works without them.

import { beside, showMark } from "./film/beside.js";

for (const box of document.querySelectorAll(".scroll")) {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
}

// A passage was asked for: show it in the middle, not under the top edge.
document.querySelector("#quote")?.scrollIntoView({ block: "center" });
if (document.querySelector(".facsimile, .film-beside")) {
  beside(document.body);
  showMark(document);
}

// Demo accounts fill in the form.
for (const button of document.querySelectorAll("[data-fill-username]")) {
  button.addEventListener("click", () => {
    document.getElementById("username").value = button.dataset.fillUsername;
    document.getElementById("password").value = button.dataset.fillPassword;
    document.querySelector("[data-sign-in]").focus();
  });
}

for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.setAttribute("aria-label", show ? button.dataset.hide : button.dataset.show);
  });
}

// Forms that take something away ask first.
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  });
}
for (const closer of document.querySelectorAll("[data-closes]")) {
  closer.addEventListener("click", () => closer.closest("dialog").close());
}

// Choosing or dropping files says which, and sends them.
const upload = document.querySelector("form[data-upload]");
if (upload) {
  const field = upload.querySelector('input[type="file"]');
  const names = upload.querySelector("[data-names]");
  const list = () => {
    names.textContent = [...field.files].map((file) => file.name).join(", ");
    upload.querySelector("[data-submit]").disabled = field.files.length === 0;
  };
  field.addEventListener("change", list);
  upload.addEventListener("dragover", (event) => {
    event.preventDefault();
    upload.classList.add("over");
  });
  for (const end of ["dragleave", "drop"]) upload.addEventListener(end, () => upload.classList.remove("over"));
  upload.addEventListener("drop", (event) => {
    event.preventDefault();
    field.files = event.dataTransfer.files;
    list();
  });
  upload.addEventListener("submit", () => {
    const button = upload.querySelector("[data-submit]");
    button.disabled = true;
    button.lastElementChild.textContent = button.dataset.busy;
  });
  list();
}

// Work in progress is looked at again until it is done.
const jobs = document.querySelector("[data-jobs]");
if (jobs) {
  const again = async () => {
    try {
      const response = await fetch(jobs.dataset.jobs, { headers: { "x-fragment": "jobs" } });
      if (!response.ok) return;
      const box = document.createElement("div");
      box.innerHTML = await response.text();
      const fresh = box.querySelector("[data-state]");
      const before = jobs.querySelector("[data-state]").dataset.state;
      jobs.replaceChildren(...box.childNodes);
      if (fresh.dataset.state === "busy") setTimeout(again, 1000);
      else if (before === "busy") location.reload();
    } catch {
      setTimeout(again, 5000);
    }
  };
  if (jobs.querySelector("[data-state]").dataset.state === "busy") setTimeout(again, 1000);
}
