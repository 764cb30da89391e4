/** Any link with `data-enlarge` opens its image in the dialog `#lightbox` instead of a new tab. */

document.addEventListener("click", (event) => {
  const lightbox = document.getElementById("lightbox");
  if (!lightbox || event.defaultPrevented || event.button !== 0) return;
  if (lightbox.open && (event.target === lightbox || event.target.closest("#lightbox [data-close], #lightbox img"))) {
    lightbox.close();
    return;
  }
  const link = event.target.closest("a[data-enlarge]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const picture = lightbox.querySelector("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  lightbox.showModal();
});
