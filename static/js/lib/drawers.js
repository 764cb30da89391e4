/**
 * The sidebar and the inspector are popovers where the page is narrow. While one is open the rest is inert, so that the
 * keyboard stays in it, all but notices and the page's heading, which goes on to say where one is; when the page grows wide
 * enough for columns, it closes.
 */

const NARROW = matchMedia("(max-width: 1100px)");
const PHONE = matchMedia("(max-width: 760px)");
const FOCUSABLE = "a[href], button:enabled";

for (const drawer of document.querySelectorAll(".sidebar[popover], .inspector[popover]")) {
  const query = drawer.matches(".sidebar") ? PHONE : NARROW;
  drawer.addEventListener("toggle", ({ newState }) => {
    if (newState === "open" && !drawer.contains(document.activeElement)) drawer.querySelector(FOCUSABLE)?.focus();
    setAside(drawer, newState === "open");
    // The browser gives the focus back only from within: past the last stop it stood on the page itself.
    if (newState === "closed" && document.activeElement === document.body) {
      document.querySelector(`[popovertarget="${drawer.id}"]:not([popovertargetaction="hide"])`)?.focus();
    }
  });
  // Earlier than that when it closes: the browser gives the focus back to the button at once, and it must be able to take it.
  drawer.addEventListener("beforetoggle", ({ newState }) => newState === "closed" && setAside(drawer, false));
  query.addEventListener("change", () => {
    if (!query.matches && drawer.matches(":popover-open")) drawer.hidePopover();
  });
}

function setAside(drawer, isInert) {
  const kept = [drawer, document.querySelector("main h1"), document.getElementById("notices")].filter(Boolean);
  makeInert(document.body, isInert, kept);
}

function makeInert(element, isInert, kept) {
  if (kept.includes(element)) return;
  if (kept.some((one) => element.contains(one))) for (const child of element.children) makeInert(child, isInert, kept);
  else element.inert = isInert;
}
