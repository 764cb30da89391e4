/**
 * The block that is still being written. Its HTML is replaced a few times a second, its text grows by fresh text nodes:
 * appending to one long node would copy it every frame, and one long box would be laid out anew every frame.
 *
 * It is written in a box whose size is set here (style sheets contain it), so that a frame that adds no line is laid out in
 * there alone. Without that, the browser goes through all blocks of the answer and all messages above it every time.
 */

const CHUNK_CHARACTERS = 2000;
const HOLDS_TEXT_AT_ITS_END = new Set([
  ..."P LI UL OL BLOCKQUOTE TABLE TBODY THEAD TR TD TH H1 H2 H3 H4 H5 H6 DIV SECTION DL DD".split(" "),
]);

export class OpenBlock {
  #box;
  #content = document.createElement("div"); // stands in the box unless it is empty
  #height = 0; // of the box, in CSS pixels; 0: as its content has it
  #fitting = 0;
  #end = null; // where text goes
  #isCode = false;
  #chunkCharacters = 0;

  constructor(box) {
    this.#box = box;
    this.#content.className = "message__writing";
    // The window may get narrower between two frames of the answer.
    new ResizeObserver(([{ contentRect }]) => contentRect.height !== this.#height && this.#fitSoon()).observe(this.#content);
  }

  /** Show `html`, which the server has sanitised, in place of what is shown, if there is any; then add `text` to the end. */
  write({ html, text }) {
    if (html !== undefined) this.#replace(html);
    if (text) this.#append(text);
    if (!this.#content.firstChild) this.#content.remove();
    else if (!this.#content.parentNode) this.#box.append(this.#content);
    this.#fitSoon();
  }

  /** htmx never sees it. */
  #replace(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.#content.replaceChildren(template.content);
    this.#end = null;
    if (this.#content.firstChild) this.#findEnd();
  }

  #append(text) {
    if (!this.#end) this.#findEnd();
    if (this.#isCode) this.#appendCode(text);
    else this.#tail().append(text);
  }

  /** Make the box as high as its content, once before the browser paints: then all has to be laid out anyway. */
  #fitSoon() {
    this.#fitting ||= requestAnimationFrame(() => this.#fit());
  }

  #fit() {
    this.#fitting = 0;
    const { height } = this.#content.getBoundingClientRect();
    if (height === this.#height) return;
    this.#height = height;
    this.#box.style.blockSize = height ? `${height}px` : "";
  }

  #findEnd() {
    const code = this.#content.lastElementChild?.querySelector("pre code") ?? null;
    this.#isCode = code !== null;
    this.#end = code ?? this.#lastBlock();
    this.#end.classList.add("message__caret");
    this.#chunkCharacters = 0;
  }

  #lastBlock() {
    let block = this.#content;
    while (HOLDS_TEXT_AT_ITS_END.has(block.lastElementChild?.tagName) && !isText(block.lastChild)) {
      block = block.lastElementChild;
    }
    if (block !== this.#content) return block;
    const plain = document.createElement("p");
    plain.className = "message__plain";
    this.#content.append(plain);
    return plain;
  }

  /** Text whose marks the server has not seen yet keeps its line breaks until it is rendered. */
  #tail() {
    const last = this.#end.lastElementChild;
    if (last?.className === "message__tail" && last === this.#end.lastChild) return last;
    const tail = document.createElement("span");
    tail.className = "message__tail";
    this.#end.append(tail);
    return tail;
  }

  /** Lines that are done are boxed by the couple of thousand characters, so that only the last box is laid out again. */
  #appendCode(text) {
    const code = this.#end;
    const cut = text.lastIndexOf("\n") + 1;
    this.#chunkCharacters += text.length;
    if (this.#chunkCharacters < CHUNK_CHARACTERS || !cut) {
      code.append(text);
      return;
    }
    code.append(text.slice(0, cut));
    const chunk = document.createElement("span");
    chunk.className = "code-chunk";
    chunk.append(...[...code.childNodes].filter((node) => !node.classList?.contains("code-chunk")));
    code.append(chunk);
    if (cut < text.length) code.append(text.slice(cut));
    this.#chunkCharacters = text.length - cut;
  }
}

function isText(node) {
  return node?.nodeType === Node.TEXT_NODE && node.data.trim() !== "";
}
