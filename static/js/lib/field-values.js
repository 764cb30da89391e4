/** What a control of the inspector holds, and another value put into it as if somebody had typed it. */
import { announce } from "lib/field-state.js";

/** The texts that `field` (an element with data-field) sends; none while it is unset. */
export function valuesOf(field, form) {
  return new FormData(form).getAll(field.dataset.field).filter((text) => text !== "");
}

/** Put `values` (texts) there; none leaves the field to the provider. */
export function putValues(field, values) {
  if (values.length === 0) {
    field.querySelector("[data-reset]").click();
    return;
  }
  if ("put" in field) {
    field.put(values);
    return;
  }
  const control = field.querySelector(".switch, .field__value, textarea, select, .input");
  if (control.matches(".switch")) control.checked = values[0] === "true";
  else control.value = values[0];
  announce(control);
}

/** Whether two lists of texts say the same to `field`: 0.20 is 0.2, and white space in JSON means nothing. */
export function sameValues(field, one, other) {
  return one.length === other.length && one.every((text, at) => canonical(field, text) === canonical(field, other[at]));
}

function canonical(field, text) {
  if (field.querySelector("input[type=number]") && text.trim() !== "") return String(Number(text));
  if (field.localName !== "json-schema-editor") return text.replaceAll("\r\n", "\n");
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
