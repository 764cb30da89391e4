/**
 * Two answers of the server may bring the same message: the one to a POST, and the news about it. And an answer that is
 * being written stands in the page with text that no fragment has, and so does a message that is being edited. So before
 * htmx swaps, its tasks are put right.
 */

/** Change htmx's swap `tasks`, asked for by `source`, so that no message comes twice, no live one is emptied and no edit lost. */
export function mergeMessages(tasks, source) {
  const isNews = source?.matches?.("message-list");
  for (const task of tasks) {
    if (isNews && losesEdit(task)) task.swapSpec.style = "none";
    const twice = shownAndFresh(task);
    const isAtEnd = task.swapSpec.style === "beforeend";
    // Answers come in between messages that wait: from the first of those on, all is put down anew, in its order.
    const isAnew = isAtEnd && isNews && twice.some(([shown]) => isQueued(shown));
    for (const [shown, fresh] of twice) {
      if (isAtEnd && !isAnew) fresh.remove();
      else if ((isLive(shown) && isLive(fresh)) || (isEdited(shown) && !shown.contains(source))) keep(task, shown, fresh);
      else if (isAnew) shown.remove();
    }
  }
}

/** The last message of `thread` that news can only come behind: what waits to be sent may yet get answers in between. */
export function lastSettled(thread) {
  const messages = [...thread.querySelectorAll(".message")];
  const waiting = messages.findIndex(isQueued);
  return waiting > 0 ? messages[waiting - 1] : messages.at(-1);
}

/** The messages of `task` that stand in the page already. */
function shownAndFresh({ fragment }) {
  return [...(fragment.querySelectorAll?.(".message") ?? [])]
    .map((fresh) => [document.getElementById(fresh.id), fresh])
    .filter(([shown, fresh]) => shown && shown !== fresh);
}

function isQueued(message) {
  return message.classList.contains("message--queued");
}

/** Whether news would take away a message that is being edited here, because another tab shows another path. */
function losesEdit({ target, fragment, swapSpec }) {
  if (swapSpec.style !== "outerHTML" || !target?.matches?.(".thread__messages")) return false;
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
