/** Light, dark, or as the system has it: remembered, and set before anything is drawn. */

const CHOICES = ["auto", "light", "dark"] as const;
type Choice = (typeof CHOICES)[number];
const KEY = "scoreboard-theme";

function isChoice(text: string | null): text is Choice {
  return CHOICES.some((choice) => choice === text);
}

/** `?theme=` for screens that nobody touches, else what was chosen here before. */
function chosen(): Choice {
  const named = new URLSearchParams(location.search).get("theme");
  if (isChoice(named)) {
    return named;
  }
  try {
    const kept = localStorage.getItem(KEY);
    return isChoice(kept) ? kept : "auto";
  } catch {
    return "auto"; // storage is forbidden here
  }
}

function keep(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // It holds until the page is left.
  }
}

function apply(choice: Choice): void {
  document.documentElement.dataset["theme"] = choice;
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.textContent = `Theme: ${choice}`;
  }
}

let choice = chosen();
apply(choice);
document.addEventListener("DOMContentLoaded", () => {
  apply(choice);
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.addEventListener("click", () => {
      choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] ?? "auto";
      keep(choice);
      apply(choice);
    });
  }
});
