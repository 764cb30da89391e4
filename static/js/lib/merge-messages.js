/**
 * Two answers of the server may bring the same message: the one to a POST, and the news about it. And an answer that is
 * being written stands in the page with text that no fragment has. So before htmx swaps, its tasks are put right.
 */

/** Change htmx's swap `tasks` so that no message comes twice and no live one is emptied. */
export function mergeMessages(tasks) {
  for (const task of tasks) {
    for (const fresh of task.fragment.querySelectorAll?.(".message") ?? []) {
      const shown = document.getElementById(fresh.id);
      if (!shown || shown === fresh) continue;
      if (task.swapSpec.style === "beforeend") fresh.remove();
      else if (isLive(shown) && isLive(fresh)) keep(task, shown, fresh);
    }
  }
}

function isLive(message) {
  return message.classList.contains("message--live");
}

/** `shown` goes on living: as it is when it was to be replaced alone, else moved to where `fresh` would have stood. */
function keep(task, shown, fresh) {
  if (task.target === shown) task.swapSpec.style = "none";
  else fresh.replaceWith(shown);
}
