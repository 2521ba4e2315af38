/** Which columns of a table are shown; remembered for the table's name in this browser. */
export default () => ({
  hidden: [],
  init() {
    this.hidden = JSON.parse(localStorage.getItem(this.key()) ?? '[]');
    this.apply();
    this.$root.addEventListener('htmx:after:swap', () => this.apply());
  },
  key() {
    return `columns:${this.$root.dataset.table}`;
  },
  toggle(event) {
    const column = event.target.value;
    this.hidden = this.hidden.includes(column) ? this.hidden.filter((name) => name !== column) : [...this.hidden, column];
    localStorage.setItem(this.key(), JSON.stringify(this.hidden));
    this.apply();
  },
  apply() {
    this.$root.querySelectorAll('[data-column]').forEach((cell) => {
      cell.hidden = this.hidden.includes(cell.dataset.column);
    });
    this.$root.querySelectorAll('[data-columns] input').forEach((box) => {
      box.checked = !this.hidden.includes(box.value);
    });
  },
});
