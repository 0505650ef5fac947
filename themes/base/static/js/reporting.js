// "Report a problem": sent in place; without JavaScript the form leads to the page of one's reports.
import { problemOf, tell } from "./comment-thread.js";

export function bindReports(root) {
  for (const form of root.querySelectorAll("[data-report]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
}

async function send(form) {
  const note = form.querySelector("[data-note]");
  const said = { target_id: form.elements.target_id.value, issue: form.elements.issue.value, note: form.elements.note.value };
  try {
    const answer = await fetch("/api/v1/reports", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(said),
    });
    if (!answer.ok) throw await problemOf(answer);
    form.reset();
    tell(note, "Thank you. Your reports page tells what becomes of it.");
  } catch (problem) {
    tell(note, problem.message, true);
  }
}
