/** Dialogs by attributes: [data-dialog-open="id"], [data-dialog-close="id"]. Menus close when one of their items is used. */

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-dialog-open], [data-dialog-close], .menu__item");
  if (!target) return;
  if (target.dataset.dialogOpen) openDialog(target.dataset.dialogOpen);
  if (target.dataset.dialogClose) document.getElementById(target.dataset.dialogClose)?.close();
  // After this click has been handled: the item may be removed with its menu.
  if (target.matches(".menu__item")) setTimeout(() => target.closest("[popover]")?.hidePopover());
});

/** Browsers without `closedby` close a dialog by a click beside it this way. */
document.addEventListener("click", (event) => {
  if (event.target.matches?.("dialog[closedby=any]") && !("closedBy" in HTMLDialogElement.prototype)) event.target.close();
});

/** A hit may be in the page that is open: then there is nothing to load, and the dialog is in the way. */
document.addEventListener("click", (event) => event.target.closest?.("dialog a[href]")?.closest("dialog").close());

/** Esc in a search box empties it first, where browsers are asked; here it closes the dialog at once, as everywhere else. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches?.("dialog input[type=search]")) return;
  event.preventDefault();
  event.target.closest("dialog").close();
});

/** A dialog whose form was accepted has done its work; what it only looked up is shown in it. */
document.addEventListener("htmx:after:request", ({ target, detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && ctx.response.status < 300) target.closest?.("dialog[open]")?.close();
});

/** Open a dialog and the drawer's way out of it; a drawer below would keep the focus. */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  for (const drawer of document.querySelectorAll("[popover]:popover-open")) drawer.hidePopover();
  dialog.showModal();
  dialog.querySelector("input[type=search]")?.select();
}
