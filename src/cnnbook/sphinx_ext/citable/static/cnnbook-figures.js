// What figures can do beyond plain HTML: copy a citation, look closer, search the list. Every page is complete without it.
"use strict";

(() => {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // Copying -----------------------------------------------------------------------------------------------

  const status = make("p", { className: "figure-hidden", role: "status" });

  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const field = make("textarea", { value: text, className: "figure-hidden" });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy"); // the only way on pages that come over plain http
    field.remove();
    if (!done) throw new Error("copying is not allowed here");
  };

  const addCopyButton = (source) => {
    const name = source.dataset.copy;
    const button = make("button", { type: "button", className: "figure-copy", textContent: "copy" });
    button.setAttribute("aria-label", `copy ${name}`);
    const say = (word) => {
      button.textContent = word;
      status.textContent = word === "copy" ? "" : `${name}: ${word}`;
    };
    button.addEventListener("click", async () => {
      try {
        await copy(source.textContent);
        say("copied");
      } catch {
        getSelection().selectAllChildren(source);
        say("selected");
        button.focus();
      }
      setTimeout(say, 2000, "copy");
    });
    const row = make("div", { className: "figure-copyable" });
    source.replaceWith(row);
    row.append(source, button);
  };

  // Looking closer ----------------------------------------------------------------------------------------

  const openCloser = (link) => {
    const shown = link.querySelector("img");
    const { alt, width, height, className } = shown; // the class keeps the theme from dimming a dark picture
    const image = make("img", { src: link.href, alt, width, height, className });
    const larger = make("button", { type: "button", textContent: "larger" });
    const file = make("a", { href: link.href, textContent: "the file itself" });
    const close = make("button", { type: "button", textContent: "close" });
    const view = make("div", { className: "figure-view", tabIndex: 0 }, image);
    const dialog = make("dialog", { className: "figure-closer" }, make("p", {}, larger, file, close), view);
    dialog.setAttribute("aria-label", "The figure, as large as the window");

    const toggle = (across, down) => {
      const isLarge = view.classList.toggle("is-large");
      larger.textContent = isLarge ? "smaller" : "larger";
      view.scrollTo(view.scrollWidth * across - view.clientWidth / 2, view.scrollHeight * down - view.clientHeight / 2);
    };
    larger.addEventListener("click", () => toggle(0.5, 0.5));
    image.addEventListener("click", (event) => {
      const box = image.getBoundingClientRect();
      toggle((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // Sphinx takes this key for itself
      dialog.close();
    });
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    document.body.append(dialog);
    dialog.showModal();
  };

  // Searching the list ------------------------------------------------------------------------------------

  const makeSearchable = (form) => {
    const field = form.querySelector("input");
    const items = [...document.querySelectorAll(".figure-gallery > li")];
    const filter = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
      const found = items.filter((item) => !item.hidden).length;
      form.querySelector("output").textContent = words.length ? `${found} of ${items.length}` : "";
    };
    form.hidden = false;
    field.addEventListener("input", filter);
    filter();
  };

  document.body.append(status);
  document.querySelectorAll("[data-copy]").forEach(addCopyButton);
  document.querySelectorAll(".figure-search").forEach(makeSearchable);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-zoom]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openCloser(link);
  });
})();
