/**
 * The block that is still being written. Its HTML is replaced a few times a second, its text grows by fresh text nodes:
 * appending to one long node would copy it every frame, and one long box would be laid out anew every frame.
 */

const CHUNK_CHARACTERS = 2000;
const HOLDS_TEXT_AT_ITS_END = new Set([
  ..."P LI UL OL BLOCKQUOTE TABLE TBODY THEAD TR TD TH H1 H2 H3 H4 H5 H6 DIV SECTION DL DD".split(" "),
]);

export class OpenBlock {
  #element;
  #end = null; // where text goes
  #isCode = false;
  #chunkCharacters = 0;

  constructor(element) {
    this.#element = element;
  }

  /** Show `html`, which the server has sanitised, in place of what is shown. htmx never sees it. */
  replace(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    this.#element.replaceChildren(template.content);
    this.#end = null;
    if (this.#element.firstChild) this.#findEnd();
  }

  /** Add `text` to the end. */
  append(text) {
    if (!text) return;
    if (!this.#end) this.#findEnd();
    if (this.#isCode) this.#appendCode(text);
    else this.#tail().append(text);
  }

  #findEnd() {
    const code = this.#element.lastElementChild?.querySelector("pre code") ?? null;
    this.#isCode = code !== null;
    this.#end = code ?? this.#lastBlock();
    this.#end.classList.add("message__caret");
    this.#chunkCharacters = 0;
  }

  #lastBlock() {
    let block = this.#element;
    while (HOLDS_TEXT_AT_ITS_END.has(block.lastElementChild?.tagName) && !isText(block.lastChild)) {
      block = block.lastElementChild;
    }
    if (block !== this.#element) return block;
    const plain = document.createElement("p");
    plain.className = "message__plain";
    this.#element.append(plain);
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
