/** What every control of the inspector shares: it is set, and sends its value, or it is not, and sends nothing. */

/** Show whether `field` (an element with data-field) is set, and offer its reset. */
export function markSet(field, isSet) {
  field.classList.toggle("field--set", isSet);
  field.classList.toggle("field--unset", !isSet);
  const reset = field.querySelector("[data-reset]");
  if (reset) reset.hidden = !isSet;
}

/** A control without a name is left out of every form. */
export function sendAs(control, name, isSet) {
  if (isSet) control.name = name;
  else control.removeAttribute("name");
}

/** Tell whoever listens that a control got a value by script, as if it had been typed. */
export function announce(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
