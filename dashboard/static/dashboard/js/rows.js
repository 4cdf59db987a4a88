/* Rows of tables, made of texts. */

/** Return a row whose first cell heads it; of kind "th" all cells head their columns. */
export function row(kind, texts) {
  const element = document.createElement("tr");
  texts.forEach((text, at) => {
    const cell = document.createElement(kind === "th" || at === 0 ? "th" : "td");
    if (cell.tagName === "TH") cell.scope = kind === "th" ? "col" : "row";
    cell.textContent = text;
    element.append(cell);
  });
  return element;
}
