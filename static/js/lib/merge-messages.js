/**
 * Two answers of the server may bring the same message: the one to a POST, and the news about it. And an answer that is
 * being written stands in the page with text that no fragment has, and so does a message that is being edited. So before
 * htmx swaps, its tasks are put right.
 */

/** Change htmx's swap `tasks`, asked for by `source`, so that no message comes twice, no live one is emptied and no edit lost. */
export function mergeMessages(tasks, source) {
  for (const task of tasks) {
    if (source?.matches?.("message-list") && losesEdit(task)) task.swapSpec.style = "none";
    for (const fresh of task.fragment.querySelectorAll?.(".message") ?? []) {
      const shown = document.getElementById(fresh.id);
      if (!shown || shown === fresh) continue;
      if (task.swapSpec.style === "beforeend") fresh.remove();
      else if ((isLive(shown) && isLive(fresh)) || (isEdited(shown) && !shown.contains(source))) keep(task, shown, fresh);
    }
  }
}

/** Whether news would take away a message that is being edited here, because another tab shows another path. */
function losesEdit({ target, fragment, swapSpec }) {
  if (swapSpec.style !== "outerHTML" || !target?.matches?.("#thread")) return false;
  return [...target.querySelectorAll(".message")].some((shown) => isEdited(shown) && !fragment.querySelector(`#${shown.id}`));
}

function isEdited(message) {
  return message.querySelector("message-editor") !== null;
}

function isLive(message) {
  return message.classList.contains("message--live");
}

/** `shown` goes on living: as it is when it was to be replaced alone, else moved to where `fresh` would have stood. */
function keep(task, shown, fresh) {
  if (task.target === shown) task.swapSpec.style = "none";
  else fresh.replaceWith(shown);
}
