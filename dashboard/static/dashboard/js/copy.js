/* Buttons with data-copy="#id" copy that input's value, and say so. */

function say(button, text) {
  let region = button.parentElement.querySelector("[role=status]");
  if (!region) {
    region = Object.assign(document.createElement("span"), { className: "token-copied" });
    region.setAttribute("role", "status");
    button.after(region);
  }
  region.textContent = text;
}

async function copy(button) {
  const input = document.querySelector(button.dataset.copy);
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    say(button, "Copied");
  } catch {
    // Browsers give the clipboard to https and localhost only; the text is selected by now.
    say(button, "Press Ctrl+C to copy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
