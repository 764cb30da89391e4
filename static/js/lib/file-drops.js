/** Files that are dropped anywhere on the page, or pasted into it. */

// The browser leaves a dragged file's window without a word when the drag is cancelled outside.
const DRAG_IDLE_MS = 400;

const hasFiles = (transfer) => Boolean(transfer?.types.includes("Files"));

/** Hands files to `take` until `signal` aborts; `hover(true)` while some are held over the page; `accepts()`: may they come? */
export function onFiles({ take, hover, accepts, signal }) {
  let timer = 0;
  const away = () => {
    clearTimeout(timer);
    hover(false);
  };
  const dragOver = (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = accepts() ? "copy" : "none";
    clearTimeout(timer);
    hover(true);
    timer = setTimeout(away, DRAG_IDLE_MS);
  };
  const drop = (event) => {
    away();
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    take([...event.dataTransfer.files]);
  };
  const paste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.target.closest?.("dialog")) return;
    event.preventDefault();
    take(files);
  };
  window.addEventListener("dragover", dragOver, { signal });
  window.addEventListener("drop", drop, { signal });
  document.addEventListener("paste", paste, { signal });
  signal.addEventListener("abort", away);
}
