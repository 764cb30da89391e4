/** <local-time> around a <time>: the time of day where the reader is, in the reader's own way of writing it. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const date = new Date(time?.dateTime ?? "");
    if (Number.isNaN(date.getTime())) return;
    time.textContent = CLOCK.format(date);
    time.title = FULL.format(date);
  }
}

customElements.define("local-time", LocalTime);
